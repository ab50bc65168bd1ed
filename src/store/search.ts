/** Lines by their words: what is indexed already, and what is not yet. */
import type { Database, Statement } from 'better-sqlite3';
import type { Query } from '../past.ts';
import { Findings } from './findings.ts';
import type { PlaceRow, Places } from './places.ts';
import { ALL, headingOf, PATIENCE, type SaidRow, type SaidRows, type Sight } from './said.ts';
import { fold, Wanted } from './words.ts';

/** Characters that are indexed in one go: some 20 ms, for whoever asks meanwhile has to wait. */
const PORTION = 256 * 1024;
/** What a row costs besides, in characters. */
const ROW = 64;
/** In front of words that say where a line stands: a letter of nobody's alphabet, which no search has in it. */
const MARK = '\ue000';
/** Ways in which the name of a room was written, each of which is looked for. */
const SPELLINGS = 100;
/** Everybody may see it. */
const PUBLIC = `${MARK}x`;

/** What somebody may see: words of which a row has one, and which rows of a place that means. */
interface View {
  readonly marks: readonly string[];
  readonly sights: ReadonlyMap<number, Sight>;
  /** Also what stands in none of `sights`, but is everybody's. */
  readonly open: boolean;
}

export class Search {
  readonly #places: Places;
  readonly #said: SaidRows;
  readonly #fresh: Statement<[number, number], SaidRow>;
  readonly #toIndex: Statement<[number], SaidRow>;
  readonly #find: Statement<[string], number>;
  readonly #row: Statement<[number], SaidRow>;
  readonly #add: Statement<[number, string]>;

  constructor(database: Database, places: Places, said: SaidRows) {
    this.#places = places;
    this.#said = said;
    // Not many together, for a row may be a megabyte.
    this.#fresh = database.prepare('SELECT * FROM said WHERE id > ? AND id < ? ORDER BY id DESC LIMIT 8');
    this.#toIndex = database.prepare('SELECT * FROM said WHERE id > ? ORDER BY id LIMIT 8');
    this.#find = database
      .prepare<[string], number>('SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC')
      .pluck();
    this.#row = database.prepare('SELECT * FROM said WHERE id = ?');
    this.#add = database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  }

  /** Goes on behind the row `indexed`, and says up to which row it has come. */
  index(indexed: number): number {
    let [last, left] = [indexed, PORTION];
    while (left > 0) {
      const rows = this.#toIndex.all(last);
      for (const row of rows) {
        this.#add.run(row.id, `${marksOf(this.#places.get(row.place))} ${fold(row.text)}`);
        last = row.id;
        left -= row.text.length + ROW;
      }
      if (rows.length === 0) break;
    }
    return last;
  }

  /** `indexed` is up to which row it has come. */
  find(query: Extract<Query, { of: 'words' }>, indexed: number): Findings {
    const findings = new Findings(query.count);
    const wanted = new Wanted(query.words);
    const view = this.#viewOf(query);
    if (wanted.isNothing || view.marks.length === 0) return findings;
    const end = performance.now() + PATIENCE;
    for (const row of this.#candidates(wanted, view, indexed)) {
      const place = this.#sees(view, row);
      if (place)
        for (const { nth, line } of wanted.linesIn(row.text)) {
          const heading = headingOf(row, place);
          findings.add({ ...heading, index: heading.index + nth }, line);
          if (findings.isFull) return findings;
        }
      if (performance.now() < end) continue;
      findings.giveUp();
      return findings;
    }
    return findings;
  }

  *#candidates(wanted: Wanted, { marks }: View, indexed: number): Generator<SaidRow> {
    let before = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows = this.#fresh.all(indexed, before);
      yield* rows;
      if (rows.length === 0) break;
      before = (rows.at(-1) as SaidRow).id;
    }
    const query = `${wanted.query} AND (${marks.map((mark) => `"${mark}"`).join(' OR ')})`;
    for (const id of this.#find.iterate(query)) {
      const row = this.#row.get(id);
      if (row) yield row;
    }
  }

  /** The place of a row that may be seen. */
  #sees({ sights, open }: View, row: SaidRow): PlaceRow | undefined {
    const sight = sights.get(row.place);
    if (sight) return sight(row.sequence) === row.sequence ? this.#places.get(row.place) : undefined;
    if (!open) return undefined;
    const place = this.#places.get(row.place);
    return isPublic(place) ? place : undefined;
  }

  #viewOf({ room, insights, owner }: Extract<Query, { of: 'words' }>): View {
    const sights = new Map<number, Sight>();
    const marks: string[] = [];
    const show = (ids: readonly number[], sight: (id: number) => Sight): void => {
      for (const id of ids) {
        sights.set(id, sight(id));
        marks.push(markOf(id));
      }
    };
    const look = (which: string, after: number): void => {
      show(this.#places.idsOfRoom('', which), (id) => this.#said.sight(id, after, owner));
    };
    if (room?.private !== undefined) {
      const insight = insights.find((each) => each.private === room.private);
      look(room.private, insight?.after ?? Infinity);
    } else if (room) {
      show(this.#places.idsOfRoom(room.key, undefined), () => ALL);
      // To look for each of thousands takes longer than to look at all that is everybody's.
      if (marks.length > SPELLINGS) marks.splice(0, marks.length, PUBLIC);
    } else {
      for (const insight of insights) look(insight.private, insight.after);
      if (owner !== undefined) {
        for (const id of this.#places.idsOfTalks(owner)) sights.set(id, ALL);
        marks.push(ownersMark(owner));
      }
      marks.push(PUBLIC);
    }
    return { marks, sights, open: room === undefined };
  }
}

const isPublic = ({ private: which, owner }: PlaceRow): boolean => which === null && owner === null;

const markOf = (place: number): string => `${MARK}p${String(place)}`;
// What else it may be made of would be another word; two of which this makes one are told apart by their rows.
const ownersMark = (owner: string): string =>
  `${MARK}o${owner.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()}`;

function marksOf(place: PlaceRow): string {
  if (isPublic(place)) return `${markOf(place.id)} ${PUBLIC}`;
  return place.owner === null ? markOf(place.id) : `${markOf(place.id)} ${ownersMark(place.owner)}`;
}
