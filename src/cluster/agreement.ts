/**
 * Whether the nodes have read the same log. Copies of it may differ: servers of NATS 2.9 that were killed all at once were seen
 * to send one node what they did not send another. So each node says with what it says what it has read, in short, and compares.
 */
import type { NodeId } from '../message.ts';

/** What a node has read. */
export interface Claim {
  /** When it came, by the log's time; 0 where it has not heard of that yet. */
  readonly since: number;
  /** The last turn that it has heard. */
  readonly turn: number;
  /** Of all turns up to that one. */
  readonly digest: number;
}

/** Turns of which the digest is kept: what a node has said waits for NATS, and is compared when it has come. */
const KEPT = 16_384;
/**
 * Milliseconds of the roll's clock for which a node differs from one that was there before it until it has to go. Whose copy of the log is
 * not the one that counts finds that out before, since it asks.
 */
const PATIENCE = 10_000;

/** The last turn up to which a node that was there before has read the same, and for how many seconds nobody has said so since. */
export interface Agreed {
  readonly turn: number;
  readonly seconds: number;
}

/** What comes of a claim: `refuted` is a node that has to go. */
export type Comparison = 'same' | 'unknown' | 'differs' | 'refuted';

export class Agreement {
  readonly #node: NodeId;
  #turn: number;
  #digest: number;
  /** By their turns; those that are gone are overwritten. */
  readonly #digests = new Uint32Array(KEPT);
  /** Of the first turn that is in there. */
  readonly #first: number;
  /** Of this node; undefined as long as it is not there. */
  #since: number | undefined;
  /** Who was there before this one, and differs from it; and since when, by the roll's clock. */
  readonly #elders = new Map<NodeId, number>();
  #agreed: number;
  /** By the roll's clock. */
  #agreedAt = 0;

  /** Goes on behind so many turns, which have that digest. */
  constructor(node: NodeId, turns: number, digest: number) {
    this.#node = node;
    this.#turn = turns;
    this.#first = turns;
    this.#agreed = turns;
    this.#digest = digest;
    this.#digests[turns % KEPT] = digest;
  }

  get digest(): number {
    return this.#digest;
  }

  /** What this node has to say of it. */
  get claim(): Claim {
    return { since: this.#since ?? 0, turn: this.#turn, digest: this.#digest };
  }

  /** This node is there since that time of the log, and of the roll's clock: from here on it compares. */
  enter(time: number, clock: number): void {
    this.#since ??= time;
    this.#agreedAt ||= clock;
  }

  /** The next turn has so many inputs, and ends with the message of that id, and time. */
  hear(id: string, time: number, inputs: number): void {
    this.#digest = mixed(this.#digest, id, time, inputs);
    this.#turn++;
    this.#digests[this.#turn % KEPT] = this.#digest;
  }

  /** What `node` says it has read, heard at that time of the roll's clock. */
  compare(node: NodeId, claim: Claim, clock: number): Comparison {
    if (this.#since === undefined || claim.since === 0) return 'unknown';
    const isElder = this.#isElder(node, claim.since, this.#since);
    const isSame = this.#isSame(claim);
    if (isSame === undefined) return 'unknown';
    if (isSame) {
      if (isElder) this.#agree(node, claim.turn, clock);
      return 'same';
    }
    if (!isElder) return 'differs';
    const since = this.#elders.get(node) ?? clock;
    this.#elders.set(node, since);
    return clock - since >= PATIENCE ? 'refuted' : 'differs';
  }

  /** Up to where it is known that others have read the same, at that time of the roll's clock. */
  agreed(clock: number): Agreed {
    return { turn: this.#agreed, seconds: Math.round((clock - this.#agreedAt) / 1000) };
  }

  #agree(node: NodeId, turn: number, clock: number): void {
    this.#elders.delete(node);
    this.#agreed = Math.max(this.#agreed, turn);
    this.#agreedAt = clock;
  }

  /** It was there before this node. */
  #isElder(node: NodeId, since: number, own: number): boolean {
    return since < own || (since === own && node < this.#node);
  }

  /** Undefined where nobody knows any more. */
  #isSame({ turn, digest }: Claim): boolean | undefined {
    if (turn < this.#first || turn <= this.#turn - KEPT) return undefined;
    // Whoever has said it had read no further than up to where it stands.
    return turn <= this.#turn && this.#digests[turn % KEPT] === digest;
  }
}

/** FNV-1a, as in http://www.isthe.com/chongo/tech/comp/fnv/, of 32 bits. */
function mixed(digest: number, id: string, ...numbers: readonly number[]): number {
  let hash = digest;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), PRIME);
  for (const number of numbers) hash = Math.imul(hash ^ (number % WORD), PRIME);
  return hash >>> 0;
}

const PRIME = 0x01000193;
const WORD = 2 ** 32;
