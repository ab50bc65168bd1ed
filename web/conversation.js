/** One conversation: what was said in it, who is in it, and what of it nobody has seen yet. */
import { keyOf } from './name.js';

/**
 * @typedef {{ kind: 'said', at: number, from: string, text: string, about?: 'away' | 'kick' | 'announcement', mine?: import('./own-lines.js').OwnLine, elsewhere?: string, room?: string }} Said
 *   `at` as of Date.now(); `mine` where I said it, `elsewhere` whom to, `room` where, if that is not this conversation
 * @typedef {{ label: string, line: string }} Offer `line` is what would be typed
 * @typedef {{ kind: 'note', at: number, text: string, tone: 'news' | 'trouble', offer?: Offer }} Note
 *   what the server or the page says
 * @typedef {{ kind: 'past', at: number, text: string, of: 'room' | 'talk' | 'words' | 'absence' | 'mail', what: string, lines: Said[], more: boolean }} Past
 *   what was said before, told again; `text` says what it is, `more` that there is more of it
 * @typedef {Said | Note | Past} Entry
 */

/** Lines that a conversation keeps; the oldest go. */
export const KEPT = 2000;

/**
 * How many lines it is.
 *
 * @param {Entry} entry
 */
export const sizeOf = (entry) => (entry.kind === 'past' ? entry.lines.length : 1);

export class Conversation {
  /** @type {'room' | 'person' | 'server'} */ kind;
  /** The name or the room; empty for the server's. */
  name;
  /** @type {Entry[]} */ entries = [];
  #lines = 0;
  unread = 0;
  /** Which of all that were said or begun was the last here. */
  stirred = 0;
  /** The first entry that was not seen when it came, as long as that is worth a mark. @type {Entry | undefined} */
  firstNew;
  /** Am I in this room? */
  joined = false;
  isPrivate = false;
  /** Who is in this room, myself included, as far as known by name. @type {Map<string, string>} */
  people = new Map();
  /** How many more are in it. */
  more = 0;

  /**
   * @param {'room' | 'person' | 'server'} kind
   * @param {string} name
   */
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
  }

  get key() {
    return keyOf(this.name);
  }

  get title() {
    return this.name === '' ? 'Server' : this.name;
  }

  get size() {
    return this.people.size + this.more;
  }

  /** @param {Entry} entry */
  add(entry) {
    this.entries.push(entry);
    this.#lines += sizeOf(entry);
    let surplus = 0;
    for (let first; this.#lines > KEPT && (first = this.entries[surplus]) && first !== entry; surplus++)
      this.#lines -= sizeOf(first);
    if (surplus > 0) this.entries.splice(0, surplus);
  }

  /** @param {Entry} entry that is not to be seen any more */
  drop(entry) {
    const at = this.entries.indexOf(entry);
    if (at < 0) return;
    this.entries.splice(at, 1);
    this.#lines -= sizeOf(entry);
  }

  /** @param {string} name */
  came(name) {
    this.people.set(keyOf(name), name);
  }

  /** @param {string} name */
  went(name) {
    if (!this.people.delete(keyOf(name))) this.more = Math.max(0, this.more - 1);
  }

  /**
   * @param {string} was
   * @param {string} name
   */
  renamed(was, name) {
    if (this.people.delete(keyOf(was))) this.came(name);
  }
}
