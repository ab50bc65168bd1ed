/** Who writes and looks up what the event loop wants, in the worker: also when the disk does not want it. */
import type { Recall } from '../effect.ts';
import { type InPortions, whole } from '../portions.ts';
import Database from './sqlite.ts';
import { type Deed, burdenOf, isDeed } from './deed.ts';
import { type Missing, missingOf, NOTHING, together } from './missing.ts';
import { unpack } from './parcel.ts';
import type { Answers, Question, Reply, Task } from './post.ts';
import type { Store } from './store.ts';
import { Watch } from './watch.ts';

/** Rows, and bytes of text, behind which what is kept for too long goes: to look for it takes as long as to write some. */
const ROWS = 128;
const BYTES = 256 * 1024;

export class Clerk {
  readonly #store: Store;
  readonly #reply: (reply: Reply) => void;
  /** What could not be written yet, in order. */
  #owed: { readonly deeds: readonly Deed<Buffer>[]; readonly bytes: number }[] = [];
  #owedBytes = 0;
  #missing = NOTHING;
  /** What has come since something went. */
  #untrimmed = { rows: 0, bytes: 0 };
  #failing = false;
  /** Something could not be read, and that was said. */
  #isDamaged = false;
  #watch: Watch;
  /** What others are to have; who asked first comes first. */
  readonly #packing: InPortions<Uint8Array>[] = [];

  constructor(store: Store, reply: (reply: Reply) => void) {
    this.#store = store;
    this.#reply = reply;
    this.#watch = new Watch(store);
  }

  /** Does all of it in order, and says when it is done. */
  take({ parcel, search }: Extract<Task, { type: 'batch' }>): void {
    const items = unpack(parcel);
    let kept = true;
    let deeds: Deed<Buffer>[] = [];
    let hasHeard = false;
    for (const item of items) {
      if (item.do === 'heard') {
        this.#watch.heard(item.number);
        hasHeard = true;
        continue;
      }
      if (isDeed(item)) {
        if (this.#watch.stands(item)) deeds.push(item);
        continue;
      }
      // Whoever asks is to hear what was said before, and nothing that was said later.
      kept = this.#write(deeds) && kept;
      deeds = [];
      if (item.do === 'recall') this.#recall(item);
      else this.#pack();
    }
    kept = this.#write(deeds) && kept;
    this.#reply({ type: 'done', kept, owed: this.#owedBytes, missing: this.#missing });
    if (search) this.#recall(search);
    this.#untrimmed.rows += items.length;
    this.#untrimmed.bytes += parcel.texts.byteLength;
    if (kept) this.#trim();
    if (hasHeard) this.#watchOut();
  }

  /** What a node of a cluster asks before it begins, or begins anew. */
  answer(question: Question): void {
    let answer: Answers[Question['ask']];
    const error = this.#tried(() => {
      answer = this.#answerTo(question);
    });
    this.#reply(error === undefined ? { type: 'told', answer } : { type: 'untold', error });
  }

  #answerTo(question: Question): Answers[Question['ask']] {
    const store = this.#store;
    switch (question.ask) {
      case 'basis':
        return { basis: store.basis, isEmpty: store.isEmpty };
      case 'found':
        store.found(question.log);
        return { registry: store.registry(), holdings: whole(store.pack()) };
      case 'settle':
        this.#unpacked();
        store.settle(question, this.#watch.unheard(Date.now()));
        // What could not be written yet comes once more, or does not count.
        [this.#owed, this.#owedBytes, this.#missing] = [[], 0, NOTHING];
        this.#watch = new Watch(store, question.registry);
        return undefined;
    }
  }

  /** Others are to have all of it as it is here, or nothing. */
  #pack(): void {
    const isRead = !this.#failing && this.#calmly(() => this.#packing.push(this.#store.pack()) > 0);
    if (!isRead) this.#reply({ type: 'packed', holdings: undefined });
  }

  /** A portion of what takes long; to be called again and again between tasks. Says whether there is more. */
  work(): boolean {
    const [packing] = this.#packing;
    if (!packing) return false;
    let holdings: Uint8Array | undefined;
    const hasMore = this.#calmly(() => {
      const { done, value } = packing.next();
      holdings = value;
      return done !== true;
    });
    if (hasMore) return true;
    this.#packing.shift();
    this.#reply({ type: 'packed', holdings });
    return this.#packing.length > 0;
  }

  /** What is asked for is not what it was when it was. */
  #unpacked(): void {
    while (this.#packing.shift()) this.#reply({ type: 'packed', holdings: undefined });
  }

  /** Where much has come, as much may go, and some more. */
  #trim(): void {
    const { rows, bytes } = this.#untrimmed;
    if (rows < ROWS && bytes < BYTES) return;
    this.#untrimmed = { rows: 0, bytes: 0 };
    this.#calmly(() => this.#store.trim(Date.now(), rows + ROWS));
  }

  /** To be called when nobody has wanted anything for a while. Says whether there is more to do. */
  tidy(): boolean {
    if (this.#failing) return false;
    return this.#calmly(() => this.#store.index()) || this.#calmly(() => this.#store.trim(Date.now()));
  }

  /** To be called each second: is there anything to write to, also where nobody says anything? */
  inspect(): void {
    if (this.#failing) return;
    const error = this.#tried(() => {
      this.#store.check();
    });
    if (error !== undefined) this.#fail(error);
  }

  /** To be called each second. */
  look(): void {
    if (this.#failing) this.#retry();
    this.#watchOut();
  }

  /** Writes what waits, if that is possible now, and closes the file; what is still missing in it never comes. */
  close(): Missing {
    this.#unpacked();
    if (this.#failing) this.#retry();
    this.#store.close();
    return this.#missing;
  }

  #write(deeds: readonly Deed<Buffer>[]): boolean {
    if (deeds.length === 0) return !this.#failing;
    if (!this.#failing) {
      const error = this.#applied(deeds);
      if (error === undefined) return true;
      this.#fail(error);
    }
    const bytes = deeds.reduce((sum, deed) => sum + burdenOf(deed), 0);
    this.#owed.push({ deeds, bytes });
    this.#owedBytes += bytes;
    this.#missing = together(this.#missing, missingOf(deeds));
    return false;
  }

  #fail(error: string): void {
    this.#failing = true;
    this.#reply({ type: 'failing', error });
  }

  /** All that waits, in order, until it does not work. */
  #retry(): void {
    for (let [first] = this.#owed; first; [first] = this.#owed) {
      if (this.#applied(first.deeds) !== undefined) break;
      this.#owed.shift();
      this.#owedBytes -= first.bytes;
    }
    this.#missing = missingOf(this.#owed.flatMap(({ deeds }) => deeds));
    const isThere = this.#tried(() => {
      this.#store.check();
    });
    if (this.#owed.length > 0 || isThere !== undefined) return;
    this.#failing = false;
    this.#reply({ type: 'mended' });
  }

  /** Why it cannot be written. */
  #applied(deeds: readonly Deed<Buffer>[]): string | undefined {
    return this.#tried(() => {
      this.#store.apply(deeds);
      this.#watch.wrote(deeds);
    });
  }

  /** Why it does not work. */
  #tried(work: () => void): string | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  #recall({ client, query }: Recall): void {
    try {
      this.#reply({ type: 'recalled', client, query, found: this.#store.find(query) });
    } catch (error) {
      this.#reply({ type: 'recalled', client, query, fault: this.#unread(error) });
    }
  }

  /** Why something cannot be read; of a file that is damaged that is said. */
  #unread(error: unknown): string {
    const problem = problemOf(error);
    if (!this.#isDamaged && DAMAGE.test(problem)) {
      this.#isDamaged = true;
      this.#reply({ type: 'damaged', error: problem });
    }
    return problem;
  }

  /** What is not for anybody who waits may be tried again another time. */
  #calmly(work: () => boolean): boolean {
    try {
      return work();
    } catch (error) {
      this.#unread(error);
      return false;
    }
  }

  /** What the chat has decided has to be in the file before anybody can tell what somebody else has changed in it. */
  #watchOut(): void {
    if (this.#failing) return;
    this.#calmly(() => {
      const decided = this.#watch.look(Date.now());
      if (decided) this.#reply({ type: 'decided', ...decided });
      return false;
    });
  }
}

/** Codes that mean that what is in the file is not what was written, or cannot be got from it. */
const DAMAGE = /\(SQLITE_(CORRUPT|NOTADB|IOERR)\w*\)$/;

/** What the disk has to say; anything else is a mistake in this program. */
function problemOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return `${error.message} (${error.code})`;
  throw error;
}
