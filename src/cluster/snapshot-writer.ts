/** Snapshots that a node is to write: for whoever starts, and for itself, if it begins anew. */
import { catchError, from, ignoreElements, mergeMap, Observable, of, Subject } from 'rxjs';
import type { Chat } from '../chat.ts';
import type { Notice } from '../notice.ts';
import { type InPortions, whole } from '../portions.ts';
import type { Archive } from '../store/archive.ts';
import type { LogRecord } from './chronicle.ts';
import type { Snapshots } from './snapshots.ts';
import { type State, written } from './written.ts';

/** Of whom they are, and where they go. */
export interface SnapshotWriterOptions {
  readonly chat: Chat;
  /** By which that acts. */
  readonly rules: number;
  /** Which log it is, and what it goes on from. */
  readonly created: string;
  readonly lineage: readonly string[];
  readonly snapshots: Snapshots;
  readonly archive: Archive;
  /** One of so many bytes is written. */
  readonly wrote: (bytes: number) => void;
  /** Another node is there in place of this one, and has begun somewhere else. */
  readonly isReplaced: () => boolean;
}

/** What is to be known of a place in the log, and what is kept there. */
interface Due {
  readonly state: State;
  readonly holdings: Promise<Uint8Array | undefined>;
}

export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  readonly #due = new Subject<Due>();
  #isWriting = false;

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  /** Nobody writes what was not written before; otherwise another one is due soon. */
  get isFree(): boolean {
    return this.#due.observed && !this.#isWriting;
  }

  /** What could not be written; while it is subscribed to, the rest is. Never completes. */
  readonly troubles: Observable<Notice> = this.#due.pipe(
    mergeMap((due) => from(this.#write(due)).pipe(ignoreElements(), catchError(trouble))),
  );

  /** Behind a turn. No other one is handled until it is over, so what is kept by then is what was kept at its beginning. */
  *take(log: LogRecord): InPortions<void> {
    const holdings = this.#options.archive.pack();
    this.#due.next({ state: yield* this.#stateAt(log), holdings });
  }

  /** Behind the last turn, for this node alone. */
  async end(log: LogRecord): Promise<void> {
    await this.#keep(whole(this.#stateAt(log)));
  }

  *#stateAt(log: LogRecord): InPortions<State> {
    const { chat, rules, lineage } = this.#options;
    return { rules, lineage, log, chat: yield* chat.copy() };
  }

  /** From there this node goes on itself, if it begins anew. Resolves with what it has written down. */
  async #keep(state: State): Promise<Uint8Array> {
    const { archive, created, isReplaced } = this.#options;
    const bytes = await written(state);
    if (!isReplaced()) archive.note({ do: 'basis', log: created, turn: state.log.turns, state: bytes });
    return bytes;
  }

  async #write({ state, holdings }: Due): Promise<void> {
    const { snapshots, wrote } = this.#options;
    this.#isWriting = true;
    try {
      const bytes = await this.#keep(state);
      const packed = await holdings;
      // Otherwise its disk is not well, and another node is due next.
      if (packed) wrote(await snapshots.add({ mark: state.log.mark, written: bytes, holdings: packed }));
    } finally {
      this.#isWriting = false;
    }
  }
}

/** Another one is due soon. */
const trouble = (error: unknown): Observable<Notice> =>
  of({
    type: 'cluster',
    ok: false,
    what: 'snapshot',
    error: `a snapshot could not be written: ${String(error)}`,
  });
