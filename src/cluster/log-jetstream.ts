/** The log of several machines: a stream of NATS, from which each turn comes back in everybody's order. */
import { catchError, defer, filter, map, merge, takeWhile } from 'rxjs';
import { consume } from '../consume.ts';
import type { Log } from '../log.ts';
import type { Input, NodeId, Turn } from '../message.ts';
import { Due, type DueRecord } from './due.ts';
import type { Link } from './link.ts';
import { isRefusal, problem } from './problem.ts';
import { Publisher } from './publisher.ts';
import { type Entry, LogChanged, type Mark, markOf, Reader } from './reader.ts';
import { type Change, changesOf, type Envelope, Roll, type RollRecord } from './roll.ts';
import { ClusterTally } from './tally.ts';
import { ClusterUnusable } from './unusable.ts';
import { Parts, type PartsRecord, type Saying, sayingOf } from './wire.ts';

/** This node counts as gone: what it said last is perhaps not in the log, and what it says is heard by nobody. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
  /** What was not in the log when it was cut off. */
  readonly unsent: readonly Input[];

  constructor(message: string, unsent: readonly Input[]) {
    super(message);
    this.unsent = unsent;
  }
}

/** All that a node has to know of the log up to some place, but for the chat. */
export interface LogRecord extends DueRecord {
  readonly mark: Mark;
  /** How many there were. */
  readonly turns: number;
  readonly roll: RollRecord;
  readonly parts: PartsRecord;
}

export const EMPTY_LOG: LogRecord = {
  mark: { place: 0, id: '' },
  turns: 0,
  bytes: 0,
  dueAt: 0,
  roll: { time: 0, clock: 0, nodes: [] },
  parts: [],
};

export interface JetStreamLogOptions {
  readonly link: Link;
  readonly stream: string;
  readonly node: NodeId;
  /** By which the chat acts: all nodes have to act alike. */
  readonly rules: number;
  /** What this node has to say first. */
  readonly greeting: readonly Input[];
  /** Where to begin. */
  readonly from: LogRecord;
  /** So much waits for NATS that nobody is to be read; or not any more. */
  readonly pressed?: (is: boolean) => void;
  /** This node is heard, and has heard what was before it. */
  readonly entered?: () => void;
  /** Who is there has changed, as part of that turn. */
  readonly changed?: (change: Change, turn: number) => void;
  readonly tally?: ClusterTally;
  /** What NATS refuses at the start may be set right: it is tried again and again. */
  readonly isPatient?: boolean;
}

export class JetStreamLog {
  readonly #options: JetStreamLogOptions;
  readonly #reader: Reader;
  readonly #publisher: Publisher;
  readonly #roll = new Roll();
  readonly #parts = new Parts();
  readonly #tally: ClusterTally;
  #turns: number;
  readonly #due: Due;
  /** The turn behind which this node is to write a snapshot, and what is to be in it. */
  #plan: { readonly turn: number; readonly record: LogRecord } | undefined;
  #hasEntered = false;
  /** What was heard last. */
  #mark: Mark;
  #end: { readonly turn: number; readonly record: LogRecord } | undefined;
  #refusal: string | undefined;

  constructor(options: JetStreamLogOptions) {
    const { link, stream, from, pressed = (): void => undefined, tally = new ClusterTally() } = options;
    this.#options = options;
    this.#mark = from.mark;
    this.#tally = tally;
    const failed = (error: unknown): void => {
      this.#fail(error);
    };
    this.#reader = new Reader(link, stream, from.mark, failed);
    this.#publisher = new Publisher({
      ...options,
      ...{ pressed, tally, failed },
      acknowledged: (place) => {
        this.#refusal = undefined;
        this.#reader.reaches(place);
      },
    });
    this.#roll.become(from.roll);
    this.#parts.become(from.parts);
    this.#turns = from.turns;
    this.#due = new Due(from);
  }

  /** This node is heard, and has heard what was before it. */
  get hasEntered(): boolean {
    return this.#hasEntered;
  }

  /** Milliseconds for which NATS has not taken what this node has said; it says something every few seconds. */
  get silence(): number {
    return this.#publisher.silence;
  }

  /** Why NATS does not take it, where it says so. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Milliseconds for which what NATS has of it has not come back: so far it is behind. */
  get lag(): number {
    return this.#publisher.lag;
  }

  /** Messages of the log that it has not read, of those that it knows of. */
  get unread(): number {
    return this.#reader.unread;
  }

  /** Milliseconds since it has read something. */
  get quiet(): number {
    return this.#reader.quiet;
  }

  /** Where NATS is. */
  get address(): string {
    return this.#options.link.place;
  }

  /** The message of the log that it has read last. */
  get place(): number {
    return this.#reader.mark.place;
  }

  /** Nodes that there are. */
  get nodes(): number {
    return this.#roll.size;
  }

  /** Milliseconds of the log's time for which nothing was heard of each of them. */
  get silences(): (readonly [NodeId, number])[] {
    return this.#roll.silences;
  }

  /** Bytes of what this node has said, and has not come back. */
  get waiting(): number {
    return this.#publisher.waiting;
  }

  /** What this node has said, and has not come back. */
  get pending(): readonly Input[] {
    return this.#publisher.pending;
  }

  /** Whoever cannot follow says so. */
  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
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
    const [mark, turns] = [this.#mark, this.#turns];
    return { mark, turns, ...this.#due.record(), roll: this.#roll.record(), parts: this.#parts.record() };
  }

  /** Once this node has said its last word: the turn that is made of it, and what is known of the log behind that. */
  get end(): { readonly turn: number; readonly record: LogRecord } | undefined {
    return this.#end;
  }

  /**
   * As the seam has it; a turn of this node may be joined with the next ones. Errors with a CutOff where the others have given
   * this node up, or the log is not the one any more that it was, and with a ClusterUnusable where the others act by other rules, or
   * NATS refuses from the start what it is asked for.
   */
  readonly log: Log = (turns) =>
    defer(() =>
      merge(
        turns.pipe(this.#publisher.publish),
        merge(
          this.#reader.entries.pipe(map((entry) => this.#hear(entry))),
          // Where the reader has no right to be sent anything, it hears of nothing else.
          this.#options.link.denials.pipe(
            consume((error) => {
              this.#fail(error);
            }),
          ),
        ).pipe(
          takeWhile((turn) => turn?.sequence !== (this.#end?.turn ?? 0), true),
          filter((turn) => turn !== undefined),
          catchError((error: unknown) => {
            throw error instanceof LogChanged ? this.#cutOff(error.message) : error;
          }),
        ),
      ),
    );

  /** The turn that ends with it, if one does. */
  #hear(entry: Entry): Turn | undefined {
    const { node, number, bytes } = entry;
    this.#tally.bytes += bytes.length;
    this.#tally.why = '';
    const saying = sayingOf(bytes);
    if (saying?.kind === 'founding' && this.#options.from.mark.place === 0)
      throw this.#cutOff('the log does not begin with nothing');
    const isOwn = node === this.#options.node;
    this.#mark = markOf(entry);
    const rules = saying?.kind === 'hello' ? saying.rules : undefined;
    const envelope: Envelope = { ...entry, rules, isLast: saying?.kind === 'bye' };
    const before = this.#roll.size;
    const verdict = this.#roll.hear(envelope);
    const { counts, lost } = verdict;
    const isOver = isOwn && counts && saying?.kind === 'bye';
    if (!isOver && lost.includes(this.#options.node))
      throw this.#cutOff('the other nodes have not heard of this one for too long');
    if (isOwn && number === 1) this.#enter(counts);
    // What this node has said itself it need not read.
    const own = isOwn && counts ? this.#publisher.heard(number) : undefined;
    const inputs = counts && saying ? (own ?? this.#inputsOf(node, saying)) : undefined;
    if (own) this.#parts.forget(node);
    for (const gone of lost) this.#parts.forget(gone);
    if (number === 1 || lost.length > 0)
      for (const change of changesOf(envelope, verdict, before))
        this.#options.changed?.(change, this.#turns + 1);
    const isDue = this.#due.hear(bytes.length, this.#roll.clock);
    if (lost.length === 0 && !inputs && !isDue) return undefined;
    const turn = ++this.#turns;
    this.#tally.turns++;
    this.#tally.inputs += inputs?.length ?? 0;
    if (isDue && this.#isWriter(turn)) this.#plan = { turn, record: this.record() };
    if (isOver) this.#end = { turn, record: this.record() };
    const gone = lost.map((node): Input => ({ type: 'node-lost', node }));
    return {
      sequence: turn,
      time: this.#roll.time,
      inputs: gone.length > 0 ? [...gone, ...(inputs ?? [])] : (inputs ?? []),
      first: 0,
    };
  }

  /** One of the nodes is to write what is due behind that turn, and another one the next time. */
  #isWriter(turn: number): boolean {
    const { nodes } = this.#roll;
    return nodes[turn % nodes.length] === this.#options.node;
  }

  #inputsOf(node: NodeId, saying: Saying): Input[] | undefined {
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

  /** This node is heard, and has heard what was before it. */
  #enter(counts: boolean): void {
    if (this.#hasEntered) return;
    this.#hasEntered = true;
    if (counts) {
      this.#options.entered?.();
      return;
    }
    throw new ClusterUnusable(
      `the nodes of this cluster act by the rules ${String(this.#roll.rules)}, and this one by ${String(this.#options.rules)}: they cannot be one chat; stop the others, then start this one`,
    );
  }

  #fail(error: unknown): void {
    if (!isRefusal(error)) return;
    this.#refusal = error.message;
    if (this.#hasEntered) return;
    const unusable = problem({ servers: this.#options.link.place }, error);
    if (!this.#options.isPatient) throw unusable;
    this.#tally.why = unusable instanceof ClusterUnusable ? unusable.why : error.message;
  }

  #cutOff(why: string): CutOff {
    return new CutOff(why, this.#publisher.pending);
  }
}
