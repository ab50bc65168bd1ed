/** A batch on its way to the worker: its texts are in one piece of memory, which changes hands. Sent as strings, each is copied thrice. */
import type { Recall } from '../effect.ts';
import type { Deed, Run } from './deed.ts';

export interface Parcel {
  /** In place of its text, each run has where that begins. */
  readonly items: readonly (Deed<number> | Recall)[];
  readonly texts: ArrayBuffer;
}

export function pack(items: readonly (Deed | Recall)[]): Parcel {
  // Not of the pool, which others use as well.
  const texts = Buffer.allocUnsafeSlow(items.reduce((sum, item) => sum + bytesOf(item), 0));
  let end = 0;
  const packed = items.map((item): Deed<number> | Recall => {
    if (!('run' in item)) return item;
    const { text, ...rest } = item.run;
    const start = end;
    // Of plain ASCII both are the same, but one is a copy and the other looks at each character.
    end += texts.write(text, start, rest.bytes === text.length ? 'latin1' : 'utf8');
    return { ...item, run: { ...rest, text: start } };
  });
  return { items: packed, texts: texts.buffer };
}

export function unpack({ items, texts }: Parcel): (Deed<Buffer> | Recall)[] {
  return items.map((item) =>
    'run' in item ? { ...item, run: { ...item.run, text: textOf(texts, item.run) } } : item,
  );
}

const bytesOf = (item: Deed | Recall): number => ('run' in item ? item.run.bytes : 0);
const textOf = (texts: ArrayBuffer, { text: start, bytes }: Run<number>): Buffer =>
  Buffer.from(texts, start, bytes);
