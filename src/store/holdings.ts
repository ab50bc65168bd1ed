/**
 * What of all that is kept goes to a node that has nothing of it: mail, who was where, and the last lines of each room and
 * talk. As lines of JSON, compressed.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Database, Statement } from 'better-sqlite3';
import type { PlaceRow, Places } from './places.ts';
import type { SaidRow, SaidRows } from './said.ts';
import { LIMIT } from './sqlite.ts';

/** Rows of a place, and bytes of all, the newest first. */
const ROWS = 200;
const BYTES = 32 * 1024 * 1024;
/** Bytes that a row counts for besides its text: of short ones it is their number that takes the time. */
const ROW = 512;
/** Lines that are compressed as one text: of all of them there may be more than the longest string that Node knows. */
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
  readonly #all: Readonly<Record<Table, Statement<[], Row>>>;
  readonly #add: Readonly<Record<Table, Statement<[Row]>>>;
  readonly #clear: Readonly<Record<Table, Statement<[]>>>;
  readonly #talkative: Statement<[], number>;
  readonly #newest: Statement<[number, number], SaidRow>;

  constructor(database: Database, places: Places, said: SaidRows) {
    this.#places = places;
    this.#said = said;
    const each = <T>(make: (table: Table) => T): Record<Table, T> => ({
      mail: make('mail'),
      seats: make('seats'),
    });
    this.#all = each((table) =>
      database.prepare(
        `SELECT ${COLUMNS[table].join()} FROM ${table} ORDER BY ${table === 'mail' ? 'number' : 'id'}`,
      ),
    );
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
    this.#newest = database.prepare(`SELECT * FROM said WHERE place = ? ORDER BY id DESC ${LIMIT}`);
  }

  /** As it is now. */
  pack(): Uint8Array {
    const lines: Line[] = [
      ...this.#all.mail.all().map((row) => ['mail', row] as const),
      ...this.#all.seats.all().map((row) => ['seats', row, this.#places.get(Number(row['place']))] as const),
      ...this.#lastSaid().map((row) => ['said', row, this.#places.get(row.place)] as const),
    ];
    const parts: Buffer[] = [];
    for (let at = 0; at < lines.length; at += SOME) {
      const some = lines.slice(at, at + SOME).map((line) => `${JSON.stringify(line)}\n`);
      parts.push(Buffer.from(some.join('')));
    }
    return gzipSync(Buffer.concat(parts), { level: 1 });
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
  #lastSaid(): SaidRow[] {
    const rows: SaidRow[] = [];
    let left = BYTES;
    for (const place of this.#talkative.all()) {
      for (const row of this.#newest.all(place, ROWS)) {
        left -= ROW + row.text.length;
        if (left < 0) return rows.sort((one, other) => one.id - other.id);
        rows.push(row);
      }
    }
    return rows.sort((one, other) => one.id - other.id);
  }
}

function* linesOf(bytes: Buffer): Generator<string, undefined> {
  for (let at = 0, end; (end = bytes.indexOf('\n', at)) >= 0; at = end + 1)
    yield bytes.toString('utf8', at, end);
}
