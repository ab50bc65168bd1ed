/** What is kept, as the event loop sees it: it says what is to be written, and hears later what has become of it. */
import { type Observable, Subject } from 'rxjs';
import type { Effect, Recall } from '../effect.ts';
import type { OwnerId } from '../past.ts';
import type { ClientId, ReceiptPart } from '../message.ts';
import { turns } from '../turns.ts';
import { Batches } from './batches.ts';
import { Condition, type Health, type Pressure } from './condition.ts';
import { type Deed, deedOf } from './deed.ts';
import { Inquiries } from './inquiries.ts';
import { describe, type Missing, NOTHING, together } from './missing.ts';
import type { Answers, Outcome, Question, Reply, Task } from './post.ts';
import type { KeptRegistry } from './registry.ts';
import type { Ring } from './ring.ts';
import type { Decided } from './watch.ts';
import { Watchdog } from './watchdog.ts';

/** What has become of what the chat wanted. */
export type Result =
  /** Of lines whose senders want to know: they are kept, or nobody can say whether they ever will be. */
  | { readonly type: 'kept'; readonly kept: readonly ReceiptPart[]; readonly lost: readonly ReceiptPart[] }
  | ({ readonly type: 'recalled'; readonly client: ClientId } & Outcome);

/** Bytes that wait, past which no history is taken any more. */
const MOST = 64 * 1024 * 1024;
/**
 * Milliseconds that what nobody waits for may gather. To wake another thread takes longer than to write a line: sent turn by turn,
 * a room of 100 at full speed had two thirds of its rate.
 */
const SOON = 10;
/** Milliseconds that a task may take; past it, the disk counts as one that fails, for it may never answer. */
const PATIENCE = 5000;

/** What an archive needs of whoever opens it. */
export interface ArchiveDuties {
  readonly verifierOf: (version: string) => string | undefined;
  /** Gives the worker something to do. */
  readonly post: (task: Task) => void;
  /** It is closed, or the worker does not answer any more. */
  readonly over: () => void;
}

export class Archive {
  /** What was known when it was opened. */
  readonly registry: KeptRegistry;
  /** It was a node's of a cluster, and is that of a server by itself from now on. */
  readonly hasLeft: boolean;
  readonly #answers = new Subject<Result>();
  readonly #decided = new Subject<Decided>();
  readonly #damages = new Subject<string>();
  readonly #ring: Ring;
  readonly #duties: ArchiveDuties;
  readonly #batches = new Batches();
  readonly #condition = new Condition();
  readonly #watchdog = new Watchdog(PATIENCE, () => {
    this.#silent();
  });
  #soon: NodeJS.Timeout | undefined;
  /** Bytes that the worker has, and the disk does not; and the lines in them. */
  #owed = 0;
  #missing: Missing = NOTHING;
  /** Those of whom it is not known any more in which rooms they are, and since which turn. */
  readonly #unseated = new Map<OwnerId, number>();
  readonly #inquiries = new Inquiries();
  #closing = false;

  /** Those of one turn of the event loop together, never inside a call; completes when it is closed, as all of these do. */
  readonly answers: Observable<readonly Result[]> = this.#answers.pipe(turns());
  /** Emits when it changes; at first it is caught up, and also while nothing can be written: nobody is to wait for that. */
  readonly levels: Observable<Pressure> = this.#condition.levels;
  /** Emits when it changes; at first all is well. */
  readonly health: Observable<Health> = this.#condition.health;
  /** Emits when somebody else has changed names or bans in the file, within a second; waits for the `heard` of it. */
  readonly decided: Observable<Decided> = this.#decided.asObservable();
  /** Emits, once, why something that is kept cannot be read any more. */
  readonly damages: Observable<string> = this.#damages.asObservable();

  /** To be made by `openArchive`. */
  constructor(registry: KeptRegistry, ring: Ring, duties: ArchiveDuties, hasLeft = false) {
    this.registry = registry;
    this.hasLeft = hasLeft;
    this.#ring = ring;
    this.#duties = duties;
  }

  /** Bytes that wait to be written. */
  get waiting(): number {
    return this.#batches.bytes + this.#owed;
  }

  /** Lines that were lost since all was well. */
  get lost(): number {
    return this.#condition.lost;
  }

  /** Takes what a turn has brought, in order. What it asks for comes as `answers`. */
  perform(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    this.#batches.begin();
    for (const effect of effects) this.#perform(effect);
    this.#schedule();
    this.#condition.assess(this.waiting);
  }

  /** Writes something that the chat has not decided. */
  note(deed: Extract<Deed, { do: 'basis' | 'verifier' }>): void {
    this.#batches.begin();
    this.#batches.add(deed);
    this.#schedule();
  }

  /** What others need of what is kept up to here; undefined where not all of it is. It may never resolve, where the disk hangs. */
  pack(): Promise<Uint8Array | undefined> {
    this.#batches.begin();
    this.#batches.add({ do: 'pack' });
    this.#schedule();
    return this.#inquiries.packing();
  }

  /** What it is as a node of a cluster. Resolves behind all that was to be written; rejects where the disk does not do it. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    if (question.ask === 'settle') {
      this.#ring.clear();
      this.#unseated.clear();
    }
    const answer = this.#inquiries.ask(question);
    this.#send();
    return answer;
  }

  /** Nothing follows. */
  close(): void {
    this.#closing = true;
    // Once more; if nothing comes now either, nothing ever will. What a node has asked is not waited for either any more.
    if (this.#condition.hangs || this.#inquiries.isAsked) this.#watchdog.posted();
    this.#send();
  }

  /** What the worker says. */
  hear(reply: Exclude<Reply, { type: 'opened' | 'refused' }>): void {
    switch (reply.type) {
      case 'recalled':
        if (this.#batches.answered()) this.#answer(reply);
        this.#heard();
        break;
      case 'done':
        this.#done(reply.kept);
        this.#heard();
        [this.#owed, this.#missing] = [reply.owed, reply.missing];
        this.#schedule();
        break;
      case 'failing':
        this.#condition.failed(reply.error);
        break;
      case 'mended':
        this.#condition.mended();
        [this.#owed, this.#missing] = [0, NOTHING];
        break;
      case 'told':
      case 'untold':
        this.#inquiries.answered(reply);
        this.#send();
        return;
      case 'packed':
        this.#inquiries.packed(reply.holdings);
        return;
      case 'decided':
        this.#decided.next(reply);
        return;
      case 'damaged':
        this.#damages.next(reply.error);
        return;
      case 'closed':
        this.#end(reply.missing);
        return;
    }
    this.#condition.assess(this.waiting);
  }

  #perform(effect: Effect): void {
    if (effect.do === 'recall') {
      this.#recall(effect);
      return;
    }
    if (effect.do === 'heard') {
      // The worker knows what that was.
      this.#batches.add({ ...effect, decisions: [] });
      return;
    }
    const deed = deedOf(effect, this.#duties.verifierOf);
    const receipt = 'receipt' in effect ? effect.receipt : undefined;
    if (deed.do === 'keep') this.#ring.add(deed.room, deed.run);
    if (!this.#isFull || !this.#spare(deed, receipt)) this.#add(deed, receipt);
  }

  /** Too much waits: says whether it can be done without, and does. */
  #spare(deed: Deed, receipt: ReceiptPart | undefined): boolean {
    switch (deed.do) {
      case 'keep':
      case 'keep-talk':
        this.#condition.lose(deed.run.count);
        if (receipt) this.#lose([receipt]);
        return true;
      case 'enter':
      case 'leave':
      case 'gone':
        // If only some of where one was were known, somebody would seem to have stayed in a private room that it has left.
        if (!this.#unseated.has(deed.owner)) this.#unseated.set(deed.owner, deed.sequence);
        return true;
      default:
        return false;
    }
  }

  get #isFull(): boolean {
    return this.waiting >= MOST;
  }

  #recall(effect: Recall): void {
    const { client, query } = effect;
    const found = query.of === 'room' ? this.#ring.find(query) : undefined;
    if (found) this.#answers.next({ type: 'recalled', client, query, found });
    else if (this.#condition.hangs) this.#fault(effect, 'the disk does not answer');
    // It would wait behind all of that.
    else if (this.#isFull) this.#fault(effect, 'the disk cannot follow');
    else if (!this.#batches.add(effect)) this.#fault(effect, 'too many look for something just now');
  }

  #fault({ client, query }: Recall, fault: string): void {
    this.#answer({ type: 'recalled', client, query, fault });
  }

  /** What is in the file, or why nothing is found there; of a room, what is in memory is known all the same. */
  #answer(answer: Extract<Result, { type: 'recalled' }>): void {
    const { client, query } = answer;
    const file = 'found' in answer ? answer.found : undefined;
    const isBehind = query.of === 'room' && (file === undefined || this.#condition.fails);
    const found = isBehind ? this.#ring.complete(query, file) : file;
    this.#answers.next(found ? { type: 'recalled', client, query, found } : answer);
  }

  #add(deed: Deed, receipt?: ReceiptPart): void {
    if (this.#unseated.size > 0 && !this.#isFull) {
      for (const [owner, sequence] of this.#unseated) this.#batches.add({ do: 'gone', owner, sequence });
      this.#unseated.clear();
    }
    if (receipt && this.#condition.hangs) {
      this.#lose([receipt]);
      receipt = undefined;
    }
    this.#batches.add(deed, receipt);
  }

  #schedule(): void {
    if (this.#batches.isUrgent || this.#closing || this.#inquiries.isWaiting) this.#send();
    else if (this.#batches.isWaiting)
      this.#soon ??= setTimeout(() => {
        this.#send();
      }, SOON);
  }

  /** One task at a time: what gathers meanwhile goes together. */
  #send(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#batches.isInFlight || this.#inquiries.isAsked) return;
    const task = this.#batches.next() ?? (this.#closing ? ({ type: 'close' } as const) : undefined);
    if (task) {
      this.#watchdog.posted();
      this.#duties.post(task);
      return;
    }
    // It may take as long as it takes: nobody is here.
    const question = this.#inquiries.next();
    if (question) this.#duties.post({ type: 'ask', question });
  }

  /** What the worker has answered was the last of it, or only a search follows. */
  #heard(): void {
    if (this.#batches.isInFlight) return;
    this.#condition.answered();
    if (!this.#batches.isAsked) this.#watchdog.answered();
  }

  #done(kept: boolean): void {
    const receipts = this.#batches.done();
    if (receipts.length === 0) return;
    if (kept) this.#answers.next({ type: 'kept', kept: receipts, lost: [] });
    else this.#lose(receipts);
  }

  /** Nobody can say whether what they are for will ever be kept. */
  #lose(receipts: readonly ReceiptPart[]): void {
    this.#answers.next({ type: 'kept', kept: [], lost: receipts });
  }

  /** The worker has not answered for too long: nobody is to wait for it, and what it does not have is not promised. */
  #silent(): void {
    if (this.#closing) {
      this.#end(together(this.#batches.missing, this.#missing));
      return;
    }
    this.#condition.silent(PATIENCE / 1000);
    const { receipts, questions } = this.#batches.release();
    if (receipts.length > 0) this.#lose(receipts);
    for (const question of questions) this.#recall(question);
    this.#condition.assess(this.waiting);
  }

  /** Nothing follows, and nobody can say whether what is `missing` is written. */
  #end(missing: Missing): void {
    this.#watchdog.answered();
    const all = together(missing, { lines: this.#condition.lost, since: undefined });
    this.#condition.end(all.lines, describe(all));
    for (const each of [this.#answers, this.#decided, this.#damages]) each.complete();
    this.#duties.over();
  }
}
