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
import type { Input, NodeId } from '../message.ts';
import { idOf } from './identity.ts';
import type { Link } from './link.ts';
import { BEAT } from './roll.ts';
import { subjectOf } from './stream.ts';
import { beat, bye, hello, jsonOf, turnOf } from './wire.ts';

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
  /** What it has to say first. */
  readonly greeting: readonly Input[];
  /** So much waits that nobody is to be read; or not any more. */
  readonly pressed: (is: boolean) => void;
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
  /** Of what was gathered, and of what has not come back. */
  #bytes = 0;
  /** Of the first message that has not come back, by the clock of `performance`, in milliseconds; undefined if all have. */
  #waitsSince: number | undefined;
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

  /** Milliseconds for which it is not known whether NATS has what was said last. */
  get silence(): number {
    return this.#waitsSince === undefined ? 0 : performance.now() - this.#waitsSince;
  }

  /**
   * Publishes what each of `turns` has, behind a word that this node is there; says that it is, also where nothing else is
   * said; and says when it is over. Emits nothing, and completes then; never errors, for what is not acknowledged is published
   * again, and counts once. To be subscribed once.
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
            map(() => () => [beat()]),
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
    this.#waitsSince = number < this.#number ? performance.now() : undefined;
    this.#heard.next(number);
    const [sent] = this.#sent;
    if (sent?.number !== number) return undefined;
    this.#sent.shift();
    this.#weigh(-sent.bytes);
    return sent.inputs;
  }

  #hello(): Uint8Array {
    const { rules, greeting } = this.#options;
    return hello(rules, jsonOf(greeting));
  }

  /** True where nothing else waits: then it is a ticket for all that gathers until it is its turn. */
  #gather(inputs: readonly Input[]): boolean {
    const json = jsonOf(inputs).slice(1, -1);
    if (json !== '') this.#json.push(json);
    this.#weigh(json.length);
    return this.#gathered.push(inputs) === 1;
  }

  #turn(): Iterable<Uint8Array> {
    const json = `[${this.#json.join(',')}]`;
    const inputs =
      this.#gathered.length === 1 ? (this.#gathered[0] as readonly Input[]) : this.#gathered.flat();
    const messages = [...turnOf(json)];
    const bytes = this.#json.reduce((sum, { length }) => sum + length, 0);
    this.#sent.push({ number: this.#number + messages.length, inputs, bytes });
    this.#gathered = [];
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
    const { link, stream, node } = this.#options;
    const number = ++this.#number;
    this.#waitsSince ??= performance.now();
    const options = { msgID: idOf({ node, number }), expect: { streamName: stream }, timeout: PATIENCE };
    return link.up.pipe(
      // What was on its way when the connection broke may be lost, or not.
      switchMap((up) => {
        if (!up) return NEVER;
        this.#spokeAt = performance.now();
        return link.jetstream.publish(subjectOf(stream), bytes, options);
      }),
      retry({ delay: () => timer(AGAIN) }),
      take(1),
      ignoreElements(),
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
