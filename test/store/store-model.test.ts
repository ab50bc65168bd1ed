import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import type { Found, OwnerId, Place, Query } from '../../src/past.ts';
import { runOf } from '../../src/store/deed.ts';
import { Ring } from '../../src/store/ring.ts';
import { Store } from '../../src/store/store.ts';
import { deeds } from '../support/kept.ts';
import { type Kept, lineByLine, PlainArchive } from '../support/model-archive.ts';

const NAMES = ['ann', 'bob', 'cat'] as const;
const ROOMS = ['#ops', '#dev'] as const;
type Person = (typeof NAMES)[number];
type Room = (typeof ROOMS)[number];

type Action =
  | { readonly do: 'enter' | 'leave'; readonly who: Person; readonly where: Room }
  | { readonly do: 'hide' | 'empty'; readonly where: Room }
  | {
      readonly do: 'say';
      readonly who: Person;
      readonly where: Room;
      readonly texts: readonly string[];
      readonly loud: boolean;
    }
  | {
      readonly do: 'talk' | 'mail';
      readonly who: Person;
      readonly to: Person;
      readonly texts: readonly string[];
    }
  | { readonly do: 'collect' | 'reserve' | 'release' | 'go'; readonly who: Person }
  | { readonly do: 'turn'; readonly count: number }
  | { readonly do: 'trim' | 'index'; readonly portion: number }
  | { readonly do: 'begin' | 'refuse' };

const person = fc.constantFrom<Person>(...NAMES);
const room = fc.constantFrom<Room>(...ROOMS, '#ops');
// Few words, so that several lines have the same.
const word = fc.constantFrom('disk', 'DISK', 'full', 'fuller', 'a', 'is');
const line = fc.array(word, { maxLength: 3 }).map((words) => words.join(' '));
const texts = fc.array(line, { minLength: 1, maxLength: 3 });

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('say'), who: person, where: room, texts, loud: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('enter'), who: person, where: room }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave'), who: person, where: room }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('hide', 'hide', 'empty'), where: room }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('talk', 'talk', 'mail'), who: person, to: person, texts }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('reserve', 'reserve', 'collect', 'go', 'release'),
      who: person,
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('turn'), count: fc.constantFrom(1, 1, 1, 5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('trim', 'index'), portion: fc.constantFrom(1, 2, 128) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('begin', 'refuse', 'refuse') }) },
);

/** People, of whom those may be in rooms whose names are reserved: what a chat would want kept of what they do. */
class World {
  readonly plain = new PlainArchive();
  readonly #tell: (effects: readonly Effect[]) => void;
  /** Whose each name is. */
  readonly owners = new Map<Person, OwnerId>();
  readonly #rooms = new Map<Room, { place: Place; members: Set<Person> }>();
  /** All that there ever were. */
  readonly places: Place[] = [];
  /** The number of a turn, and of a line in it. */
  #turn = 1;
  #index = 0;
  #incarnations = 0;

  constructor(tell: (effects: readonly Effect[]) => void) {
    this.#tell = tell;
    for (const shown of ROOMS) this.#rooms.set(shown, { place: this.#placeOf(shown), members: new Set() });
  }

  get time(): number {
    return this.#turn * 1000;
  }

  play(action: Action): void {
    switch (action.do) {
      case 'enter':
        this.#enter(action.who, this.#in(action.where));
        return;
      case 'leave':
        this.#leave(action.who, this.#in(action.where));
        return;
      case 'hide': {
        const there = this.#in(action.where);
        if (there.place.private !== undefined) return;
        const members = [...there.members];
        for (const who of members) this.#leave(who, there);
        there.place = this.#placeOf(action.where, `${String(++this.#incarnations)} ${action.where}`);
        for (const who of members) this.#enter(who, there);
        return;
      }
      case 'empty': {
        const there = this.#in(action.where);
        for (const who of there.members) this.#leave(who, there);
        there.place = this.#placeOf(action.where);
        return;
      }
      case 'say': {
        const { place } = this.#in(action.where);
        // A room is written as it was when it was opened, which for an open one may be another way each time.
        const isOther = action.loud && place.private === undefined;
        const shown = isOther ? place.shown.toUpperCase() : place.shown;
        this.#do({ do: 'keep', said: this.#said(action.who, action.texts), room: { ...place, shown } });
        return;
      }
      case 'talk': {
        const said = this.#said(action.who, action.texts);
        for (const [one, other, mine] of [
          [action.who, action.to, true],
          [action.to, action.who, false],
        ] as const) {
          const owner = this.owners.get(one);
          const peer = { key: other, shown: mine ? other.toUpperCase() : other };
          if (owner !== undefined) this.#do({ do: 'keep-talk', said, owner, mine, peer });
        }
        return;
      }
      case 'mail': {
        const owner = this.owners.get(action.to);
        if (owner !== undefined) this.#do({ do: 'mail', said: this.#said(action.who, action.texts), owner });
        return;
      }
      case 'collect': {
        const owner = this.owners.get(action.who);
        const some = this.plain.letters.filter((letter) => letter.owner === owner);
        const last = some[Math.floor(some.length / 2)]?.number;
        if (owner !== undefined && last !== undefined) this.#do({ do: 'collected', owner, last });
        return;
      }
      case 'reserve': {
        const key = action.who;
        if (this.owners.has(key)) return;
        const owner = `owner-${String(this.#turn)}-${key}`;
        this.owners.set(key, owner);
        this.#do({ do: 'reserve', key, shown: key, owner, version: owner });
        return;
      }
      case 'release': {
        const key = action.who;
        const owner = this.owners.get(key);
        if (owner === undefined) return;
        this.#go(key, owner);
        this.owners.delete(key);
        this.#do({ do: 'release', key, owner });
        return;
      }
      case 'go': {
        const owner = this.owners.get(action.who);
        if (owner !== undefined) this.#go(action.who, owner);
        return;
      }
      case 'turn':
        this.#turn += action.count;
        this.#index = 0;
        return;
      case 'begin':
        // A server that was killed: nobody is anywhere.
        for (const there of this.#rooms.values()) there.members.clear();
        this.plain.begin();
        return;
      default:
    }
  }

  /** Every question that somebody here might have. */
  questions(count: number): Query[] {
    const owners = [undefined, ...this.owners.values()];
    const rooms = owners.flatMap((owner) =>
      this.places.flatMap((place) =>
        (place.private === undefined ? [0] : [0, this.#turn - 3, Infinity]).map((after): Query => ({
          of: 'room',
          room: place,
          after,
          owner,
          count,
        })),
      ),
    );
    const hidden = this.places.flatMap(({ private: which }) => (which === undefined ? [] : [which]));
    const insights = hidden.slice(-1).map((which) => ({ private: which, after: this.#turn - 3 }));
    const searches = owners.flatMap((owner) =>
      ['disk', 'ful', 'is disk', 'disk is', 'a'].flatMap((words) =>
        [undefined, ...this.places].map((place): Query => ({
          of: 'words',
          words,
          room: place,
          insights,
          owner,
          count,
        })),
      ),
    );
    const own = [...this.owners.values()].flatMap((owner): Query[] => [
      { of: 'absence', owner, count },
      { of: 'mail', owner, after: 0, count },
      ...NAMES.map((peer): Query => ({ of: 'talk', owner, peer, count })),
    ]);
    return [...rooms, ...searches, ...own];
  }

  #in(room: Room): { place: Place; members: Set<Person> } {
    return this.#rooms.get(room) as { place: Place; members: Set<Person> };
  }

  #enter(who: Person, there: { place: Place; members: Set<Person> }): void {
    const owner = this.owners.get(who);
    if (owner === undefined || there.members.has(who)) return;
    there.members.add(who);
    this.#do({ do: 'enter', owner, room: there.place, sequence: this.#turn });
  }

  #leave(who: Person, there: { place: Place; members: Set<Person> }): void {
    const owner = this.owners.get(who);
    if (owner === undefined || !there.members.delete(who)) return;
    this.#do({ do: 'leave', owner, room: there.place, sequence: this.#turn });
  }

  /** It is in no room any more, if it was in one. */
  #go(who: Person, owner: OwnerId): void {
    if (![...this.#rooms.values()].some(({ members }) => members.has(who))) return;
    for (const { members } of this.#rooms.values()) members.delete(who);
    this.#do({ do: 'gone', owner, sequence: this.#turn });
  }

  #placeOf(shown: Room, which?: string): Place {
    const place = { key: shown, shown, private: which };
    if (which !== undefined || !this.places.some(({ key, private: it }) => key === shown && it === undefined))
      this.places.push(place);
    return place;
  }

  #said(from: string, texts: readonly string[]): Extract<Effect, { do: 'keep' }>['said'] {
    const index = this.#index;
    this.#index += texts.length;
    return { sequence: this.#turn, index, time: this.time, from, texts };
  }

  #do(effect: Effect): void {
    this.plain.perform([effect]);
    this.#tell([effect]);
  }
}

const answered = (query: Query, found: Found): Found => lineByLine(found, query.of === 'words');
const counts = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: most }));

describe('what the store finds', () => {
  test('is what a look at every line finds, whatever was done before', () => {
    // However slow this machine is just now, nobody gives up.
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(action, { size: 'medium', maxLength: 60 }),
        fc.record<Kept>({
          seconds: fc.constantFrom(Infinity, Infinity, 20),
          lines: fc.constantFrom(Infinity, Infinity, 5, 20),
        }),
        counts(4),
        (actions, keeping, count) => {
          const store = new Store(undefined, { ...keeping, bytes: Infinity });
          try {
            const world = new World((effects) => {
              store.apply(deeds(...effects));
            });
            for (const one of actions) {
              world.play(one);
              if (one.do === 'begin') store.begin();
              if (one.do === 'refuse') expectRefused(store);
              if (one.do === 'index') for (let left = one.portion; left > 0 && store.index(); left--);
              if (one.do !== 'trim') continue;
              while (store.trim(world.time, one.portion));
              world.plain.trim(world.time, keeping);
              expect(store.lines).toBe(world.plain.lines.length);
            }
            for (const query of world.questions(count)) {
              const expected = world.plain.find(query);
              found += expected.lines.length;
              expect(answered(query, store.find(query)), JSON.stringify(query)).toEqual(expected);
            }
          } finally {
            store.close();
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(4000);
  });
});

/** A batch that the disk refuses leaves nothing behind, also of what came before it in the batch. */
function expectRefused(store: Store): void {
  const where: Place = { key: '#dev', shown: '#DEV', private: undefined };
  const said = { sequence: 1, index: 0, time: 0, from: 'eve', texts: ['disk'] };
  const [good, bad] = deeds({ do: 'keep', said, room: where }, { do: 'keep', said, room: where });
  if (!good || bad?.do !== 'keep') return;
  const without = { ...bad, run: { ...bad.run, from: null as unknown as string } };
  expect(() => {
    store.apply([good, without]);
  }).toThrow('NOT NULL');
}

describe('what is in memory of a room', () => {
  test('is what the store finds, or the store is asked', () => {
    let [here, elsewhere] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(action, { size: 'medium', maxLength: 60 }),
        fc.constantFrom(0, 2, 5, 200),
        fc.constantFrom(Infinity, 2000),
        counts(8),
        (actions, history, bytes, count) => {
          const ring = new Ring(history, bytes);
          const world = new World((effects) => {
            for (const effect of effects) if (effect.do === 'keep') ring.add(effect.room, runOf(effect.said));
          });
          for (const one of actions) world.play(one);
          for (const query of world.questions(count)) {
            if (query.of !== 'room') continue;
            const found = ring.find(query);
            if (found) here++;
            else elsewhere++;
            if (found) expect(lineByLine(found), JSON.stringify(query)).toEqual(world.plain.find(query));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(here, elsewhere)).toBeGreaterThan(300);
  });

  test('is all that is told while the store has failed: the last lines, and that there may be more', () => {
    fc.assert(
      fc.property(
        fc.array(action, { size: 'medium', maxLength: 60 }),
        fc.constantFrom(0, 2, 5, 200),
        counts(8),
        (actions, history, count) => {
          const ring = new Ring(history, Infinity);
          const world = new World((effects) => {
            for (const effect of effects) if (effect.do === 'keep') ring.add(effect.room, runOf(effect.said));
          });
          for (const one of actions) world.play(one);
          for (const query of world.questions(count)) {
            if (query.of !== 'room') continue;
            const { lines, more } = lineByLine(ring.complete(query) ?? { lines: [], more: true });
            const all = world.plain.find({ ...query, count: Infinity }).lines;
            expect(lines).toEqual(all.slice(all.length - lines.length));
            if (!more) expect(lines).toEqual(all);
            expect(lines.length).toBeLessThanOrEqual(count);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
