/** What became of each line, for senders who must know: one answer for each, in order. */
import type { Event, Problem } from './event.ts';
import type { ClientId, Name, NodeId, ReceiptPart } from './message.ts';
import { nodeOf, nodesOf } from './node.ts';

/** Answers that may be outstanding for one client, and names in them; past either the client waits with its next line. */
const OUTSTANDING = 256;
const NAMES = 1024;

/** Whoever was named, and under which name. */
interface Named {
  readonly id: ClientId;
  readonly name: Name | undefined;
}

/** Whom a delivery reaches. */
interface Reached {
  /** How many there are of which node; those who are named, where it is not said. */
  readonly nodes?: ReadonlyMap<NodeId, number>;
  readonly room?: string;
  readonly named?: readonly Named[];
  /** It is for whoever keeps it: of a room, or for somebody who is not here. */
  readonly kept?: Kept;
}

/** Of a room, or for whom, as they were written. */
type Kept = 'room' | { readonly mail: string };

/** What one delivery carried. */
interface Part {
  /** Undefined where it is for those whom the line named. */
  readonly room: string | undefined;
  /** Those who were named; nobody for a room. */
  readonly named: readonly { readonly id: ClientId; readonly shown: string }[];
  readonly people: number;
  /** Of how many each node has still to say what became of it. */
  readonly awaited: Map<NodeId, number>;
  /** Those who went before they had taken it; of a room, somebody whom nobody knows any more is empty. */
  readonly lost: ClientId[];
  readonly kept: Kept | undefined;
}

interface ReceiptRecord {
  readonly id: number;
  readonly number: number;
  readonly parts: readonly (Omit<Part, 'awaited'> & {
    readonly awaited: readonly (readonly [NodeId, number])[];
  })[];
  readonly missed: readonly string[];
  readonly problems: readonly Problem[];
  readonly left: number;
}

/** Of one line. */
export class Receipt {
  readonly id: number;
  readonly number: number;
  readonly #parts: Part[] = [];
  /** How many have neither taken nor lost it. */
  #left = 0;
  #missed: readonly string[] = [];
  #problems: readonly Problem[] = [];

  constructor(id: number, number: number) {
    this.id = id;
    this.number = number;
  }

  get settled(): boolean {
    return this.#left === 0;
  }

  /** How many names it keeps. */
  get names(): number {
    return this.#parts.reduce((sum, { named }) => sum + named.length, this.#missed.length);
  }

  /** The line goes to those `named`, or in a room, or, where it is `kept`, to what the node of its sender keeps. */
  part(client: ClientId, { room, named = [], kept, nodes }: Reached): ReceiptPart {
    const names = named.map(({ id, name }) => ({ id, shown: name?.shown ?? '' }));
    const awaited = new Map(nodes ?? nodesOf(kept === undefined ? names.map(({ id }) => id) : [client]));
    let people = 0;
    for (const count of awaited.values()) people += count;
    this.#left += people;
    const part = { room, named: names, people, awaited, lost: [], kept };
    return { client, line: this.id, part: this.#parts.push(part) - 1 };
  }

  /** `missed` is whom it named and did not reach; `problems`, why. */
  close(missed: readonly string[], problems: readonly Problem[]): void {
    this.#missed = missed;
    this.#problems = problems;
  }

  taken(which: number, node: NodeId, taken: number, lost: readonly ClientId[]): void {
    const part = this.#parts[which];
    const left = (part?.awaited.get(node) ?? 0) - taken - lost.length;
    // Otherwise that node was given up before.
    if (!part || left < 0) return;
    this.#left -= taken + lost.length;
    if (left > 0) part.awaited.set(node, left);
    else part.awaited.delete(node);
    part.lost.push(...lost);
  }

  /** Nobody will ever say what became of it there. */
  lose(node: NodeId): void {
    for (const [which, { awaited, named }] of this.#parts.entries()) {
      const left = awaited.get(node) ?? 0;
      const ids = named.filter(({ id }) => nodeOf(id) === node).map(({ id }) => id);
      this.taken(
        which,
        node,
        0,
        Array.from({ length: left }, (_, nth) => ids[nth] ?? ''),
      );
    }
  }

  get answer(): Event {
    const { number } = this;
    const to: string[] = [];
    const rooms: { room: string; people: number }[] = [];
    const lost: string[] = [];
    const mailed: string[] = [];
    const unkept: string[] = [];
    let kept: boolean | undefined;
    for (const { room, named, people, lost: gone, kept: where } of this.#parts) {
      if (where !== undefined) {
        const isKept = gone.length === 0;
        if (where === 'room') kept = isKept && kept !== false;
        else if (isKept) {
          mailed.push(where.mail);
          kept ??= true;
        } else unkept.push(where.mail);
        continue;
      }
      for (const { id, shown } of named) (gone.includes(id) ? lost : to).push(shown);
      if (room === undefined) continue;
      if (people > gone.length || gone.length === 0) rooms.push({ room, people: people - gone.length });
      else lost.push(room);
    }
    const missed = [...this.#missed, ...lost, ...unkept];
    if (to.length + rooms.length + mailed.length > 0)
      return { type: 'receipt', number, to, rooms, missed, mailed, kept };
    const problems = [...this.#problems];
    if (lost.length > 0) problems.push({ type: 'problem', code: 'lost', names: lost });
    if (unkept.length > 0) problems.push({ type: 'problem', code: 'not-kept', names: unkept });
    return { type: 'unsent', number, problems, missed };
  }

  record(): ReceiptRecord {
    const parts = this.#parts.map((part) => ({ ...part, awaited: [...part.awaited] }));
    return structuredClone({
      ...{ id: this.id, number: this.number, parts },
      ...{ missed: this.#missed, problems: this.#problems, left: this.#left },
    });
  }

  static of(record: ReceiptRecord): Receipt {
    const { id, number, parts, missed, problems, left } = structuredClone(record);
    const receipt = new Receipt(id, number);
    receipt.#parts.push(...parts.map((part) => ({ ...part, awaited: new Map(part.awaited) })));
    receipt.#left = left;
    receipt.close(missed, problems);
    return receipt;
  }
}

export interface ReceiptsRecord {
  readonly on: boolean;
  readonly lines: number;
  readonly numbered: number;
  readonly outstanding: readonly ReceiptRecord[];
}

/** Of one client. */
export class Receipts {
  #on = false;
  /** All lines ever, which makes ids, and how many of them since it was last turned on. */
  #lines = 0;
  #numbered = 0;
  #outstanding: Receipt[] = [];
  /** How many names these have. */
  #names = 0;

  /** Lines are numbered. */
  get on(): boolean {
    return this.#on;
  }

  /** So many answers are outstanding that the client has to wait. */
  get full(): boolean {
    if (!this.#on) return false;
    return this.#outstanding.length >= OUTSTANDING || this.#names >= NAMES;
  }

  /** No answer is outstanding. */
  get settled(): boolean {
    return this.#outstanding.length === 0;
  }

  /** Lines are numbered from 1 from now on, or not any more. */
  turn(on: boolean): void {
    if (on && !this.#on) this.#numbered = 0;
    this.#on = on;
  }

  /** A receipt for the next line, if lines are numbered. */
  open(): Receipt | undefined {
    return this.#on ? new Receipt(++this.#lines, ++this.#numbered) : undefined;
  }

  /** All that is to be said of where the line went is said. */
  close(receipt: Receipt, missed: readonly string[], problems: readonly Problem[]): void {
    receipt.close(missed, problems);
    this.#outstanding.push(receipt);
    this.#names += receipt.names;
  }

  /** Of those of a node whom the part of a line was for, so many have taken it and these never will. */
  taken({ line, part }: ReceiptPart, node: NodeId, taken: number, lost: readonly ClientId[]): void {
    // Their ids have no gaps.
    const [first] = this.#outstanding;
    if (first) this.#outstanding[line - first.id]?.taken(part, node, taken, lost);
  }

  /** That node is gone. */
  lose(node: NodeId): void {
    for (const receipt of this.#outstanding) receipt.lose(node);
  }

  /** Gives the answers that are due, in the order of the lines. */
  *due(): Generator<Event> {
    for (let first = this.#outstanding[0]; first?.settled === true; first = this.#outstanding[0]) {
      this.#outstanding.shift();
      this.#names -= first.names;
      yield first.answer;
    }
  }

  record(): ReceiptsRecord {
    const outstanding = this.#outstanding.map((receipt) => receipt.record());
    return { on: this.#on, lines: this.#lines, numbered: this.#numbered, outstanding };
  }

  static of({ on, lines, numbered, outstanding }: ReceiptsRecord): Receipts {
    const receipts = new Receipts();
    receipts.#on = on;
    receipts.#lines = lines;
    receipts.#numbered = numbered;
    receipts.#outstanding = outstanding.map((record) => Receipt.of(record));
    receipts.#names = receipts.#outstanding.reduce((sum, { names }) => sum + names, 0);
    return receipts;
  }
}
