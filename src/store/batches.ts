/** What is on its way to the worker: batches, one of them with it at a time, and what gathers meanwhile. */
import type { Recall } from '../effect.ts';
import type { ReceiptPart } from '../message.ts';
import { burdenOf, isDeed, isQuestion, type Item } from './deed.ts';
import { type Missing, missingOf } from './missing.ts';
import { Packing } from './parcel.ts';
import type { Task } from './post.ts';

/** Bytes of one batch. Of single lines it has nine hundred, and to pass them on takes a millisecond (measured). */
export const BATCH = 256 * 1024;
/**
 * Questions in one batch: each may be answered by half a megabyte, which takes a fraction of a millisecond to come over, and all
 * that the worker has sent comes over at once.
 */
const QUESTIONS = 8;
/** Searches that wait. */
const SEARCHES = 256;

interface Batch {
  readonly packing: Packing;
  receipts: ReceiptPart[];
  questions: number;
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
    if ((this.#waiting.at(-1)?.bytes ?? BATCH) >= BATCH) this.#waiting.push(emptyBatch());
  }

  /** Takes something behind all of that; of a search says whether there is room for it. To be called behind `begin`. */
  add(item: Item, receipt?: ReceiptPart): boolean {
    if (item.do === 'recall' && item.query.of === 'words')
      return this.#searches.length < SEARCHES && this.#searches.push(item) > 0;
    // Behind a question begins another transaction, in whatever batch.
    if (isQuestion(item) && this.#waiting.at(-1)?.questions === QUESTIONS) this.#waiting.push(emptyBatch());
    const batch = this.#waiting.at(-1) as Batch;
    const bytes = burdenOf(item);
    if (isQuestion(item)) batch.questions++;
    batch.packing.add(item);
    batch.bytes += bytes;
    this.#bytes += bytes;
    if (receipt) batch.receipts.push(receipt);
    if (receipt || isQuestion(item) || item.do === 'pack') batch.isUrgent = true;
    return true;
  }

  /** What goes to the worker next, if there is anything: it is in flight until `done`. */
  next(): Task | undefined {
    while (this.#waiting[0]?.packing.items.length === 0) this.#waiting.shift();
    const search = this.#searches.shift();
    const batch = this.#waiting.shift() ?? (search && emptyBatch());
    if (!batch) return undefined;
    this.#inFlight = batch;
    const { items, texts } = batch.packing;
    this.#asked.push(...items.filter(isQuestion));
    if (search) this.#asked.push(search);
    return { type: 'batch', parcel: { items, texts }, search };
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
    for (const batch of this.#all) {
      receipts.push(...batch.receipts);
      batch.receipts = [];
      if (batch === this.#inFlight) continue;
      const asked = batch.packing.withdraw();
      if (asked.length === 0) continue;
      questions.push(...asked);
      batch.questions = 0;
      const bytes = asked.reduce((sum, question) => sum + burdenOf(question), 0);
      batch.bytes -= bytes;
      this.#bytes -= bytes;
    }
    questions.push(...this.#searches);
    this.#searches = [];
    return { receipts, questions };
  }

  /** The lines of all of it. */
  get missing(): Missing {
    const items = this.#all.flatMap(({ packing }) => packing.items);
    return missingOf(items.filter(isDeed));
  }

  get #all(): readonly Batch[] {
    return this.#inFlight ? [this.#inFlight, ...this.#waiting] : this.#waiting;
  }
}

const emptyBatch = (): Batch => ({
  packing: new Packing(),
  receipts: [],
  questions: 0,
  bytes: 0,
  isUrgent: false,
});
