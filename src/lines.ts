/** Operator: chunks of bytes to lines, bounded. */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import { Cutter, type Line } from './cutter.ts';

/** Who is asked before each line, and before each piece of one that is not whole yet; see gate.ts. */
export interface Gatekeeper {
  wake: () => void;
  /** `line` where the piece completes one. */
  admit(bytes: number, line: Line | undefined): boolean;
  drained(): void;
}

/**
 * Cuts chunks into lines and emits those that may pass together: `\n` ends one, a `\r` before it and a byte order mark
 * before the first are dropped. A line longer than `limit` bytes becomes one fault, as soon as it is known to be too
 * long, and costs no memory; one that is not UTF-8 becomes a fault, too. Held in memory: an unfinished line of at most
 * `limit` bytes, and what `gate` has not admitted yet of the last chunk. A chunk may be written over once it is taken.
 *
 * Completes when the source has and all in hand is emitted; a last line without an end counts, if `tail()` says so
 * then. Errors as the source does, after what was in hand.
 */
export function lines(
  limit: number,
  gate: Gatekeeper,
  tail: () => boolean = () => true,
): OperatorFunction<Buffer, readonly Line[]> {
  return (chunks) =>
    new Observable((subscriber) => {
      const pump = new Pump(subscriber, new Cutter(limit), gate, tail);
      gate.wake = () => {
        pump.run();
      };
      subscriber.add(chunks.subscribe(pump));
    });
}

/** Takes chunks in and, as far as the gate lets them, lines out. A class, since every idle client has one. */
class Pump implements Observer<Buffer> {
  readonly #lines: Subscriber<readonly Line[]>;
  readonly #cutter: Cutter;
  readonly #gate: Gatekeeper;
  readonly #tail: () => boolean;
  #finish: (() => void) | undefined;

  constructor(lines: Subscriber<readonly Line[]>, cutter: Cutter, gate: Gatekeeper, tail: () => boolean) {
    this.#lines = lines;
    this.#cutter = cutter;
    this.#gate = gate;
    this.#tail = tail;
  }

  next(chunk: Buffer): void {
    this.#cutter.push(chunk);
    this.run();
    this.#cutter.keep();
  }

  error(error: unknown): void {
    this.#finish = () => {
      this.#lines.error(error);
    };
    this.run();
  }

  complete(): void {
    if (this.#tail()) this.#cutter.end();
    this.#finish = () => {
      this.#lines.complete();
    };
    this.run();
  }

  run(): void {
    if (this.#lines.closed) return;
    const cutter = this.#cutter;
    let passing: Line[] | undefined;
    let left = cutter.look();
    while (left && this.#gate.admit(cutter.bytes, cutter.line)) {
      const { line } = cutter;
      if (passing && line !== undefined) passing.push(line);
      else if (line !== undefined) passing = [line]; // often the only one, and an empty array makes room for many
      cutter.pass();
      left = cutter.look();
    }
    if (passing) this.#lines.next(passing);
    if (left) return;
    if (this.#finish) this.#finish();
    else this.#gate.drained();
  }
}
