/** What a node has to say, published: one message at a time, and what gathers meanwhile is the next one. */
import {
  concat,
  concatMap,
  connect,
  defer,
  endWith,
  filter,
  finalize,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  type OperatorFunction,
  retry,
  Subject,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { consume } from '../consume.ts';
import type { Input, NodeId } from '../message.ts';
import type { Claim } from './agreement.ts';
import { idOf } from './identity.ts';
import type { Link } from './link.ts';
import { BEAT } from './roll.ts';
import { subjectOf } from './stream.ts';
import type { ClusterTally } from './tally.ts';
import { beat, bye, hello, jsonOf, turnOf, untoldOf } from './wire.ts';

/** Bytes that wait, or are on their way, past which nothing more is to be said; and at which it may be again. */
const MUCH = 512 * 1024;
const LITTLE = MUCH / 4;
/** Milliseconds until what was not acknowledged is published again. */
const PATIENCE = 5000;
const AGAIN = 250;

/** Whose it is, and where it goes. */
export interface PublisherOptions {
  readonly link: Link;
  readonly stream: string;
  readonly node: NodeId;
  /** By which it acts. */
  readonly rules: number;
  /** What it has to say first, and whether it wants a snapshot of the others. */
  readonly greeting: readonly Input[];
  readonly wants?: boolean;
  /** So much waits that nobody is to be read; or not any more. */
  readonly pressed: (is: boolean) => void;
  /** What it has read by now. */
  readonly claim: () => Claim;
  /** A message stands at that place of the log. */
  readonly acknowledged: (place: number) => void;
  /** A message was not taken; it is published again, unless this throws. */
  readonly failed: (error: unknown) => void;
  readonly tally: ClusterTally;
}

/** A message that has not come back; by the clock of `performance`, in milliseconds. */
interface Letter {
  readonly number: number;
  /** When it was published first. */
  readonly at: number;
  /** When it was known that NATS has it. */
  acknowledgedAt: number | undefined;
}

interface Sent {
  /** Of its last message. */
  readonly number: number;
  readonly inputs: readonly Input[];
  readonly bytes: number;
}

export class Publisher {
  readonly #options: PublisherOptions;
  /** Of the last message. */
  #number = 0;
  #gathered: (readonly Input[])[] = [];
  #json: string[] = [];
  /** Of what was gathered. */
  #gatheredBytes = 0;
  /** Of what was gathered, and of what has not come back. */
  #bytes = 0;
  /** Messages that have not come back; only the last of them may be one that NATS does not have. */
  readonly #letters: Letter[] = [];
  /** What has not come back. */
  #sent: Sent[] = [];
  #isPressed = false;
  #isBusy = false;
  #spokeAt = 0;
  readonly #heard = new Subject<number>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** What has not come back yet. */
  get pending(): Input[] {
    return [...this.#sent.map(({ inputs }) => inputs), ...this.#gathered].flat();
  }

  /** Bytes of it. */
  get waiting(): number {
    return this.#bytes;
  }

  /** Milliseconds for which it is not known whether NATS has what was said last. */
  get silence(): number {
    const last = this.#letters.at(-1);
    return !last || last.acknowledgedAt !== undefined ? 0 : performance.now() - last.at;
  }

  /** Milliseconds for which what NATS has of this node has not come back. */
  get lag(): number {
    const [{ acknowledgedAt } = { acknowledgedAt: undefined }] = this.#letters;
    return acknowledgedAt === undefined ? 0 : performance.now() - acknowledgedAt;
  }

  /**
   * Publishes what each of `turns` has, behind a word that this node is there; says that it is, also where nothing else is
   * said; and says when it is over. Emits nothing, and completes then; what is not acknowledged is published
   * again, and counts once, so it errors with what `failed` throws only. To be subscribed once.
   */
  readonly publish: OperatorFunction<readonly Input[], never> = (turns) => {
    const turning = turns.pipe(
      connect((turns) => {
        const over = turns.pipe(ignoreElements(), endWith(true));
        return merge(
          turns.pipe(
            filter((inputs) => this.#gather(inputs)),
            map(() => () => this.#turn()),
          ),
          interval(BEAT / 2).pipe(
            filter(() => this.#isSilent),
            map(() => () => [beat(this.#options.claim())]),
            takeUntil(over),
          ),
        );
      }),
    );
    const letters = concat(
      of(() => [this.#hello()]),
      turning,
      of(() => [bye()]),
    );
    return letters.pipe(concatMap((write) => this.#all(write)));
  };

  /** Its own message of that number has come back; gives the inputs of the turn that ends with it. */
  heard(number: number): readonly Input[] | undefined {
    this.#returned(number);
    this.#heard.next(number);
    const [sent] = this.#sent;
    if (sent?.number !== number) return undefined;
    this.#sent.shift();
    this.#weigh(-sent.bytes);
    return sent.inputs;
  }

  #returned(number: number): void {
    for (;;) {
      const [letter] = this.#letters;
      if (!letter || letter.number > number) return;
      this.#letters.shift();
      this.#options.tally.roundTrips.count((performance.now() - letter.at) / 1000);
    }
  }

  #hello(): Uint8Array {
    const { rules, greeting, wants } = this.#options;
    return hello(rules, jsonOf(greeting), wants);
  }

  /** True where nothing else waits: then it is a ticket for all that gathers until it is its turn. */
  #gather(inputs: readonly Input[]): boolean {
    const json = jsonOf(inputs).slice(1, -1);
    if (json !== '') this.#json.push(json);
    // What others are not told is held here all the same.
    const bytes = json.length + untoldOf(inputs);
    this.#gatheredBytes += bytes;
    this.#weigh(bytes);
    return this.#gathered.push(inputs) === 1;
  }

  #turn(): Iterable<Uint8Array> {
    const json = `[${this.#json.join(',')}]`;
    const inputs =
      this.#gathered.length === 1 ? (this.#gathered[0] as readonly Input[]) : this.#gathered.flat();
    const messages = [...turnOf(json, this.#options.claim())];
    this.#sent.push({ number: this.#number + messages.length, inputs, bytes: this.#gatheredBytes });
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#json = [];
    return messages;
  }

  #all(write: () => Iterable<Uint8Array>): Observable<never> {
    return defer(() => {
      this.#isBusy = true;
      return from(write()).pipe(concatMap((bytes) => this.#send(bytes)));
    }).pipe(
      finalize(() => {
        this.#isBusy = false;
      }),
    );
  }

  /** Completes once it is acknowledged, or has come back. */
  #send(bytes: Uint8Array): Observable<never> {
    const { link, stream, node, tally, acknowledged, failed } = this.#options;
    const number = ++this.#number;
    const letter: Letter = { number, at: performance.now(), acknowledgedAt: undefined };
    this.#letters.push(letter);
    tally.published++;
    const options = { msgID: idOf({ node, number }), expect: { streamName: stream }, timeout: PATIENCE };
    return link.up.pipe(
      // What was on its way when the connection broke may be lost, or not.
      switchMap((up) => {
        if (!up) return NEVER;
        this.#spokeAt = performance.now();
        return link.jetstream.publish(subjectOf(stream), bytes, options);
      }),
      retry({
        delay: (error: unknown) => {
          failed(error);
          return timer(AGAIN);
        },
      }),
      take(1),
      consume(({ seq }) => {
        letter.acknowledgedAt = performance.now();
        acknowledged(seq);
      }),
      takeUntil(this.#heard.pipe(filter((heard) => heard >= number))),
    );
  }

  get #isSilent(): boolean {
    return !this.#isBusy && performance.now() - this.#spokeAt > BEAT / 2;
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    const isPressed = this.#bytes > (this.#isPressed ? LITTLE : MUCH);
    if (isPressed === this.#isPressed) return;
    this.#isPressed = isPressed;
    this.#options.pressed(isPressed);
  }
}
