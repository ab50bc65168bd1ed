/** When a client's time is up: one clock for all of them, not a timer each. */
import type { ClientId } from './message.ts';

export class Deadlines {
  readonly #due = new Map<ClientId, number>();
  #now = 0;

  /** The client has so many seconds from now; this replaces what it had. */
  set(id: ClientId, seconds: number): void {
    this.#due.set(id, this.#now + seconds);
  }

  clear(id: ClientId): void {
    this.#due.delete(id);
  }

  /** Moves on to `now`, in seconds, and gives whose time is up, each once. */
  sweep(now: number): ClientId[] {
    this.#now = now;
    const over: ClientId[] = [];
    for (const [id, due] of this.#due) if (due <= now) over.push(id);
    for (const id of over) this.#due.delete(id);
    return over;
  }
}
