/** The log, read from one place of it on. */
import { AckPolicy, type ConsumerConfig, type ConsumerMessages, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { defer, EMPTY, Observable, retry, switchMap, tap, timer } from 'rxjs';
import type { Valve } from '../gate.ts';
import { type Entry, entryOf, markOf } from './entry.ts';
import type { Link } from './link.ts';
import { changeOf, type Mark, stateOf, UNKNOWN } from './mark.ts';
import { Severed } from './severed.ts';

/** Messages that NATS sends ahead; each may have 512 KiB. */
const AHEAD = 64;
/** Milliseconds without a sign of life from NATS, twice, past which it is asked anew. */
const HEARTBEAT = 1000;
/** Milliseconds until it is tried again. */
const AGAIN = 250;
/** Milliseconds for which NATS may not know the log, or the end of it: its servers, where they have just started, have it a little later. */
const MISSING = 5000;
/** Milliseconds that NATS knows a reader that does not ask any more. */
const FORGOTTEN = 30_000;

/** Reads one stream; whoever cannot follow shuts it for a while. */
export class Reader implements Valve {
  readonly #link: Link;
  readonly #stream: string;
  readonly #failed: (error: unknown) => void;
  #mark: Mark;
  /** By the clock of `performance`, in milliseconds; undefined where the log is there, up to what was read. */
  #missingSince: number | undefined;
  /** The last place of the log that is known of. */
  #end: number;
  /** What was read last is perhaps not what stands in the log. */
  #isInDoubt = false;
  /** By the clock of `performance`, in milliseconds. */
  #confirmedAt = 0;
  /** By the clock of `performance`, in milliseconds. */
  #readAt = performance.now();
  #shut: { readonly over: Promise<void>; readonly open: () => void } | undefined;

  /** `failed` is told what went wrong before it is tried again, and throws where it should not be. */
  constructor(link: Link, stream: string, from: Mark, failed: (error: unknown) => void) {
    this.#link = link;
    this.#stream = stream;
    this.#failed = failed;
    this.#mark = from;
    this.#end = from.place;
  }

  /** What was read last. */
  get mark(): Mark {
    return this.#mark;
  }

  /** Messages that were not read, of those that are known of. */
  get unread(): number {
    return this.#end - this.#mark.place;
  }

  /** Milliseconds since something was read. */
  get quiet(): number {
    return performance.now() - this.#readAt;
  }

  /** The log goes as far as there, at least. */
  reaches(place: number): void {
    this.#end = Math.max(this.#end, place);
  }

  /** What was read is perhaps not what stands in the log: whoever leads that is asked, but not all the time. */
  doubt(): void {
    this.#isInDoubt = performance.now() - this.#confirmedAt > AGAIN;
  }

  pause(): void {
    if (this.#shut) return;
    let open = (): void => undefined;
    const over = new Promise<void>((resolve) => (open = resolve));
    this.#shut = { over, open };
  }

  resume(): void {
    this.#shut?.open();
    this.#shut = undefined;
  }

  /**
   * Each message behind `from`, in order, none of them twice, and then what comes; waits while NATS is away. Never completes.
   * Errors with a Severed, or with what `failed` throws.
   */
  readonly entries: Observable<Entry> = defer(() =>
    this.#link.up.pipe(
      switchMap((up) => (up ? this.#session : EMPTY)),
      tap((entry) => {
        this.#mark = markOf(entry);
        this.#readAt = performance.now();
      }),
    ),
  );

  /** As long as NATS answers as it should. */
  readonly #session = new Observable<Entry>((subscriber) => {
    let messages: ConsumerMessages | undefined;
    // A function, for the compiler does not see that it may change meanwhile.
    const isOver = (): boolean => subscriber.closed;
    const read = async (): Promise<void> => {
      messages = await this.#consume();
      if (isOver()) {
        // It was lost again meanwhile, so nobody else ends it.
        void messages.close();
        return;
      }
      void closeIfSilent(messages);
      let isFirst = true;
      for await (const message of messages) {
        await this.#shut?.over;
        if (isOver()) return;
        const entry = entryOf(message);
        this.reaches(entry.place + message.info.pending);
        if (entry.place !== this.#mark.place + 1) {
          // It was lost on its way, and is asked for anew; where NATS does not have it then either, nobody will ever read it.
          if (!isFirst || (await this.#has(this.#mark.place + 1)))
            throw new Error(`a message behind ${String(this.#mark.place)} is missing`);
          await this.#confirm();
          if (isOver()) return;
        }
        isFirst = false;
        subscriber.next(entry);
        if (!this.#isInDoubt) continue;
        this.#isInDoubt = false;
        await this.#confirm();
        if (isOver()) return;
      }
      throw new Error('NATS does not send the log any more');
    };
    read().catch((error: unknown) => {
      subscriber.error(error);
    });
    return () => {
      void messages?.close();
    };
  }).pipe(
    retry({
      delay: (error: unknown) => {
        if (error instanceof Severed) throw error;
        this.#failed(error);
        return timer(AGAIN);
      },
    }),
  );

  async #consume(): Promise<ConsumerMessages> {
    const { manager, jetstream } = this.#link;
    await this.#confirm();
    const info = await manager.consumers.add(this.#stream, readingFrom(this.#mark.place + 1));
    const consumer = jetstream.consumers.getConsumerFromInfo(info);
    return consumer.consume({ max_messages: AHEAD, idle_heartbeat: HEARTBEAT, bind: true });
  }

  /** Whoever leads the log knows, also where a server that sends it does not have all of it yet. */
  async #has(place: number): Promise<boolean> {
    return (await this.#link.manager.streams.getMessage(this.#stream, { seq: place })) !== null;
  }

  /** Rejects with a Severed where the log does not go on from what was read last, and has not for a while. */
  async #confirm(): Promise<void> {
    const { manager } = this.#link;
    this.#confirmedAt = performance.now();
    const state = await stateOf(manager, this.#stream);
    const change = state ? await changeOf(manager, this.#stream, state, this.#mark) : UNKNOWN;
    if (state && !change) {
      this.#missingSince = undefined;
      this.reaches(state.last_seq);
      return;
    }
    const { why, isSure } = change ?? UNKNOWN;
    this.#missingSince ??= performance.now();
    if (!isSure && performance.now() - this.#missingSince < MISSING) throw new Error(why);
    throw new Severed(why);
  }
}

/** A reader that NATS has in memory, and forgets by itself. */
const readingFrom = (place: number): Partial<ConsumerConfig> => ({
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: place,
  ack_policy: AckPolicy.None,
  mem_storage: true,
  num_replicas: 1,
  inactive_threshold: nanos(FORGOTTEN),
});

/** Whatever NATS says that it cannot go on with is the end of it; another one is asked for then. */
async function closeIfSilent(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (['heartbeats_missed', 'consumer_deleted', 'consumer_not_found', 'no_responders'].includes(type))
      void messages.close();
  }
}
