/** The conversations that there are, each under the key of its name, and which of them has to go. */
import { Conversation } from './conversation.js';
import { isRoom, keyOf } from './name.js';

/** Conversations with people that are kept: whoever changes their name begins another one with each. */
export const MOST = 200;

export class ConversationList {
  /** @type {Map<string, Conversation>} */ #all = new Map();
  /** How often something was said, or begun. */
  #stirs = 0;

  /** @param {Conversation} server the server's */
  constructor(server) {
    this.#all.set(server.key, server);
  }

  get all() {
    return [...this.#all.values()];
  }

  /** @param {string} key */
  get(key) {
    return this.#all.get(key);
  }

  /** @param {string} name */
  begin(name) {
    const begun = new Conversation(isRoom(name) ? 'room' : 'person', name);
    this.#all.set(begun.key, begun);
    this.stir(begun);
    return begun;
  }

  /** @param {Conversation} conversation in which something was said */
  stir(conversation) {
    conversation.stirred = ++this.#stirs;
  }

  /** @param {Conversation} conversation */
  remove(conversation) {
    this.#all.delete(conversation.key);
  }

  /**
   * @param {Conversation} conversation
   * @param {string} name
   */
  rename(conversation, name) {
    this.remove(conversation);
    conversation.name = name;
    this.#all.set(keyOf(name), conversation);
  }

  /**
   * Where there are too many with people, the one that has been quiet for longest; rather one that has been read.
   *
   * @param {readonly Conversation[]} kept that are none of those
   */
  surplus(kept) {
    const people = this.all.filter(({ kind }) => kind === 'person');
    if (people.length <= MOST) return undefined;
    const others = people.filter((one) => !kept.includes(one)).sort((a, b) => a.stirred - b.stirred);
    return others.find(({ unread }) => unread === 0) ?? others[0];
  }
}
