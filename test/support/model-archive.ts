/** What is kept, once more as plainly as it can be said: every line by itself in an array, and each question asked of all of them. */
import type { Effect } from '../../src/effect.ts';
import type { Found, OwnerId, Past, Place, Query, Said } from '../../src/past.ts';

/** A line, and where it was said: in a room, or between `owner` and the one whose key is `place.key`. */
interface Line {
  readonly row: number;
  readonly place: Place;
  readonly owner: OwnerId | undefined;
  readonly mine: boolean;
  readonly sequence: number;
  readonly index: number;
  readonly time: number;
  readonly from: string;
  readonly text: string;
}

/** `owner` was in a room. */
interface Seat {
  readonly owner: OwnerId;
  readonly place: Place;
  readonly entered: number;
  left: number | undefined;
  /** It left it when it was last here. */
  last: boolean;
}

interface Letter {
  readonly number: number;
  readonly owner: OwnerId;
  readonly line: Past;
}

type Of<Q extends Query['of']> = Extract<Query, { of: Q }>;

/** Seconds and lines. */
export interface Kept {
  readonly seconds: number;
  readonly lines: number;
}

export const samePlace = (one: Place, other: Place): boolean =>
  one.private === other.private && (one.private !== undefined || one.key === other.key);

export class PlainArchive {
  lines: Line[] = [];
  letters: Letter[] = [];
  readonly owners = new Map<string, OwnerId>();
  #seats: Seat[] = [];
  #rows = 0;
  /** The last turn of which anything is known. */
  #sequence = 0;

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  /** A server begins: whoever was here is not any more. */
  begin(): void {
    const open = this.#seats.filter(({ left }) => left === undefined);
    for (const owner of new Set(open.map((seat) => seat.owner))) this.#gone(owner, this.#sequence);
  }

  /** What is kept for too long at `now`, in milliseconds, goes, and what nobody is left for. */
  trim(now: number, { seconds, lines }: Kept): void {
    const owners = new Set(this.owners.values());
    this.lines = this.lines.filter(({ owner }) => owner === undefined || owners.has(owner));
    for (let [first] = this.lines; first; [first] = this.lines) {
      const { row, time } = first;
      const others = this.lines.filter((line) => line.row !== row);
      if (time >= now - seconds * 1000 && others.length < lines) return;
      this.lines = others;
    }
  }

  find(query: Query): Found {
    switch (query.of) {
      case 'room':
        return this.#last(query.count, this.lines.filter(this.#inRoom(query)));
      case 'talk':
        return this.#last(
          query.count,
          this.lines.filter(({ owner, place }) => owner === query.owner && place.key === query.peer),
        );
      case 'words': {
        const found = this.#last(query.count, this.lines.filter(this.#withWords(query)));
        return { ...found, lines: found.lines.toReversed() };
      }
      case 'absence':
        return this.#last(query.count, this.lines.filter(this.#missedBy(query.owner)));
      case 'mail': {
        const all = this.letters.filter(({ owner, number }) => owner === query.owner && number > query.after);
        const some = all.slice(0, query.count);
        const last = some.at(-1)?.number;
        return {
          lines: some.map(({ line }) => line),
          more: all.length > some.length,
          ...(last !== undefined && { last }),
        };
      }
    }
  }

  #perform(effect: Effect): void {
    if ('sequence' in effect) this.#sequence = Math.max(this.#sequence, effect.sequence);
    if ('said' in effect) this.#sequence = Math.max(this.#sequence, effect.said.sequence);
    switch (effect.do) {
      case 'keep':
        this.#add(effect.said, effect.room, undefined, false);
        return;
      case 'keep-talk':
        this.#add(effect.said, { ...effect.peer, private: undefined }, effect.owner, effect.mine);
        return;
      case 'mail': {
        const { said, owner } = effect;
        for (const [nth, text] of said.texts.entries()) {
          const line = { ...said, index: said.index + nth, texts: [text], room: undefined, to: undefined };
          // A line has the same number wherever it is kept.
          this.letters.push({ number: line.sequence * 2 ** 20 + line.index, owner, line });
        }
        return;
      }
      case 'collected':
        this.letters = this.letters.filter(
          ({ owner, number }) => owner !== effect.owner || number > effect.last,
        );
        return;
      case 'enter': {
        const { owner, room: place, sequence: entered } = effect;
        this.#seats.push({ owner, place, entered, left: undefined, last: false });
        return;
      }
      case 'leave':
        for (const seat of this.#seats)
          if (seat.owner === effect.owner && seat.left === undefined && samePlace(seat.place, effect.room))
            seat.left = effect.sequence;
        return;
      case 'gone':
        this.#gone(effect.owner, effect.sequence);
        return;
      case 'reserve':
        this.owners.set(effect.key, effect.owner);
        return;
      case 'release':
        if (this.owners.get(effect.key) === effect.owner) this.owners.delete(effect.key);
        this.letters = this.letters.filter(({ owner }) => owner !== effect.owner);
        this.#seats = this.#seats.filter(({ owner }) => owner !== effect.owner);
        return;
      default:
    }
  }

  #add({ texts, ...said }: Said, place: Place, owner: OwnerId | undefined, mine: boolean): void {
    this.#rows++;
    for (const [nth, text] of texts.entries()) {
      const { sequence, index, time, from } = said;
      const line = { sequence, index: index + nth, time, from, text };
      this.lines.push({ row: this.#rows, place, owner, mine, ...line });
    }
  }

  #gone(owner: OwnerId, sequence: number): void {
    const mine = this.#seats.filter((seat) => seat.owner === owner);
    for (const seat of mine) {
      seat.last = seat.left === undefined;
      seat.left ??= sequence;
    }
  }

  /** Somebody who is in that private room since that turn, or was in it as `owner`, may see a line of it. */
  #sees(place: Place, after: number, owner: OwnerId | undefined): (line: Line) => boolean {
    const stays = this.#seats.filter((seat) => seat.owner === owner && samePlace(seat.place, place));
    return ({ sequence }) =>
      sequence > after ||
      stays.some(({ entered, left }) => entered < sequence && (left === undefined || sequence < left));
  }

  #inRoom({ room, after, owner }: Pick<Of<'room'>, 'room' | 'after' | 'owner'>): (line: Line) => boolean {
    const sees = this.#sees(room, after, owner);
    return (line) =>
      line.owner === undefined && samePlace(line.place, room) && (room.private === undefined || sees(line));
  }

  #withWords({ words, room, insights, owner }: Of<'words'>): (line: Line) => boolean {
    const wanted = wordsOf(words);
    const mayRead = (line: Line): boolean => {
      const { place } = line;
      if (line.owner !== undefined) return room === undefined && line.owner === owner;
      if (room && !samePlace(place, room)) return false;
      if (place.private === undefined) return true;
      const insight = insights.find(({ private: which }) => which === place.private);
      return (
        (insight !== undefined || room !== undefined) &&
        this.#sees(place, insight?.after ?? Infinity, owner)(line)
      );
    };
    return (line) => wanted.length > 0 && mayRead(line) && hasWords(line.text, wanted);
  }

  /** What the open rooms said that `owner` was in when it was last here, until it came back to each. */
  #missedBy(owner: OwnerId): (line: Line) => boolean {
    const mine = this.#seats.filter((seat) => seat.owner === owner && seat.place.private === undefined);
    return (line) => {
      if (line.owner !== undefined || line.place.private !== undefined) return false;
      const here = mine.filter(({ place }) => place.key === line.place.key);
      const left = here.findLastIndex(({ last }) => last);
      const from = here[left]?.left;
      if (from === undefined || line.sequence < from) return false;
      const back = here.slice(left + 1).map(({ entered }) => entered);
      return line.sequence <= Math.min(...back);
    };
  }

  /** The last `count` of these. */
  #last(count: number, lines: readonly Line[]): Found {
    return { lines: lines.slice(-count).map(pastOf), more: lines.length > count };
  }
}

const pastOf = ({ sequence, index, time, from, text, place, owner, mine }: Line): Past => ({
  ...{ sequence, index, time, from, texts: [text] },
  room: owner === undefined ? place.shown : undefined,
  to: owner !== undefined && mine ? place.shown : undefined,
});

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** All of them, of which the last may go on. */
function hasWords(text: string, wanted: readonly string[]): boolean {
  const words = wordsOf(text);
  const last = wanted.at(-1) ?? '';
  return (
    wanted.slice(0, -1).every((word) => words.includes(word)) && words.some((word) => word.startsWith(last))
  );
}

/** The same answer with each line by itself, the first one first. */
export function lineByLine({ lines, ...rest }: Found, newestFirst = false): Found {
  const each = lines.flatMap((past) => {
    const some = past.texts.map((text, nth): Past => ({ ...past, index: past.index + nth, texts: [text] }));
    return newestFirst ? some.toReversed() : some;
  });
  return { ...rest, lines: each };
}
