/** The one place where all reasons not to read a client meet. */
import type { Lines } from './cutter.ts';
import type { Pace } from './pace.ts';
import type { Turnstile, Visitor } from './turnstile.ts';

/** What a line costs at the least: so 64 KiB of empty lines are not 32,000 lines in one turn. */
const LEAST = 64;

/** Why a client is not read. */
export type Reason = 'recipient behind' | 'outbox behind' | 'rate' | 'password';

// Shared: nearly every gate is open, and a Set for each would be a good part of an idle client's memory.
const NO_REASON: readonly Reason[] = [];

/** What a gate shuts: the source of the client's bytes. */
export interface Valve {
  pause(): void;
  resume(): void;
}

/** Knows what a line costs beyond its bytes, in bytes. */
export interface Scale {
  /** Before which character of `text`, which is whole lines, no line costs anything beyond its bytes. */
  weightless(text: string): number;
  weigh(line: string): number;
  /** A line that weighs something has passed: the next one like it may weigh less. */
  passed(line: string): void;
}

const WEIGHTLESS: Scale = { weightless: ({ length }) => length, weigh: () => 0, passed: () => undefined };

/**
 * A client's gate. Whoever has its lines in hand asks `admit` before they pass and says `drained` when none is left; a
 * gate that said no calls `wake` when it is worth asking again. Nothing is queued here: what is in hand is at most one
 * chunk, and behind it the valve is paused, so that unread bytes wait in the kernel.
 */
export class Gate implements Visitor {
  /** Set by whoever has the lines in hand. */
  wake: () => void = () => undefined;
  /** Set by whoever reads the lines. */
  scale: Scale = WEIGHTLESS;
  turn = 0;
  used = 0;
  queued = false;
  #reasons = NO_REASON;
  readonly #turnstile: Turnstile;
  readonly #valve: Valve;
  #pace: Pace | undefined;
  /** Ends the wait for the pace. */
  #wakeNow: (() => void) | undefined;
  #paused = false;
  #abandoned = false;

  /** `pace` is how fast its lines may come, where there is a limit. */
  constructor(turnstile: Turnstile, valve: Valve, pace?: Pace) {
    this.#turnstile = turnstile;
    this.#valve = valve;
    this.#pace = pace;
  }

  get held(): boolean {
    return this.#reasons.length > 0 && !this.#abandoned;
  }

  /** Why the client is not read, but for its share of a turn. */
  get reasons(): readonly Reason[] {
    return this.held ? this.#reasons : NO_REASON;
  }

  hold(reason: Reason): void {
    if (!this.#reasons.includes(reason)) this.#reasons = [...this.#reasons, reason];
  }

  release(reason: Reason): void {
    if (!this.#reasons.includes(reason)) return;
    this.#reasons = this.#reasons.filter((other) => other !== reason);
    if (this.#reasons.length === 0) this.wake();
  }

  /** The client is dead: what it said before still counts, but there is nobody left to hold. */
  abandon(): void {
    this.#abandoned = true;
    this.hasten();
    this.wake();
  }

  /** About how many bytes may pass now. */
  get room(): number {
    return this.held ? 0 : this.#turnstile.room(this);
  }

  /** How many characters of `lines` may pass now, whole lines from the first on; 0 if none may. */
  admit(lines: Lines): number {
    this.#keepToPace();
    if (this.held) return this.#refuse();
    const { length, cost } = this.#fitting(lines);
    if (length > 0) return this.#turnstile.admit(this, cost) ? length : this.#refuse();
    return this.#admitOne(lines);
  }

  /** May so many bytes pass that are no whole line, or one that is a fault? */
  admitPiece(bytes: number, fault: boolean): boolean {
    if (fault) this.#keepToPace();
    const passes = !this.held && this.#turnstile.admit(this, Math.max(bytes, LEAST));
    if (!passes) this.#refuse();
    else if (fault) this.#pace?.take();
    return passes;
  }

  /** As many of `lines` as this turn has room for, and what they cost; none where one by one has to be looked at. */
  #fitting({ text, plain }: Lines): { length: number; cost: number } {
    let length = 0;
    let cost = 0;
    if (plain && !this.#pace) {
      const room = this.#turnstile.room(this);
      const end = this.scale.weightless(text);
      while (length < end) {
        const next = text.indexOf('\n', length) + 1;
        const more = Math.max(next - 1 - length, LEAST);
        if (next > end || cost + more > room) break;
        length = next;
        cost += more;
      }
    }
    return { length, cost };
  }

  #admitOne({ text, plain }: Lines): number {
    const length = text.indexOf('\n') + 1;
    const line = text.slice(0, length - 1);
    const weight = this.scale.weigh(line);
    const bytes = plain ? line.length : Buffer.byteLength(line);
    if (!this.#turnstile.admit(this, Math.max(bytes, LEAST) + weight)) return this.#refuse();
    if (weight > 0) this.scale.passed(line);
    this.#pace?.take();
    return length;
  }

  #refuse(): 0 {
    if (!this.#paused) {
      this.#paused = true;
      this.#valve.pause();
    }
    return 0;
  }

  /** Its lines may come as fast as they do from now on. */
  hasten(): void {
    this.#pace = undefined;
    this.#wakeNow?.();
    this.release('rate');
  }

  #keepToPace(): void {
    const pace = this.#pace;
    if (!pace) return;
    const { delay } = pace;
    if (delay === 0 || this.held || this.#abandoned) return;
    this.hold('rate');
    this.#wakeNow = pace.sleep(delay, () => {
      this.release('rate');
    });
  }

  /** Nothing is left in hand. */
  drained(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#valve.resume();
  }
}
