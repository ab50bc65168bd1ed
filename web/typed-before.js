/** What was typed before, as the arrow keys go through it. Kept as long as the page is. */

const KEPT = 200;

export class TypedBefore {
  /** @type {string[]} */ #texts = [];
  #at = 0;
  /** What was being typed when the way back began. */
  #draft = '';

  /** @param {string} text */
  add(text) {
    if (this.#texts.at(-1) !== text) this.#texts.push(text);
    if (this.#texts.length > KEPT) this.#texts.shift();
    this.#at = this.#texts.length;
    this.#draft = '';
  }

  /**
   * The one before; undefined at the oldest.
   *
   * @param {string} now what stands in the field
   */
  older(now) {
    if (this.#at === 0) return undefined;
    if (this.#at === this.#texts.length) this.#draft = now;
    return this.#texts[--this.#at];
  }

  /** The one after, at last what was being typed; undefined behind that. */
  newer() {
    if (this.#at >= this.#texts.length) return undefined;
    return this.#texts[++this.#at] ?? this.#draft;
  }
}
