/** The line to the server, a WebSocket: lines out, lines in, and another one where it was lost. */
import { backoff } from './backoff.js';

/**
 * @typedef {object} Ends What whoever uses the line is told.
 * @property {() => void} opened it can be spoken on
 * @property {(lines: string[]) => void} heard whole lines, as many as came together
 * @property {() => number | undefined} lost answers in how many seconds at the earliest there may be a next try; undefined, if never
 * @property {(until: number | undefined) => void} waits for the next try, until then (as of Date.now()); undefined while it tries
 */

/** Milliseconds for a try: where packets go nowhere, a browser tries for minutes. */
const TRY = 15_000;

export class Line {
  /** @type {string} */ #url;
  /** @type {Ends} */ #ends;
  /** @type {WebSocket | undefined} */ #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #tries = 0;

  /**
   * @param {string} url
   * @param {Ends} ends
   */
  constructor(url, ends) {
    this.#url = url;
    this.#ends = ends;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Tries at once, unless it is there or being tried. */
  open() {
    this.#forget();
    if (this.#socket) return;
    this.#ends.waits(undefined);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const tooLong = setTimeout(() => {
      if (socket === this.#socket) this.drop();
    }, TRY);
    socket.addEventListener('open', () => {
      clearTimeout(tooLong);
      if (socket === this.#socket) this.#ends.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket !== this.#socket) return;
      this.#ends.heard(
        String(data)
          .split('\n')
          .filter((line) => line !== ''),
      );
    });
    socket.addEventListener('close', () => {
      clearTimeout(tooLong);
      if (socket === this.#socket) this.drop();
    });
  }

  /** Tries at once if it waits for the next try. */
  hurry() {
    if (this.#timer !== undefined) this.open();
  }

  /** This one is of no use any more; there may be another. */
  drop() {
    this.#forget();
    this.#leave();
    const least = this.#ends.lost();
    if (least === undefined) return;
    const seconds = Math.max(least, backoff(this.#tries++, Math.random()));
    this.#timer = setTimeout(() => this.open(), 1000 * seconds);
    this.#ends.waits(Date.now() + 1000 * seconds);
  }

  /** Ends it; nothing is told or tried any more. */
  close() {
    this.#forget();
    this.#leave();
    this.#tries = 0;
  }

  /** It does what it is for: the next time it is lost, waiting begins anew. */
  works() {
    this.#tries = 0;
  }

  /** @param {string} line without its end */
  send(line) {
    if (this.isOpen) this.#socket?.send(line);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #leave() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
