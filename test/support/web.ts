/** Who speaks HTTP and WebSocket to a server: a request as it is written, and a client of the chat. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ClientOptions, createWebSocketStream, WebSocket } from 'ws';
import { Client, until } from './chat.ts';

/** A server, wherever it runs. */
interface At {
  readonly port: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks on a connection of its own, which is closed behind the answer. */
export async function ask(
  { port }: At,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const client = new Client(connect({ port, host: '127.0.0.1' }));
  const all = { Host: `127.0.0.1:${String(port)}`, Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  client.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  await client.end();
  client.socket.end();
  return answerOf(client.text);
}

export function answerOf(text: string): Answer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines
    .map((line) => line.split(/: (.*)/s))
    .map(([name = '', value = '']) => [name.toLowerCase(), value]);
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: body.join('\r\n\r\n'),
  };
}

/** Somebody who speaks WebSocket: each thing that is said is a message. */
export class WebClient extends Client {
  readonly webSocket: WebSocket;
  /** What its connection was closed with. */
  code: number | undefined;

  constructor({ port }: At, options: ClientOptions & { secure?: boolean } = {}) {
    const { secure, ...rest } = options;
    const url = `${secure ? 'wss' : 'ws'}://127.0.0.1:${String(port)}/`;
    const webSocket = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false, ...rest });
    // What a Client needs of a socket, a stream of messages has.
    super(createWebSocketStream(webSocket, { decodeStrings: false }) as unknown as Socket);
    this.webSocket = webSocket;
    webSocket.on('close', (code) => {
      this.code = code;
    });
    onTestFinished(() => {
      webSocket.terminate();
    });
  }

  get open(): Promise<void> {
    return until(() => this.webSocket.readyState === WebSocket.OPEN, 'it is open');
  }

  /** The connection is closed; with this code. */
  async closes(): Promise<number> {
    await until(() => this.code !== undefined, `it is closed; heard ${JSON.stringify(this.lines.slice(-5))}`);
    return this.code ?? 0;
  }
}
