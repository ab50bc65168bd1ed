/** Who speaks HTTP: the page for browsers, and WebSockets. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Rota } from '../rota.ts';
import type { Obstacle } from '../notice.ts';
import type { Config } from '../options.ts';
import { CLOSE_TIMEOUT } from '../websocket-connection.ts';
import { type HostList, OriginList } from './host.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type PageFile, readPage } from './page.ts';

type Options = Pick<Config, 'allowOrigin' | 'compress' | 'maxLine'>;

/** Why a request is refused that others may make. */
export type WebRefusal = 'Host not allowed' | 'Origin not allowed' | 'TLS only';

/** Whose requests they are. */
export interface Visitor {
  /** It has to come back with TLS. */
  readonly needsTls: boolean;
  readonly refused: (reason: WebRefusal | Obstacle) => void;
  /** It is about to speak WebSocket; why it may not come in, or undefined. To be asked once. */
  readonly comesIn: () => Obstacle | undefined;
  /** It speaks WebSocket from now on; nothing of it was heard yet. */
  readonly upgraded: (webSocket: WebSocket) => void;
}

/** Bytes of a message that are taken where lines are shorter: a page may send many lines in one. */
const MESSAGE = 64 * 1024;
/** Frames of a message: a frame costs as much as a short line, and browsers send a message in a few. */
const FRAGMENTS = 16;
/** Pieces in which a frame may come; each is a read of up to 64 KiB. */
const PIECES = 256;
/** Requests that are answered in a turn of the event loop: each takes some 0.2 ms, a page is thirty, and after a restart all come back. */
const ANSWERS = 4;

export class Web {
  readonly #page: ReadonlyMap<string, PageFile> = readPage();
  readonly #hosts: HostList;
  readonly #origins: OriginList;
  readonly #visitors = new WeakMap<Socket, Visitor>();
  readonly #rota = new Rota(ANSWERS);
  /** They listen to no port: the doorstep hands sockets to them. */
  readonly #http = oneAtATime({}, (request, response) => {
    this.#queue(request, response);
  });
  readonly #webSockets: WebSocketServer;

  /** `hosts` may be asked for. Throws a ConfigError where `allowOrigin` is no list of origins. */
  constructor({ allowOrigin, compress, maxLine }: Options, hosts: HostList) {
    this.#hosts = hosts;
    this.#origins = new OriginList(allowOrigin, 'allow-origin');
    const options = {
      noServer: true,
      clientTracking: false,
      autoPong: false,
      // What is no UTF-8 is told so, as it is of any line.
      skipUTF8Validation: true,
      maxPayload: Math.max(maxLine + 2, MESSAGE),
      maxFragments: FRAGMENTS,
      maxBufferedChunks: PIECES,
      closeTimeout: CLOSE_TIMEOUT,
      // Without what was said before, of which it would keep 64 KiB for each client and direction.
      perMessageDeflate: compress && { serverNoContextTakeover: true, clientNoContextTakeover: true },
    };
    this.#webSockets = new WebSocketServer(options);
    this.#http
      .on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        this.#rota.schedule(() => {
          if (!socket.destroyed) this.#upgrade(request, socket, head);
        });
      })
      .on('connect', (_request: IncomingMessage, socket: Socket) => {
        socket.end(written(NO_METHOD));
      })
      .on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
        if (socket.writable) socket.end(written(code === 'HPE_HEADER_OVERFLOW' ? TOO_MUCH : NO_REQUEST));
        else socket.destroy();
      });
  }

  /** Somebody's connection, on which a request begins. How long it may take is for the caller to say. */
  receive(socket: Socket, visitor: Visitor): void {
    this.#visitors.set(socket, visitor);
    this.#http.emit('connection', socket);
    // Node would read it by itself, 64 KiB at a time, unless somebody else listens: a thousand requests (adopt.ts).
    socket.on('data', ignore).off('data', ignore);
  }

  #queue(request: IncomingMessage, response: ServerResponse): void {
    const turn = this.#rota.schedule(() => {
      this.#answer(request, response);
    });
    response.once('close', () => {
      turn.unsubscribe();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', headers } = request;
    const refusal = this.#refusalOf(request) ?? refusalOfPage(request);
    const file = refusal ? undefined : this.#page.get(pathOf(request));
    if (!file) {
      const answer = refusal ?? NO_PAGE;
      response.writeHead(answer.status, headersOf(answer)).end(bodyOf(answer));
    } else if (headers['if-none-match'] === file.headers['ETag']) {
      response.writeHead(304, file.headers).end();
    } else {
      response.writeHead(200, file.headers).end(method === 'HEAD' ? undefined : file.bytes);
    }
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.#refusalOf(request) ?? this.#refusalOfSocket(request);
    if (refusal) {
      socket.end(written(refusal));
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const visitor = this.#visitors.get(socket);
      // It would be kept for as long as the socket is there.
      this.#visitors.delete(socket);
      visitor?.upgraded(webSocket);
    });
  }

  /** What it may not ask for, whatever it asks for. */
  #refusalOf(request: IncomingMessage): Refusal | undefined {
    const { headers, headersDistinct, socket, url = '' } = request;
    const visitor = this.#visitors.get(socket);
    if (headersDistinct['host']?.length !== 1) return NO_REQUEST; // RFC 9112, 3.2
    if (!this.#hosts.includes(headers.host)) {
      visitor?.refused('Host not allowed');
      return {
        status: 403,
        text: 'this server does not go by that name; --allow-host is how whoever runs it adds one',
      };
    }
    if (!visitor?.needsTls) return undefined;
    visitor.refused('TLS only');
    const location = `https://${headers.host ?? ''}${url.startsWith('/') ? url : '/'}`;
    return { status: 308, text: `this server takes TLS only: ${location}`, headers: { Location: location } };
  }

  #refusalOfSocket(request: IncomingMessage): Refusal | undefined {
    const { headers, socket } = request;
    if (headers.upgrade?.toLowerCase() !== 'websocket' || pathOf(request) !== '/')
      return {
        status: 426,
        text: 'there is a WebSocket here, at /, and nothing else to upgrade to',
        headers: { Upgrade: 'websocket' },
      };
    const visitor = this.#visitors.get(socket);
    if (!this.#origins.includes(headers.origin, headers.host)) {
      visitor?.refused('Origin not allowed');
      return {
        status: 403,
        text: 'a page from elsewhere may not speak here; --allow-origin is how whoever runs this server lets it',
      };
    }
    const obstacle = visitor?.comesIn();
    if (obstacle === undefined) return undefined;
    visitor?.refused(obstacle);
    return { status: 503, text: 'the server is full; try again later' };
  }
}

interface Refusal {
  readonly status: number;
  /** A line, for people. */
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const NO_REQUEST: Refusal = { status: 400, text: 'that is no request of HTTP/1.1' };
const TOO_MUCH: Refusal = { status: 431, text: 'that is more than 16 KiB of headers' };
const NO_METHOD: Refusal = {
  status: 405,
  text: 'there is a page here to GET, and nothing to POST to',
  headers: { Allow: 'GET, HEAD' },
};
const NO_PAGE: Refusal = { status: 404, text: 'there is no such page; the chat is at /' };

function refusalOfPage({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') return NO_METHOD;
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return { status: 400, text: 'a GET has no body here' };
  return undefined;
}

/** Nothing more is read of whoever was refused. */
const headersOf = ({ headers, text }: Refusal): Record<string, string | number> => ({
  'Content-Type': 'text/plain; charset=utf-8',
  'Content-Length': Buffer.byteLength(text) + 1,
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
  ...headers,
});

const bodyOf = ({ text }: Refusal): string => `${text}\n`;

function written(refusal: Refusal): string {
  const { status } = refusal;
  const headers = Object.entries(headersOf(refusal)).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${headers.join('')}\r\n${bodyOf(refusal)}`;
}

const ignore = (): void => undefined;

const pathOf = ({ url = '' }: IncomingMessage): string => url.replace(/[?#].*$/, '');
