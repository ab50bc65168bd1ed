/**
 * What of all that is kept goes to a node that has nothing of it: mail, who was where, and the last lines of each room and
 * talk. As lines of JSON, compressed.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import type { InPortions } from '../portions.ts';
import type { PlaceRow, Places } from './places.ts';
import type { SaidRow, SaidRows } from './said.ts';
import { LIMIT } from './sqlite.ts';

/** Rows of a place, and bytes of all, the newest first. */
const ROWS = 200;
const BYTES = 32 * 1024 * 1024;
/** Bytes that a row counts for besides its text: of short ones it is their number that takes the time. */
const ROW = 512;
/** Lines that are read, written and compressed together: some milliseconds. */
const SOME = 1000;

type Table = 'mail' | 'seats';
type Row = Readonly<Record<string, string | number | null>>;

/** One line: a row of a table, or one of what was said; in place of a number of a place, the place. */
type Line = readonly ['mail', Row] | readonly ['seats', Row, PlaceRow] | readonly ['said', SaidRow, PlaceRow];

/** Columns but for the number of the row, which is another one in each file. */
const COLUMNS = {
  mail: ['owner', 'sequence', 'nth', 'time', 'sender', 'text', 'bytes'],
  seats: ['owner', 'place', 'entered', 'left', 'last', 'passed'],
} as const satisfies Record<Table, readonly string[]>;

export class Holdings {
  readonly #places: Places;
  readonly #said: SaidRows;
  readonly #letters: Statement<[number, number, number], Row & { readonly number: number }>;
  readonly #taken: Statement<[], Row>;
  readonly #add: Readonly<Record<Table, Statement<[Row]>>>;
  readonly #clear: Readonly<Record<Table, Statement<[]>>>;
  readonly #talkative: Statement<[], number>;
  readonly #newest: Statement<[number, number, number], SaidRow>;

  constructor(database: Database, places: Places, said: SaidRows) {
    this.#places = places;
    this.#said = said;
    const each = <T>(make: (table: Table) => T): Record<Table, T> => ({
      mail: make('mail'),
      seats: make('seats'),
    });
    this.#letters = database.prepare(
      `SELECT number, ${COLUMNS.mail.join()} FROM mail WHERE number > ? AND sequence <= ? ORDER BY number ${LIMIT}`,
    );
    this.#taken = database.prepare(`SELECT ${COLUMNS.seats.join()} FROM seats ORDER BY id`);
    this.#add = each((table) => {
      const columns = COLUMNS[table];
      return database.prepare(
        `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map((column) => `@${column}`).join()})`,
      );
    });
    this.#clear = each((table) => database.prepare(`DELETE FROM ${table}`));
    this.#talkative = database
      .prepare<[], number>('SELECT place FROM said GROUP BY place ORDER BY max(id) DESC')
      .pluck();
    this.#newest = database.prepare(
      `SELECT * FROM said WHERE place = ? AND sequence <= ? ORDER BY id DESC ${LIMIT}`,
    );
  }

  /**
   * As it is now, behind `turn`, whatever is written while it is made; what goes meanwhile may be in it or not, for whoever gets it
   * hears of that.
   */
  pack(turn: number): InPortions<Uint8Array> {
    // What changes in its place is read at once: it is only of those who have a name of their own.
    return this.#pack(
      turn,
      this.#taken.all().map((row) => ['seats', row, this.#place(Number(row['place']))]),
    );
  }

  *#pack(turn: number, seats: readonly Line[]): InPortions<Uint8Array> {
    const parts: Buffer[] = [];
    for (let at = 0; at < seats.length; at += SOME) {
      parts.push(packed(seats.slice(at, at + SOME)));
      yield;
    }
    for (let last = 0, isAll = false; !isAll;) {
      const letters = this.#letters.all(last, turn, SOME);
      const lines = letters.map(({ number, ...row }): Line => {
        last = number;
        return ['mail', row];
      });
      parts.push(packed(lines));
      isAll = letters.length < SOME;
      yield;
    }
    const said = yield* this.#lastSaid(turn);
    for (let at = 0; at < said.length; at += SOME) {
      parts.push(packed(said.slice(at, at + SOME)));
      yield;
    }
    return Buffer.concat(parts);
  }

  /**
   * Takes mail and seats of others in place of its own, and what was said in later turns than `last`; `next` gives the number of
   * another row of that. Gives how many lines that were.
   */
  unpack(bytes: Uint8Array, last: number, next: () => number): number {
    for (const table of ['mail', 'seats'] as const) this.#clear[table].run();
    let said = 0;
    for (const text of linesOf(gunzipSync(bytes))) {
      const line = JSON.parse(text) as Line;
      if (line[0] === 'mail') this.#add.mail.run(line[1]);
      else if (line[0] === 'seats') this.#add.seats.run({ ...line[1], place: this.#places.idOf(line[2]) });
      else if (line[1].sequence > last) {
        this.#said.put({ ...line[1], id: next(), place: this.#places.idOf(line[2]) });
        said += line[1].count;
      }
    }
    return said;
  }

  /** In the order in which it was said. */
  *#lastSaid(turn: number): InPortions<Line[]> {
    const lines: (readonly ['said', SaidRow, PlaceRow])[] = [];
    let [left, read] = [BYTES, 0];
    for (const place of this.#talkative.all()) {
      for (const row of this.#newest.all(place, turn, ROWS)) {
        left -= ROW + row.text.length;
        if (left >= 0) lines.push(['said', row, this.#place(place)]);
      }
      if (left < 0) break;
      if (lines.length - read < SOME) continue;
      read = lines.length;
      yield;
    }
    return lines.sort(([, one], [, other]) => one.id - other.id);
  }

  #place(id: number): PlaceRow {
    return this.#places.get(id);
  }
}

/** Several of them behind each other are one. */
const packed = (lines: readonly Line[]): Buffer =>
  gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { level: 1 });

function* linesOf(bytes: Buffer): Generator<string, undefined> {
  for (let at = 0, end; (end = bytes.indexOf('\n', at)) >= 0; at = end + 1)
    yield bytes.toString('utf8', at, end);
}
