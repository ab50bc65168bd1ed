/** What was said: rows of lines that follow each other, in the order in which they were said. */
import type { Database, Statement } from 'better-sqlite3';
import type { OwnerId, Query } from '../past.ts';
import { Findings, type Heading } from './findings.ts';
import type { Run } from './deed.ts';
import type { PlaceRow, Places } from './places.ts';
import { latestIn, type Seats } from './seats.ts';

export interface SaidRow {
  readonly id: number;
  readonly place: number;
  readonly sequence: number;
  readonly nth: number;
  readonly time: number;
  readonly sender: string;
  readonly mine: number;
  readonly count: number;
  readonly text: string;
}

/** Of which turn, that one or the latest before it, somebody may see what was said in a place; undefined where there is none. */
export type Sight = (sequence: number) => number | undefined;

export const ALL: Sight = (sequence) => sequence;

type Of<Q extends Query['of']> = Extract<Query, { of: Q }>;

/** Milliseconds in which an answer is found, or is what was found until then. */
export const PATIENCE = 200;

export class SaidRows {
  readonly #places: Places;
  readonly #seats: Seats;
  readonly #add: Statement<[Omit<SaidRow, 'text'> & { text: string | Buffer }]>;
  readonly #get: Statement<[number], SaidRow>;
  readonly #newest: Statement<[number, number], number>;
  readonly #turnAt: Statement<[number], { id: number; sequence: number }>;

  constructor(database: Database, places: Places, seats: Seats) {
    this.#places = places;
    this.#seats = seats;
    this.#add = database.prepare(
      `INSERT INTO said (id, place, sequence, nth, time, sender, mine, count, text)
       VALUES (@id, @place, @sequence, @nth, @time, @sender, @mine, @count, CAST(@text AS TEXT))`,
    );
    this.#get = database.prepare('SELECT * FROM said WHERE id = ?');
    // Only their numbers: there may be many places, and a row may be a megabyte.
    this.#newest = database
      .prepare<[number, number], number>(
        'SELECT id FROM said WHERE place = ? AND id < ? ORDER BY id DESC LIMIT 64',
      )
      .pluck();
    this.#turnAt = database.prepare('SELECT id, sequence FROM said WHERE id < ? ORDER BY id DESC LIMIT 1');
  }

  add(id: number, place: number, run: Run<string | Buffer>, mine: boolean): void {
    const { sequence, index: nth, time, from: sender, count, text } = run;
    this.put({ id, place, sequence, nth, time, sender, mine: Number(mine), count, text });
  }

  put(row: Omit<SaidRow, 'text'> & { text: string | Buffer }): void {
    this.#add.run(row);
  }

  ofRoom({ room, after, owner, count }: Of<'room'>): Findings {
    const ids = this.#places.idsOfRoom(room.key, room.private);
    return this.#last(count, ids, (place) =>
      room.private === undefined ? ALL : this.sight(place, after, owner),
    );
  }

  ofTalk({ owner, peer, count }: Of<'talk'>): Findings {
    return this.#last(count, this.#places.idsOfTalk(owner, peer), () => ALL);
  }

  ofAbsence({ owner, count }: Of<'absence'>): Findings {
    const absences = new Map(this.#seats.absences(owner).map((absence) => [absence.key, absence]));
    const ids = [...absences.keys()].flatMap((key) => this.#places.idsOfRoom(key, undefined));
    return this.#last(count, ids, (place) => {
      const { from = Infinity, until = null } = absences.get(this.#places.get(place).key) ?? {};
      // What was said in the very turn in which it was lost may not have come: rather twice than never.
      return (sequence) => (sequence < from ? undefined : Math.min(sequence, until ?? Infinity));
    });
  }

  /** Of a private room: what was said in later turns than `after`, and while `owner` was in it. */
  sight(place: number, after: number, owner: OwnerId | undefined): Sight {
    const seats = owner === undefined ? [] : this.#seats.of(owner, place);
    return (sequence) => {
      if (sequence > after) return sequence;
      const latest = seats.reduce((turn, seat) => Math.max(turn, latestIn(seat, sequence) ?? -1), -1);
      return latest < 0 ? undefined : latest;
    };
  }

  /** The last lines of several places, as far as they may be seen, and as far as there is time. */
  #last(count: number, places: readonly number[], sightOf: (place: number) => Sight): Findings {
    const findings = new Findings(count);
    const end = performance.now() + PATIENCE;
    const heads = places.map((place) => ({ place, sight: sightOf(place), ids: this.#before(place) }));
    for (;;) {
      let next: (typeof heads)[number] | undefined;
      for (const head of heads) if ((head.ids[0] ?? 0) > (next?.ids[0] ?? 0)) next = head;
      const row = next && this.#get.get(next.ids[0] as number);
      if (!next || !row) break;
      const { place, ids } = next;
      const turn = next.sight(row.sequence);
      if (turn === row.sequence) {
        ids.shift();
        if (ids.length === 0) next.ids = this.#before(place, row.id);
        findings.addRun(headingOf(row, this.#places.get(place)), row.text);
      } else {
        // What lies between may be all that was said in years.
        next.ids = turn === undefined ? [] : this.#before(place, this.#behind(turn, row.id));
      }
      if (findings.isFull) break;
      if (performance.now() < end) continue;
      findings.giveUp();
      break;
    }
    return findings;
  }

  /** Numbers of some rows of the place, the newest first. */
  #before(place: number, id = Number.MAX_SAFE_INTEGER): number[] {
    return this.#newest.all(place, id);
  }

  /** The number of the first row, of those before `id`, that is of a later turn than that one; `id`, where there is none. */
  #behind(turn: number, id: number): number {
    let [low, high] = [0, id];
    // Later turns have higher numbers.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = this.#turnAt.get(middle);
      if (row && row.sequence > turn) high = row.id;
      else low = middle;
    }
    return high;
  }
}

export function headingOf(row: SaidRow, place: PlaceRow): Heading {
  const { sequence, nth: index, time, sender: from, mine } = row;
  const isTalk = place.owner !== null;
  return {
    ...{ sequence, index, time, from },
    room: isTalk ? undefined : place.shown,
    to: isTalk && mine ? place.shown : undefined,
  };
}
