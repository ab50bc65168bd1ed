import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import type { Found, Query } from '../../src/past.ts';
import { whole } from '../../src/portions.ts';
import type { Settlement, Store } from '../../src/store/store.ts';
import { deeds, folder, open, room, said, texts } from '../support/kept.ts';

const OWNERS = ['o1', 'o2', 'o3'] as const;
const ROOMS = [room('#ops'), room('#dev'), room('#den', 'p1')] as const;
const owner = fc.constantFrom(...OWNERS);
const place = fc.constantFrom(...ROOMS);

/** What a turn may have brought, but for which turn it is. */
type Happening = (turn: number) => Effect;

const keyOf = (of: string): string => `name-${of}`;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(place, fc.constantFrom('disk full', 'hello'))
      .map(([where, text]): Happening => (turn) => ({
        do: 'keep',
        said: said(turn, [text, String(turn)]),
        room: where,
      })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(owner, fc.boolean()).map(([of, mine]): Happening => (turn) => ({
      ...{ do: 'keep-talk', said: said(turn, ['psst']), owner: of, mine },
      peer: { key: 'eve', shown: 'Eve' },
    })),
  },
  {
    weight: 3,
    arbitrary: owner.map((of): Happening => (turn) => ({
      do: 'mail',
      said: said(turn, ['a', 'letter']),
      owner: of,
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('enter', 'enter', 'leave'), owner, place)
      .map(([what, of, where]): Happening => (turn) => ({
        do: what,
        owner: of,
        room: where,
        sequence: turn,
      })),
  },
  {
    weight: 2,
    arbitrary: owner.map((of): Happening => (turn) => ({ do: 'gone', owner: of, sequence: turn })),
  },
  {
    weight: 3,
    arbitrary: owner.map((of): Happening => (turn) => ({
      ...{ do: 'reserve', key: keyOf(of), shown: keyOf(of), owner: of, version: `v${String(turn)}` },
    })),
  },
  {
    weight: 1,
    arbitrary: owner.map((of): Happening => () => ({ do: 'release', key: keyOf(of), owner: of })),
  },
  {
    weight: 1,
    arbitrary: owner.map((of): Happening => (turn) => ({
      do: 'collected',
      owner: of,
      last: Math.max(0, turn - 2) * 2 ** 20,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('ban', 'unban').map(
      (what): Happening =>
        (turn) =>
          what === 'ban'
            ? {
                do: 'ban',
                ban: { of: 'eve', kind: 'name', until: undefined, by: 'op', since: turn, why: '' },
              }
            : { do: 'unban', of: 'eve', kind: 'name' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Happening>((turn) => ({
      ...{ do: 'audit', sequence: turn, time: 1, by: 'op', deed: 'kick', of: 'eve', why: '' },
    })),
  },
);

const turns = fc.array(fc.array(happening, { maxLength: 4 }), { minLength: 2, maxLength: 30 });

/** As a chat has it: nobody can be in a room twice, or leave one where it is not. */
function play(store: Store, all: readonly (readonly Happening[])[], from: number, to: number): void {
  for (const [nth, turn] of all.slice(from, to).entries())
    store.apply(deeds(...turn.map((one) => one(from + nth + 1))));
}

/** What is found, also where others use the machine: a question has 200 ms, and then the answer is that there may be more. */
function allOf(store: Store, query: Query): Found {
  for (let times = 0; ; times++) {
    const found = store.find(query);
    if (!found.more || times === 50) return found;
  }
}

const TABLES = ['said', 'seats', 'mail', 'names', 'bans', 'audit'];

/** All that is kept, and what is indexed of it; not which numbers rows have that count on. */
function contents(store: Store): unknown {
  while (store.index());
  const rows = (table: string): unknown[] => store.database.prepare(`SELECT * FROM ${table}`).all();
  // Of turns that brought nothing nobody knows.
  const meta = store.database.prepare("SELECT * FROM meta WHERE key <> 'sequence'").all();
  const words = store.database.prepare("SELECT rowid FROM words WHERE words MATCH 'disk'").all();
  return { ...Object.fromEntries(TABLES.map((table) => [table, rows(table)])), meta, words };
}

const seatsOf = (store: Store): unknown[] =>
  store.database
    .prepare('SELECT seats.owner, key, entered, left, last FROM seats JOIN places ON places.id = place')
    .all();

/** What is asked of it is not how it is numbered. */
function withoutNumbers(of: unknown): unknown {
  return JSON.parse(
    JSON.stringify(of, (field, value: unknown) => (field === 'number' || field === 'id' ? undefined : value)),
  );
}

function settlementOf(store: Store, turn: number, holdings?: Uint8Array): Settlement {
  const { reservations, bans } = store.registry();
  return { basis: { log: 'a log', turn, state: null }, registry: { names: reservations, bans }, holdings };
}

describe('a node that goes on from a turn', () => {
  test('has what it would have if there had been no other turn yet, and all once these come again', () => {
    fc.assert(
      fc.property(turns, fc.nat(), fc.nat(), fc.boolean(), (all, one, other, indexes) => {
        const [cut, end] = [one % all.length, 1 + (other % all.length)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        const [store, straight] = [open(), open()];
        play(store, all, 0, cut);
        const settlement = settlementOf(store, cut);
        if (indexes) while (store.index());
        play(store, all, cut, end);
        if (indexes) while (store.index());
        store.settle(settlement);
        // What was released is gone for good: it will be released again.
        const released = all.slice(cut, end).some((turn) => turn.some((one) => one(0).do === 'release'));
        play(straight, all, 0, cut);
        if (!released) expect(seatsOf(store)).toEqual(seatsOf(straight));
        play(store, all, cut, all.length);
        play(straight, all, cut, all.length);
        expect(withoutNumbers(contents(store))).toEqual(withoutNumbers(contents(straight)));
      }),
      { numRuns: 200 },
    );
  });

  test('and has nothing of before, has mail, seats and the last lines of those who have', () => {
    fc.assert(
      fc.property(turns, fc.nat(), (all, one) => {
        const cut = one % all.length;
        const [store, fresh] = [open(), open()];
        play(store, all, 0, cut);
        const settlement = settlementOf(store, cut);
        // It goes on while that is read.
        const packing = store.pack();
        let step = packing.next();
        for (const turn of all.keys()) {
          if (turn < cut) continue;
          play(store, all, turn, turn + 1);
          if (!step.done) step = packing.next();
        }
        fresh.settle({ ...settlement, holdings: step.done ? step.value : whole(packing) });
        play(fresh, all, cut, all.length);
        const count = 1000;
        const queries: Query[] = [
          ...ROOMS.map((where): Query => ({ of: 'room', room: where, after: 0, owner: 'o1', count })),
          ...OWNERS.flatMap((of) => [
            { of: 'talk', owner: of, peer: 'eve', count } as const,
            { of: 'absence', owner: of, count } as const,
            { of: 'mail', owner: of, after: 0, count } as const,
          ]),
          { of: 'words', words: 'disk', room: undefined, insights: [], owner: 'o2', count },
        ];
        for (const query of queries) expect(allOf(fresh, query)).toEqual(allOf(store, query));
        expect(fresh.registry().reservations).toEqual(store.registry().reservations);
        expect(fresh.lines).toBe(store.lines);
      }),
      { numRuns: 200 },
    );
  });

  test('has what it had itself, and behind it what it has missed', () => {
    const [others, own] = [open(), open()];
    const line = (turn: number): Effect => ({
      do: 'keep',
      said: said(turn, [String(turn)]),
      room: room('#ops'),
    });
    for (const turn of [1, 2, 3, 4, 5, 6]) others.apply(deeds(line(turn)));
    for (const turn of [1, 2, 3]) own.apply(deeds(line(turn)));
    own.settle(settlementOf(others, 6, whole(others.pack())));
    own.apply(deeds(line(7)));
    const all = own.find({ of: 'room', room: room('#ops'), after: 0, owner: undefined, count: 10 });
    expect(texts(all)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(own.lines).toBe(7);
  });

  test('has what others have of turns behind the one up to which it had the same, in place of its own', () => {
    const [others, own] = [open(), open()];
    const line = (turn: number, text: string): Effect => ({
      do: 'keep',
      said: said(turn, [text]),
      room: room('#ops'),
    });
    for (const turn of [1, 2, 3, 4, 5]) others.apply(deeds(line(turn, String(turn))));
    own.apply(deeds(line(1, '1'), line(2, '2'), line(3, '4'), line(4, '5'), line(5, 'nobody else has it')));
    own.settle({ ...settlementOf(others, 5, whole(others.pack())), trusted: 2 });
    const all = own.find({ of: 'room', room: room('#ops'), after: 0, owner: undefined, count: 10 });
    expect(texts(all)).toEqual(['1', '2', '3', '4', '5']);
    expect(own.lines).toBe(5);
  });

  test('has of very many rooms those in which somebody spoke last', () => {
    const [others, fresh] = [open(), open()];
    const rooms = 70_000;
    const all = Array.from({ length: rooms }, (_, nth): Effect => {
      const turn = nth + 1;
      return { do: 'keep', said: said(turn, [String(turn)]), room: room(`#r${String(turn)}`) };
    });
    others.apply(deeds(...all));
    fresh.settle(settlementOf(others, rooms, whole(others.pack())));
    const linesIn = (turn: number): string[] =>
      texts(
        fresh.find({ of: 'room', room: room(`#r${String(turn)}`), after: 0, owner: undefined, count: 10 }),
      );
    expect(linesIn(rooms)).toEqual([String(rooms)]);
    expect(linesIn(1)).toEqual([]);
    expect(fresh.lines).toBeGreaterThan(60_000);
  });

  test('keeps what is known of passwords that are still the same, and of no others', () => {
    const store = open();
    const reserve = (of: string, version: string): Effect => ({
      ...{ do: 'reserve', key: keyOf(of), shown: keyOf(of), owner: of, version },
    });
    store.apply(deeds(reserve('o1', 'v1'), reserve('o2', 'v2'), reserve('o3', 'v3')));
    const { reservations } = store.registry();
    const names = reservations
      .slice(0, 2)
      .map((name) => (name.owner === 'o2' ? { ...name, version: 'w' } : name));
    store.settle({ ...settlementOf(store, 0), registry: { names, bans: [] } });
    expect([...store.registry().verifiers]).toEqual([
      ['v1', 'verifier of v1'],
      ['w', ''],
    ]);
    store.apply([{ do: 'verifier', version: 'w', verifier: 'of w' }]);
    expect(store.registry().verifiers.get('w')).toBe('of w');
  });

  test('has nothing of a new password until it comes, and nothing of the one before either', () => {
    const store = open();
    const reserve = { do: 'reserve', key: 'bob', shown: 'Bob', owner: 'o1' } as const;
    store.apply([{ ...reserve, version: 'v1', verifier: 'of v1' }]);
    store.apply([{ ...reserve, version: 'v2' }]);
    expect([...store.registry().verifiers]).toEqual([['v2', '']]);
  });

  test('finds where it goes on in its folder', () => {
    const at = folder();
    const state = Buffer.from('how it was');
    const store = open(at);
    expect(store.basis).toBeUndefined();
    expect(store.isEmpty).toBe(true);
    store.settle({ ...settlementOf(store, 7), basis: { log: 'a log', turn: 7, state } });
    expect(open(at).basis).toEqual({ log: 'a log', turn: 7, state });
    store.apply([{ do: 'basis', log: 'a log', turn: 9, state: null }]);
    expect(open(at).basis).toEqual({ log: 'a log', turn: 9, state: null });
  });

  test('is none any more once a server by itself has used it', () => {
    const at = folder();
    const store = open(at);
    store.settle(settlementOf(store, 7));
    store.begin();
    expect(open(at).basis).toBeUndefined();
    expect(open(at).registry().sequence).toBe(7);
  });
});
