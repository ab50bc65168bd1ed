/** The last ends of connections, for whoever asks why somebody is gone. */
import type { Ended } from '../notice.ts';

export interface Departure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ended: Ended;
}

export class Departures {
  readonly #most: number;
  readonly #ring: Departure[] = [];
  /** Where the next one goes, once the ring is full. */
  #next = 0;

  /** So many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  add(ended: Ended, at: number): void {
    this.#ring[this.#next] = { at, ended };
    this.#next = (this.#next + 1) % this.#most;
  }

  /** The latest first. */
  latest(): Departure[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].reverse();
  }
}
