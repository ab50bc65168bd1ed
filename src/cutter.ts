/** One client's bytes, cut into lines. */
import { isUtf8 } from 'node:buffer';
import { isPlain } from './plain.ts';

/** Whole lines, each with its `\n`. */
export interface Lines {
  readonly text: string;
  /** Nothing is in it but printable ASCII: a character is a byte, and none of them drives a terminal. */
  readonly plain: boolean;
}

/** What was wrong with a line. */
export interface LineFault {
  readonly fault: 'line-too-long' | 'not-utf8';
}

const TOO_LONG: LineFault = { fault: 'line-too-long' };
const NOT_UTF8: LineFault = { fault: 'not-utf8' };
const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = 0xfeff;

/** Bytes that are decoded at a time at the most. */
const RUN = 16 * 1024;

/**
 * Cuts one client's bytes into lines, on demand: in hand are whole lines, decoded together, or a piece of a line that is
 * not whole yet, or a fault. What may not pass yet waits as bytes.
 */
export class Cutter implements Lines {
  /** The whole lines in hand; empty where it is something else. */
  text = '';
  plain = true;
  /** What is in hand where that is no whole line: so many bytes, which may complete a line that is a fault. */
  bytes = 0;
  fault: LineFault | undefined;
  #inHand = false;
  readonly #limit: number;
  /** A run of so many bytes and its last `\n` has no line that is too long. */
  readonly #run: number;
  /** Whole lines that could not be decoded together: one of them is not UTF-8, or too long. */
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
    this.#run = Math.min(RUN, limit);
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

  /** Takes something in hand, unless there is: about `room` bytes, or a line that is longer. False where nothing is left. */
  look(room: number): boolean {
    if (this.#inHand) return true;
    if (this.#odd.length > 0) this.#fromOdd();
    else if (this.#rest.length === 0) {
      if (!this.#ended || !this.#tail) return false;
      this.#finish();
    } else if (this.#tail || this.#skipping || !this.#decode(Math.min(room, this.#run))) this.#goOn();
    return (this.#inHand = true);
  }

  /** What is in hand has passed; of whole lines, so many characters. */
  pass(length = this.text.length): void {
    this.text = this.text.slice(length);
    this.#inHand = this.text !== '';
    this.fault = undefined;
  }

  /** Whole lines, decoded together; false where the next one is not whole. */
  #decode(most: number): boolean {
    const rest = this.#rest;
    const end =
      (rest.length <= most ? endOfLast(rest) : rest.lastIndexOf(LF, most) + 1) || rest.indexOf(LF) + 1;
    if (end === 0) return false;
    const bytes = part(rest, 0, end);
    this.#rest = after(rest, end - 1);
    if (end > this.#run + 1 || !this.#put(bytes)) {
      this.#odd = bytes;
      this.#fromOdd();
    }
    return true;
  }

  /** Takes whole lines in hand; false where they are not UTF-8. */
  #put(bytes: Buffer): boolean {
    this.plain = isPlain(bytes);
    if (!this.plain && !isUtf8(bytes)) return false;
    let text = bytes.toString(this.plain ? 'latin1' : 'utf8');
    if (!this.plain && text.includes('\r\n')) text = text.replaceAll('\r\n', '\n');
    if (this.#beginning && text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
    this.#beginning = false;
    this.text = text;
    return true;
  }

  #putPiece(bytes: number, fault?: LineFault): void {
    this.bytes = bytes;
    this.fault = fault;
    if (fault) this.#beginning = false;
  }

  #fromOdd(): void {
    const end = this.#odd.indexOf(LF);
    const line = this.#odd.subarray(0, end + 1);
    this.#odd = after(this.#odd, end);
    this.#putOne(line);
  }

  /** One piece more of a line that began in an earlier chunk, or the first of one that ends in a later. */
  #goOn(): void {
    const end = this.#rest.indexOf(LF);
    const piece = part(this.#rest, 0, end < 0 ? this.#rest.length : end);
    const fault = this.#append(piece);
    this.#rest = end < 0 ? NONE : after(this.#rest, end);
    if (end >= 0 && !this.#skipping) this.#finish();
    else this.#putPiece(piece.length, fault);
    if (end >= 0) this.#skipping = false;
  }

  #append(piece: Buffer): LineFault | undefined {
    if (this.#skipping) return undefined;
    this.#tail ??= new Tail(this.#limit + 1); // one more, in case that it is a \r
    if (this.#tail.append(piece)) return undefined;
    this.#tail = undefined;
    this.#skipping = true;
    return TOO_LONG;
  }

  /** All of the line counts, although its pieces have: a thousand may have waited for no more than their ends. */
  #finish(): void {
    const { line } = this.#tail as Tail;
    this.#tail = undefined;
    this.#putOne(line);
  }

  /** A line with its end. */
  #putOne(line: Buffer): void {
    const length = line.length - 1;
    if (length > this.#limit && !(length === this.#limit + 1 && line[length - 1] === CR))
      this.#putPiece(length, TOO_LONG);
    else if (!this.#put(line)) this.#putPiece(length, NOT_UTF8);
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

/** An unfinished line in memory of its own, that grows by doubling: a chunk is not kept alive for its last bytes. */
class Tail {
  readonly #most: number;
  #memory = Buffer.allocUnsafeSlow(0);
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** All of it and an end, for which there is always room. */
  get line(): Buffer {
    this.#memory[this.#length] = LF;
    return this.#memory.subarray(0, this.#length + 1);
  }

  /** False, and nothing is appended, where it would be more than the most. */
  append(bytes: Buffer): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#most) return false;
    if (length >= this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(
        1 + Math.min(this.#most, Math.max(length, 2 * this.#memory.length)),
      );
      grown.set(this.#memory.subarray(0, this.#length));
      this.#memory = grown;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = length;
    return true;
  }
}
