/** Operator: chunks of bytes to lines, bounded. */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import { Cutter, type LineFault, type Lines } from './cutter.ts';

/** Whole lines that may pass together, or one that was not a line. */
export type Passage = Lines | LineFault;

/** Who is asked before anything passes; see gate.ts. */
export interface Gatekeeper {
  wake: () => void;
  /** About how many bytes may pass. */
  readonly room: number;
  /** How many characters of whole lines may pass, from the first line on; 0 if none may. */
  admit(lines: Lines): number;
  /** May so many bytes pass that are no whole line, or one that is a fault? */
  admitPiece(bytes: number, fault: boolean): boolean;
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
): OperatorFunction<Buffer, readonly Passage[]> {
  return (chunks) =>
    new Observable((subscriber) => {
      subscriber.add(chunks.subscribe(new Pump(subscriber, new Cutter(limit), gate, tail)));
    });
}

/** Takes chunks in and, as far as the gate lets them, lines out. A class, since every idle client has one. */
class Pump implements Observer<Buffer> {
  readonly #passages: Subscriber<readonly Passage[]>;
  readonly #cutter: Cutter;
  readonly #gate: Gatekeeper;
  readonly #tail: () => boolean;
  #finish: (() => void) | undefined;

  constructor(
    passages: Subscriber<readonly Passage[]>,
    cutter: Cutter,
    gate: Gatekeeper,
    tail: () => boolean,
  ) {
    this.#passages = passages;
    this.#cutter = cutter;
    this.#gate = gate;
    this.#tail = tail;
    gate.wake = () => {
      this.#run();
    };
  }

  next(chunk: Buffer): void {
    this.#cutter.push(chunk);
    this.#run();
    this.#cutter.keep();
  }

  error(error: unknown): void {
    this.#finish = () => {
      this.#passages.error(error);
    };
    this.#run();
  }

  complete(): void {
    if (this.#tail()) this.#cutter.end();
    this.#finish = () => {
      this.#passages.complete();
    };
    this.#run();
  }

  #run(): void {
    if (this.#passages.closed) return;
    const passing: Passage[] = [];
    const cutter = this.#cutter;
    let left = cutter.look(this.#gate.room);
    while (left && this.#pass(passing)) left = cutter.look(this.#gate.room);
    if (passing.length > 0) this.#passages.next(passing);
    if (left) return;
    if (this.#finish) this.#finish();
    else this.#gate.drained();
  }

  /** Lets what is in hand pass, or whole lines of it; false where none may. */
  #pass(passing: Passage[]): boolean {
    const cutter = this.#cutter;
    const { text, plain, bytes, fault } = cutter;
    if (text === '') {
      if (!this.#gate.admitPiece(bytes, fault !== undefined)) return false;
      if (fault) passing.push(fault);
      cutter.pass();
      return true;
    }
    const length = this.#gate.admit(cutter);
    if (length === 0) return false;
    passing.push({ text: length === text.length ? text : text.slice(0, length), plain });
    cutter.pass(length);
    return true;
  }
}
