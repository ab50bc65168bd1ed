/** A batch on its way to the worker: its texts are in one piece of memory, which changes hands. Sent as strings, each is copied thrice. */
import type { Item, Run } from './deed.ts';

export interface Parcel {
  /** In place of its text, each run has where that begins. */
  readonly items: readonly Item<number>[];
  readonly texts: ArrayBuffer;
}

export function pack(items: readonly Item[]): Parcel {
  // Not of the pool, which others use as well.
  const texts = Buffer.allocUnsafeSlow(items.reduce((sum, item) => sum + bytesOf(item), 0));
  let end = 0;
  const packed = items.map((item): Item<number> => {
    if (!('run' in item)) return item;
    const { text, ...rest } = item.run;
    const start = end;
    // Of plain ASCII both are the same, but one is a copy and the other looks at each character.
    end += texts.write(text, start, rest.bytes === text.length ? 'latin1' : 'utf8');
    return { ...item, run: { ...rest, text: start } };
  });
  return { items: packed, texts: texts.buffer };
}

export function unpack({ items, texts }: Parcel): Item<Buffer>[] {
  return items.map((item) =>
    'run' in item ? { ...item, run: { ...item.run, text: textOf(texts, item.run) } } : item,
  );
}

const bytesOf = (item: Item): number => ('run' in item ? item.run.bytes : 0);
const textOf = (texts: ArrayBuffer, { text: start, bytes }: Run<number>): Buffer =>
  Buffer.from(texts, start, bytes);
