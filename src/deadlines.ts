/** When a client's time is up: one clock for all of them, not a timer each. */
import type { ClientId } from './message.ts';

export class Deadlines {
  readonly #clock: () => number;
  readonly #due = new Map<ClientId, number>();

  /** `clock` gives seconds, and never goes back. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The client has so many seconds from now; this replaces what it had. */
  set(id: ClientId, seconds: number): void {
    this.#due.set(id, this.#clock() + seconds);
  }

  clear(id: ClientId): void {
    this.#due.delete(id);
  }

  /** Gives whose time is up, each once. */
  sweep(): ClientId[] {
    const now = this.#clock();
    const over: ClientId[] = [];
    for (const [id, due] of this.#due) if (due <= now) over.push(id);
    for (const id of over) this.#due.delete(id);
    return over;
  }
}
