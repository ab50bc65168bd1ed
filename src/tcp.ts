/** Connections over node:net. */
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import { plainAddress } from './addresses.ts';
import { adopt } from './adopt.ts';
import type { Connection } from './connection.ts';
import type { Gate, Valve } from './gate.ts';
import { lines, type Passage } from './lines.ts';
import type { Listening, ListenerTrouble, Refused } from './notice.ts';

/** Milliseconds of silence, and bytes, for which a connection that was ended is still read. */
const DISCARD_SILENCE = 1000;
const DISCARD_BYTES = 64 * 1024;
/**
 * Milliseconds for which it may go on talking where so much was written that it may be under way still: closing a
 * connection with unread input is a reset, and what is under way lost.
 */
const DISCARD_TIME = 10_000;
const MUCH = 64 * 1024;
/** Milliseconds between two looks whether clients that are not read are still alive. */
const PROBE = 1000;
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
  readonly maxLine: number;
  /** Makes a connection's gate. */
  readonly gate: (valve: Valve) => Gate;
  /** When it emits, nobody is accepted or read any more. */
  readonly stop: Observable<unknown>;
}

/**
 * Listens while subscribed. Emits `listening` first, then each connection. Completes when `stop` emits; the `lines`
 * of every connection complete then, too. Errors where it cannot listen; nothing that happens later is an error.
 */
export function listen(
  options: ListenOptions,
): Observable<Connection | Listening | Refused | ListenerTrouble> {
  return new Observable((subscriber) => {
    const { host, port, maxClients } = options;
    const node = randomBytes(6).toString('base64url');
    const open = new Set<TcpConnection>();
    const left = (connection: TcpConnection): void => {
      open.delete(connection);
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
      // Below the descriptor limit: at it, Node closes what it accepts without a word.
      if (open.size >= maxClients + TOLD) {
        subscriber.next({ type: 'refused', reason: 'unannounced', address: addressOf(socket) });
        socket.destroy();
        return;
      }
      const id = `${node}-${(++accepted).toString(36)}`;
      const connection = new TcpConnection(id, socket, options, left);
      open.add(connection);
      subscriber.next(connection);
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

    const probe = setInterval(() => {
      for (const connection of open) connection.probe();
    }, PROBE);
    subscriber.add(() => {
      clearInterval(probe);
      server.close();
    });
    subscriber.add(
      options.stop.subscribe(() => {
        for (const connection of open) connection.halt();
        subscriber.complete();
      }),
    );
  });
}

const ignore = (): void => undefined;
const addressOf = (socket: Socket): string => plainAddress(socket.remoteAddress ?? 'unknown');

class TcpConnection implements Connection, Valve {
  readonly id: string;
  readonly address: string;
  readonly gate: Gate;
  over: Connection['over'];
  closed: () => void = ignore;
  readonly #socket: Socket;
  readonly #maxLine: number;
  #chunksTo: Subscriber<Buffer> | undefined;
  /** Bytes that were read since our side was ended, when that was, and what ends it all. */
  #discarded = 0;
  #endedAt = 0;
  #patience: NodeJS.Timeout | undefined;

  constructor(
    id: string,
    accepted: Socket,
    { gate, maxLine }: ListenOptions,
    left: (connection: TcpConnection) => void,
  ) {
    this.id = id;
    this.address = addressOf(accepted);
    this.gate = gate(this);
    this.#maxLine = maxLine;
    this.#socket = adopt(accepted, (count, memory) => {
      this.#read(memory.subarray(0, count));
      return true;
    });
    this.#socket
      // Without a listener an error ends the process; whoever needs to know it hears `close`.
      .on('error', ignore)
      .on('end', () => {
        this.#close('ended');
      })
      .on('close', () => {
        this.gate.abandon();
        this.#close('lost');
        this.closed();
        left(this);
      });
  }

  get lines(): Observable<readonly Passage[]> {
    const chunks = new Observable<Buffer>((subscriber) => {
      this.#chunksTo = subscriber;
      this.#socket.resume();
    });
    return chunks.pipe(lines(this.#maxLine, this.gate, () => this.over === 'ended'));
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  /**
   * A paused socket is not polled, so a dead peer would not be noticed. Writing nothing asks the kernel without
   * sending anything: it fails once the connection is reset (tcp(7): a pending error is reported by the next call).
   */
  probe(): void {
    if (this.#socket.isPaused() && this.#socket.writableLength === 0) this.#socket.write('');
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    // Without a callback, for which Node would need a tick.
    socket.write(bytes);
    return socket.writableLength === 0 && socket.writable;
  }

  get drained(): Observable<void> {
    return new Observable((subscriber) => {
      // Nothing, behind all the rest. Its callback comes on a later tick (net.Socket, afterWriteTick), and with an error
      // where the rest was not taken: then `close` follows.
      this.#socket.write('', (error) => {
        if (!error) subscriber.next();
        subscriber.complete();
      });
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  halt(): void {
    // What was read is published as fast as it may be.
    this.gate.hasten();
    // Once our side is ended, what still comes is read and discarded.
    if (!this.#socket.writableEnded) this.#socket.pause();
    this.#close('halted');
  }

  end(last?: string): Observable<never> {
    return new Observable((subscriber) => {
      const socket = this.#socket;
      this.halt();
      if (socket.destroyed) {
        subscriber.complete();
        return;
      }
      socket.once('close', () => {
        subscriber.complete();
      });
      socket.resume();
      socket.end(last ?? '');
      this.#endedAt = performance.now();
      this.#patience = setTimeout(() => {
        socket.destroy();
      }, DISCARD_SILENCE);
      return () => {
        clearTimeout(this.#patience);
      };
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (!this.#socket.writableEnded) {
      this.#chunksTo?.next(bytes);
      return;
    }
    this.#discarded += bytes.length;
    const patient = this.#socket.bytesWritten > MUCH && performance.now() - this.#endedAt < DISCARD_TIME;
    if (this.#discarded > DISCARD_BYTES) this.#socket.destroy();
    else if (patient) this.#patience?.refresh();
  }

  #close(why: Connection['over']): void {
    this.over ??= why;
    this.#chunksTo?.complete();
  }
}
