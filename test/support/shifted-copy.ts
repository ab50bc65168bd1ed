/**
 * A server of NATS with another copy of the log than the one that counts, as three of them may have after they were killed at once: a
 * message is missing in it, and what is behind that stands one place before where it stands for all others.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Whose stream, which reader; how often sent, where it stands, and all that follows. */
const PLACE = /(?<=\$JS\.ACK\.rxchat\.[\w-]+\.\d+\.)(\d+)(?=\.)/;

export class ShiftedCopy {
  readonly #server: Server;
  #missed: string | undefined;
  #hasMissed = false;

  private constructor(to: number) {
    this.#server = createServer((here) => {
      this.#pass(here, connect(to, '127.0.0.1'));
    });
  }

  /** In front of the server that listens at that port of this machine; until the test is over. */
  static async of(port: number): Promise<ShiftedCopy> {
    const copy = new ShiftedCopy(port);
    copy.#server.listen(0, '127.0.0.1');
    await once(copy.#server, 'listening');
    onTestFinished(() => {
      copy.#server.close();
    });
    return copy;
  }

  get url(): string {
    return `nats://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** The next message with that text in it is the one that is missing, as long as the connection stands on which it would come. */
  miss(text: string): void {
    this.#missed = text;
  }

  get hasMissed(): boolean {
    return this.#hasMissed;
  }

  #pass(here: Socket, there: Socket): void {
    let rest = Buffer.alloc(0);
    /** Where what is missing stands for all others. */
    let missing = Infinity;
    const told = (message: string): string | undefined => {
      const place = Number(PLACE.exec(message)?.[1]);
      if (place > 0 && this.#missed !== undefined && message.includes(this.#missed)) {
        this.#missed = undefined;
        this.#hasMissed = true;
        missing = place;
        return undefined;
      }
      return place > missing ? message.replace(PLACE, String(place - 1)) : message;
    };
    here.on('data', (data) => there.write(data));
    there.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let size; (size = sizeOf(rest)) !== undefined; rest = rest.subarray(size)) {
        const message = told(rest.subarray(0, size).toString('latin1'));
        if (message !== undefined) here.write(message, 'latin1');
      }
    });
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
    onTestFinished(() => {
      here.destroy();
    });
  }
}

/** Bytes of the first message of NATS, which is a line, with what it says follows it; undefined where not all of it is there. */
function sizeOf(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n') + 2;
  if (end < 2) return undefined;
  const line = bytes.toString('latin1', 0, end);
  const size = /^H?MSG /.test(line) ? end + Number(line.trim().split(' ').at(-1)) + 2 : end;
  return size <= bytes.length ? size : undefined;
}
