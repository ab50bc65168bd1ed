/** So many of a kind in a second, and the rest is counted: what strangers can cause must not fill a disk. */

/** What was held back of a kind. */
export interface HeldBack<K> {
  readonly kind: K;
  readonly count: number;
}

export class Ration<K> {
  readonly #most: number;
  readonly #seen = new Map<K, number>();

  /** `most` of each kind pass between two calls of `renew`. */
  constructor(most: number) {
    this.#most = most;
  }

  /** May one more of this kind pass? Counts it in any case. */
  admit(kind: K): boolean {
    const seen = (this.#seen.get(kind) ?? 0) + 1;
    this.#seen.set(kind, seen);
    return seen <= this.#most;
  }

  /** Begins anew; gives what was held back since the last time. */
  renew(): HeldBack<K>[] {
    const held = [...this.#seen]
      .filter(([, seen]) => seen > this.#most)
      .map(([kind, seen]) => ({ kind, count: seen - this.#most }));
    this.#seen.clear();
    return held;
  }
}
