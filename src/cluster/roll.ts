/**
 * Which nodes there are, and which of their messages count. It is as pure as the chat: every node takes the same messages
 * in the same order, and comes to the same decisions at the same place of the log.
 */
import type { NodeId } from '../message.ts';

/** What stands on a message. */
export interface Envelope {
  readonly node: NodeId;
  /**
   * Of the messages of this node, from 1 on, without a gap: one that comes again, since its sender did not know that it had arrived, is
   * known by it, and its node knows by it one that is missing.
   */
  readonly number: number;
  /** Milliseconds since 1970, by the clock of whoever keeps the log. */
  readonly time: number;
  /** The first message of a node says by which rules it acts. */
  readonly rules?: number | undefined;
  /** The last message of a node. */
  readonly isLast?: boolean | undefined;
}

/** What comes of a message. */
export interface Verdict {
  /** It is to be acted on: its node is there, and it is not one that came before. */
  readonly counts: boolean;
  /** These are gone from here on. */
  readonly lost: readonly NodeId[];
}

/** What a message changes of who is there. */
export interface Change {
  readonly what: 'come' | 'ended' | 'given up';
  readonly node: NodeId;
  /** How many there are then. */
  readonly nodes: number;
}

/** In their order, where there were so many `before`. */
export function changesOf(
  { node, number, isLast = false }: Envelope,
  { counts, lost }: Verdict,
  before: number,
): Change[] {
  let nodes = before;
  const changes: Change[] = lost.map((gone) => {
    const what = isLast && counts && gone === node ? 'ended' : 'given up';
    return { what, node: gone, nodes: --nodes };
  });
  if (counts && number === 1) changes.push({ what: 'come', node, nodes: ++nodes });
  return changes;
}

export interface RollRecord {
  readonly time: number;
  readonly clock: number;
  readonly nodes: readonly (readonly [NodeId, Member])[];
}

interface Member {
  readonly rules: number;
  /** When it came, by the log's time. */
  readonly since: number;
  /** Of its last message. */
  readonly number: number;
  /** When that came, by the roll's clock. */
  readonly heard: number;
}

/** Milliseconds between two messages of a node at the most: who has nothing to say says that. */
export const BEAT = 2000;
/** Milliseconds of the log's time without a word of a node, past which it is gone. */
export const SILENT = 15_000;
/**
 * What it counts for at the most that the log stands still, in milliseconds: if nobody says anything for longer than a few
 * beats, then it is not the nodes that are away, but whoever keeps the log, and nobody is to go for that.
 */
const PAUSE = 3 * BEAT;

export class Roll {
  /** Milliseconds since 1970; never goes back. */
  #time = 0;
  #clock = 0;
  /** In the order of their last messages. */
  readonly #nodes = new Map<NodeId, Member>();

  get time(): number {
    return this.#time;
  }

  /** Milliseconds for which the log has moved. */
  get clock(): number {
    return this.#clock;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.size;
  }

  has(node: NodeId): boolean {
    return this.#nodes.has(node);
  }

  /** Those who are there, in an order that is the same everywhere. */
  get nodes(): NodeId[] {
    return [...this.#nodes.keys()].sort();
  }

  /** Who was there first; undefined if there is nobody. */
  get eldest(): NodeId | undefined {
    const since = (node: NodeId): number => this.#nodes.get(node)?.since ?? 0;
    const [first, ...others] = this.nodes;
    return others.reduce((eldest, node) => (since(node) < since(eldest ?? node) ? node : eldest), first);
  }

  /** Milliseconds of the log's time for which nothing was heard of each of them, in the same order. */
  get silences(): (readonly [NodeId, number])[] {
    return this.nodes.map((node) => [node, this.#clock - (this.#nodes.get(node)?.heard ?? 0)]);
  }

  /** By which rules those who are there act; undefined if there is nobody. */
  get rules(): number | undefined {
    const [first] = this.#nodes.values();
    return first?.rules;
  }

  /** The number of the next message of that node. */
  next(node: NodeId): number {
    return (this.#nodes.get(node)?.number ?? 0) + 1;
  }

  hear({ node, number, time, rules, isLast = false }: Envelope): Verdict {
    // Not every copy of the log has what comes again, so nothing is to depend on it, not even the time.
    if (this.has(node) ? number < this.next(node) : number !== 1) return { counts: false, lost: [] };
    this.#pass(time);
    const lost = this.#silent();
    const member = this.#nodes.get(node);
    if (!member) {
      const mayCome = number === 1 && rules !== undefined && (this.rules ?? rules) === rules;
      if (mayCome) this.#nodes.set(node, { rules, since: this.#time, number, heard: this.#clock });
      return { counts: mayCome, lost };
    }
    this.#nodes.delete(node);
    if (isLast) return { counts: true, lost: [...lost, node] };
    this.#nodes.set(node, { ...member, number, heard: this.#clock });
    return { counts: true, lost };
  }

  record(): RollRecord {
    return { time: this.#time, clock: this.#clock, nodes: [...this.#nodes] };
  }

  become({ time, clock, nodes }: RollRecord): void {
    this.#time = time;
    this.#clock = clock;
    this.#nodes.clear();
    for (const [node, member] of nodes) this.#nodes.set(node, member);
  }

  #pass(time: number): void {
    if (time <= this.#time) return;
    if (this.#time > 0) this.#clock += Math.min(time - this.#time, PAUSE);
    this.#time = time;
  }

  /** Those who have said nothing for too long go; the longest silent stand first. */
  #silent(): NodeId[] {
    const lost: NodeId[] = [];
    for (const [node, { heard }] of this.#nodes) {
      if (this.#clock - heard <= SILENT) break;
      lost.push(node);
    }
    for (const node of lost) this.#nodes.delete(node);
    return lost;
  }
}
