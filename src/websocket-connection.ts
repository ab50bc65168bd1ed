/** A client whose lines come over a WebSocket (RFC 6455): each message is a line or several, without or with its last end. */
import type { Socket } from 'node:net';
import { filter, from, map, type Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { type Origin, SocketConnection } from './socket-connection.ts';
import { frameOf } from './web/frame.ts';

/** Bytes of a chunk from which on the next one is read in another turn of the event loop: it may be ten thousand frames. */
const MUCH = 16 * 1024;
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
  /** Messages, each with its end, that were read in this tick. */
  #said: Buffer[] = [];
  /** What the last ping of this tick said; only that has to be answered (RFC 6455, 5.5.3). */
  #ping: Buffer | undefined;
  #isFlushing = false;
  /** Where lines are compressed: the kernel has taken the last ones; false if it never will. */
  #taken: Promise<boolean> | undefined;
  #controlFrames = 0;
  #controlSince = 0;

  /** `webSocket` is open, and reads `socket`. */
  constructor(origin: Origin, socket: Socket, webSocket: WebSocket) {
    super(origin, socket, NOTHING);
    this.#webSocket = webSocket;
    // Until somebody hears the lines.
    this.pause();
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length >= MUCH) this.rest();
    });
    webSocket
      .on('message', (message: Buffer) => {
        this.#said.push(message);
        if (message.at(-1) !== LF) this.#said.push(END);
        this.#flushSoon();
      })
      .on('ping', (said) => {
        this.#ping = said;
        this.#control();
        this.#flushSoon();
      })
      .on('pong', () => {
        this.#control();
      })
      // It has been told why by its close code.
      .on('error', () => undefined)
      .on('close', (code) => {
        this.#flush();
        if (code !== NO_CLOSE) super.sideEnded();
      });
  }

  /** Compressed, it takes a while, and each client's own work. */
  override write(bytes: Uint8Array): boolean {
    const webSocket = this.#webSocket;
    if (webSocket.readyState !== WebSocket.OPEN) return false;
    if (webSocket.extensions === '') return super.write(frameOf(bytes));
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

  protected override stand(): void {
    this.#webSocket.pause();
  }

  protected override flow(): void {
    this.#webSocket.resume();
  }

  protected override endSide(last: string): void {
    if (last !== '') this.write(Buffer.from(last));
    this.#webSocket.close(NORMAL);
  }

  /** That is for its close frame to say: without one, it is lost. */
  protected override sideEnded(): void {
    this.#webSocket.terminate();
  }

  protected override socketClosed(): void {
    this.#flush();
    super.socketClosed();
  }

  /** All that came in one chunk is read as one: the next tick comes before anything else is read. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#isFlushing = false;
    const said = this.#said;
    const ping = this.#ping;
    this.#said = [];
    this.#ping = undefined;
    // Where something waits to be written, that there is an answer says as much.
    if (ping && this.socket.writableLength === 0) this.#webSocket.pong(ping);
    if (said.length > 0) this.read(Buffer.concat(said));
  }

  /** They cost nobody but us, and are no lines that the gate would count. */
  #control(): void {
    const now = performance.now();
    if (now - this.#controlSince > CONTROL_TIME) {
      this.#controlSince = now;
      this.#controlFrames = 0;
    }
    if (++this.#controlFrames !== CONTROL_FRAMES) return;
    this.#webSocket.close(POLICY, 'too many pings');
    this.pause();
  }
}
