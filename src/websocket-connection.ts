/** A client whose lines come over a WebSocket (RFC 6455): each message is a line or several, without or with its last end. */
import type { Socket } from 'node:net';
import { filter, from, map, type Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { type Origin, SocketConnection } from './socket-connection.ts';
import { frameOf } from './web/frame.ts';

/** Bytes of a chunk from which on the next one is read in another turn of the event loop: it may be seven hundred frames. */
const MANY_FRAMES = 4 * 1024;
/** Bytes of messages that wait while it may not be read; one chunk may be inflated to a thousand times as many. */
const IN_HAND = 2 * 1024 * 1024;
/** Pings and pongs that are nothing to wonder about in as many milliseconds. */
const CONTROL_FRAMES = 50;
const CONTROL_TIME = 10_000;
/** Milliseconds for which the other side of the close is waited for at the most; who is silent has one second. */
export const CLOSE_TIMEOUT = 10_000;

/** Close codes (RFC 6455, 7.4.1). */
const NORMAL = 1000;
const NO_CLOSE = 1006;
const POLICY = 1008;

const LF = 10;
const END = Buffer.from('\n');
const NOTHING = Buffer.alloc(0);

export class WebSocketConnection extends SocketConnection {
  readonly #webSocket: WebSocket;
  readonly #isCompressed: boolean;
  /** Messages, each with its end, that were read in this tick, or may not pass yet; and their bytes. */
  #said: Buffer[] = [];
  #inHand = 0;
  /** What the last ping of this tick said; only that has to be answered (RFC 6455, 5.5.3). */
  #ping: Buffer | undefined;
  #isFlushing = false;
  /** Nothing more is written or heard, although the socket may still be open. */
  #isOver = false;
  /** Where that is not for the socket to say: the kernel has taken the last bytes; false if it never will. */
  #taken: Promise<boolean> | undefined;
  #controlFrames = 0;
  #controlSince = 0;

  /** `webSocket` is open, and reads `socket`. */
  constructor(origin: Origin, socket: Socket, webSocket: WebSocket) {
    super(origin, socket, NOTHING);
    this.#webSocket = webSocket;
    this.#isCompressed = webSocket.extensions !== '';
    // Until somebody hears the lines.
    this.pause();
    // Behind the listener of the library.
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length >= MANY_FRAMES) this.rest();
      else this.piece();
      if (webSocket.readyState === WebSocket.CLOSING) this.#finish('ended');
    });
    webSocket
      .on('message', (message: Buffer) => {
        this.#hear(message);
      })
      .on('ping', (said) => {
        this.#ping = said;
        this.#control();
        this.#flushSoon();
      })
      .on('pong', () => {
        this.#control();
      })
      // It is told why by its close code.
      .on('error', () => {
        this.#finish('lost');
      })
      .on('close', (code) => {
        this.#finish(code === NO_CLOSE ? 'lost' : 'ended');
      });
  }

  /** Compressed, it takes a while, and each client's own work. */
  override write(bytes: Uint8Array): boolean {
    const webSocket = this.#webSocket;
    if (webSocket.readyState !== WebSocket.OPEN) {
      this.#taken = Promise.resolve(false);
      return false;
    }
    if (!this.#isCompressed) return super.write(frameOf(bytes));
    this.#taken = new Promise((resolve) => {
      webSocket.send(bytes, { binary: false }, (error) => {
        resolve(!error);
      });
    });
    return false;
  }

  override get drained(): Observable<void> {
    if (!this.#taken) return super.drained;
    return from(this.#taken).pipe(
      filter((taken) => taken),
      map(() => undefined),
    );
  }

  override halt(): void {
    this.#flush();
    super.halt();
  }

  protected override stand(): void {
    this.#webSocket.pause();
  }

  protected override flow(): void {
    this.#webSocket.resume();
    if (this.#said.length > 0) this.#flushSoon();
  }

  protected override endSide(last: string): void {
    if (last !== '') this.write(Buffer.from(last));
    this.#isOver = true;
    this.#webSocket.close(NORMAL);
  }

  /** That is for its close frame to say: without one, it is lost. */
  protected override sideEnded(): void {
    this.#webSocket.terminate();
  }

  protected override socketClosed(): void {
    this.#finish('lost');
    super.socketClosed();
  }

  #hear(message: Buffer): void {
    if (this.#isOver) return;
    this.#said.push(message);
    if (message.at(-1) !== LF) this.#said.push(END);
    this.#inHand += message.length;
    if (this.#inHand > IN_HAND) this.#turnOut('too much at once');
    else this.#flushSoon();
  }

  /** All that came in one chunk is read as one: the next tick comes before anything else is read. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      const ping = this.#ping;
      this.#ping = undefined;
      // Where something waits to be written, that there is an answer says as much.
      if (ping && this.socket.writableLength === 0) this.#webSocket.pong(ping);
      if (!this.isShut) this.#flush();
    });
  }

  #flush(): void {
    const said = this.#said;
    this.#said = [];
    this.#inHand = 0;
    if (said.length > 0) this.read(Buffer.concat(said));
  }

  /** They cost nobody but us, and are no lines that the gate would count. */
  #control(): void {
    const now = performance.now();
    if (now - this.#controlSince > CONTROL_TIME) {
      this.#controlSince = now;
      this.#controlFrames = 0;
    }
    if (++this.#controlFrames > CONTROL_FRAMES) this.#turnOut('too many pings');
  }

  #turnOut(why: string): void {
    this.#webSocket.close(POLICY, why);
    this.#finish('lost');
  }

  /** Nothing can be written any more, so nobody has to wait until the socket is closed, too. */
  #finish(why: 'ended' | 'lost'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#flush();
    if (why === 'ended') super.sideEnded();
    super.socketClosed();
  }
}
