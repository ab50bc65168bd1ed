/**
 * Flow control among people, as far as it is the chat's: who waits for whom. It is as pure as the chat, so every
 * machine of a cluster holds the same senders. What the levels mean is in docs/architecture.md, "Flow control".
 */
import type { ClientId, Input, Level, Order } from './message.ts';

/** Bytes that a sender may write without being called bulk, and how many of them come back each second. */
const BULK = 64 * 1024;
/** Bytes that those who waited for a recipient may write to it before it must report again. */
const QUOTA = 256 * 1024;

/** The flow control state of one client. */
export class Party {
  readonly id: ClientId;
  level: Level = 'caught-up';
  /** Who waits for this one, first come first. */
  waiting: Party[] = NOBODY;
  /** Whom this one waits for. */
  waitsFor: Party | undefined;
  /** What this one said since it waits; at most what it could publish before its gate was shut. */
  parked: Input[] = NOTHING;
  /** It waits for nobody any more: it is gone, or about to be. */
  leaving = false;
  /** It was told to go: nothing is ordered of it any more. */
  closing = false;
  #allowance = BULK;
  #at = 0;

  constructor(id: ClientId) {
    this.id = id;
  }

  /** Counts `bytes` against the token bucket; true where this makes the sender a bulk sender. */
  spend(bytes: number, now: number): boolean {
    const refilled = ((now - this.#at) * BULK) / 1000;
    this.#at = now;
    // Into debt, but not without end: who paused for two seconds is an ordinary talker again.
    this.#allowance = Math.max(-BULK, Math.min(BULK, this.#allowance + refilled) - bytes);
    return this.#allowance < 0;
  }

  /** What was spent was not said yet: it has to wait, and will be spent then. */
  refund(bytes: number): void {
    this.#allowance += bytes;
  }
}

// Shared by all who wait for nobody, which are nearly all: two empty arrays each would be most of their memory.
const NOBODY: Party[] = [];
const NOTHING: Input[] = [];

/** What flow control needs of the chat. */
export interface Duties {
  /** Handles what was parked, as if it came in now; it may make its sender wait again. Gives about how many bytes it is. */
  take: (input: Input) => number;
  order: (to: ClientId, order: Order) => void;
}

export class Flow {
  readonly #duties: Duties;

  constructor(duties: Duties) {
    this.#duties = duties;
  }

  /** Does `sender` have to wait before it may write to `recipient`? */
  blocks(recipient: Party, sender: Party, bulk: boolean): boolean {
    if (recipient.level === 'caught-up' || recipient === sender || sender.leaving) return false;
    return bulk || recipient.level === 'full';
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

  /** The lower half says how far behind `recipient` is. */
  report(recipient: Party, level: Level): void {
    recipient.level = level;
    if (level !== 'caught-up') return;
    let quota = QUOTA;
    while (quota > 0) {
      const sender = recipient.waiting.shift();
      if (!sender) {
        recipient.waiting = NOBODY;
        return;
      }
      quota -= this.#resume(sender);
    }
    if (recipient.waiting.length === 0) return;
    // Its level is out of date by a quota now, so nobody else may write before it has spoken again.
    recipient.level = 'full';
    this.#duties.order(recipient.id, { do: 'report' });
  }

  /** `party` is gone or about to be: whoever waited for it goes on. */
  leave(party: Party): void {
    const { waiting } = party;
    party.level = 'caught-up';
    party.waiting = NOBODY;
    for (const sender of waiting) this.#resume(sender);
  }

  /** What `party` said is handled now, whoever is behind. */
  hurry(party: Party): void {
    party.leaving = true;
    const { waitsFor } = party;
    if (!waitsFor) return;
    waitsFor.waiting = waitsFor.waiting.filter((sender) => sender !== party);
    this.#resume(party);
  }

  /** Handles what `sender` has parked, in order, until it has to wait again; gives the bytes of it. */
  #resume(sender: Party): number {
    const { parked } = sender;
    sender.waitsFor = undefined;
    sender.parked = NOTHING;
    let bytes = 0;
    for (const [index, input] of parked.entries()) {
      const size = this.#duties.take(input);
      if (waits(sender)) {
        sender.parked = parked.slice(index);
        return bytes;
      }
      bytes += size;
    }
    if (!sender.closing) this.#duties.order(sender.id, { do: 'release' });
    return bytes;
  }
}

// A function, for the compiler does not see that `take` may have changed it.
const waits = (party: Party): boolean => party.waitsFor !== undefined;
