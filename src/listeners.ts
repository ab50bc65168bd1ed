/** Callers over node:net: of the network, of this machine, or at sockets that somebody else has opened. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { concat, merge, Observable, takeUntil } from 'rxjs';
import { endpoint, plainAddress, UNIX } from './addresses.ts';
import { ConfigError } from './config.ts';
import type { Caller } from './door/caller.ts';
import type { NodeId } from './message.ts';
import { clientId } from './node.ts';
import type { Listening, ListenerTrouble, Refused } from './notice.ts';
import { vacant } from './unix-socket.ts';

/** Milliseconds of silence before the kernel asks whether a peer is alive; Node then asks each second, ten times. */
const KEEPALIVE = 30_000;
/** Connections that the kernel may have ready for us; it takes the smaller of this and its own `somaxconn`. */
const ACCEPT_BACKLOG = 4096;
/** Connections past `maxClients` that are accepted only to be told that the server is full. */
const TOLD = 16;

/** Where to listen: an address, the path of a Unix socket, or the descriptor of a socket that is there. */
export type Place =
  { readonly host: string; readonly port: number } | { readonly path: string } | { readonly fd: number };

/** `sockets` are descriptors, and where there are any, nothing else is opened. Throws a ConfigError where there is no place. */
export function placesOf(
  { host, port, unix }: { host: string; port: number; unix: string },
  sockets: readonly number[],
): readonly Place[] {
  if (sockets.length > 0) return sockets.map((fd) => ({ fd }));
  if (host === '' && unix === '') throw new ConfigError('host is none, so unix has to say where to listen');
  return [...(host === '' ? [] : [{ host, port }]), ...(unix === '' ? [] : [{ path: unix }])];
}

export interface ListenOptions {
  /** To whom they come. */
  readonly node: NodeId;
  /** An address is the first of them, if there is one. */
  readonly places: readonly Place[];
  readonly maxClients: number;
  /** When it emits, nobody is accepted any more. */
  readonly stop: Observable<unknown>;
}

type Heard = Caller | Listening | Refused | ListenerTrouble;

/**
 * Listens while subscribed. Emits `listening` first, once all places are open, then whoever connects. Completes when
 * `stop` emits. Errors where it cannot listen at one of them; nothing that happens later is an error.
 */
export function listen(options: ListenOptions): Observable<Heard> {
  const { places, stop } = options;
  const paths = places.flatMap((place) => ('path' in place ? [place.path] : []));
  return concat(merge(...paths.map(vacant)).pipe(takeUntil(stop)), opened(options));
}

function opened({ node, places, maxClients, stop }: ListenOptions): Observable<Heard> {
  return new Observable((subscriber) => {
    let open = 0;
    const left = (): void => {
      open--;
    };
    let accepted = 0;
    const servers: Server[] = [];

    const arrive = (socket: Socket, address: string): void => {
      // Below the descriptor limit: at it, Node closes what it accepts without a word.
      if (open >= maxClients + TOLD) {
        subscriber.next({ type: 'refused', reason: 'unannounced', address });
        socket.destroy();
        return;
      }
      open++;
      const id = clientId(node, ++accepted);
      subscriber.next({ id, socket, address, since: performance.now(), left });
    };

    // One after the other. Only an address is looked up, so all behind it open in the same tick, and nobody comes in
    // before all of them are open.
    const openNext = (): void => {
      const place = places[servers.length];
      if (place === undefined) {
        subscriber.next({ type: 'listening', ...told(servers, places), maxClients });
        return;
      }
      const server = createServer({
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE,
        pauseOnConnect: true, // until it is adopted
      });
      servers.push(server);
      server.on('listening', () => {
        if (subscriber.closed) {
          server.close();
          return;
        }
        const isUnix = !isOfNetwork(server.address());
        server.on('connection', (socket) => {
          if (isUnix) arrive(socket, UNIX);
          else if (socket.remoteAddress !== undefined) arrive(socket, plainAddress(socket.remoteAddress));
          else socket.destroy(); // reset before it was accepted: there is nobody
        });
        openNext();
      });
      server.on('error', (error) => {
        if (server.listening) subscriber.next({ type: 'trouble', error });
        else subscriber.error(error);
      });
      // The backlog stands beside the place, since among the options of a descriptor Node does not see it.
      server.listen(place, ACCEPT_BACKLOG);
    };

    openNext();
    subscriber.add(() => {
      for (const server of servers) server.close();
    });
    subscriber.add(
      stop.subscribe(() => {
        subscriber.complete();
      }),
    );
  });
}

type Address = ReturnType<Server['address']>;

const isOfNetwork = (address: Address): address is AddressInfo =>
  typeof address === 'object' && address !== null;

function told(servers: readonly Server[], places: readonly Place[]): Pick<Listening, 'host' | 'port' | 'at'> {
  const addresses = servers.map((server) => server.address());
  const { address: host, port } = addresses.find(isOfNetwork) ?? { address: '', port: 0 };
  return { host, port, at: addresses.map((address, index) => written(address, places[index])) };
}

function written(address: Address, place: Place | undefined): string {
  if (isOfNetwork(address)) return endpoint(address.address, address.port);
  // Of a Unix socket that somebody else has opened, Node does not know the path.
  return address ?? `descriptor ${String(place && 'fd' in place ? place.fd : '')}`;
}
