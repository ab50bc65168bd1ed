/** What is kept, as the event loop sees it: it says what is to be written, and hears later what has become of it. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Observable, Subject } from 'rxjs';
import { ConfigError } from '../config.ts';
import type { Effect, Recall } from '../effect.ts';
import type { OwnerId } from '../past.ts';
import type { ClientId, ReceiptPart } from '../message.ts';
import { turns } from '../turns.ts';
import { type Deed, type Item, runOf, sizeOf } from './deed.ts';
import { pack } from './parcel.ts';
import type { Beginning, Outcome, Reply, Task } from './post.ts';
import type { KeptRegistry } from './registry.ts';
import { Ring } from './ring.ts';
import type { Decided } from './watch.ts';

export interface ArchiveOptions extends Beginning {
  /** Lines of each room that are in memory. */
  readonly history: number;
  /** What tells whether a password is right, by the version of a reservation that the chat has made. */
  readonly verifierOf: (version: string) => string | undefined;
}

/** What has become of what the chat wanted. */
export type Answer =
  /** Of lines whose senders want to know: they are kept, or nobody can say whether they ever will be. */
  | { readonly type: 'kept'; readonly kept: readonly ReceiptPart[]; readonly lost: readonly ReceiptPart[] }
  | ({ readonly type: 'recalled'; readonly client: ClientId } & Outcome);

/** Is all that was said written? If so again, so many lines were lost meanwhile. */
export type Health =
  { readonly ok: false; readonly error: string } | { readonly ok: true; readonly lost: number };

/** How far the disk is behind. */
export type Pressure = 'caught-up' | 'behind';

const MiB = 1024 * 1024;
/** Bytes that wait, at which whoever sends in bulk is to wait, too; and at which no more. */
const BEHIND = 8 * MiB;
const CAUGHT_UP = BEHIND / 2;
/** Bytes that wait, past which no history is taken any more. */
const MOST = 64 * MiB;
/** Bytes of one task. Of single lines it has nine hundred, and to pass them on takes a millisecond (measured). */
const TASK = MiB / 4;
/**
 * Milliseconds that what nobody waits for may gather. To wake another thread takes longer than to write a line: sent turn by turn,
 * a room of 100 at full speed had two thirds of its rate.
 */
const SOON = 10;
/** Searches that wait. */
const SEARCHES = 256;
/** Bytes of the last lines of all rooms together. */
const RING = 64 * MiB;

/** One task that waits to be sent, or is not done yet. */
interface Batch {
  readonly items: Item[];
  readonly receipts: ReceiptPart[];
  bytes: number;
  /** Somebody wants to know that it is kept, or what is. */
  isUrgent: boolean;
}

/**
 * Opens what is kept in `folder`, and emits it once; it is open while subscribed. Completes behind `close()`, when all is
 * written; unsubscribing leaves at once what is not written yet. Errors with a ConfigError where the folder cannot be
 * used, or another server uses it.
 */
export function openArchive({ history, verifierOf, ...beginning }: ArchiveOptions): Observable<Archive> {
  return new Observable((subscriber) => {
    // By its name in package.json, since only what is built can be a worker.
    const thread = createRequire(import.meta.url).resolve('#store-thread');
    const worker = new Worker(thread, { workerData: beginning });
    let archive: Archive | undefined;
    worker.on('message', (reply: Reply) => {
      if (reply.type === 'opened') {
        const post = (task: Task): void => {
          worker.postMessage(task, task.type === 'batch' ? [task.parcel.texts] : []);
        };
        archive = new Archive(reply.registry, new Ring(history, RING), verifierOf, post);
        subscriber.next(archive);
      } else if (reply.type === 'refused') subscriber.error(new ConfigError(reply.problem));
      else {
        archive?.hear(reply);
        if (reply.type === 'closed') subscriber.complete();
      }
    });
    worker.on('error', (error) => {
      subscriber.error(error);
    });
    return () => {
      void worker.terminate();
    };
  });
}

export class Archive {
  /** What was known when it was opened. */
  readonly registry: KeptRegistry;
  readonly #answers = new Subject<Answer>();
  readonly #levels = new Subject<Pressure>();
  readonly #health = new Subject<Health>();
  readonly #decided = new Subject<Decided>();
  readonly #ring: Ring;
  readonly #verifierOf: (version: string) => string | undefined;
  readonly #post: (task: Task) => void;
  readonly #waiting: Batch[] = [];
  /** They take long, so there is one with each task, and nobody's lines wait for two. */
  readonly #searches: Recall[] = [];
  #inFlight: Batch | undefined;
  #soon: NodeJS.Timeout | undefined;
  #gathered = 0;
  /** Bytes that the worker has, and the disk does not. */
  #owed = 0;
  #level: Pressure = 'caught-up';
  #failing = false;
  #isTroubled = false;
  #lost = 0;
  /** Those of whom it is not known any more in which rooms they are, and since which turn. */
  readonly #unseated = new Map<OwnerId, number>();
  #closing = false;

  /** Those of one turn of the event loop together, never inside a call; completes when it is closed, as all of these do. */
  readonly answers: Observable<readonly Answer[]> = this.#answers.pipe(turns());
  /** Emits when it changes; at first it is caught up, and also while nothing can be written: nobody is to wait for that. */
  readonly levels: Observable<Pressure> = this.#levels.asObservable();
  /** Emits when it changes; at first all is well. */
  readonly health: Observable<Health> = this.#health.asObservable();
  /** Emits when somebody else has changed names or bans in the file, within a second; waits for the `heard` of it. */
  readonly decided: Observable<Decided> = this.#decided.asObservable();

  /** To be made by `openArchive`. */
  constructor(
    registry: KeptRegistry,
    ring: Ring,
    verifierOf: (version: string) => string | undefined,
    post: (task: Task) => void,
  ) {
    this.registry = registry;
    this.#ring = ring;
    this.#verifierOf = verifierOf;
    this.#post = post;
  }

  /** Bytes that wait to be written. */
  get waiting(): number {
    return this.#gathered + this.#owed;
  }

  /** Lines that were lost since all was well. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes what a turn has brought, in order. What it asks for comes as `answers`. */
  perform(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    // What a turn has brought is kept together, or not at all.
    if ((this.#waiting.at(-1)?.bytes ?? TASK) >= TASK) this.#waiting.push(emptyBatch());
    for (const effect of effects) this.#perform(effect);
    this.#schedule();
    this.#assess();
  }

  /** Nothing follows. */
  close(): void {
    this.#closing = true;
    this.#send();
  }

  /** What the worker says. */
  hear(reply: Exclude<Reply, { type: 'opened' | 'refused' }>): void {
    switch (reply.type) {
      case 'recalled':
        this.#answers.next(reply);
        return;
      case 'done':
        this.#done(reply.kept);
        this.#owed = reply.owed;
        this.#schedule();
        break;
      case 'failing':
        this.#failing = true;
        this.#isTroubled = true;
        this.#health.next({ ok: false, error: reply.error });
        break;
      case 'mended':
        this.#failing = false;
        this.#owed = 0;
        break;
      case 'decided':
        this.#decided.next(reply);
        return;
      case 'closed':
        this.#lost += reply.lost;
        if (this.#lost > 0)
          this.#health.next({ ok: false, error: `${String(this.#lost)} lines were not kept` });
        for (const each of [this.#answers, this.#levels, this.#health, this.#decided]) each.complete();
        return;
    }
    this.#assess();
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'recall':
        this.#recall(effect);
        break;
      case 'keep': {
        const { said, room, receipt } = effect;
        const run = runOf(said);
        this.#ring.add(room, run);
        this.#keep({ do: 'keep', run, room }, receipt);
        break;
      }
      case 'keep-talk': {
        const { said, owner, mine, peer } = effect;
        this.#keep({ do: 'keep-talk', run: runOf(said), owner, mine, peer });
        break;
      }
      case 'mail':
        this.#add({ do: 'mail', run: runOf(effect.said), owner: effect.owner }, effect.receipt);
        break;
      case 'heard':
        // The worker knows what that was.
        this.#add({ ...effect, decisions: [] });
        break;
      case 'reserve':
        this.#add({ ...effect, verifier: this.#verifierOf(effect.version) });
        break;
      case 'enter':
      case 'leave':
      case 'gone':
        if (this.#isFull) this.#unseat(effect.owner, effect.sequence);
        else this.#add(effect);
        break;
      default:
        this.#add(effect);
    }
  }

  get #isFull(): boolean {
    return this.waiting >= MOST;
  }

  #recall(effect: Recall): void {
    const { client, query } = effect;
    const found = query.of === 'room' ? this.#ring.find(query, this.#failing) : undefined;
    if (found) this.#answers.next({ type: 'recalled', client, query, found });
    else if (query.of !== 'words') this.#add(effect);
    else if (this.#searches.length < SEARCHES) this.#searches.push(effect);
    else
      this.#answers.next({ type: 'recalled', client, query, fault: 'too many look for something just now' });
  }

  #keep(deed: Extract<Deed, { do: 'keep' | 'keep-talk' }>, receipt?: ReceiptPart): void {
    if (!this.#isFull) {
      this.#add(deed, receipt);
      return;
    }
    this.#lost += deed.run.count;
    if (receipt) this.#answers.next({ type: 'kept', kept: [], lost: [receipt] });
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#health.next({ ok: false, error: 'the disk cannot follow' });
  }

  // If only some of where one was were known, somebody would seem to have stayed in a private room that it has left.
  #unseat(owner: OwnerId, sequence: number): void {
    if (!this.#unseated.has(owner)) this.#unseated.set(owner, sequence);
  }

  #add(item: Item, receipt?: ReceiptPart): void {
    if (this.#unseated.size > 0 && !this.#isFull) {
      const unseated = [...this.#unseated];
      this.#unseated.clear();
      for (const [owner, sequence] of unseated) this.#add({ do: 'gone', owner, sequence });
    }
    const batch = this.#waiting.at(-1) as Batch;
    const bytes = sizeOf(item);
    batch.items.push(item);
    batch.bytes += bytes;
    this.#gathered += bytes;
    if (receipt) batch.receipts.push(receipt);
    if (receipt || item.do === 'recall') batch.isUrgent = true;
  }

  #schedule(): void {
    const [first] = this.#waiting;
    const isUrgent = first && (first.isUrgent || first.bytes >= TASK);
    if (isUrgent || this.#searches.length > 0 || this.#closing) this.#send();
    else if (first)
      this.#soon ??= setTimeout(() => {
        this.#send();
      }, SOON);
  }

  /** One task at a time: what gathers meanwhile goes together. */
  #send(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#inFlight) return;
    const batch = this.#waiting.shift() ?? emptyBatch();
    const search = this.#searches.shift();
    if (batch.items.length > 0 || search) {
      this.#inFlight = batch;
      this.#post({ type: 'batch', parcel: pack(batch.items), search });
    } else if (this.#closing) this.#post({ type: 'close' });
  }

  #done(kept: boolean): void {
    const { bytes, receipts } = this.#inFlight as Batch;
    this.#inFlight = undefined;
    this.#gathered -= bytes;
    if (receipts.length > 0)
      this.#answers.next({ type: 'kept', kept: kept ? receipts : [], lost: kept ? [] : receipts });
  }

  #assess(): void {
    const { waiting } = this;
    if (this.#failing || waiting <= CAUGHT_UP) this.#become('caught-up');
    else if (waiting >= BEHIND) this.#become('behind');
    if (!this.#isTroubled || this.#failing || waiting > CAUGHT_UP) return;
    const lost = this.#lost;
    [this.#isTroubled, this.#lost] = [false, 0];
    this.#health.next({ ok: true, lost });
  }

  #become(level: Pressure): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#levels.next(level);
  }
}

const emptyBatch = (): Batch => ({ items: [], receipts: [], bytes: 0, isUrgent: false });
