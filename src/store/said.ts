/** What was said: rows of lines that follow each other, in the order in which they were said. */
import type { Database, Statement } from 'better-sqlite3';
import type { OwnerId, Query } from '../past.ts';
import { Findings, type Heading } from './findings.ts';
import type { Run } from './deed.ts';
import type { PlaceRow, Places } from './places.ts';
import { covers, type Seats } from './seats.ts';

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

/** Which rows of a place somebody may see. */
export type Sight = (sequence: number) => boolean;

type Of<Q extends Query['of']> = Extract<Query, { of: Q }>;

/** Milliseconds in which an answer is found, or is what was found until then. */
export const PATIENCE = 200;

export class SaidRows {
  readonly #places: Places;
  readonly #seats: Seats;
  readonly #add: Statement<[Omit<SaidRow, 'text'> & { text: string | Buffer }]>;
  readonly #newest: Statement<[number, number], SaidRow>;

  constructor(database: Database, places: Places, seats: Seats) {
    this.#places = places;
    this.#seats = seats;
    this.#add = database.prepare(
      `INSERT INTO said (id, place, sequence, nth, time, sender, mine, count, text)
       VALUES (@id, @place, @sequence, @nth, @time, @sender, @mine, @count, CAST(@text AS TEXT))`,
    );
    // Not many, for a row may be a megabyte.
    this.#newest = database.prepare(
      'SELECT * FROM said WHERE place = ? AND id < ? ORDER BY id DESC LIMIT 64',
    );
  }

  add(id: number, place: number, run: Run<string | Buffer>, mine: boolean): void {
    const { sequence, index: nth, time, from: sender, count, text } = run;
    this.#add.run({ id, place, sequence, nth, time, sender, mine: Number(mine), count, text });
  }

  ofRoom({ room, after, owner, count }: Of<'room'>): Findings {
    const answer = new Findings(count);
    const ids = this.#places.idsOfRoom(room.key, room.private);
    for (const row of this.newest(ids)) {
      if (room.private === undefined || this.sight(row.place, after, owner)(row.sequence))
        answer.addRun(headingOf(row, this.#places.get(row.place)), row.text);
      if (answer.isFull) break;
    }
    return answer;
  }

  ofTalk({ owner, peer, count }: Of<'talk'>): Findings {
    const answer = new Findings(count);
    for (const row of this.newest(this.#places.idsOfTalk(owner, peer))) {
      answer.addRun(headingOf(row, this.#places.get(row.place)), row.text);
      if (answer.isFull) break;
    }
    return answer;
  }

  ofAbsence({ owner, count }: Of<'absence'>): Findings {
    const absences = new Map(this.#seats.absences(owner).map((absence) => [absence.key, absence]));
    const ids = [...absences.keys()].flatMap((key) => this.#places.idsOfRoom(key, undefined));
    const answer = new Findings(count);
    for (const row of this.newest(ids, (place, sequence) => {
      const { from = Infinity } = absences.get(this.#places.get(place).key) ?? {};
      // What was said in the very turn in which it was lost may not have come: rather twice than never.
      return sequence >= from;
    })) {
      const place = this.#places.get(row.place);
      const { until = null } = absences.get(place.key) ?? {};
      if (until === null || row.sequence <= until) answer.addRun(headingOf(row, place), row.text);
      if (answer.isFull) break;
    }
    return answer;
  }

  /** Of a private room: what was said in later turns than `after`, and while `owner` was in it. */
  sight(place: number, after: number, owner: OwnerId | undefined): Sight {
    const seats = owner === undefined ? [] : this.#seats.of(owner, place);
    return (sequence) => sequence > after || seats.some((seat) => covers(seat, sequence));
  }

  /** Rows of several places, the newest first; those of a place end where `goesOn` is false. */
  *newest(
    places: readonly number[],
    goesOn: (place: number, sequence: number) => boolean = () => true,
  ): Generator<SaidRow> {
    const heads = places.map((place) => ({ place, rows: this.#newest.all(place, Number.MAX_SAFE_INTEGER) }));
    for (;;) {
      let next: (typeof heads)[number] | undefined;
      for (const head of heads)
        if (head.rows[0] && (next?.rows[0] === undefined || head.rows[0].id > next.rows[0].id)) next = head;
      const row = next?.rows.shift();
      if (!next || !row) return;
      if (!goesOn(row.place, row.sequence)) {
        next.rows = [];
        continue;
      }
      yield row;
      if (next.rows.length === 0) next.rows = this.#newest.all(next.place, row.id);
    }
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
