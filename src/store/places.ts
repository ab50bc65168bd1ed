/** Where something is said, as a number. */
import type { Database, Statement } from 'better-sqlite3';
import { LIMIT } from './sqlite.ts';
import type { OwnerId, Place } from '../past.ts';

/** A room; of a talk, `key` and `shown` are the other one's, and `owner` is whose it is. */
export interface PlaceRow {
  readonly id: number;
  readonly key: string;
  readonly shown: string;
  readonly private: string | null;
  readonly owner: OwnerId | null;
}

type What = Omit<PlaceRow, 'id'>;

/** Places whose numbers are remembered. */
const KNOWN = 10_000;

export class Places {
  readonly #known = new Map<string, number>();
  readonly #seen = new Map<number, PlaceRow>();
  readonly #find: Statement<[What], number>;
  readonly #add: Statement<[What]>;
  readonly #get: Statement<[number], PlaceRow>;
  readonly #public: Statement<[string], number>;
  readonly #private: Statement<[string], number>;
  readonly #talk: Statement<[OwnerId, string], number>;
  readonly #talks: Statement<[OwnerId], number>;
  readonly #abandoned: Statement<[], number>;
  readonly #next: Statement<[number, number], { id: number; used: number }>;
  readonly #remove: Statement<[number]>;
  #cursor = 0;

  constructor(database: Database) {
    const ids = <Bound extends unknown[]>(where: string): Statement<Bound, number> =>
      database.prepare<Bound, number>(`SELECT id FROM places WHERE ${where}`).pluck();
    this.#find = ids('key = @key AND shown = @shown AND private IS @private AND owner IS @owner');
    this.#add = database.prepare(
      'INSERT INTO places (key, shown, private, owner) VALUES (@key, @shown, @private, @owner)',
    );
    this.#get = database.prepare('SELECT * FROM places WHERE id = ?');
    this.#public = ids('key = ? AND private IS NULL AND owner IS NULL');
    this.#private = ids('private = ?');
    this.#talk = ids('owner = ? AND key = ?');
    this.#talks = ids('owner = ?');
    this.#abandoned = ids('owner IS NOT NULL AND owner NOT IN (SELECT owner FROM names) LIMIT 1');
    this.#next = database.prepare(
      `SELECT id, EXISTS (SELECT 1 FROM said WHERE place = places.id)
         OR EXISTS (SELECT 1 FROM seats WHERE place = places.id) AS used
       FROM places WHERE id > ? ORDER BY id ${LIMIT}`,
    );
    this.#remove = database.prepare('DELETE FROM places WHERE id = ?');
  }

  ofRoom({ key, shown, private: which = null }: Place | PlaceRow): number {
    return this.idOf({ key, shown, private: which, owner: null });
  }

  ofTalk(owner: OwnerId, { key, shown }: { key: string; shown: string }): number {
    return this.idOf({ key, shown, private: null, owner });
  }

  /** Of a place as it stands in this or another file. */
  idOf({ key, shown, private: which, owner }: What): number {
    const name = [owner ?? '', which ?? '', key, shown].join('\n');
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const what = { key, shown, private: which, owner };
    const id = this.#find.get(what) ?? Number(this.#add.run(what).lastInsertRowid);
    if (this.#known.size >= KNOWN) this.#known.clear();
    this.#known.set(name, id);
    return id;
  }

  get(id: number): PlaceRow {
    const seen = this.#seen.get(id);
    if (seen) return seen;
    // Of a file that is damaged: what stands in no place is for nobody.
    const row = this.#get.get(id) ?? { id, key: '', shown: '', private: '', owner: null };
    if (this.#seen.size >= KNOWN) this.#seen.clear();
    this.#seen.set(id, row);
    return row;
  }

  /** All that a room is: its name may have been written in several ways. */
  idsOfRoom(key: string, which: string | undefined): number[] {
    return which === undefined ? this.#public.all(key) : this.#private.all(which);
  }

  idsOfTalk(owner: OwnerId, peer: string): number[] {
    return this.#talk.all(owner, peer);
  }

  idsOfTalks(owner: OwnerId): number[] {
    return this.#talks.all(owner);
  }

  /** A talk of somebody whose name is not reserved any more. */
  abandoned(): number | undefined {
    return this.#abandoned.get();
  }

  /** Nothing is kept there any more. */
  remove(id: number): void {
    this.#remove.run(id);
    this.forget();
  }

  /** Forgets those of the next `count` where nothing is kept. */
  sweep(count: number): void {
    const rows = this.#next.all(this.#cursor, count);
    this.#cursor = rows.length < count ? 0 : (rows.at(-1)?.id ?? 0);
    for (const { id, used } of rows) if (!used) this.remove(id);
  }

  /** What was written since the last commit is not so. */
  forget(): void {
    this.#known.clear();
    this.#seen.clear();
  }
}
