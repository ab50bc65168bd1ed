/** What is on its way to the worker: batches, one of them with it at a time, and what gathers meanwhile. */
import type { Recall } from '../effect.ts';
import type { ReceiptPart } from '../message.ts';
import { type Deed, sizeOf } from './deed.ts';
import { type Missing, missingOf } from './missing.ts';
import { pack } from './parcel.ts';
import type { Task } from './post.ts';

/** Bytes of one batch. Of single lines it has nine hundred, and to pass them on takes a millisecond (measured). */
export const BATCH = 256 * 1024;
/** Bytes of a question. */
const RECALL = 512;
/** Searches that wait. */
const SEARCHES = 256;

interface Batch {
  items: (Deed | Recall)[];
  receipts: ReceiptPart[];
  bytes: number;
  /** Somebody wants to know that it is kept, or what is. */
  isUrgent: boolean;
}

export class Batches {
  readonly #waiting: Batch[] = [];
  /** They take long, so there is one with each task, and nobody's lines wait for two. */
  #searches: Recall[] = [];
  #inFlight: Batch | undefined;
  /** Questions that the worker has, in the order in which it answers; undefined where nobody waits for that any more. */
  #asked: (Recall | undefined)[] = [];
  #bytes = 0;

  /** Of all that waits and what is in flight. */
  get bytes(): number {
    return this.#bytes;
  }

  get isInFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  /** The worker has a question that it has not answered. */
  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** Something waits. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#searches.length > 0;
  }

  /** What waits is not to wait any longer. */
  get isUrgent(): boolean {
    const [first] = this.#waiting;
    return this.#searches.length > 0 || (first !== undefined && (first.isUrgent || first.bytes >= BATCH));
  }

  /** Another turn begins: what it brings is written together, or not at all. */
  begin(): void {
    if ((this.#waiting.at(-1)?.bytes ?? BATCH) >= BATCH)
      this.#waiting.push({ items: [], receipts: [], bytes: 0, isUrgent: false });
  }

  /** Takes something behind all of that; of a search says whether there is room for it. To be called behind `begin`. */
  add(item: Deed | Recall, receipt?: ReceiptPart): boolean {
    if (item.do === 'recall' && item.query.of === 'words')
      return this.#searches.length < SEARCHES && this.#searches.push(item) > 0;
    const batch = this.#waiting.at(-1) as Batch;
    const bytes = bytesOf(item);
    batch.items.push(item);
    batch.bytes += bytes;
    this.#bytes += bytes;
    if (receipt) batch.receipts.push(receipt);
    if (receipt || item.do === 'recall') batch.isUrgent = true;
    return true;
  }

  /** What goes to the worker next, if there is anything: it is in flight until `done`. */
  next(): Task | undefined {
    while (this.#waiting[0]?.items.length === 0) this.#waiting.shift();
    const search = this.#searches.shift();
    const batch = this.#waiting.shift() ?? (search && { items: [], receipts: [], bytes: 0, isUrgent: true });
    if (!batch) return undefined;
    this.#inFlight = batch;
    this.#asked.push(...batch.items.filter(isQuestion));
    if (search) this.#asked.push(search);
    return { type: 'batch', parcel: pack(batch.items), search };
  }

  /** What was in flight is not any more; gives the receipts of it. */
  done(): ReceiptPart[] {
    const { bytes, receipts } = this.#inFlight as Batch;
    this.#inFlight = undefined;
    this.#bytes -= bytes;
    return receipts;
  }

  /** The worker has answered the first of what it was asked. Says whether anybody still waits for that. */
  answered(): boolean {
    return this.#asked.shift() !== undefined;
  }

  /** Nobody is to wait any longer: gives all receipts, and all questions. What is to be written stays. */
  release(): { readonly receipts: readonly ReceiptPart[]; readonly questions: readonly Recall[] } {
    const receipts: ReceiptPart[] = [];
    const questions = this.#asked.filter((asked) => asked !== undefined);
    this.#asked = this.#asked.map(() => undefined);
    for (const batch of [...(this.#inFlight ? [this.#inFlight] : []), ...this.#waiting]) {
      receipts.push(...batch.receipts);
      batch.receipts = [];
      if (batch === this.#inFlight) continue;
      const asked = batch.items.filter(isQuestion);
      if (asked.length === 0) continue;
      questions.push(...asked);
      batch.items = batch.items.filter((item) => !isQuestion(item));
      batch.bytes -= RECALL * asked.length;
      this.#bytes -= RECALL * asked.length;
    }
    questions.push(...this.#searches);
    this.#searches = [];
    return { receipts, questions };
  }

  /** The lines of all of it. */
  get missing(): Missing {
    const items = [...(this.#inFlight?.items ?? []), ...this.#waiting.flatMap((batch) => batch.items)];
    return missingOf(items.filter((item) => !isQuestion(item)));
  }
}

const isQuestion = (item: Deed | Recall): item is Recall => item.do === 'recall';
const bytesOf = (item: Deed | Recall): number => (item.do === 'recall' ? RECALL : sizeOf(item));
