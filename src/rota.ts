/** Work that costs much, some of it in each turn of the event loop. */
import { Subscription } from 'rxjs';

export class Rota {
  readonly #most: number;
  #left: number;
  readonly #waiting = new Set<() => void>();
  #ticking = false;

  /** So many in a turn. */
  constructor(most: number) {
    this.#most = this.#left = most;
  }

  /** Does `work` in this turn, or in one that has room for it; unsubscribing is enough not to have it done. */
  schedule(work: () => void): Subscription {
    this.#tick();
    if (this.#left > 0 && this.#waiting.size === 0) {
      this.#left--;
      work();
      return Subscription.EMPTY;
    }
    this.#waiting.add(work);
    return new Subscription(() => {
      this.#waiting.delete(work);
    });
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setImmediate(() => {
      this.#ticking = false;
      this.#left = this.#most;
      for (const work of this.#waiting) {
        if (this.#left === 0) break;
        this.#left--;
        this.#waiting.delete(work);
        work();
      }
      if (this.#waiting.size > 0) this.#tick();
    });
  }
}
