/**
 * Whether the nodes have read the same log. Copies of it may differ: servers of NATS 2.9 that were killed all at once were seen
 * to send one node what they did not send another. So each node says with what it says what it has read, in short, and compares.
 */
import type { NodeId } from '../message.ts';

/** What a node has read. */
export interface Claim {
  /** When it came, by the roll's time; 0 where it has not heard of that yet. */
  readonly since: number;
  /** The last turn that it has heard. */
  readonly turn: number;
  /** Of all turns up to that one. */
  readonly digest: number;
}

/** Turns of which the digest is kept: what a node has said waits for NATS, and is compared when it has come. */
const KEPT = 16_384;
/**
 * Milliseconds of the log's time for which a node differs from one that was there before it until it has to go. Who has read what NATS has lost
 * since notices that by itself, and before.
 */
const PATIENCE = 10_000;

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
  /** Who was there before this one, and differs from it; and since when. */
  readonly #elders = new Map<NodeId, number>();

  /** Goes on behind so many turns, which have that digest. */
  constructor(node: NodeId, turns: number, digest: number) {
    this.#node = node;
    this.#turn = turns;
    this.#first = turns;
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

  /** This node is there: from here on it compares. */
  enter(time: number): void {
    this.#since = time;
  }

  /** The next turn ends with the message of that id, and time. */
  hear(id: string, time: number): void {
    this.#digest = mixed(this.#digest, id, time);
    this.#turn++;
    this.#digests[this.#turn % KEPT] = this.#digest;
  }

  /** What `node` says it has read, heard at that time of the roll; true where it is this node that has to go. */
  isRefuted(node: NodeId, claim: Claim, time: number): boolean {
    if (!this.#isElder(node, claim)) return false;
    const isSame = this.#compare(claim);
    if (isSame === true) this.#elders.delete(node);
    if (isSame !== false) return false;
    const since = this.#elders.get(node) ?? time;
    this.#elders.set(node, since);
    return time - since >= PATIENCE;
  }

  /** It was there before this node. */
  #isElder(node: NodeId, { since }: Claim): boolean {
    if (this.#since === undefined || since === 0) return false;
    return since < this.#since || (since === this.#since && node < this.#node);
  }

  /** Undefined where nobody knows any more. */
  #compare({ turn, digest }: Claim): boolean | undefined {
    if (turn < this.#first || turn <= this.#turn - KEPT) return undefined;
    // Whoever has said it had read no further than up to where it stands.
    return turn <= this.#turn && this.#digests[turn % KEPT] === digest;
  }
}

/** FNV-1a, as in http://www.isthe.com/chongo/tech/comp/fnv/, of 32 bits. */
function mixed(digest: number, id: string, time: number): number {
  let hash = digest;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), PRIME);
  return Math.imul(hash ^ (time % WORD), PRIME) >>> 0;
}

const PRIME = 0x01000193;
const WORD = 2 ** 32;
