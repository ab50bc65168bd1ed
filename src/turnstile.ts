/** Shares each turn of the event loop out among those who have something to say. */

/** Bytes of lines that all clients together may publish in one turn. */
export const TURN = 64 * 1024;
/** Bytes of lines that one client may publish in one turn. */
export const SHARE = 32 * 1024;
/** Bytes that a client not waiting in line may publish in a turn even where others have used the turn up. */
const SPARSE = 256;
/** Bytes that all such clients together may publish in a turn. */
const SPARSE_TURN = 64 * 1024;
/** Why nobody is admitted: a turn is still being handled, or so much waits for the log. */
export type Shutting = 'turn' | 'log';

/** Who passes: a gate. */
export interface Visitor {
  readonly wake: () => void;
  /** The turn that `used` is about; this and the next two are the turnstile's. */
  turn: number;
  /** Bytes published in that turn. */
  used: number;
  /** Waiting in line. */
  queued: boolean;
}

/**
 * Shares a turn out: `SHARE` to each client, `TURN` to all. Who is turned away waits in a queue and is served from
 * its front in the next turn, so clients take turns. A client that is not in the queue may always say a little:
 * an ordinary talker does not wait behind five hundred floods (the idea is that of sparse flows in RFC 8290). Where
 * thousands say a little at once, they have a queue of their own, which goes first.
 */
export class Turnstile {
  #turn = 1;
  #left = TURN;
  #sparseLeft = SPARSE_TURN;
  readonly #queues: { sparse: Visitor[]; bulk: Visitor[] } = { sparse: [], bulk: [] };
  #ticking = false;
  readonly #reasons = new Set<Shutting>();
  /** A turn began while it was shut. */
  #missed = false;

  /** How many bytes may pass `visitor` now, where they are more than one line: a first line may exceed it. */
  room(visitor: Visitor): number {
    if (this.#shut) return 0;
    const used = this.#usedBy(visitor);
    const shared = Math.min(SHARE - used, this.#left);
    const sparse = visitor.queued || this.#sparseLeft <= 0 ? 0 : SPARSE - used;
    return Math.max(0, shared, sparse);
  }

  admit(visitor: Visitor, cost: number): boolean {
    const used = this.#usedBy(visitor);
    this.#tick();
    const sparse = !visitor.queued && used + cost <= SPARSE;
    // The first line of a turn may exceed the share: a line is never cut.
    const shared = this.#left > 0 && (used === 0 || used + cost <= SHARE);
    if (this.#shut || !((sparse && this.#sparseLeft > 0) || shared)) {
      if (!visitor.queued) {
        visitor.queued = true;
        this.#queues[sparse ? 'sparse' : 'bulk'].push(visitor);
      }
      return false;
    }
    visitor.used += cost;
    // Two accounts, so that thousands who say a little leave those who say more their part of the turn.
    if (sparse && this.#sparseLeft > 0) this.#sparseLeft -= cost;
    else this.#left -= cost;
    return true;
  }

  /** Nobody is admitted until `open` is said with the same reason. */
  shut(why: Shutting): void {
    this.#reasons.add(why);
  }

  /** Whoever waited is served at once: the next turn to be handled may be there already, and it would be shut again. */
  open(why: Shutting): void {
    this.#reasons.delete(why);
    if (this.#shut) return;
    if (this.#missed) this.#serveBoth();
    this.#tick();
  }

  get #shut(): boolean {
    return this.#reasons.size > 0;
  }

  #usedBy(visitor: Visitor): number {
    if (visitor.turn !== this.#turn) {
      visitor.turn = this.#turn;
      visitor.used = 0;
    }
    return visitor.used;
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setImmediate(this.#next);
  }

  readonly #next = (): void => {
    this.#ticking = false;
    this.#turn++;
    this.#left = TURN;
    this.#sparseLeft = SPARSE_TURN;
    this.#missed = this.#shut;
    if (this.#shut) return;
    this.#serveBoth();
    if (this.#queues.sparse.length + this.#queues.bulk.length > 0) this.#tick();
  };

  #serveBoth(): void {
    this.#missed = false;
    this.#serve('sparse', () => this.#sparseLeft > 0);
    this.#serve('bulk', () => this.#left > 0);
  }

  #serve(which: 'sparse' | 'bulk', room: () => boolean): void {
    const waiting = this.#queues[which];
    this.#queues[which] = [];
    let served = 0;
    for (const visitor of waiting) {
      if (!room()) break;
      served++;
      visitor.queued = false;
      visitor.wake();
    }
    // Who was served and has more is behind those who were not.
    if (served < waiting.length) this.#queues[which] = waiting.slice(served).concat(this.#queues[which]);
  }
}
