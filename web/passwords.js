/** The passwords of my names, as long as the page is open, to come back with. They are kept nowhere else, and never shown. */
import { keyOf } from './name.js';

/** @typedef {import('./events.js').Told} Told */

/** What stands behind `/name`: a name, and its password. */
const NAME = /^([^\s,]+)[\s,]+(.+)$/su;

export class Passwords {
  /** By the key of their names. @type {Map<string, string>} */ #known = new Map();
  /** The same of names that I asked for, as long as there is no answer. @type {Map<string, string>} */ #asked =
    new Map();
  /** The last one that my name was to be reserved with. */
  #reserving = '';

  /**
   * The password of a name; empty if it takes none, as far as is known.
   *
   * @param {string} name
   */
  of(name) {
    return this.#known.get(keyOf(name)) ?? '';
  }

  /**
   * Somebody comes in.
   *
   * @param {string} name
   * @param {string} password maybe empty
   */
  come(name, password) {
    this.forget();
    if (password !== '') this.#known.set(keyOf(name), password);
  }

  /**
   * There may be one in what was typed.
   *
   * @param {import('./typed.js').Ask} ask
   */
  typed({ word, rest }) {
    if (word === 'reserve') this.#reserving = rest;
    const [, name, password] = (word === 'name' && NAME.exec(rest)) || [];
    if (name !== undefined && password !== undefined) this.#asked.set(keyOf(name), password);
  }

  /**
   * What the server says may be about one of them. Gives whether it changes which names are mine.
   *
   * @param {Told} told
   * @param {string} me what I am called
   */
  heard(told, me) {
    switch (told.type) {
      case 'reserved':
        this.#known.set(keyOf(told.name), this.#reserving);
        this.#reserving = '';
        return true;
      case 'unreserved':
        return this.#known.delete(keyOf(told.name));
      case 'renamed': {
        const key = keyOf(told.name);
        if (keyOf(told.was) !== keyOf(me) || key === keyOf(me)) return false;
        const password = this.#asked.get(key);
        this.#asked.delete(key);
        if (password === undefined) this.#known.delete(key);
        else this.#known.set(key, password);
        return true;
      }
      default:
        return false;
    }
  }

  forget() {
    this.#known.clear();
    this.#asked.clear();
    this.#reserving = '';
  }
}
