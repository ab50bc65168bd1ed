/** A batch on its way to the worker: its texts are in one piece of memory, which changes hands. Sent as strings, each is copied thrice. */
import type { Recall } from '../effect.ts';
import { isQuestion, type Item, type Run } from './deed.ts';

export interface Parcel {
  /** In place of its text, each run has where that begins. */
  readonly items: readonly Item<number>[];
  readonly texts: ArrayBuffer;
}

/** Bytes that a parcel begins with. */
const FIRST = 4096;

/**
 * A parcel that is filled. Texts go out of the heap at once: what waits there is copied by the collector, again and again. It takes
 * twice as much memory as they do, at most.
 */
export class Packing implements Parcel {
  #items: Item<number>[] = [];
  #texts = Buffer.allocUnsafeSlow(0);
  #end = 0;

  get items(): readonly Item<number>[] {
    return this.#items;
  }

  get texts(): ArrayBuffer {
    return this.#texts.buffer;
  }

  add(item: Item): void {
    if (!('run' in item)) {
      this.#items.push(item);
      return;
    }
    const { text, ...rest } = item.run;
    const start = this.#end;
    this.#end += rest.bytes;
    if (this.#end > this.#texts.length) this.#grow(start);
    // Of plain ASCII both are the same, but one is a copy and the other looks at each character.
    this.#texts.write(text, start, rest.bytes === text.length ? 'latin1' : 'utf8');
    this.#items.push({ ...item, run: { ...rest, text: start } });
  }

  /** Takes out what is asked in it, and gives that. */
  withdraw(): Recall[] {
    const asked = this.#items.filter(isQuestion);
    if (asked.length > 0) this.#items = this.#items.filter((item) => !isQuestion(item));
    return asked;
  }

  #grow(used: number): void {
    // Not of the pool, which others use as well.
    const texts = Buffer.allocUnsafeSlow(Math.max(this.#end, 2 * this.#texts.length, FIRST));
    this.#texts.copy(texts, 0, 0, used);
    this.#texts = texts;
  }
}

export function unpack({ items, texts }: Parcel): Item<Buffer>[] {
  return items.map((item) =>
    'run' in item ? { ...item, run: { ...item.run, text: textOf(texts, item.run) } } : item,
  );
}

const textOf = (texts: ArrayBuffer, { text: start, bytes }: Run<number>): Buffer =>
  Buffer.from(texts, start, bytes);
