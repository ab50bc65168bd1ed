/** Who, of those whose names are reserved, was in which room from when to when; in sequences of turns. */
import type { Database, Statement } from 'better-sqlite3';
import { LIMIT } from './sqlite.ts';
import type { OwnerId } from '../past.ts';

export interface Seat {
  readonly place: number;
  readonly entered: number;
  /** Null while it is in it. */
  readonly left: number | null;
}

/** Of a room that everybody may see, where somebody was when it was last here; until it came back to it, if it has. */
export interface Absence {
  readonly key: string;
  readonly from: number;
  readonly until: number | null;
}

/** Seats that are kept, at most. */
const MOST = 200_000;

export class Seats {
  readonly #enter: Statement<[OwnerId, number, number]>;
  readonly #leave: Statement<[number, OwnerId, number]>;
  readonly #forgetLast: Statement<[{ owner: OwnerId; sequence: number }]>;
  readonly #gone: Statement<[number, OwnerId]>;
  readonly #of: Statement<[OwnerId, number], Seat>;
  readonly #absences: Statement<[{ owner: OwnerId }], Absence>;
  readonly #release: Statement<[OwnerId]>;
  readonly #trim: Statement<[number, number]>;
  readonly #abandon: (sequence: number) => void;
  readonly #rewind: readonly Statement<[number]>[];

  constructor(database: Database) {
    this.#enter = database.prepare('INSERT INTO seats (owner, place, entered) VALUES (?, ?, ?)');
    this.#leave = database.prepare(
      'UPDATE seats SET left = ? WHERE owner = ? AND place = ? AND left IS NULL',
    );
    // Who was in no room this time was last where it was before.
    this.#forgetLast = database.prepare(
      `UPDATE seats SET last = 0, passed = @sequence WHERE owner = @owner AND last
         AND EXISTS (SELECT 1 FROM seats WHERE owner = @owner AND left IS NULL)`,
    );
    this.#gone = database.prepare('UPDATE seats SET left = ?, last = 1 WHERE owner = ? AND left IS NULL');
    this.#of = database.prepare('SELECT place, entered, left FROM seats WHERE owner = ? AND place = ?');
    this.#absences = database.prepare(
      `SELECT key, max(seats.left) AS "from",
         (SELECT min(later.entered) FROM seats later JOIN places there ON there.id = later.place
          WHERE later.owner = @owner AND later.entered >= seats.left AND later.id > seats.id
            AND there.key = places.key AND there.private IS NULL) AS until
       FROM seats JOIN places ON places.id = seats.place
       WHERE seats.owner = @owner AND last AND private IS NULL GROUP BY key`,
    );
    this.#release = database.prepare('DELETE FROM seats WHERE owner = ?');
    this.#trim = database.prepare(
      `DELETE FROM seats WHERE id IN (SELECT id FROM seats WHERE left IS NOT NULL AND (
         (NOT last AND left < ?) OR id < (SELECT max(id) FROM seats) - ${String(MOST)}) ORDER BY id ${LIMIT})`,
    );
    this.#rewind = [
      'DELETE FROM seats WHERE entered > ?',
      'UPDATE seats SET left = NULL, last = 0 WHERE left > ?',
      'UPDATE seats SET last = left IS NOT NULL, passed = NULL WHERE passed > ?',
    ].map((sql) => database.prepare<[number]>(sql));
    const openOwners = database
      .prepare<[], OwnerId>('SELECT DISTINCT owner FROM seats WHERE left IS NULL')
      .pluck();
    this.#abandon = (sequence) => {
      for (const owner of openOwners.all()) this.gone(owner, sequence);
    };
  }

  enter(owner: OwnerId, place: number, sequence: number): void {
    this.#enter.run(owner, place, sequence);
  }

  leave(owner: OwnerId, place: number, sequence: number): void {
    this.#leave.run(sequence, owner, place);
  }

  /** Where it is now is where it was last. */
  gone(owner: OwnerId, sequence: number): void {
    this.#forgetLast.run({ owner, sequence });
    this.#gone.run(sequence, owner);
  }

  /** Nobody is here: the server was not stopped, but ended. */
  abandon(sequence: number): void {
    this.#abandon(sequence);
  }

  /** As they were behind that turn. */
  rewind(turn: number): void {
    for (const statement of this.#rewind) statement.run(turn);
  }

  of(owner: OwnerId, place: number): Seat[] {
    return this.#of.all(owner, place);
  }

  /** Of private rooms there is none: who is not in one does not hear what is said in it, then or later. */
  absences(owner: OwnerId): Absence[] {
    return this.#absences.all({ owner });
  }

  release(owner: OwnerId): void {
    this.#release.run(owner);
  }

  /** Forgets `count` at most of those that ended before that turn. */
  trim(before: number, count: number): number {
    return this.#trim.run(before, count).changes;
  }
}

/**
 * The turn, that one or the latest before it, in which one was in the room; undefined where there is none. What was said in
 * the turn in which it came or went may have been said before that or after, so it does not count.
 */
export function latestIn({ entered, left }: Seat, sequence: number): number | undefined {
  const latest = Math.min(sequence, (left ?? Infinity) - 1);
  return latest > entered ? latest : undefined;
}
