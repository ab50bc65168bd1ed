/** The log of several machines: a stream of NATS, from which each turn comes back in everybody's order. */
import { catchError, defer, filter, map, merge, takeWhile } from 'rxjs';
import { consume } from '../consume.ts';
import type { Log } from '../log.ts';
import type { Input, NodeId, Turn } from '../message.ts';
import type { Agreed } from './agreement.ts';
import { Chronicle, type LogRecord, type Milestone } from './chronicle.ts';
import type { Entry } from './entry.ts';
import type { Link } from './link.ts';
import { isRefusal, problem } from './problem.ts';
import { Publisher } from './publisher.ts';
import { Reader } from './reader.ts';
import type { Change } from './roll.ts';
import { Refuted, Severed } from './severed.ts';
import { ClusterTally } from './tally.ts';
import { ClusterUnusable } from './unusable.ts';

/** This node counts as gone: what it said last is perhaps not in the log, and what it says is heard by nobody. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
  /** What was not in the log when it was cut off. */
  readonly unsent: readonly Input[];
  /** Where it has read something else than the others. */
  readonly agreed: Agreed | undefined;

  constructor(message: string, unsent: readonly Input[], agreed?: Agreed) {
    super(message);
    this.unsent = unsent;
    this.agreed = agreed;
  }
}

export interface JetStreamLogOptions {
  readonly link: Link;
  readonly stream: string;
  readonly node: NodeId;
  /** By which the chat acts: all nodes have to act alike. */
  readonly rules: number;
  /** What this node has to say first, and whether it wants a snapshot of the others. */
  readonly greeting: readonly Input[];
  readonly wants?: boolean;
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
  readonly #chronicle: Chronicle;
  readonly #tally: ClusterTally;
  #hasEntered = false;
  #refusal: string | undefined;

  constructor(options: JetStreamLogOptions) {
    const { link, stream, node, from, pressed = (): void => undefined, tally = new ClusterTally() } = options;
    this.#options = options;
    this.#tally = tally;
    const failed = (error: unknown): void => {
      this.#fail(error);
    };
    this.#reader = new Reader(link, stream, from.mark, failed);
    this.#publisher = new Publisher({
      ...options,
      ...{ pressed, tally, failed },
      claim: () => this.#chronicle.claim,
      acknowledged: (place) => {
        this.#refusal = undefined;
        this.#reader.reaches(place);
      },
    });
    this.#chronicle = new Chronicle(
      {
        node,
        own: (number) => this.#publisher.heard(number),
        entered: (counts) => {
          this.#enter(counts);
        },
        doubted: () => {
          this.#reader.doubt();
        },
        changed: (change, turn) => options.changed?.(change, turn),
      },
      from,
    );
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
    return this.#chronicle.roll.size;
  }

  /** Milliseconds of the log's time for which nothing was heard of each of them. */
  get silences(): (readonly [NodeId, number])[] {
    return this.#chronicle.roll.silences;
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
    return this.#chronicle.dueBehind(turn);
  }

  /** Between two turns. */
  record(): LogRecord {
    return this.#chronicle.record();
  }

  /** Once this node has said its last word. */
  get end(): Milestone | undefined {
    return this.#chronicle.end;
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
          takeWhile((turn) => turn?.sequence !== (this.end?.turn ?? 0), true),
          filter((turn) => turn !== undefined),
          catchError((error: unknown) => {
            throw error instanceof Severed ? this.#cutOff(error) : error;
          }),
        ),
      ),
    );

  #hear(entry: Entry): Turn | undefined {
    this.#tally.bytes += entry.bytes.length;
    this.#tally.why = '';
    const turn = this.#chronicle.hear(entry);
    if (turn) {
      this.#tally.turns++;
      this.#tally.inputs += turn.inputs.length;
    }
    return turn;
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
      `the nodes of this cluster act by the rules ${String(this.#chronicle.roll.rules)}, and this one by ${String(this.#options.rules)}: they cannot be one chat; stop the others, then start this one`,
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

  #cutOff(error: Severed): CutOff {
    return new CutOff(
      error.message,
      this.#publisher.pending,
      error instanceof Refuted ? error.agreed : undefined,
    );
  }
}
