/** Somebody at the door: the first bytes decide what carries them, and whether they may come in. */
import type { Socket } from 'node:net';
import type { Subscription } from 'rxjs';
import { type AddressList, isLocal, plainAddress } from '../addresses.ts';
import { adopt, streamed } from '../adopt.ts';
import type { Admission } from '../admission.ts';
import type { Carrier, Connection } from '../connection.ts';
import type { Gate, Valve } from '../gate.ts';
import type { EndReason } from '../message.ts';
import type { Ended, Obstacle, Refused } from '../notice.ts';
import { type Origin, SocketConnection } from '../socket-connection.ts';
import type { Web, WebRefusal } from '../web/web.ts';
import { WebSocketConnection } from '../websocket-connection.ts';
import type { Caller } from './caller.ts';
import { openingOf } from './opening.ts';
import { proxyHeaderOf } from './proxy-header.ts';
import type { Reason, Refusal } from './refusal.ts';
import type { Rota } from '../rota.ts';
import type { Tls } from './tls.ts';

/** What comes of a visit. */
export type Outcome = Connection | Refusal | Refused | Ended;

/** What all visitors meet. */
export interface Door {
  readonly admission: Admission;
  /** Who has to say whom it speaks for. */
  readonly proxies: AddressList;
  /** Undefined where there is no TLS. */
  readonly tls: Tls | undefined;
  readonly tlsOnly: boolean;
  /** Who speaks HTTP is handed to it. */
  readonly web: Web;
  /** Handshakes wait for it. */
  readonly rota: Rota;
  /** Seconds. */
  readonly loginTimeout: number;
  /** Bytes. */
  readonly maxLine: number;
  readonly gate: (valve: Valve) => Gate;
}

const NOTHING = Buffer.alloc(0);

/** Whoever reads what comes. */
interface Reading {
  by: { read(bytes: Buffer): void };
}

/** Outside the visit, of which a function in it would keep all alive. */
const toReaderOf =
  (reading: Reading) =>
  (count: number, memory: Buffer): true => {
    reading.by.read(memory.subarray(0, count));
    return true;
  };

const dataToReaderOf =
  (reading: Reading) =>
  (bytes: Buffer): void => {
    reading.by.read(bytes);
  };

/** Somebody's visit, from the connection to what is known of it. */
export class Visit {
  readonly #caller: Caller;
  readonly #door: Door;
  readonly #passOn: (visit: Visit, what: Outcome) => void;
  /** Whoever reads what comes; a connection takes the place of the visit, of which nothing is kept then. */
  readonly #reading: Reading;
  readonly #toReader: (bytes: Buffer) => void;
  readonly #patience: NodeJS.Timeout;
  #socket: Socket;
  /** As the proxy says, if there is one. */
  #address: string;
  #carrier: Carrier = 'tcp';
  #isAdmitted = false;
  /** It does not count as a client: it fetches the page. */
  #isPage = false;
  #isShakingHands = false;
  #isBrowsing = false;
  /** Why a request of it was refused. */
  #webRefusal: WebRefusal | Obstacle | undefined;
  #handshake: Subscription | undefined;
  #isOver = false;
  #waiting: Buffer = NOTHING;

  constructor(caller: Caller, door: Door, passOn: (visit: Visit, what: Outcome) => void) {
    this.#caller = caller;
    this.#door = door;
    this.#passOn = passOn;
    this.#address = caller.address;
    this.#reading = { by: this };
    this.#toReader = dataToReaderOf(this.#reading);
    this.#socket = this.#watch(adopt(caller.socket, toReaderOf(this.#reading)));
    this.#patience = setTimeout(() => {
      this.hurry('no name in time');
    }, door.loginTimeout * 1000);
  }

  /** It may be over by that. */
  begin(): void {
    if (this.#door.proxies.includes(this.#address) || this.#admit()) this.#socket.resume();
  }

  read(bytes: Buffer): void {
    if (this.#isOver) return;
    // The memory is written over.
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    this.#look();
  }

  /** It had its time. */
  hurry(reason: EndReason): void {
    if (this.#isOver) return;
    if (this.#isShakingHands || this.#isBrowsing) this.#end(reason);
    else if (this.#isAdmitted) this.#enter();
    else this.#refuse('no PROXY header');
  }

  /** Whoever has no connection is closed. */
  leave(): void {
    if (this.#isOver) return;
    this.#over();
    this.#socket.destroy();
  }

  #look(): void {
    if (!this.#isAdmitted && !this.#passProxy()) return;
    if (this.#carrier === 'tcp' && typeof this.#header === 'object') {
      this.#refuse('PROXY header not trusted');
      return;
    }
    const { tls } = this.#door;
    const opening = openingOf(this.#waiting);
    if (opening === undefined) return;
    if (opening === 'tls' && this.#carrier === 'tcp') {
      if (tls) this.#secure(tls);
      else this.#refuse('no TLS here');
    } else if (opening === 'http') this.#browse();
    else if (this.#needsTls) this.#refuse('TLS only');
    else if (opening === 'endless') this.#refuse('not a chat client');
    else this.#enter();
  }

  get #header(): ReturnType<typeof proxyHeaderOf> {
    return proxyHeaderOf(this.#waiting);
  }

  /** The proxy has said whom it speaks for, and they may come in; false where that is not so, or not yet. */
  #passProxy(): boolean {
    const header = this.#header;
    if (header === undefined) return false;
    if (typeof header === 'string') {
      this.#refuse('no PROXY header');
      return false;
    }
    this.#address = plainAddress(header.address ?? this.#address);
    this.#waiting = this.#waiting.subarray(header.length);
    return this.#admit();
  }

  #admit(): boolean {
    const obstacle = this.#door.admission.enter(this.#address);
    if (obstacle) this.#refuse(obstacle);
    else this.#isAdmitted = true;
    return obstacle === undefined;
  }

  #secure(tls: Tls): void {
    this.#isShakingHands = true;
    // As a stream it would be read on, and its end told to nobody: TLS has to read that.
    this.#socket.pause();
    this.#handshake = this.#door.rota.schedule(() => {
      if (this.#isOver) return;
      const stream = this.#streamed().off('close', this.#closed).off('end', this.#ended);
      this.#waiting = NOTHING;
      this.#socket = this.#watch(
        tls.secured(stream, (inner) => {
          if (this.#isOver) return;
          this.#isShakingHands = false;
          this.#carrier = 'tls';
          inner.on('data', this.#toReader);
        }),
      );
    });
  }

  #browse(): void {
    this.#isBrowsing = true;
    const socket = this.#carrier === 'tcp' ? this.#streamed() : this.#putBack();
    this.#socket = socket.off('end', this.#ended);
    this.#waiting = NOTHING;
    this.#isPage = this.#door.admission.browse(this.#address);
    this.#door.web.receive(socket, {
      needsTls: this.#needsTls,
      refused: (reason) => {
        this.#webRefusal = reason;
      },
      comesIn: () => this.#comeIn(),
      upgraded: (webSocket) => {
        if (this.#isOver) return;
        socket.off('close', this.#closed);
        this.#handOver(new WebSocketConnection(this.#origin('websocket'), socket, webSocket));
      },
    });
    socket.resume();
  }

  /** Whoever has fetched the page is a client from now on, or why not. */
  #comeIn(): Obstacle | undefined {
    if (!this.#isPage) return this.#isBanned ? 'address not allowed' : undefined;
    const { admission } = this.#door;
    const obstacle = admission.enter(this.#address);
    if (obstacle) return obstacle;
    admission.leavePage();
    this.#isPage = false;
    return undefined;
  }

  /** For what reads no other way. */
  #streamed(): Socket {
    return this.#watch(streamed(this.#socket, this.#waiting));
  }

  /** The same for what is a stream already. */
  #putBack(): Socket {
    const socket = this.#socket.off('data', this.#toReader).pause();
    socket.unshift(this.#waiting);
    return socket;
  }

  /** Since it came to the door. */
  get #isBanned(): boolean {
    return this.#door.admission.banOf(this.#address) !== undefined;
  }

  get #needsTls(): boolean {
    return this.#door.tlsOnly && this.#carrier === 'tcp' && !isLocal(this.#address);
  }

  /** Also where its time is over before its first line is: what is refused then is refused now. */
  #enter(): void {
    if (this.#isBanned) this.#refuse('address not allowed');
    else if (this.#needsTls) this.#refuse('TLS only');
    else this.#handOver(this.#connection());
  }

  #refuse(reason: Reason): void {
    if (this.#isAdmitted) this.#door.admission.leave(this.#address);
    this.#isAdmitted = false;
    this.#handOver({ reason, connection: this.#connection() });
  }

  #connection(): SocketConnection {
    const socket = this.#socket;
    socket.pause();
    socket.off('close', this.#closed).off('end', this.#ended);
    const connection = new SocketConnection(this.#origin(this.#carrier), socket, this.#waiting);
    this.#reading.by = connection;
    return connection;
  }

  #origin(carrier: Carrier): Origin {
    const { id, since, left } = this.#caller;
    const { gate, maxLine } = this.#door;
    const isEncrypted = this.#carrier === 'tls';
    return { id, since, left, gate, maxLine, carrier, isEncrypted, address: this.#address };
  }

  #handOver(what: Connection | Refusal): void {
    this.#over();
    this.#passOn(this, what);
  }

  /** It goes without a connection. */
  #end(reason: EndReason): void {
    this.#over();
    this.#socket.destroy();
    this.#passOn(this, this.#webRefusal ? this.#refusedAs(this.#webRefusal) : this.#endedAs(reason));
  }

  #refusedAs(reason: WebRefusal | Obstacle): Refused {
    return { type: 'refused', reason, address: this.#address };
  }

  #endedAs(reason: EndReason): Ended {
    const { bytesRead: bytesIn, bytesWritten: bytesOut } = this.#socket;
    const seconds = Math.round(performance.now() - this.#caller.since) / 1000;
    const address = this.#address;
    return { type: 'ended', reason, name: undefined, address, bytesIn, bytesOut, lines: 0, seconds };
  }

  #over(): void {
    this.#isOver = true;
    this.#handshake?.unsubscribe();
    clearTimeout(this.#patience);
  }

  #watch(socket: Socket): Socket {
    return socket.on('error', ignore).on('end', this.#ended).on('close', this.#closed);
  }

  /** All that it says is there: what is not TLS by now is a line. */
  readonly #ended = (): void => {
    this.hurry('lost');
  };

  readonly #closed = (): void => {
    this.#caller.left();
    if (this.#isPage) this.#door.admission.leavePage();
    else if (this.#isAdmitted) this.#door.admission.leave(this.#address);
    if (!this.#isOver) this.#end(this.#isBrowsing ? 'web page' : 'lost');
  };
}

const ignore = (): void => undefined;
