/** Who has tried too many passwords, and has to wait. */
import { subscriberOf } from '../addresses.ts';

/** Wrong ones that cost nothing: for one name from one address, and for all names from there. */
const FREE_OF_NAME = 3;
const FREE_OF_ADDRESS = 20;
/** Seconds: the first wait, which doubles, and the longest; and after which a failure is forgotten. */
const FIRST = 1;
const LONGEST = 60;
const FORGOTTEN = 600;
/** Addresses, and names from them, that are remembered. */
const MOST = 10_000;
/** Names that one address may reserve in an hour. */
const NAMES = 10;
const HOUR = 3600;

interface Tries {
  readonly count: number;
  /** Seconds, of the clock. */
  readonly at: number;
}

/**
 * A name is never shut for all: whoever has guessed at it waits, and its owner, who comes from elsewhere, does not. Nor do the many
 * who come from one address, as long as their passwords are right.
 */
export class Attempts {
  /** Seconds, of a clock that nobody sets. */
  readonly #clock: () => number;
  readonly #failures = new Map<string, Tries>();
  readonly #reserved = new Map<string, Tries>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Seconds until the password of that name may be tried from `address`; 0 is now. */
  wait(key: string, address: string): number {
    const origin = subscriberOf(address);
    return Math.max(this.#left(`${origin} ${key}`, FREE_OF_NAME), this.#left(origin, FREE_OF_ADDRESS));
  }

  /** A password of that name is tried: it counts for the name until it is right, since who tries many at once shall not try more. */
  tried(key: string, address: string): void {
    this.#count(this.#failures, `${subscriberOf(address)} ${key}`, FORGOTTEN);
  }

  /** It was not looked at after all. */
  untried(key: string, address: string): void {
    this.#uncount(this.#failures, `${subscriberOf(address)} ${key}`);
  }

  /** It was wrong, so it counts for all who come from there. */
  failed(address: string): void {
    this.#count(this.#failures, subscriberOf(address), FORGOTTEN);
  }

  /** What was wrong for that name before is forgotten; what was for others is not. */
  succeeded(key: string, address: string): void {
    this.#failures.delete(`${subscriberOf(address)} ${key}`);
  }

  /** Seconds until one more name may be reserved from `address`. */
  waitToReserve(address: string): number {
    const tries = this.#reserved.get(subscriberOf(address));
    if (!tries || tries.count < NAMES) return 0;
    return Math.max(0, Math.ceil(tries.at + HOUR - this.#clock()));
  }

  reserved(address: string): void {
    this.#count(this.#reserved, subscriberOf(address), HOUR);
  }

  /** It is not reserved after all. */
  unreserved(address: string): void {
    this.#uncount(this.#reserved, subscriberOf(address));
  }

  #left(id: string, free: number): number {
    const tries = this.#failures.get(id);
    if (!tries || tries.count < free) return 0;
    const wait = Math.min(LONGEST, FIRST * 2 ** (tries.count - free));
    return Math.max(0, Math.ceil(tries.at + wait - this.#clock()));
  }

  #count(tries: Map<string, Tries>, id: string, forgotten: number): void {
    const at = this.#clock();
    const before = tries.get(id);
    const count = before && at - before.at < forgotten ? before.count : 0;
    // Behind all others: the first is the oldest.
    tries.delete(id);
    const [oldest] = tries.keys();
    if (tries.size >= MOST && oldest !== undefined) tries.delete(oldest);
    tries.set(id, { count: count + 1, at });
  }

  #uncount(tries: Map<string, Tries>, id: string): void {
    const before = tries.get(id);
    if (before) tries.set(id, { ...before, count: before.count - 1 });
  }
}
