/** Operator: chunks of bytes to lines, bounded. */
import { isAscii, isUtf8 } from 'node:buffer';
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';

/** A line without its end, or what was wrong with it. */
export type Line = string | LineFault;

export interface LineFault {
  readonly fault: 'line-too-long' | 'not-utf8';
}

const TOO_LONG: LineFault = { fault: 'line-too-long' };
const NOT_UTF8: LineFault = { fault: 'not-utf8' };
const LF = 10;
const CR = 13;

/** Who is asked before each line; see gate.ts. */
export interface Admission {
  wake: () => void;
  admit(bytes: number): boolean;
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
  gate: Admission,
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
  readonly #gate: Admission;
  readonly #tail: () => boolean;
  #finish: (() => void) | undefined;

  constructor(lines: Subscriber<readonly Line[]>, cutter: Cutter, gate: Admission, tail: () => boolean) {
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
    let cost = cutter.cost();
    while (cost !== undefined && this.#gate.admit(cost)) {
      if (passing) passing.push(cutter.take());
      else passing = [cutter.take()]; // often the only one, and an empty array makes room for many
      cost = cutter.cost();
    }
    if (passing) this.#lines.next(passing);
    if (cost !== undefined) return;
    if (this.#finish) this.#finish();
    else this.#gate.drained();
  }
}

/** Bytes that are decoded at a time: about what a client may say in a turn. What waits longer waits as bytes. */
const RUN = 16 * 1024;

/** Cuts one client's bytes into lines, on demand: many whole lines are decoded at once, but not before their turn. */
class Cutter {
  readonly #limit: number;
  #chunks = NO_CHUNKS;
  /** Whole lines that are not decoded yet. */
  #whole: Buffer = NONE;
  /** Decoded whole lines, and where in them we are. */
  #run = '';
  #at = 0;
  /** Lines that could not be decoded together with others, last first. */
  #odd: Line[] = [];
  #tail: Tail | undefined;
  /** In a line that is too long, up to its end. */
  #skipping = false;
  #beginning = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    const idle =
      this.#chunks.length + this.#whole.length + this.#odd.length === 0 && this.#at === this.#run.length;
    if (idle) this.#cut(chunk);
    else this.#chunks = [...this.#chunks, chunk];
  }

  /** The memory of what was pushed is about to be written over: what is still needed of it is copied. */
  keep(): void {
    if (this.#whole.length > 0) this.#whole = copy(this.#whole);
    if (this.#chunks.length > 0)
      this.#chunks = this.#chunks.map((chunk) => (chunk === END ? END : copy(chunk)));
  }

  /** The source is over: an unfinished line is a line. */
  end(): void {
    if (this.#tail || this.#chunks.length > 0) this.push(END);
  }

  /** About how many bytes the next line has; undefined where there is none yet. */
  cost(): number | undefined {
    for (;;) {
      if (this.#odd.length > 0) return 0;
      if (this.#at < this.#run.length) return this.#run.indexOf('\n', this.#at) + 1 - this.#at;
      this.#run = '';
      this.#at = 0;
      if (this.#whole.length > 0) return this.#whole.indexOf(LF) + 1;
      if (this.#chunks.length === 0) return undefined;
      const [chunk, ...others] = this.#chunks as [Buffer, ...Buffer[]];
      this.#chunks = others.length > 0 ? others : NO_CHUNKS;
      this.#cut(chunk);
    }
  }

  /** The next line; only where `cost` said that there is one. */
  take(): Line {
    if (this.#odd.length === 0 && this.#at === this.#run.length) this.#decode();
    const line = this.#odd.pop() ?? this.#fromRun();
    return typeof line === 'string' ? this.#trim(line) : line;
  }

  #fromRun(): Line {
    const end = this.#run.indexOf('\n', this.#at);
    const line = this.#run.slice(this.#at, end);
    this.#at = end + 1;
    if (line.length * 3 <= this.#limit) return line;
    return tooLong(Buffer.byteLength(line), line.charCodeAt(line.length - 1), this.#limit) ? TOO_LONG : line;
  }

  #trim(line: string): string {
    const from = this.#beginning && line.charCodeAt(0) === 0xfeff ? 1 : 0;
    this.#beginning = false;
    const to = line.charCodeAt(line.length - 1) === CR ? line.length - 1 : line.length;
    return from === 0 && to === line.length ? line : line.slice(from, to);
  }

  #cut(chunk: Buffer): void {
    if (chunk === END) {
      if (this.#tail) this.#odd.push(this.#finish(this.#tail));
      return;
    }
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.#keep(chunk);
      return;
    }
    let from = 0;
    if (this.#tail || this.#skipping) {
      // The first line began in an earlier chunk.
      from = chunk.indexOf(LF) + 1;
      this.#keep(chunk.subarray(0, from - 1));
      if (this.#tail) this.#odd.push(this.#finish(this.#tail));
      this.#skipping = false;
    }
    this.#whole = part(chunk, from, last + 1);
    // Looked at once the lines before it are gone.
    if (last + 1 < chunk.length) this.#chunks = [chunk.subarray(last + 1), ...this.#chunks];
  }

  #decode(): void {
    const whole = this.#whole;
    const end = whole.length <= RUN ? whole.length : whole.lastIndexOf(LF, RUN) + 1 || whole.indexOf(LF) + 1;
    const bytes = part(whole, 0, end);
    this.#whole = end < whole.length ? whole.subarray(end) : NONE; // an empty view would keep the chunk alive
    if (isAscii(bytes)) this.#run = bytes.toString('latin1');
    else if (isUtf8(bytes)) this.#run = bytes.toString('utf8');
    else {
      for (let at = 0; at < bytes.length;) {
        const end = bytes.indexOf(LF, at);
        this.#odd.unshift(this.#one(bytes.subarray(at, end)));
        at = end + 1;
      }
    }
  }

  #one(bytes: Buffer): Line {
    if (tooLong(bytes.length, bytes.at(-1), this.#limit)) return TOO_LONG;
    return isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8;
  }

  #finish(tail: Tail): Line {
    this.#tail = undefined;
    return this.#one(tail.bytes);
  }

  #keep(bytes: Buffer): void {
    if (this.#skipping || bytes.length === 0) return;
    this.#tail ??= new Tail(this.#limit + 1); // one more, in case that it is a \r
    if (this.#tail.append(bytes)) return;
    this.#tail = undefined;
    this.#skipping = true;
    this.#odd.unshift(TOO_LONG);
  }
}

const NONE = Buffer.alloc(0);
const NO_CHUNKS: readonly Buffer[] = [];
const END = Buffer.alloc(0);

/** Most chunks are whole lines, and a view costs more than to look. */
function part(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** In memory of its own: a piece of Node's shared pool would keep 8 KiB alive. */
function copy(bytes: Buffer): Buffer {
  const copied = Buffer.allocUnsafeSlow(bytes.length);
  copied.set(bytes);
  return copied;
}

function tooLong(bytes: number, last: number | undefined, limit: number): boolean {
  return bytes > limit && !(bytes === limit + 1 && last === CR);
}

/** An unfinished line in memory of its own, that grows by doubling: a chunk is not kept alive for its last bytes. */
class Tail {
  readonly #most: number;
  #memory = Buffer.allocUnsafeSlow(0);
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  /** False, and nothing is appended, where it would be more than the most. */
  append(bytes: Buffer): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#most) return false;
    if (length > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#most, Math.max(length, 2 * this.#memory.length)));
      grown.set(this.bytes);
      this.#memory = grown;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = length;
    return true;
  }
}
