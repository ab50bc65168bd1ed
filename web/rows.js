/** A list whose rows stay the same elements while what is in them changes, so that the focus stays where it is. */
import { made } from './elements.js';

/**
 * @template T
 */
export class Rows {
  #list;
  #make;
  /** @type {Map<string, { row: HTMLLIElement, update: (item: T) => void }>} */ #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {(key: string) => { child: HTMLElement, update: (item: T) => void }} make what is in a row, and how it changes
   */
  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  /** @param {readonly (readonly [string, T])[]} items keys, each once, and what they are of */
  show(items) {
    const keys = new Set(items.map(([key]) => key));
    for (const [key, { row }] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const [key, item] of items) {
      const { row, update } = this.#rows.get(key) ?? this.#begin(key);
      update(item);
      if (row === next) next = row.nextElementSibling;
      else this.#list.insertBefore(row, next);
    }
  }

  /** @param {string} key */
  #begin(key) {
    const { child, update } = this.#make(key);
    const begun = { row: made('li', '', child), update };
    this.#rows.set(key, begun);
    return begun;
  }
}
