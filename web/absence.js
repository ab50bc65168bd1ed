/** What a connection takes with it when it is lost, and what there is to say of that once there is another. */
import { keyOf, listed } from './name.js';
import { clock, spell } from './words.js';

/** @typedef {import('./conversation.js').Conversation} Conversation */

/** Whom one ignored, by name; the others are counted. */
const NAMED = 12;

export class Absence {
  /** Those that I am on my way back to, by their keys. @type {Map<string, Conversation>} */
  #rooms = new Map();
  /** What there is to say where one was away. */
  words = '';
  /** Whoever writes to me is told that I am away, as of the last answer. */
  isAway = false;
  /** As of the last answer. @type {readonly string[]} */ ignored = [];

  /** The rooms that I was in when the connection was lost, and am not in again. */
  get rooms() {
    return [...this.#rooms.values()].map(({ name }) => name);
  }

  /** @param {Conversation} room that I was in */
  leaves(room) {
    this.#rooms.set(room.key, room);
  }

  /** @param {string} key */
  isReturningTo(key) {
    return this.#rooms.has(key);
  }

  /**
   * Was I on my way back to that room? I am no longer, whatever came of it.
   *
   * @param {string} room
   */
  arrived(room) {
    return this.#rooms.delete(keyOf(room));
  }

  /**
   * I am here again. The server knows a connection, not a person: what it was told of this one, it was told of the last.
   *
   * @param {number} from as of Date.now()
   * @param {number} until
   */
  over(from, until) {
    const words = [
      `You were away from ${clock(from)} to ${clock(until)}, for ${spell((until - from) / 1000)}.`,
      'What was said meanwhile is not here.',
    ];
    if (this.isAway) words.push('You do not count as away any more: /away says so again.');
    if (this.ignored.length > 0) {
      const named = this.ignored.slice(0, NAMED);
      words.push(
        `You ignore nobody any more (it was ${listed(named, this.ignored.length - named.length)}): /ignore does it again.`,
      );
    }
    this.isAway = false;
    this.ignored = [];
    this.words = words.join(' ');
  }

  forget() {
    this.#rooms.clear();
    this.isAway = false;
    this.ignored = [];
  }
}
