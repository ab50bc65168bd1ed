/** What is kept for too long, or is too much, goes: the oldest first, in small portions. */
import type { Database, Statement } from 'better-sqlite3';
import type { Places } from './places.ts';
import type { Seats } from './seats.ts';
import { LIMIT } from './sqlite.ts';

/** How much of what was said is kept. */
export interface Keeping {
  /** Seconds, lines, or both without an end. */
  readonly seconds: number;
  readonly lines: number;
  /** Bytes that the file has in use. */
  readonly bytes: number;
}

/** Rows that are looked at together. */
const REWOUND = 1000;

interface Oldest {
  readonly id: number;
  readonly time: number;
  readonly sequence: number;
  readonly count: number;
}

export class Trim {
  readonly #places: Places;
  readonly #seats: Seats;
  readonly #keeping: Keeping;
  readonly #oldest: Statement<[number], Oldest>;
  readonly #talk: Statement<[number, number], Oldest>;
  readonly #remove: Statement<[number]>;
  readonly #forget: Statement<[number]>;
  readonly #newest: Statement<[number], Oldest>;
  readonly #used: () => number;
  #released = true;

  constructor(database: Database, places: Places, seats: Seats, keeping: Keeping) {
    this.#places = places;
    this.#seats = seats;
    this.#keeping = keeping;
    this.#oldest = database.prepare(`SELECT id, time, sequence, count FROM said ORDER BY id ${LIMIT}`);
    this.#talk = database.prepare(
      `SELECT id, time, sequence, count FROM said WHERE place = ? ORDER BY id ${LIMIT}`,
    );
    this.#newest = database.prepare(`SELECT id, time, sequence, count FROM said ORDER BY id DESC ${LIMIT}`);
    this.#remove = database.prepare('DELETE FROM said WHERE id = ?');
    this.#forget = database.prepare('DELETE FROM words WHERE rowid = ?');
    const count = (what: string): number => Number(database.pragma(what, { simple: true }));
    this.#used = () => (count('page_count') - count('freelist_count')) * count('page_size');
  }

  /** A name is nobody's any more, so what was kept for it is to go. */
  released(): void {
    this.#released = true;
  }

  /**
   * Removes `portion` rows at most, at `now` (milliseconds since 1970), of `lines` that are kept and rows that are `indexed`.
   * Says how many lines have gone; undefined where there was nothing to do.
   */
  step(now: number, lines: number, indexed: number, portion: number): number | undefined {
    const talk = this.#released ? this.#places.abandoned() : undefined;
    this.#released = talk !== undefined;
    const gone =
      talk === undefined ? this.#old(now, lines, indexed, portion) : this.#said(talk, indexed, portion);
    this.#places.sweep(gone > 0 ? 2 * portion : 1);
    const [first] = this.#oldest.all(1);
    const left = first ? this.#seats.trim(first.sequence, portion) : 0;
    return gone > 0 || left > 0 || talk !== undefined ? gone : undefined;
  }

  /** Removes what was said in later turns than that, of rows that are `indexed`; gives the number of the last row, and how many lines have gone. */
  rewind(turn: number, indexed: number): { readonly last: number; readonly gone: number } {
    for (let gone = 0; ;) {
      const rows = this.#newest.all(REWOUND);
      const later = rows.filter(({ sequence }) => sequence > turn);
      gone = later.reduce((sum, row) => sum + this.#drop(row, indexed), gone);
      const next = rows[later.length];
      if (next || rows.length === 0) return { last: next?.id ?? 0, gone };
    }
  }

  /** What is too old, or too much. */
  #old(now: number, lines: number, indexed: number, portion: number): number {
    const before = now - this.#keeping.seconds * 1000;
    const tooMuch = this.#used() > this.#keeping.bytes;
    let gone = 0;
    // A row goes when all of it is too much.
    const stays = ({ time, count }: Oldest): boolean =>
      !tooMuch && time >= before && lines - gone - count < this.#keeping.lines;
    const [first] = this.#oldest.all(1);
    if (!first || stays(first)) return 0;
    for (const row of this.#oldest.all(portion)) {
      if (stays(row)) break;
      gone += this.#drop(row, indexed);
    }
    return gone;
  }

  /** What somebody and another one have said to each other. */
  #said(talk: number, indexed: number, portion: number): number {
    const rows = this.#talk.all(talk, portion);
    if (rows.length < portion) this.#places.remove(talk);
    return rows.reduce((sum, row) => sum + this.#drop(row, indexed), 0);
  }

  #drop({ id, count }: Oldest, indexed: number): number {
    this.#remove.run(id);
    if (id <= indexed) this.#forget.run(id);
    return count;
  }
}
