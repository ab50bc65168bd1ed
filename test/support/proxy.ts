/** A connection that a test can cut, hold and let go on: what a network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Pieces a second, where it is slow. */
const PIECES = 20;

export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #to: number;
  #held = false;
  /** Chunks from there until all connections break. */
  #left = Infinity;
  /** What of that comes through as what else, the first time. */
  #lie: { readonly what: RegExp; readonly as: (what: string) => string } | undefined;
  /** Bytes a second that come from there. */
  #rate = Infinity;

  private constructor(to: number) {
    this.#to = to;
    this.#server = createServer((socket) => {
      this.#pass(socket);
    });
  }

  /** In front of whatever listens at that port of this machine; until the test is over. */
  static async before(port: number): Promise<Proxy> {
    const proxy = new Proxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    onTestFinished(() => {
      proxy.#server.close();
      proxy.cut();
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing comes through any more, in either direction, and nobody is told: a cable that was pulled out. */
  hold(): void {
    this.#held = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  release(): void {
    this.#held = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** So many bytes a second come through from there, and whatever goes there at once; Infinity is no limit any more. */
  slow(rate: number): void {
    this.#rate = rate;
  }

  /** All connections break. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** All connections break once so many chunks more have come from there. */
  cutAfter(chunks: number): void {
    this.#left = chunks;
  }

  /** They have not broken yet. */
  get isToBreak(): boolean {
    return this.#left < Infinity;
  }

  /** The first that comes from there and looks like `what` is something else here, as long. */
  lie(what: RegExp, as: (what: string) => string): void {
    this.#lie = { what, as };
  }

  /** It has not done so yet. */
  get isToLie(): boolean {
    return this.#lie !== undefined;
  }

  #told(chunk: Buffer): Buffer {
    const text = chunk.toString('latin1');
    const { what, as } = this.#lie ?? {};
    if (!what || !as || !what.test(text)) return chunk;
    this.#lie = undefined;
    return Buffer.from(text.replace(what, as), 'latin1');
  }

  #pass(here: Socket): void {
    const there = connect(this.#to, '127.0.0.1');
    const pair = [here, there] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [there, here] as const]) {
      from.on('data', (data) => {
        const chunk = from === there ? this.#told(data) : data;
        if (from === there && this.#left-- <= 0) {
          this.#left = Infinity;
          this.cut();
          return;
        }
        if (from === there && this.#rate < Infinity) this.#trickle(chunk, from, to);
        else if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => {
        if (!this.#held) from.resume();
      });
      from.on('end', () => to.end());
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#held) from.pause();
    }
  }

  /** A piece of it, and the next one when it is its time. */
  #trickle(chunk: Buffer, from: Socket, to: Socket): void {
    const size = Math.max(1, Math.min(chunk.length, Math.floor(this.#rate / PIECES)));
    if (to.destroyed) return;
    to.write(chunk.subarray(0, size));
    from.pause();
    const rest = chunk.subarray(size);
    setTimeout(() => {
      if (rest.length > 0) this.#trickle(rest, from, to);
      else if (!this.#held) from.resume();
    }, 1000 / PIECES);
  }
}
