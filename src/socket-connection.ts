/** A client whose lines come over a socket, as they are or through TLS. */
import type { Socket } from 'node:net';
import { Observable, type Subscriber } from 'rxjs';
import { isLocal } from './addresses.ts';
import type { Carrier, Connection } from './connection.ts';
import type { Gate, Valve } from './gate.ts';
import { lines, type Passage } from './lines.ts';
import type { ClientId } from './message.ts';
import { Rota } from './rota.ts';

/** Milliseconds of silence, and bytes, for which a connection that was ended is still read. */
const DISCARD_SILENCE = 1000;
const DISCARD_BYTES = 64 * 1024;
/**
 * Milliseconds for which it may go on talking where so much was written that it may be under way still: closing a
 * connection with unread input is a reset, and what is under way lost.
 */
const DISCARD_TIME = 10_000;
const UNDER_WAY = 64 * 1024;

/** Pieces after which it rests: a record of TLS is one, and thousands of a byte each may come at once. */
const PIECES = 64;

/** Those who rested are read again, so many in a turn of the event loop, however many they are. */
const rested = new Rota(8);

/** Where a client comes from, and how it is read. */
export interface Origin {
  readonly id: ClientId;
  readonly address: string;
  readonly carrier: Carrier;
  readonly isEncrypted: boolean;
  readonly since: number;
  readonly gate: (valve: Valve) => Gate;
  /** Bytes. */
  readonly maxLine: number;
  /** The connection is closed. */
  readonly left: () => void;
}

const ignore = (): void => undefined;
const NOTHING = Buffer.alloc(0);

export class SocketConnection implements Connection, Valve {
  readonly id: ClientId;
  readonly address: string;
  readonly carrier: Carrier;
  readonly isPrivate: boolean;
  readonly since: number;
  readonly gate: Gate;
  over: Connection['over'];
  closed: () => void = ignore;
  protected readonly socket: Socket;
  readonly #maxLine: number;
  #first: Buffer;
  #chunksTo: Subscriber<Buffer> | undefined;
  /** What keeps it from being read: its gate, or that it has sent much in this turn. */
  #isShut = false;
  #isResting = false;
  #pieces = 0;
  /** Our side is ended. */
  #isEnding = false;
  /** Bytes that were read since then, when that was, and what ends it all. */
  #discarded = 0;
  #endedAt = 0;
  #patience: NodeJS.Timeout | undefined;

  /** `first` was read already. Whatever is read of the socket, which stands still, has to be passed to `read`. */
  constructor(
    { id, address, carrier, isEncrypted, since, gate, maxLine, left }: Origin,
    socket: Socket,
    first: Buffer,
  ) {
    this.id = id;
    this.address = address;
    this.carrier = carrier;
    this.isPrivate = isEncrypted || isLocal(address);
    this.since = since;
    this.gate = gate(this);
    this.#maxLine = maxLine;
    this.#first = first;
    // It may have ended its side right behind what it said first.
    if (socket.readableEnded) this.over = 'ended';
    this.socket = socket
      // Without a listener an error ends the process; whoever needs to know it hears `close`.
      .on('error', ignore)
      .on('end', () => {
        this.sideEnded();
      })
      .on('close', () => {
        this.socketClosed();
        left();
      });
  }

  get lines(): Observable<readonly Passage[]> {
    const chunks = new Observable<Buffer>((subscriber) => {
      this.#chunksTo = subscriber;
      // Before it is read: the gate may have it stand still.
      if (this.over !== 'halted') this.resume();
      const first = this.#first;
      this.#first = NOTHING;
      if (first.length > 0) subscriber.next(first);
      if (this.over) subscriber.complete();
    });
    return chunks.pipe(lines(this.#maxLine, this.gate, () => this.over === 'ended'));
  }

  get bytesIn(): number {
    return this.socket.bytesRead;
  }

  get bytesOut(): number {
    return this.socket.bytesWritten;
  }

  /**
   * A paused socket is not polled, so a dead peer would not be noticed. Writing nothing asks the kernel without
   * sending anything: it fails once the connection is reset (tcp(7): a pending error is reported by the next call).
   */
  probe(): void {
    if (this.socket.isPaused() && this.socket.writableLength === 0) this.socket.write('');
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.socket;
    // Without a callback, for which Node would need a tick.
    socket.write(bytes);
    return socket.writableLength === 0 && socket.writable;
  }

  get drained(): Observable<void> {
    return new Observable((subscriber) => {
      // Nothing, behind all the rest. Its callback comes on a later tick (net.Socket, afterWriteTick), and with an error
      // where the rest was not taken: then `close` follows.
      this.socket.write('', (error) => {
        if (!error) subscriber.next();
        subscriber.complete();
      });
    });
  }

  pause(): void {
    this.#isShut = true;
    this.stand();
  }

  resume(): void {
    this.#isShut = false;
    if (!this.#isResting) this.flow();
  }

  halt(): void {
    // What was read is published as fast as it may be.
    this.gate.hasten();
    // Once our side is ended, what still comes is read and discarded.
    if (!this.#isEnding) this.pause();
    this.#close('halted');
  }

  end(last?: string): Observable<never> {
    return new Observable((subscriber) => {
      const socket = this.socket;
      this.halt();
      if (socket.destroyed) {
        subscriber.complete();
        return;
      }
      socket.once('close', () => {
        subscriber.complete();
      });
      this.#isEnding = true;
      this.#endedAt = performance.now();
      this.resume();
      this.endSide(last ?? '');
      this.#patience = setTimeout(() => {
        socket.destroy();
      }, DISCARD_SILENCE);
      return () => {
        clearTimeout(this.#patience);
      };
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** More was read; the memory may be written over afterwards. */
  read(bytes: Buffer): void {
    if (this.carrier === 'tls') this.piece();
    if (!this.#isEnding) {
      this.#chunksTo?.next(bytes);
      return;
    }
    this.#discarded += bytes.length;
    const patient = this.socket.bytesWritten > UNDER_WAY && performance.now() - this.#endedAt < DISCARD_TIME;
    if (this.#discarded > DISCARD_BYTES) this.socket.destroy();
    else if (patient) this.#patience?.refresh();
  }

  protected get isShut(): boolean {
    return this.#isShut;
  }

  /** Of what it sends, a piece that came by itself was read. */
  protected piece(): void {
    if (++this.#pieces % PIECES === 0) this.rest();
  }

  /** It is read again in another turn of the event loop, unless it is shut. */
  protected rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    this.stand();
    setImmediate(() => {
      rested.schedule(() => {
        this.#isResting = false;
        if (!this.#isShut) this.flow();
      });
    });
  }

  protected stand(): void {
    this.socket.pause();
  }

  protected flow(): void {
    this.socket.resume();
  }

  /** What remains to be said is whole lines, and the end of our side is behind it. */
  protected endSide(last: string): void {
    this.socket.end(last);
  }

  /** The client has ended its side. */
  protected sideEnded(): void {
    this.#close('ended');
  }

  protected socketClosed(): void {
    this.gate.abandon();
    this.#close('lost');
    this.closed();
  }

  #close(why: Connection['over']): void {
    this.over ??= why;
    this.#chunksTo?.complete();
  }
}
