/** Callers over node:net. */
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { Observable } from 'rxjs';
import { plainAddress } from './addresses.ts';
import type { Caller } from './door/caller.ts';
import type { Listening, ListenerTrouble, Refused } from './notice.ts';

/** Milliseconds of silence before the kernel asks whether a peer is alive; Node then asks each second, ten times. */
const KEEPALIVE = 30_000;
/** Connections that the kernel may have ready for us; it takes the smaller of this and its own `somaxconn`. */
const ACCEPT_BACKLOG = 4096;
/** Connections past `maxClients` that are accepted only to be told that the server is full. */
const TOLD = 16;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly maxClients: number;
  /** When it emits, nobody is accepted any more. */
  readonly stop: Observable<unknown>;
}

/**
 * Listens while subscribed. Emits `listening` first, then whoever connects. Completes when `stop` emits. Errors where it
 * cannot listen; nothing that happens later is an error.
 */
export function listen({
  host,
  port,
  maxClients,
  stop,
}: ListenOptions): Observable<Caller | Listening | Refused | ListenerTrouble> {
  return new Observable((subscriber) => {
    const node = randomBytes(6).toString('base64url');
    let open = 0;
    const left = (): void => {
      open--;
    };
    let accepted = 0;

    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE,
      pauseOnConnect: true, // until it is adopted
    });
    server.on('connection', (socket) => {
      if (socket.remoteAddress === undefined) {
        socket.destroy(); // reset before it was accepted: there is nobody
        return;
      }
      const address = plainAddress(socket.remoteAddress);
      // Below the descriptor limit: at it, Node closes what it accepts without a word.
      if (open >= maxClients + TOLD) {
        subscriber.next({ type: 'refused', reason: 'unannounced', address });
        socket.destroy();
        return;
      }
      open++;
      const id = `${node}-${(++accepted).toString(36)}`;
      subscriber.next({ id, socket, address, since: performance.now(), left });
    });
    server.on('listening', () => {
      const at = server.address() as AddressInfo;
      subscriber.next({ type: 'listening', host: at.address, port: at.port, maxClients });
    });
    server.on('error', (error) => {
      if (server.listening) subscriber.next({ type: 'trouble', error });
      else subscriber.error(error);
    });
    server.listen({ host, port, backlog: ACCEPT_BACKLOG });
    subscriber.add(() => {
      server.close();
    });
    subscriber.add(
      stop.subscribe(() => {
        subscriber.complete();
      }),
    );
  });
}
