/** A real server on a free port, and clients that are plain sockets. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Notice, type Options, serve } from '../../src/index.ts';
import { Subject } from 'rxjs';

const DEADLINE = 30_000;

/** Waits until `condition` holds; fails with `what` at the deadline, in milliseconds. */
export async function until(condition: () => boolean, what: string, deadline = DEADLINE): Promise<void> {
  const end = Date.now() + deadline;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not so after ${String(deadline)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export class TestServer {
  readonly notices: Notice[] = [];
  readonly stop = new Subject<void>();
  completed = false;
  /** Whoever has come to it. */
  readonly clients: Client[] = [];
  /** Once it listens, unless it is at no address. */
  port = 0;

  static async start(options: Options = {}): Promise<TestServer> {
    const server = new TestServer();
    const running = serve({ port: 0, ...options, stop: server.stop }).subscribe({
      next: (notice) => {
        server.notices.push(notice);
        if (notice.type === 'listening') ({ port: server.port } = notice);
      },
      complete: () => {
        server.completed = true;
      },
    });
    onTestFinished(() => {
      running.unsubscribe();
    });
    await until(() => server.notices.some(({ type }) => type === 'listening'), 'the server listens');
    return server;
  }

  /** Opens a connection and says nothing. */
  connect(): Client {
    const client = new Client(connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true }));
    this.clients.push(client);
    return client;
  }

  login(name: string): Promise<Client> {
    return this.connect().login(name);
  }

  /** The same, as soon as nobody has that name any more. */
  async back(name: string): Promise<Client> {
    for (;;) {
      const client = this.connect();
      client.say(name, '/ping');
      await client.sees('* pong');
      if (!client.text.includes('is taken')) return client;
      client.socket.destroy();
    }
  }

  /** The same for somebody who comes from `address`, through a proxy; the server has to be started with `PROXIED`. */
  from(address: string): Client {
    const client = new Client(
      connect({ port: this.port, host: '127.0.0.1', localAddress: PROXIED.trustProxy, allowHalfOpen: true }),
    );
    client.socket.write(`PROXY ${address.includes(':') ? 'TCP6' : 'TCP4'} ${address} ${address} 1 2\r\n`);
    return client;
  }
}

/** There is a proxy, which says where its clients come from. */
export const PROXIED = { trustProxy: '127.0.0.2' } as const;

/** Opens a connection to a Unix socket and says nothing. */
export const through = (path: string): Client => new Client(connect({ path, allowHalfOpen: true }));

export class Client {
  readonly socket: Socket;
  text = '';
  ended = false;
  closed = false;
  error: Error | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      this.text += String(text);
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    onTestFinished(() => {
      socket.destroy();
    });
  }

  /** Whole lines heard so far. */
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  say(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Logs in, and knows that it worked by hearing itself. */
  async login(name: string): Promise<this> {
    this.say(name, `${name}: here`);
    await this.hears(`from ${name}: here`);
    this.forget();
    return this;
  }

  forget(): void {
    this.text = '';
  }

  async hears(...lines: string[]): Promise<void> {
    await until(
      () => this.lines.length >= lines.length,
      `hears ${JSON.stringify(lines)}, heard ${JSON.stringify(this.lines.slice(0, 20))}`,
    );
    if (JSON.stringify(this.lines) !== JSON.stringify(lines)) {
      throw new Error(`heard ${JSON.stringify(this.lines)} instead of ${JSON.stringify(lines)}`);
    }
  }

  /** Waits until one of its lines is that, or like it, whatever else it hears. */
  async sees(line: string | RegExp): Promise<void> {
    const isIt = (heard: string): boolean => (line instanceof RegExp ? line.test(heard) : heard === line);
    await until(() => this.lines.some(isIt), `sees ${String(line)}`).catch((error: unknown) => {
      throw new Error(`${String(error)}; heard ${JSON.stringify(this.lines.slice(0, 20))}`);
    });
  }

  /** The server has ended its side. */
  async end(): Promise<void> {
    await until(() => this.ended, `the server ends; heard ${JSON.stringify(this.lines)}`);
  }
}

/** A server is told to stop, and is over once these, who are all that are there, have heard it. */
export async function stopped(server: TestServer, ...clients: readonly Client[]): Promise<void> {
  server.stop.next();
  for (const client of clients) {
    await client.end();
    client.socket.end();
  }
  await until(() => server.completed, 'the server is over');
}
