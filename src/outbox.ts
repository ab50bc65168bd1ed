/** Operator: batches to serialised writes, bounded. */
import {
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  type Observable,
  of,
  type OperatorFunction,
  repeat,
} from 'rxjs';
import type { Backlog } from './backlog.ts';
import type { Batch } from './batch.ts';
import type { Connection } from './connection.ts';
import { consume } from './consume.ts';

/** Bytes of one write, so that its end is progress; only a single line may be longer. */
const WRITE = 64 * 1024;
/** Batches up to so many bytes share memory while they wait: each by itself takes some 250 bytes more (measured). */
const SMALL = 512;
const PACK = 4096;
const LF = 10;

/** What is written to. */
export type Sink = Pick<Connection, 'write' | 'drained'>;

/**
 * Writes each batch to `sink`, one write at a time and whole lines in each. What the kernel takes at once waits for
 * nothing; while it does not, whatever gathers goes into the next write. `backlog` counts what waits. Emits nothing.
 * Completes with the source, when all is written; errors as the source does, at once: then what waits is not written, and
 * what was written ends with a whole line. To be subscribed once.
 */
export function outbox(sink: Sink, backlog: Backlog): OperatorFunction<Batch, never> {
  return (batches) => {
    const writer = new Writer(sink, backlog);
    return batches.pipe(filter(writer.hasToWait), concatMap(writer.goOn));
  };
}

/** A class, since every idle client has one: functions inside `outbox` would keep the Observables alive that they were made for. */
class Writer {
  readonly #sink: Sink;
  readonly #backlog: Backlog;
  // Undefined where nothing waits: an empty array, once pushed to, has room for many.
  #waiting: Uint8Array[] | undefined;
  #pack: Pack | undefined;
  /** Bytes of the first write that the kernel did not take at once. */
  #first = 0;
  /** Those that concatMap has: somebody has to wait. */
  #tickets = 0;

  constructor(sink: Sink, backlog: Backlog) {
    this.#sink = sink;
    this.#backlog = backlog;
  }

  /** True where it is a ticket for all that wait: concatMap never has more than one in its queue. */
  readonly hasToWait = ({ bytes }: Batch): boolean => {
    this.#backlog.grow(bytes.length);
    if (this.#tickets === 0 && bytes.length <= WRITE) {
      if (this.take(bytes)) return false;
      this.#first = bytes.length;
    } else if (!this.#waiting) {
      this.#waiting = [bytes];
    } else {
      if (this.#pack?.append(bytes)) this.#waiting.pop();
      else this.#pack = bytes.length > SMALL ? undefined : new Pack(bytes);
      this.#waiting.push(this.#pack?.bytes ?? bytes);
      return false;
    }
    this.#tickets++;
    return true;
  };

  /** Writes what waits; completes when the kernel has taken it. */
  readonly goOn = (): Observable<never> => {
    const written = this.#first;
    const left = pieces(this.#waiting ?? []);
    this.#waiting = this.#pack = undefined;
    this.#first = 0;
    return goOn(written, left, this).pipe(
      consume((taken) => {
        this.#backlog.shrink(taken);
      }),
      finalize(() => {
        this.#tickets--;
      }),
    );
  };

  /** Has the kernel taken it at once? */
  take(bytes: Uint8Array): boolean {
    const taken = this.#sink.write(bytes);
    if (taken) this.#backlog.shrink(bytes.length);
    return taken;
  }

  get drained(): Observable<void> {
    return this.#sink.drained;
  }
}

/**
 * Waits until the kernel has taken the bytes that were `written`, if any were, and then goes on with what is `left`, piece
 * by piece; a piece is put together when it is its turn. Emits how many bytes it took, where not at once.
 */
function goOn(written: number, left: Iterator<Uint8Array, void>, writer: Writer): Observable<number> {
  let bytes = written;
  return defer(() => {
    for (let piece; bytes === 0 && (piece = left.next().value);)
      if (!writer.take(piece)) bytes = piece.length;
    return bytes === 0 ? EMPTY : writer.drained.pipe(map(() => bytes));
  }).pipe(
    repeat({
      delay: () => {
        const more = bytes > 0;
        bytes = 0;
        return more ? of(true) : EMPTY;
      },
    }),
  );
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
