/** Clients that say or hear more than should be kept in memory, or that read in ways of their own. */
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';

/** Bytes that are handed to a socket at a time. */
const PIECE = 64 * 1024;
/** Milliseconds without a byte taken that are no hiccup. */
const STALL = 200;

/** Writes `lines` as fast as the other side takes them. Resolves when the kernel has all, or the socket is closed. */
export async function pour(socket: Socket, lines: Iterable<string>): Promise<void> {
  const write = (piece: string): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        socket.off('close', done);
        resolve();
      };
      socket.once('close', done);
      socket.write(piece, done);
    });
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < PIECE) continue;
    await write(piece);
    piece = '';
    if (socket.destroyed) return;
  }
  if (piece !== '') await write(piece);
}

/** Waits until what is written here is not read any more: for a while the kernel takes none of what waits. */
export async function stalled(socket: Socket): Promise<void> {
  let taken = -1;
  let since = 0;
  await until(() => {
    const now = socket.bytesWritten - socket.writableLength;
    if (now !== taken) since = performance.now();
    taken = now;
    return socket.writableLength > 0 && performance.now() - since > STALL;
  }, 'nothing more is taken');
}

/** The same line, `count` times. */
export function* repeated(line: string, count: number): Generator<string> {
  for (let index = 0; index < count; index++) yield line;
}

/** Cuts what comes into lines, and keeps only one that is not whole yet. */
export class Cutter {
  /** What came behind the last whole line. */
  rest = '';
  readonly #decoder = new StringDecoder('utf8');
  readonly #heard: (line: string) => void;

  constructor(heard: (line: string) => void) {
    this.#heard = heard;
  }

  push(bytes: Buffer): void {
    const text = this.rest + this.#decoder.write(bytes);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#heard(text.slice(from, end));
      from = end + 1;
    }
    this.rest = text.slice(from);
  }
}

/** Hears every line of a socket, at about `perSecond` bytes. */
export function hearSlowly(socket: Socket, perSecond: number, heard: (line: string) => void): void {
  const TICK = 20;
  const cutter = new Cutter(heard);
  let allowance = 0;
  const timer = setInterval(() => {
    allowance = Math.min(0, allowance) + (perSecond * TICK) / 1000;
    if (allowance > 0) socket.resume();
  }, TICK);
  onTestFinished(() => {
    clearInterval(timer);
  });
  socket.on('data', (bytes: Buffer) => {
    cutter.push(bytes);
    allowance -= bytes.length;
    if (allowance <= 0) socket.pause();
  });
}

/** A connection that reads at most `size` bytes at a time; `read` may return false to read no more for now. */
export function connectShort(port: number, size: number, read: (bytes: Buffer) => boolean): Socket {
  const socket = connect({
    port,
    host: '127.0.0.1',
    allowHalfOpen: true,
    onread: {
      buffer: Buffer.alloc(size),
      callback: (count, buffer) => read(Buffer.from(buffer.subarray(0, count))),
    },
  });
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}
