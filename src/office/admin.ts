/** The admin port: HTTP for whoever runs the server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Observable } from 'rxjs';
import type { Endpoint, ListenerTrouble } from '../notice.ts';
import type { HostList } from '../web/host.ts';
import { oneAtATime } from '../web/one-at-a-time.ts';
import { type Page, textPage } from './page.ts';

/** Connections at a time; they are of the descriptors that are not for clients. */
const CONNECTIONS = 16;
/** Milliseconds for a whole request, and for the answer to it: whoever takes it slowly has one of few connections. */
const PATIENCE = 10_000;
/** Bytes. */
const HEADERS = 8192;
const METHODS = ['GET', 'HEAD'];

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  /** For which hosts it answers. */
  readonly hosts: HostList;
  /** By their paths. */
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
}

/**
 * Listens while subscribed. Emits where first, and what went wrong later; never completes. Errors with Node's error where
 * it cannot listen, of which `isOfAdminPort` is true.
 */
export function admin(options: AdminOptions): Observable<Endpoint | ListenerTrouble> {
  return new Observable((subscriber) => {
    const server = oneAtATime(
      {
        maxHeaderSize: HEADERS,
        headersTimeout: PATIENCE,
        requestTimeout: PATIENCE,
        connectionsCheckingInterval: PATIENCE / 10,
      },
      (request, response) => {
        const patience = setTimeout(() => {
          response.destroy();
        }, PATIENCE);
        response.once('close', () => {
          clearTimeout(patience);
        });
        respond(request, response, options).catch((error: unknown) => {
          if (response.headersSent) response.destroy();
          else response.writeHead(500).end('something went wrong here; the log says what\n');
          // Otherwise it was the reader who went.
          if (!isGone(error)) subscriber.next({ type: 'trouble', error: error as Error });
        });
      },
    );
    server.maxConnections = CONNECTIONS;
    server.timeout = PATIENCE;
    server.on('listening', () => {
      const { address, port } = server.address() as AddressInfo;
      subscriber.next({ host: address, port });
    });
    server.on('error', (error) => {
      if (server.listening) subscriber.next({ type: 'trouble', error });
      else subscriber.error(Object.assign(error, { [OF_ADMIN_PORT]: true }));
    });
    const { host, port } = options;
    server.listen({ host, port });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });
}

const OF_ADMIN_PORT = Symbol('of the admin port');

/** Is it why the admin port cannot be listened on? */
export const isOfAdminPort = (error: Error): boolean => OF_ADMIN_PORT in error;

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
): Promise<void> {
  const { status, type, body } = await answer(request, response, options);
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(typeof body === 'string' && { 'Content-Length': Buffer.byteLength(body) }),
  });
  if (request.method === 'HEAD') response.end();
  else if (typeof body === 'string') response.end(body);
  else await pipeline(Readable.from(body), response);
}

async function answer(
  { method = '', url = '', headers }: IncomingMessage,
  response: ServerResponse,
  { hosts, pages }: AdminOptions,
): Promise<Page> {
  if (!hosts.includes(headers.host))
    // RFC 9112, 3.2, and RFC 9110, 15.5.20.
    return textPage(
      headers.host === undefined ? 400 : 421,
      'ask for an IP address, for localhost, or for a name that --allow-host has',
    );
  if (!METHODS.includes(method)) {
    // What it sends behind that is not read.
    response.setHeader('Allow', METHODS.join(', ')).setHeader('Connection', 'close');
    return textPage(405, 'there is only to read here: GET or HEAD');
  }
  const [path = ''] = url.split('?');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  return page ? await page() : textPage(404, `there is ${Object.keys(pages).join(', ')}`);
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
