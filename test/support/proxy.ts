/** A connection that a test can cut, hold and let go on: what a network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #to: number;
  #held = false;
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

  /** No more than so many bytes a second come through any more, in each direction of each connection. */
  slow(rate: number): void {
    this.#rate = rate;
  }

  /** All connections break. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  #pass(here: Socket): void {
    const there = connect(this.#to, '127.0.0.1');
    const pair = [here, there] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [there, here] as const]) {
      const goOn = (): void => {
        if (!this.#held) from.resume();
      };
      from.on('data', (chunk: Buffer) => {
        if (this.#rate < Infinity) {
          from.pause();
          to.write(chunk, () => setTimeout(goOn, (chunk.length / this.#rate) * 1000));
        } else if (!to.write(chunk)) {
          from.pause();
          to.once('drain', goOn);
        }
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
}
