/** So many lines a second from one client, and a few at once: a token bucket. */

/** Time, and to wait for it: passed in, so that a test does not have to. */
export interface Clock {
  /** Seconds, of a clock that never goes back. */
  now(): number;
  /** Calls `wake` so many seconds from now, unless what it returns is called before. */
  sleep(seconds: number, wake: () => void): () => void;
}

export interface Pacing {
  /** Lines a second; 0 is no limit. */
  readonly rate: number;
  /** Lines that may come at once. */
  readonly burst: number;
}

export class Pace {
  readonly #pacing: Pacing;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;

  constructor(pacing: Pacing, clock: Clock) {
    this.#pacing = pacing;
    this.#clock = clock;
    this.#tokens = pacing.burst;
    this.#at = clock.now();
  }

  /** Seconds until another line may come; 0 if it may now. */
  get delay(): number {
    const now = this.#clock.now();
    const { rate, burst } = this.#pacing;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * rate);
    this.#at = now;
    return Math.max(0, (1 - this.#tokens) / rate);
  }

  /** A line has come. */
  take(): void {
    this.#tokens--;
  }

  sleep(seconds: number, wake: () => void): () => void {
    return this.#clock.sleep(seconds, wake);
  }
}
