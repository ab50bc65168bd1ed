/** Operator: batches to serialised writes, bounded. */
import { concatMap, defer, EMPTY, filter, type Observable, of, type OperatorFunction, repeat } from 'rxjs';
import type { Backlog } from './backlog.ts';
import type { Batch } from './batch.ts';
import { consume } from './consume.ts';

/** Bytes of one write, so that its end is progress; only a single line may be longer. */
const WRITE = 64 * 1024;
/** Batches up to so many bytes share memory while they wait: each by itself takes some 250 bytes more (measured). */
const SMALL = 512;
const PACK = 4096;
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
      let pack: Pack | undefined;
      return batches.pipe(
        filter(({ bytes }) => {
          backlog.grow(bytes.length);
          // The first that waits is the ticket for all that wait: concatMap never has more than one in its queue.
          if (!waiting) {
            waiting = [bytes];
            return true;
          }
          if (pack?.append(bytes)) {
            waiting.pop();
          } else {
            pack = bytes.length > SMALL ? undefined : new Pack(bytes);
          }
          waiting.push(pack?.bytes ?? bytes);
          return false;
        }),
        concatMap(() => {
          const sending = waiting as Uint8Array[];
          waiting = pack = undefined;
          const first = sending[0] as Uint8Array;
          return sending.length === 1 && first.length <= WRITE ? write(first) : each(pieces(sending), write);
        }),
        consume((taken) => {
          backlog.shrink(taken);
        }),
      );
    });
}

/** Some small batches, one behind the other. */
class Pack {
  readonly #memory = Buffer.allocUnsafeSlow(PACK);
  #length = 0;

  constructor(first: Uint8Array) {
    this.append(first);
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  /** False, and nothing is appended, where there is no room. */
  append(bytes: Uint8Array): boolean {
    if (this.#length + bytes.length > PACK) return false;
    this.#memory.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }
}

/** Writes one piece after the other; a piece is put together when it is its turn. */
function each(
  pieces: Iterator<Uint8Array, void>,
  write: (bytes: Uint8Array) => Observable<number>,
): Observable<number> {
  let piece = pieces.next().value;
  return defer(() => (piece ? write(piece) : EMPTY)).pipe(
    repeat({
      delay: () => {
        piece = pieces.next().value;
        return piece ? of(true) : EMPTY;
      },
    }),
  );
}

/** The same bytes as writes of up to `WRITE` bytes, each of whole lines; a line longer than that goes alone. */
function* pieces(batches: readonly Uint8Array[]): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let room = WRITE;
  for (const batch of batches) {
    let rest = batch;
    while (rest.length > 0) {
      const end = room <= 0 ? 0 : rest.length <= room ? rest.length : rest.lastIndexOf(LF, room - 1) + 1;
      if (end === 0 && parts.length > 0) {
        yield Buffer.concat(parts);
        parts = [];
        room = WRITE;
        continue;
      }
      const part = rest.subarray(0, end === 0 ? rest.indexOf(LF) + 1 : end);
      parts.push(part);
      room -= part.length;
      rest = rest.subarray(part.length);
    }
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
