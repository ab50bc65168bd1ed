/** All that the page knows: who I am, who is here, which conversations there are. It knows no document and no socket. */
import { Absence } from './absence.js';
import { Changes } from './changes.js';
import { Conversation, sizeOf } from './conversation.js';
import { ConversationList, MOST } from './conversation-list.js';
import { isRoom, keyOf } from './name.js';
import { beforeOf, missedOf } from './offers.js';
import { OwnLines } from './own-lines.js';
import { Retold } from './retold.js';

/** @typedef {import('./conversation.js').Entry} Entry */

export class Conversations {
  me = '';
  server = new Conversation('server', '');
  #all = new ConversationList(this.server);
  chosen = this.server;
  /** Does somebody look at the conversation chosen? */
  looking = true;
  own = new OwnLines();
  /** There is no connection: what is known is as of then. */
  isLost = false;
  /** Who is here, as of the last answer. */
  people = { names: /** @type {string[]} */ ([]), more: 0 };
  /** The rooms that there are, as of the last answer. */
  rooms = { rooms: /** @type {import('./events.js').RoomEntry[]} */ ([]), more: 0 };
  /** @type {readonly import('./events.js').CommandHelp[]} */ commands = [];
  /** Where the last command was typed: what answers it belongs there. */
  #asked = this.server;
  /** Was it one that is answered with what was said before, too? */
  #asksPast = false;
  /** My name is my own: I have come in with its password. */
  isOwner = false;
  /** What was said before, of which the end is still to come. */
  retold = new Retold();
  absence = new Absence();
  #changes = new Changes();

  constructor() {
    this.forget();
  }

  /** All of it, as at the beginning; who looks still does. */
  forget() {
    this.me = '';
    this.isLost = false;
    this.own = new OwnLines();
    this.server = new Conversation('server', '');
    this.#all = new ConversationList(this.server);
    this.people = { names: [], more: 0 };
    this.rooms = { rooms: [], more: 0 };
    this.absence.forget();
    this.retold = new Retold();
    this.isOwner = false;
    this.#asked = this.server;
    this.choose(this.server);
  }

  get list() {
    return this.#all.all;
  }

  get unread() {
    return this.list.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** What has changed since this was asked last. */
  take() {
    const changes = this.#changes;
    this.#changes = new Changes();
    return changes;
  }

  /** @param {string} name of a person or a room, or empty */
  find(name) {
    return this.#all.get(keyOf(name));
  }

  /**
   * The conversation of that name, begun if need be.
   *
   * @param {string} name
   */
  with(name) {
    const found = this.find(name);
    if (found) return found;
    const begun = this.#all.begin(name);
    const surplus = this.#all.surplus([this.chosen, begun]);
    if (surplus) this.close(surplus);
    this.#changes.around = true;
    return begun;
  }

  /** @param {Conversation} conversation */
  choose(conversation) {
    if (conversation !== this.chosen) this.chosen.firstNew = undefined;
    this.chosen = conversation;
    this.seen();
    this.#changes.around = true;
  }

  /** The conversation chosen is being looked at. */
  seen() {
    if (this.chosen.unread === 0) return;
    this.chosen.unread = 0;
    this.#changes.around = true;
  }

  /** @param {Conversation} conversation */
  close(conversation) {
    if (conversation === this.server) return;
    this.#all.remove(conversation);
    this.absence.arrived(conversation.name);
    this.#changes.closed(conversation);
    if (conversation === this.chosen) this.choose(this.server);
  }

  /**
   * I said it, and the line is on its way.
   *
   * @param {import('./typed.js').Say} said
   * @param {string} typed
   * @param {number} at
   */
  said({ to, text, line }, typed, at) {
    const mine = this.own.say(typed, line);
    const names = new Map(to.map((name) => [keyOf(name), name]));
    const known = [...names.values()].filter((name) => !isRoom(name) || this.find(name));
    const where = known.slice(0, MOST).map((name) => this.with(name));
    for (const one of where) this.#add(one, { kind: 'said', at, from: this.me, text, mine });
    if (where.includes(this.chosen)) return;
    this.#add(this.chosen, { kind: 'said', at, from: this.me, text, mine, elsewhere: to.join(', ') });
  }

  /**
   * A command is on its way.
   *
   * @param {import('./typed.js').Ask} [ask]
   */
  asks(ask) {
    this.#asked = this.chosen;
    this.#asksPast = ask?.word === 'join' && /\s\d+$/u.test(ask.rest);
  }

  /**
   * I am in that room, as I wished: what else answers it belongs there. Gives what to offer.
   *
   * @param {Conversation} room
   * @returns {import('./conversation.js').Offer | undefined}
   */
  arrives(room) {
    const offer = this.#asksPast ? undefined : beforeOf(room);
    this.#asked = room;
    this.choose(room);
    return offer;
  }

  /** Where what answers a command belongs. */
  get asked() {
    return this.find(this.#asked.name) ?? this.server;
  }

  /**
   * It stands there, too; nobody has to look.
   *
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  also(conversation, entry) {
    this.#add(conversation, entry);
  }

  /**
   * Goes on under another name, in place of what there was by that.
   *
   * @param {Conversation} conversation
   * @param {string} name
   */
  rename(conversation, name) {
    const other = this.find(name);
    if (other && other !== conversation) this.close(other);
    this.#all.rename(conversation, name);
    this.#changes.around = true;
  }

  /** @param {import('./own-lines.js').OwnLine} line whose state is another */
  answered(line) {
    this.#changes.lines.add(line);
  }

  /** Who is where, and what is known of it, is another. */
  moved() {
    this.#changes.around = true;
  }

  /**
   * The page itself says something.
   *
   * @param {string} text
   * @param {number} at
   * @param {'news' | 'trouble'} [tone]
   * @param {Conversation} [conversation]
   * @param {import('./conversation.js').Offer} [offer]
   */
  note(text, at, tone = 'news', conversation = this.chosen, offer = undefined) {
    this.#add(conversation, { kind: 'note', at, text, tone, ...(offer && { offer }) });
  }

  /**
   * What was said before is told again, in place of what was told of the same before.
   *
   * @param {Conversation} conversation
   * @param {import('./conversation.js').Past} past
   */
  retell(conversation, past) {
    const { of, what } = past;
    for (const old of conversation.entries.filter((one) => one.kind === 'past')) {
      if (old.of !== of || keyOf(old.what) !== keyOf(what)) continue;
      conversation.drop(old);
      this.#changes.drop(conversation, old);
    }
    this.#add(conversation, past);
  }

  /** The connection is gone: what had no answer will have none. */
  lost() {
    for (const line of this.own.lose()) this.#changes.lines.add(line);
    for (const room of this.list) {
      if (!room.joined) continue;
      room.joined = false;
      this.absence.leaves(room);
    }
    this.retold = new Retold();
    this.isLost = true;
    this.#changes.around = true;
  }

  /**
   * I am here again.
   *
   * @param {number} from
   * @param {number} until
   */
  returned(from, until) {
    this.isLost = false;
    this.#changes.around = true;
    this.absence.over(from, until);
    for (const one of this.list)
      if (one.kind !== 'room') this.note(this.absence.words, until, 'news', one, missedOf(one, this.isOwner));
  }

  /** @param {import('./events.js').People} people */
  hereAre({ names, more }) {
    this.people = { names, more };
    this.#changes.around = true;
  }

  /** @param {{ rooms: import('./events.js').RoomEntry[], more: number }} rooms */
  roomsAre({ rooms, more }) {
    this.rooms = { rooms, more };
    this.#changes.around = true;
    for (const { room, private: isPrivate } of rooms) {
      const here = this.find(room);
      if (here) here.isPrivate = isPrivate;
    }
  }

  /**
   * Is somebody I talk with here, and am I in a room that I look at? As far as is known.
   *
   * @param {Conversation} conversation
   */
  isThere({ kind, key, joined }) {
    if (this.isLost || kind === 'server' || this.absence.isReturningTo(key)) return true;
    if (kind === 'room') return joined;
    return this.people.more > 0 || this.people.names.some((name) => keyOf(name) === key);
  }

  /** Is that what I am called? @param {string} name */
  isMe(name) {
    return keyOf(name) === keyOf(this.me);
  }

  /**
   * Somebody wants it to be seen.
   *
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  unseen(conversation, entry) {
    if (conversation !== this.chosen || !this.looking) {
      if (conversation.unread === 0) conversation.firstNew = entry;
      conversation.unread += sizeOf(entry);
      this.#changes.around = true;
    }
    this.#add(conversation, entry);
  }

  /**
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  #add(conversation, entry) {
    conversation.add(entry);
    if (entry.kind !== 'note') this.#all.stir(conversation);
    this.#changes.add(conversation, entry);
  }
}
