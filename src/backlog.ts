/** Bytes that the kernel has not taken yet: for each client, and for all together. */
import type { ClientId, EndReason, Level } from './message.ts';
import type { Ticket } from './ticket.ts';

/** A client that is let go because it does not read what is written to it. */
export class SlowConsumer extends Error {
  override readonly name = 'SlowConsumer';
  readonly reason: EndReason;

  constructor(reason: EndReason) {
    super(reason);
    this.reason = reason;
  }
}

export interface BacklogLimits {
  /** Bytes; above them, or less where much waits for all, a client is `behind`, until it is below half of them. */
  readonly highWater: number;
  /** Bytes; above half of them a client is `full`, at them it is let go. */
  readonly maxQueue: number;
  /** Bytes, of all clients; past them the one furthest behind is let go. */
  readonly maxMemory: number;
  /** Seconds without a byte taken. */
  readonly writeTimeout: number;
  /** Seconds behind. */
  readonly lagTimeout: number;
}

/** Whoever has a backlog. */
export interface Debtor {
  readonly id: ClientId;
  /** It has come to this level. */
  report(level: Level): void;
  /** It is to be let go; said once. */
  letGo(error: SlowConsumer): void;
}

/** A ticket, how many bytes have to be taken first, and the next one. */
interface Waiting {
  readonly at: number;
  readonly ticket: Ticket;
  next: Waiting | undefined;
}

/** What waits for one client. */
export class Backlog {
  /** What waits, in bytes. */
  bytes = 0;
  level: Level = 'caught-up';
  /** Seconds, by the sweeper's clock, at which a byte was last taken or none waited. */
  progressAt = 0;
  /** Seconds at which it became behind. */
  behindAt = 0;
  /** Among those that are looked at when the sweeper comes. */
  watched = false;
  readonly #all: Backlogs;
  readonly #debtor: Debtor;
  /** Bytes that the kernel has taken so far. */
  #taken = 0;
  /** The first and the last of the tickets that wait. */
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #closed = false;

  constructor(all: Backlogs, debtor: Debtor) {
    this.#all = all;
    this.#debtor = debtor;
  }

  /** More waits. */
  grow(bytes: number): void {
    if (this.#closed) return;
    const { limits } = this.#all;
    if (this.bytes === 0) this.#all.watch(this);
    this.bytes += bytes;
    this.#all.total += bytes;
    if (this.bytes >= limits.maxQueue) this.fail('too slow: queue full');
    else if (this.level !== 'full' && this.bytes > limits.maxQueue / 2) this.#become('full');
    else if (this.level === 'caught-up' && this.bytes > this.#all.highWater) this.#become('behind');
    if (this.#all.total > limits.maxMemory) this.#all.shed();
  }

  /** The kernel has taken some. */
  shrink(bytes: number): void {
    if (this.#closed) return;
    this.bytes -= bytes;
    this.#all.total -= bytes;
    this.progressAt = this.#all.now;
    this.#taken += bytes;
    for (; this.#first && this.#first.at <= this.#taken; this.#first = this.#first.next)
      this.#first.ticket.taken();
    if (this.level === 'caught-up') return;
    if (this.bytes === 0 || this.bytes < this.#all.highWater / 2) this.#become('caught-up');
  }

  /** Somebody wants to know when all that waits now is taken. */
  confirm(ticket: Ticket): void {
    if (this.#closed) {
      ticket.lost(this.#debtor.id);
    } else if (this.bytes === 0) {
      ticket.taken();
    } else {
      const waiting = { at: this.#taken + this.bytes, ticket, next: undefined };
      if (this.#first && this.#last) this.#last.next = waiting;
      else this.#first = waiting;
      this.#last = waiting;
    }
  }

  fail(reason: EndReason): void {
    this.close();
    this.#debtor.letGo(new SlowConsumer(reason));
  }

  /** Nothing is counted any more: the client is let go, or the connection over. */
  close(): void {
    this.#closed = true;
    this.#all.remove(this);
    for (; this.#first; this.#first = this.#first.next) this.#first.ticket.lost(this.#debtor.id);
    this.#last = undefined;
  }

  #become(level: Level): void {
    if (this.level === 'caught-up') this.behindAt = this.#all.now;
    this.level = level;
    this.#debtor.report(level);
  }
}

/** All that waits, and who waits for too long. */
export class Backlogs {
  readonly limits: BacklogLimits;
  /** What waits for all together, in bytes; a batch that many share counts for each. */
  total = 0;
  /** Seconds; moved on by `sweep`. */
  now: number;
  /** Those for whom something waits, or has waited since the last sweep. */
  readonly #waiting = new Set<Backlog>();

  /** `now` is what the clock that `sweep` is told says at the beginning. */
  constructor(limits: BacklogLimits, now = 0) {
    this.limits = limits;
    this.now = now;
  }

  /** Bytes above which a client is behind: the less, the more waits for all, so that many who are equally slow have room. */
  get highWater(): number {
    const { highWater, maxMemory } = this.limits;
    return Math.max(0, Math.ceil(highWater * (1 - this.total / maxMemory)));
  }

  watch(backlog: Backlog): void {
    backlog.progressAt = this.now;
    if (backlog.watched) return;
    backlog.watched = true;
    this.#waiting.add(backlog);
  }

  remove(backlog: Backlog): void {
    this.total -= backlog.bytes;
    backlog.bytes = 0;
    this.#forget(backlog);
  }

  /** Lets go who has taken nothing, or has been behind, for too long; to be called often, with a clock in seconds. */
  sweep(now: number): void {
    this.now = now;
    for (const backlog of [...this.#waiting]) {
      if (backlog.bytes === 0) this.#forget(backlog);
      else if (now - backlog.progressAt > this.limits.writeTimeout) backlog.fail('too slow: took nothing');
      else if (backlog.level !== 'caught-up' && now - backlog.behindAt > this.limits.lagTimeout) {
        backlog.fail('too slow: behind for too long');
      }
    }
  }

  /** Lets go whoever is furthest behind, until the rest fits. */
  shed(): void {
    while (this.total > this.limits.maxMemory) {
      let furthest: Backlog | undefined;
      for (const backlog of this.#waiting)
        if (!furthest || backlog.bytes > furthest.bytes) furthest = backlog;
      if (!furthest) return;
      furthest.fail('too slow: memory full');
    }
  }

  #forget(backlog: Backlog): void {
    backlog.watched = false;
    this.#waiting.delete(backlog);
  }
}
