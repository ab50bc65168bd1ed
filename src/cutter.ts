/** One client's bytes, cut into lines. */
import { isAscii, isUtf8 } from 'node:buffer';

/** A line without its end, or what was wrong with it. */
export type Line = string | LineFault;

export interface LineFault {
  readonly fault: 'line-too-long' | 'not-utf8';
}

const TOO_LONG: LineFault = { fault: 'line-too-long' };
const NOT_UTF8: LineFault = { fault: 'not-utf8' };
const LF = 10;
const CR = 13;

/** Bytes that are decoded at a time: about what a client may say in a turn. What waits longer waits as bytes. */
const RUN = 16 * 1024;

/**
 * Cuts one client's bytes into lines, on demand, piece by piece: a piece is a whole line, or what a chunk has of one.
 * Many whole lines are decoded at once.
 */
export class Cutter {
  /** The bytes of the piece in hand, the end of a line not counted; of all of a line where it completes one. */
  bytes = 0;
  /** The line that it completes, if it does. */
  line: Line | undefined;
  #inHand = false;
  readonly #limit: number;
  /** Decoded whole lines, and where in them we are. */
  #run = '';
  #at = 0;
  /** A character of the run is a byte. */
  #ascii = true;
  /** Whole lines that could not be decoded together: one of them is not UTF-8. */
  #odd: Buffer = NONE;
  /** What comes behind these, not looked at yet. */
  #rest: Buffer = NONE;
  #ended = false;
  /** The pieces so far of a line that is not whole yet. */
  #tail: Tail | undefined;
  /** In a line that is too long, up to its end. */
  #skipping = false;
  #beginning = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** The memory of what was pushed is about to be written over: what is still needed of it is copied. */
  keep(): void {
    if (this.#odd.length > 0) this.#odd = copy(this.#odd);
    if (this.#rest.length > 0) this.#rest = copy(this.#rest);
  }

  /** The source is over: an unfinished line is a line. */
  end(): void {
    this.#ended = true;
  }

  /** Takes the next piece in hand, unless there is one; false where nothing is left. */
  look(): boolean {
    if (this.#inHand) return true;
    if (this.#run === '' && this.#odd.length === 0) this.#decode();
    if (this.#run !== '') this.#fromRun();
    else if (this.#odd.length > 0) this.#fromOdd();
    else if (this.#rest.length > 0) this.#goOn();
    else if (this.#ended && this.#tail) this.#finish();
    else return false;
    return (this.#inHand = true);
  }

  /** The piece in hand has passed. */
  pass(): void {
    this.#inHand = false;
    this.line = undefined; // a piece of a decoded run keeps all of it alive
  }

  #put(line: Line | undefined, bytes: number): void {
    this.bytes = bytes;
    this.line = typeof line === 'string' ? this.#trim(line) : line;
  }

  /** Unless the next line is not whole, or began in an earlier chunk. */
  #decode(): void {
    const rest = this.#rest;
    if (rest.length === 0 || this.#tail || this.#skipping) return;
    const end =
      (rest.length <= RUN ? endOfLast(rest) : rest.lastIndexOf(LF, RUN) + 1) || rest.indexOf(LF) + 1;
    if (end === 0) return;
    const bytes = part(rest, 0, end);
    this.#rest = after(rest, end - 1);
    this.#ascii = isAscii(bytes);
    if (this.#ascii) this.#run = bytes.toString('latin1');
    else if (isUtf8(bytes)) this.#run = bytes.toString('utf8');
    else this.#odd = bytes;
  }

  #fromRun(): void {
    const end = this.#run.indexOf('\n', this.#at);
    const line = this.#run.slice(this.#at, end);
    this.#at = end + 1;
    if (this.#at === this.#run.length) {
      this.#run = '';
      this.#at = 0;
    }
    const bytes = this.#ascii ? line.length : Buffer.byteLength(line);
    this.#put(tooLong(bytes, line.charCodeAt(line.length - 1), this.#limit) ? TOO_LONG : line, bytes);
  }

  #fromOdd(): void {
    const end = this.#odd.indexOf(LF);
    this.#put(this.#one(this.#odd.subarray(0, end)), end);
    this.#odd = after(this.#odd, end);
  }

  /** One piece more of a line that began in an earlier chunk, or the first of one that ends in a later. */
  #goOn(): void {
    const end = this.#rest.indexOf(LF);
    const piece = part(this.#rest, 0, end < 0 ? this.#rest.length : end);
    const fault = this.#append(piece);
    this.#rest = end < 0 ? NONE : after(this.#rest, end);
    if (end >= 0 && !this.#skipping) this.#finish();
    else this.#put(fault, piece.length);
    if (end >= 0) this.#skipping = false;
  }

  #append(piece: Buffer): Line | undefined {
    if (this.#skipping) return undefined;
    this.#tail ??= new Tail(this.#limit + 1); // one more, in case that it is a \r
    if (this.#tail.append(piece)) return undefined;
    this.#tail = undefined;
    this.#skipping = true;
    return TOO_LONG;
  }

  /** All of the line counts, although its pieces have: a thousand may have waited for no more than their ends. */
  #finish(): void {
    const { bytes } = this.#tail as Tail;
    this.#tail = undefined;
    this.#put(this.#one(bytes), bytes.length);
  }

  #one(bytes: Buffer): Line {
    if (tooLong(bytes.length, bytes.at(-1), this.#limit)) return TOO_LONG;
    return isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8;
  }

  #trim(line: string): string {
    const from = this.#beginning && line.charCodeAt(0) === 0xfeff ? 1 : 0;
    this.#beginning = false;
    const to = line.charCodeAt(line.length - 1) === CR ? line.length - 1 : line.length;
    return from === 0 && to === line.length ? line : line.slice(from, to);
  }
}

const NONE = Buffer.alloc(0);

/** Behind the last line end, 0 where there is none; nearly always the chunk's own end, and to look costs less. */
function endOfLast(bytes: Buffer): number {
  return bytes[bytes.length - 1] === LF ? bytes.length : bytes.lastIndexOf(LF) + 1;
}

/** Most chunks are whole lines, and a view costs more than to look. */
function part(bytes: Buffer, from: number, to: number): Buffer {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** What is behind the line that ends at `end`; an empty view would keep the chunk alive. */
function after(bytes: Buffer, end: number): Buffer {
  return end + 1 < bytes.length ? bytes.subarray(end + 1) : NONE;
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
