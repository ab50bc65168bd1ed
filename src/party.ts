/** One client, as flow control sees it: how far behind it is, for whom it waits, and what it has parked. */
import type { ClientId, Input, Level } from './message.ts';

/** Bytes that a sender may write without being called bulk, and how many of them come back each second. */
const BULK = 64 * 1024;

/** Those who hear the same: a room. */
export interface Crowd {
  /** Who of them has not caught up. */
  readonly behind: Set<Party>;
}

/** What a snapshot holds of a party. */
export interface PartyRecord {
  readonly id: ClientId;
  readonly level: Level;
  readonly waiting: readonly ClientId[];
  readonly waitsFor: ClientId | undefined;
  readonly queued: boolean;
  readonly parked: readonly Input[];
  readonly leaving: boolean;
  readonly closing: boolean;
  readonly account: readonly [allowance: number, before: number, at: number];
}

/** The flow control state of one client. */
export class Party {
  readonly id: ClientId;
  level: Level = 'caught-up';
  /** The rooms it is in. */
  crowds: ReadonlySet<Crowd> = NOWHERE;
  /** Who waits for this one, first come first; whoever was in a hurry meanwhile stands here, too. */
  waiting: Party[] = NOBODY;
  /** Whom this one waits for. */
  waitsFor: Party | undefined;
  /** It waits for a turn that has room for it. */
  queued = false;
  /** What this one said since it waits; at most what it could publish before its gate was shut. */
  parked: Input[] = NOTHING;
  /** It waits for nobody any more, but for a turn that has room: it is gone, or about to be. */
  leaving = false;
  /** It was told to go: nothing is ordered of it any more. */
  closing = false;
  #allowance = BULK;
  #before = BULK;
  #at = 0;

  constructor(id: ClientId) {
    this.id = id;
  }

  /** What it says now has to be parked. */
  get waits(): boolean {
    return this.queued || this.waitsFor !== undefined;
  }

  /** Counts `bytes` against the token bucket at `now`, in milliseconds; true where this makes the sender a bulk sender. */
  spend(bytes: number, now: number): boolean {
    const refilled = ((now - this.#at) * BULK) / 1000;
    this.#at = now;
    this.#before = Math.min(BULK, this.#allowance + refilled);
    // Into debt, but not without end: who paused for two seconds is an ordinary talker again.
    this.#allowance = Math.max(-BULK, this.#before - bytes);
    return this.#allowance < 0;
  }

  /** What was spent last was not said yet: it has to wait, and will be spent then. */
  refund(): void {
    this.#allowance = this.#before;
  }

  /** It hears what `crowd` does. */
  enter(crowd: Crowd): void {
    if (this.crowds === NOWHERE) this.crowds = new Set();
    (this.crowds as Set<Crowd>).add(crowd);
    if (this.level !== 'caught-up') crowd.behind.add(this);
  }

  leave(crowd: Crowd): void {
    (this.crowds as Set<Crowd>).delete(crowd);
    if (this.crowds.size === 0) this.crowds = NOWHERE;
    crowd.behind.delete(this);
  }

  /** `sender` waits for this one. */
  letWait(sender: Party): void {
    if (this.waiting === NOBODY) this.waiting = [];
    this.waiting.push(sender);
  }

  /** It does not any more. */
  letGo(sender: Party): void {
    this.waiting = this.waiting.filter((one) => one !== sender);
  }

  /** Gives whoever waits for this one; from now on nobody does. */
  takeWaiting(): readonly Party[] {
    const { waiting } = this;
    this.waiting = NOBODY;
    return waiting;
  }

  park(input: Input): void {
    if (this.parked === NOTHING) this.parked = [];
    this.parked.push(input);
  }

  /** Gives what is parked; from now on nothing is, and nobody waited for. */
  takeParked(): readonly Input[] {
    const { parked } = this;
    this.parked = NOTHING;
    this.waitsFor = undefined;
    this.queued = false;
    return parked;
  }

  record(): PartyRecord {
    const { id, level, queued, leaving, closing } = this;
    return {
      ...{ id, level, queued, leaving, closing },
      waiting: this.waiting.filter(({ waitsFor }) => waitsFor === this).map((party) => party.id),
      waitsFor: this.waitsFor?.id,
      // What is handled later may become part of a longer message.
      parked: this.parked.length > 0 ? structuredClone(this.parked) : [],
      account: [this.#allowance, this.#before, this.#at],
    };
  }

  /** Becomes what was recorded; `party` finds the others. */
  become(record: PartyRecord, party: (id: ClientId) => Party): void {
    this.level = record.level;
    this.queued = record.queued;
    this.leaving = record.leaving;
    this.closing = record.closing;
    if (record.waiting.length > 0) this.waiting = record.waiting.map(party);
    if (record.waitsFor !== undefined) this.waitsFor = party(record.waitsFor);
    if (record.parked.length > 0) this.parked = [...record.parked];
    [this.#allowance, this.#before, this.#at] = record.account;
  }
}

// Shared by all who wait for nobody, which are nearly all: two empty arrays each would be most of their memory.
const NOBODY: Party[] = [];
const NOTHING: Input[] = [];
const NOWHERE: ReadonlySet<Crowd> = new Set();
