/** One conversation: what was said in it, who is in it, and what of it nobody has seen yet. */
import { keyOf } from './name.js';

/**
 * @typedef {{ kind: 'said', at: number, from: string, text: string, about?: 'away' | 'kick', mine?: import('./own-lines.js').OwnLine, elsewhere?: string }} Said
 *   `at` as of Date.now(); `mine` where I said it, `elsewhere` whom to, if that is not this conversation
 * @typedef {{ kind: 'note', at: number, text: string, tone: 'news' | 'trouble', join?: string }} Note
 *   what the server or the page says; `join` is a room to go to
 * @typedef {Said | Note} Entry
 */

/** Entries that a conversation keeps; the oldest go. */
export const KEPT = 2000;

export class Conversation {
  /** @type {'room' | 'person' | 'server'} */ kind;
  /** The name or the room; empty for the server's. */
  name;
  /** @type {Entry[]} */ entries = [];
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
    if (this.entries.length > KEPT) this.entries.splice(0, this.entries.length - KEPT);
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
