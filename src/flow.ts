/**
 * Flow control among people, as far as it is the chat's: who waits for whom. It is as pure as the chat, so every
 * machine of a cluster holds the same senders. What the levels mean is in docs/architecture.md, "Flow control".
 */
import type { ClientId, Input, Level, Order } from './message.ts';

/** Bytes that a sender may write without being called bulk, and how many of them come back each second. */
const BULK = 64 * 1024;

/** The flow control state of one client. */
export class Party {
  readonly id: ClientId;
  level: Level = 'caught-up';
  /** Who waits for this one, first come first; whoever was in a hurry meanwhile stands here, too. */
  waiting: Party[] = NOBODY;
  /** Whom this one waits for. */
  waitsFor: Party | undefined;
  /** What this one said since it waits; at most what it could publish before its gate was shut. */
  parked: Input[] = NOTHING;
  /** It waits for nobody any more: it is gone, or about to be. */
  leaving = false;
  /** It was told to go: nothing is ordered of it any more. */
  closing = false;
  /** Bytes that were written to this one in the turn `heardIn`: no level that is heard of in it knows of them. */
  heard = 0;
  heardIn = 0;
  #allowance = BULK;
  #before = BULK;
  #at = 0;

  constructor(id: ClientId) {
    this.id = id;
  }

  /** Counts `bytes` against the token bucket; true where this makes the sender a bulk sender. */
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
}

// Shared by all who wait for nobody, which are nearly all: two empty arrays each would be most of their memory.
const NOBODY: Party[] = [];
const NOTHING: Input[] = [];

/** What flow control needs of the chat. */
export interface Duties {
  /** Handles what was parked, as if it came in now; it may make its sender wait again. */
  take: (input: Input) => void;
  order: (to: ClientId, order: Order) => void;
}

export class Flow {
  readonly #duties: Duties;
  readonly #quota: number;
  /** Those for whom nobody has to wait any more: whoever does goes on, one after the other. */
  readonly #free: Party[] = [];
  #turn = 0;

  /** `quota` is how many bytes a recipient may be written in one turn before it has to report. */
  constructor(quota: number, duties: Duties) {
    this.#quota = quota;
    this.#duties = duties;
  }

  /** Another turn begins. */
  begin(): void {
    this.#turn++;
  }

  /** Does `sender` have to wait before it may write to `recipient`? */
  blocks(recipient: Party, sender: Party, bulk: boolean): boolean {
    if (recipient.level === 'caught-up' || recipient === sender || sender.leaving) return false;
    return bulk || recipient.level === 'full';
  }

  /** Counts what is written to `recipient`; less than nothing where it was not after all. */
  write(recipient: Party, bytes: number): void {
    if (recipient.heardIn === this.#turn) {
      recipient.heard += bytes;
      if (recipient.heard >= this.#quota) this.#suspend(recipient);
    } else {
      recipient.heardIn = this.#turn;
      recipient.heard = bytes;
    }
  }

  /** Its level is out of date by a quota, so nobody else may write to it before it has spoken again. */
  #suspend(recipient: Party): void {
    if (recipient.level === 'full' || recipient.closing) return;
    recipient.level = 'full';
    this.#duties.order(recipient.id, { do: 'report' });
  }

  /** `sender` waits for `recipient`, and `input` with it. */
  wait(sender: Party, recipient: Party, input: Input): void {
    if (recipient.waiting === NOBODY) recipient.waiting = [];
    recipient.waiting.push(sender);
    sender.waitsFor = recipient;
    if (sender.parked === NOTHING) sender.parked = [];
    sender.parked.push(input);
    this.#duties.order(sender.id, { do: 'hold' });
  }

  /** The lower half says how far behind `recipient` is; of one who is to close that is nobody's concern. */
  report(recipient: Party, level: Level): void {
    if (recipient.closing) return;
    recipient.level = level;
    if (level === 'caught-up') this.#free.push(recipient);
  }

  /** `party` is gone or told to go: whoever waited for it goes on. */
  leave(party: Party): void {
    party.closing = true;
    party.level = 'caught-up';
    this.#free.push(party);
  }

  /** Whether somebody is to go on. */
  get pending(): boolean {
    return this.#free.length > 0;
  }

  /** Lets one who waited go on; false where nobody is to. */
  goOn(): boolean {
    if (this.#free.length === 0) return false;
    const recipient = this.#free[0] as Party;
    const sender = recipient.level === 'caught-up' ? recipient.waiting.shift() : undefined;
    if (!sender) {
      if (recipient.waiting.length === 0) recipient.waiting = NOBODY;
      this.#free.shift();
    } else if (sender.waitsFor === recipient) {
      // Otherwise it was in a hurry.
      this.#resume(sender);
    }
    return true;
  }

  /** What `party` said is handled now, whoever is behind. */
  hurry(party: Party): void {
    party.leaving = true;
    if (party.waitsFor) this.#resume(party);
  }

  /** Handles what `sender` has parked, in order, until it has to wait again. */
  #resume(sender: Party): void {
    const { parked } = sender;
    sender.waitsFor = undefined;
    sender.parked = NOTHING;
    for (const [index, input] of parked.entries()) {
      this.#duties.take(input);
      if (waits(sender)) {
        sender.parked = parked.slice(index);
        return;
      }
    }
    if (!sender.closing) this.#duties.order(sender.id, { do: 'release' });
  }
}

// A function, for the compiler does not see that `take` may have changed it.
const waits = (party: Party): boolean => party.waitsFor !== undefined;
