/** Operator: batches to serialised writes, bounded. */
import { concatMap, defer, EMPTY, expand, filter, type Observable, type OperatorFunction } from 'rxjs';
import type { Backlog } from './backlog.ts';
import type { Batch } from './batch.ts';
import { consume } from './consume.ts';

/** Bytes of one write, so that its end is progress; only a single line may be longer. */
const WRITE = 64 * 1024;
const LF = 10;

/**
 * Writes each batch with `write`, one write at a time and whole lines in each; whatever gathers during a write goes
 * into the next. `backlog` counts what waits. Emits nothing. Completes with the source, when all is written; errors
 * as `write` does, and as the source does, at once: then what waits is not written, and what was written ends with a
 * whole line.
 */
export function outbox(
  write: (bytes: Uint8Array) => Observable<number>,
  backlog: Backlog,
): OperatorFunction<Batch, never> {
  return (batches) =>
    defer(() => {
      // Undefined where nothing waits: an empty array, once pushed to, has room for many.
      let waiting: Uint8Array[] | undefined;
      return batches.pipe(
        filter(({ bytes }) => {
          backlog.grow(bytes.length);
          // The first that waits is the ticket for all that wait: concatMap never has more than one in its queue.
          const ticket = waiting === undefined;
          if (waiting) waiting.push(bytes);
          else waiting = [bytes];
          return ticket;
        }),
        concatMap(() => {
          const sending = waiting as Uint8Array[];
          waiting = undefined;
          const first = sending[0] as Uint8Array;
          return sending.length === 1 && first.length <= WRITE ? write(first) : each(packed(sending), write);
        }),
        consume((taken) => {
          backlog.shrink(taken);
        }),
      );
    });
}

/** Writes one pack after the other; a pack is put together when it is its turn. */
function each(
  packs: Iterator<Uint8Array, void>,
  write: (bytes: Uint8Array) => Observable<number>,
): Observable<number> {
  const next = (): Observable<number> => {
    const { value } = packs.next();
    return value ? write(value) : EMPTY;
  };
  return next().pipe(expand(next));
}

/** The same bytes as writes of up to `WRITE` bytes, each of whole lines; a line longer than that goes alone. */
function* packed(batches: readonly Uint8Array[]): Generator<Uint8Array> {
  let pack: Uint8Array[] = [];
  let room = WRITE;
  for (const batch of batches) {
    let rest = batch;
    while (rest.length > 0) {
      const end = room <= 0 ? 0 : rest.length <= room ? rest.length : rest.lastIndexOf(LF, room - 1) + 1;
      if (end === 0 && pack.length > 0) {
        yield Buffer.concat(pack);
        pack = [];
        room = WRITE;
        continue;
      }
      const piece = rest.subarray(0, end === 0 ? rest.indexOf(LF) + 1 : end);
      pack.push(piece);
      room -= piece.length;
      rest = rest.subarray(piece.length);
    }
  }
  if (pack.length > 0) yield Buffer.concat(pack);
}
