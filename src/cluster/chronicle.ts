/** What the messages of the log come to: which of them count, and where a turn ends. As pure as the chat: every node comes to the same. */
import type { Input, NodeId, Turn } from '../message.ts';
import { Agreement, type Claim } from './agreement.ts';
import { Due, type DueRecord } from './due.ts';
import { type Entry, markOf } from './entry.ts';
import type { Mark } from './mark.ts';
import { type Change, changesOf, type Envelope, Roll, type RollRecord } from './roll.ts';
import { Refuted, Severed } from './severed.ts';
import { Parts, type PartsRecord, type Saying, sayingOf } from './wire.ts';

/** All that a node has to know of the log up to some place, but for the chat. */
export interface LogRecord extends DueRecord {
  readonly mark: Mark;
  /** How many there were. */
  readonly turns: number;
  /** Of these, by which nodes that have read something else know it. */
  readonly digest: number;
  readonly roll: RollRecord;
  readonly parts: PartsRecord;
}

export const EMPTY_LOG: LogRecord = {
  mark: { place: 0, id: '' },
  turns: 0,
  digest: 0,
  bytes: 0,
  dueAt: 0,
  roll: { time: 0, clock: 0, nodes: [] },
  parts: [],
};

/** For whom it is kept. */
export interface Chronicler {
  readonly node: NodeId;
  /** The inputs of the turn that ends with its own message of that number, which it need not read. */
  readonly own: (number: number) => readonly Input[] | undefined;
  /** Its first message is there, and counts, or does not. */
  readonly entered: (counts: boolean) => void;
  /** Another node has read something else, so that it may be this one that has not read what stands in the log. */
  readonly doubted: () => void;
  /** Who is there has changed, as part of that turn. */
  readonly changed: (change: Change, turn: number) => void;
}

/** A turn, and what is known of the log behind it. */
export interface Milestone {
  readonly turn: number;
  readonly record: LogRecord;
}

export class Chronicle {
  readonly #self: Chronicler;
  readonly #roll = new Roll();
  readonly #parts = new Parts();
  readonly #due: Due;
  readonly #agreement: Agreement;
  #turns: number;
  /** What was heard last. */
  #mark: Mark;
  /** Where this node is to write a snapshot, and what is to be in it. */
  #plan: Milestone | undefined;
  #end: Milestone | undefined;

  constructor(self: Chronicler, from: LogRecord) {
    this.#self = self;
    this.#roll.become(from.roll);
    this.#parts.become(from.parts);
    this.#due = new Due(from);
    this.#agreement = new Agreement(self.node, from.turns, from.digest);
    this.#turns = from.turns;
    this.#mark = from.mark;
  }

  get roll(): Pick<Roll, 'size' | 'silences' | 'rules'> {
    return this.#roll;
  }

  /** What others can hold against their own. */
  get claim(): Claim {
    return this.#agreement.claim;
  }

  /** Once this node has said its last word: the turn that is made of it. */
  get end(): Milestone | undefined {
    return this.#end;
  }

  /** What is to be in a snapshot of the chat as it is behind that turn, if this node is to write one. */
  dueBehind(turn: number): LogRecord | undefined {
    const plan = this.#plan;
    if (plan?.turn !== turn) return undefined;
    this.#plan = undefined;
    return plan.record;
  }

  /** Between two turns. */
  record(): LogRecord {
    const [mark, turns, { digest }] = [this.#mark, this.#turns, this.#agreement];
    const [roll, parts] = [this.#roll.record(), this.#parts.record()];
    return { mark, turns, digest, ...this.#due.record(), roll, parts };
  }

  /** The turn that ends with it, if one does. Throws a Severed where this node cannot go on from there. */
  hear(entry: Entry): Turn | undefined {
    const { node, number, bytes } = entry;
    const saying = sayingOf(bytes);
    if (saying?.kind === 'founding' && this.#mark.place === 0)
      throw new Severed('the log does not begin with nothing');
    const isOwn = node === this.#self.node;
    if (isOwn && number > this.#roll.next(node))
      throw new Severed('what this node has said before is missing in the log');
    this.#mark = markOf(entry);
    const rules = saying?.kind === 'hello' ? saying.rules : undefined;
    const envelope: Envelope = { ...entry, rules, isLast: saying?.kind === 'bye' };
    const before = this.#roll.size;
    const verdict = this.#roll.hear(envelope);
    const { counts, lost } = verdict;
    const isOver = isOwn && counts && saying?.kind === 'bye';
    if (!isOver && lost.includes(this.#self.node))
      throw new Severed('the other nodes have not heard of this one for too long');
    if (isOwn && number === 1) {
      this.#self.entered(counts);
      this.#agreement.enter(this.#roll.time, this.#roll.clock);
    }
    if (counts && !isOwn && (saying?.kind === 'turn' || saying?.kind === 'beat'))
      this.#compare(node, saying.claim);
    // It changes nothing, so whoever does not have it is not to come to anything else.
    if (!counts && lost.length === 0) return undefined;
    const inputs = counts && saying ? this.#inputsOf(entry, saying) : undefined;
    for (const gone of lost) this.#parts.forget(gone);
    for (const change of changesOf(envelope, verdict, before)) this.#self.changed(change, this.#turns + 1);
    const wants = saying?.kind === 'hello' && saying.wants;
    const isDue = this.#due.hear(bytes.length, this.#roll.clock, wants);
    if (lost.length === 0 && !inputs && !isDue) return undefined;
    const turn = ++this.#turns;
    this.#agreement.hear(entry.id, entry.time, inputs?.length ?? 0);
    if (isDue && this.#isWriter(turn, wants ? node : undefined)) this.#plan = { turn, record: this.record() };
    if (isOver) this.#end = { turn, record: this.record() };
    const gone = lost.map((node): Input => ({ type: 'node-lost', node }));
    return {
      sequence: turn,
      time: this.#roll.time,
      inputs: gone.length > 0 ? [...gone, ...(inputs ?? [])] : (inputs ?? []),
      first: 0,
    };
  }

  /** What `node` says it has read is the same. Where it is not, one of the two has read what is not in the log. */
  #compare(node: NodeId, claim: Claim): void {
    const { clock } = this.#roll;
    switch (this.#agreement.compare(node, claim, clock)) {
      case 'refuted':
        throw new Refuted(this.#agreement.agreed(clock));
      case 'differs':
        this.#self.doubted();
        break;
      default:
        break;
    }
  }

  #inputsOf({ node, number }: Entry, saying: Saying): readonly Input[] | undefined {
    if (node === this.#self.node) {
      const own = this.#self.own(number);
      if (own) this.#parts.forget(node);
      if (own) return own;
    }
    switch (saying.kind) {
      case 'part':
        this.#parts.add(node, saying.json);
        return undefined;
      case 'hello': {
        const greeting = this.#parts.end(node, saying.json);
        return greeting && greeting.length > 0 ? greeting : undefined;
      }
      case 'turn':
        return this.#parts.end(node, saying.json);
      default:
        return undefined;
    }
  }

  /**
   * One of the nodes is to write what is due behind that turn, and another one the next time. Who wants one has read something else than
   * whoever was there first, and so may others have.
   */
  #isWriter(turn: number, wants: NodeId | undefined): boolean {
    const { nodes } = this.#roll;
    const writer = wants === undefined ? nodes[turn % nodes.length] : this.#roll.eldest;
    return writer === this.#self.node;
  }
}
