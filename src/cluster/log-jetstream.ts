/** The log of several machines: a stream of NATS, from which each turn comes back in everybody's order. */
import { catchError, defer, filter, map, merge, takeWhile } from 'rxjs';
import type { Log } from '../log.ts';
import type { Input, NodeId, Turn } from '../message.ts';
import type { Link } from './link.ts';
import { Publisher } from './publisher.ts';
import { type Entry, LogChanged, type Mark, Reader } from './reader.ts';
import { Roll, type RollRecord } from './roll.ts';
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
export interface LogRecord {
  readonly mark: Mark;
  /** How many there were. */
  readonly turns: number;
  readonly roll: RollRecord;
  readonly parts: PartsRecord;
}

export const EMPTY_LOG: LogRecord = {
  mark: { place: 0, id: '' },
  turns: 0,
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
}

export class JetStreamLog {
  readonly #options: JetStreamLogOptions;
  readonly #reader: Reader;
  readonly #publisher: Publisher;
  readonly #roll = new Roll();
  readonly #parts = new Parts();
  #turns: number;
  #hasEntered = false;

  constructor(options: JetStreamLogOptions) {
    const { link, stream, from, pressed = (): void => undefined } = options;
    this.#options = options;
    this.#reader = new Reader(link, stream, from.mark);
    this.#publisher = new Publisher({ ...options, pressed });
    this.#roll.become(from.roll);
    this.#parts.become(from.parts);
    this.#turns = from.turns;
  }

  /** Milliseconds for which nothing has come back of what this node has said; it says something every few seconds. */
  get silence(): number {
    return this.#publisher.silence;
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

  /** Between two turns. */
  record(): LogRecord {
    return {
      mark: this.#reader.mark,
      turns: this.#turns,
      roll: this.#roll.record(),
      parts: this.#parts.record(),
    };
  }

  /**
   * As the seam has it; a turn of this node may be joined with the next ones. Errors with a CutOff where the others have given
   * this node up, or the log is not the one any more that it was, and with a ClusterUnusable where the others act by other rules.
   */
  readonly log: Log = (turns) =>
    defer(() =>
      merge(
        turns.pipe(this.#publisher.publish),
        this.#reader.entries.pipe(
          map((entry) => this.#hear(entry)),
          takeWhile((turn) => turn !== 'over'),
          filter((turn) => turn !== undefined),
          catchError((error: unknown) => {
            throw error instanceof LogChanged ? this.#cutOff(error.message) : error;
          }),
        ),
      ),
    );

  /** The turn that ends with it, if one does; `over` is the last word of this node itself. */
  #hear(entry: Entry): Turn | 'over' | undefined {
    const { node, number, bytes } = entry;
    const saying = sayingOf(bytes);
    const rules = saying?.kind === 'hello' ? saying.rules : undefined;
    const { counts, lost } = this.#roll.hear({ ...entry, rules, isLast: saying?.kind === 'bye' });
    const isOwn = node === this.#options.node;
    if (isOwn && counts && saying?.kind === 'bye') return 'over';
    if (lost.includes(this.#options.node))
      throw this.#cutOff('the other nodes have not heard of this one for too long');
    if (isOwn && number === 1) this.#enter(counts);
    // What this node has said itself it need not read.
    const own = isOwn && counts ? this.#publisher.heard(number) : undefined;
    const inputs = counts && saying ? (own ?? this.#inputsOf(node, saying)) : undefined;
    if (own) this.#parts.forget(node);
    for (const gone of lost) this.#parts.forget(gone);
    if (lost.length === 0 && !inputs) return undefined;
    const before = lost.map((gone): Input => ({ type: 'node-lost', node: gone }));
    return {
      sequence: ++this.#turns,
      time: this.#roll.time,
      inputs: before.length > 0 ? [...before, ...(inputs ?? [])] : (inputs as Input[]),
      first: 0,
    };
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

  #cutOff(why: string): CutOff {
    return new CutOff(why, this.#publisher.pending);
  }
}
