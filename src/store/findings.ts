/** Lines that are found, newest first, until they are as many as were asked for. */
import type { Found, Past } from '../past.ts';

/** Characters in one answer: it crosses a thread, and is to be no burden to the event loop. */
const LONGEST = 256 * 1024;

/** What stands above lines that are read again: who said them, where and when. */
export type Heading = Omit<Past, 'texts'>;

export class Findings {
  readonly #lines: Past[] = [];
  #left: number;
  #room = LONGEST;
  #more = false;

  constructor(count: number) {
    this.#left = count;
  }

  /** There was more to find. */
  get isFull(): boolean {
    return this.#more;
  }

  /** Nobody has looked any further. */
  giveUp(): void {
    this.#more = true;
  }

  /** One line. */
  add(heading: Heading, text: string): void {
    this.#take({ ...heading, texts: [text] }, 1, text.length);
  }

  /** All of the lines that follow each other, or the last ones as far as they fit. */
  addRun(heading: Heading, text: string): void {
    const texts = text.split('\n');
    let [fitting, length] = [0, 0];
    while (fitting < Math.min(texts.length, this.#left)) {
      length += (texts.at(-1 - fitting) as string).length;
      if (length > this.#room && (fitting > 0 || this.#lines.length > 0)) break;
      fitting++;
    }
    const skipped = texts.length - fitting;
    if (fitting > 0)
      this.#take(
        { ...heading, index: heading.index + skipped, texts: texts.slice(skipped) },
        fitting,
        length,
      );
    if (skipped > 0) this.#more = true;
  }

  /** In the order in which they were found. */
  get newestFirst(): Found {
    return { lines: this.#lines, more: this.#more };
  }

  /** In the order in which they were said. */
  get oldestFirst(): Found {
    return { lines: this.#lines.toReversed(), more: this.#more };
  }

  #take(past: Past, count: number, length: number): void {
    if (count > this.#left || (length > this.#room && this.#lines.length > 0)) {
      this.#more = true;
      return;
    }
    this.#left -= count;
    this.#room -= length;
    this.#lines.push(past);
  }
}
