import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chronicle, EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import type { Entry } from '../../src/cluster/entry.ts';
import { identityOf, idOf } from '../../src/cluster/identity.ts';
import { Refuted, Severed } from '../../src/cluster/severed.ts';
import { beat, bye, hello, jsonOf, turnOf } from '../../src/cluster/wire.ts';
import type { Input, Turn } from '../../src/message.ts';

/** What nobody has read can be compared with. */
const NOTHING = { since: 0, turn: 0, digest: 0 };

const said = (text: string): Input => ({
  ...{ type: 'line', client: 'a-1', command: { kind: 'bare', name: undefined, text } },
});

/** Some moment. */
const T = 1_796_085_000_000;

interface Saying {
  readonly node: string;
  readonly what: 'turn' | 'beat' | 'bye';
  readonly text: string;
  /** Milliseconds since the one before. */
  readonly pause: number;
}

/** The messages of the log, where that is what nodes say, each behind its first word. */
function logOf(sayings: readonly Saying[]): Entry[] {
  const numbers = new Map<string, number>();
  const entries: Entry[] = [];
  let time = T;
  const add = (node: string, bytes: Uint8Array): void => {
    const number = (numbers.get(node) ?? 0) + 1;
    numbers.set(node, number);
    const id = idOf({ node, number });
    entries.push({ node, number, id, time, place: entries.length + 1, bytes });
  };
  for (const { node, what, text, pause } of sayings) {
    time += pause;
    if (!numbers.has(node)) add(node, hello(1, jsonOf([said(`${node} is here`)])));
    if (what === 'turn') for (const bytes of turnOf(jsonOf([said(text)]), NOTHING)) add(node, bytes);
    else add(node, what === 'beat' ? beat(NOTHING) : bye());
  }
  return entries;
}

const chronicleOf = (node: string): Chronicle =>
  new Chronicle(
    {
      ...{ node, own: () => undefined, entered: () => undefined },
      ...{ doubted: () => undefined, changed: () => undefined },
    },
    EMPTY_LOG,
  );

const turnsOf = (chronicle: Chronicle, entries: readonly Entry[]): Turn[] =>
  entries.map((entry) => chronicle.hear(entry)).filter((turn) => turn !== undefined);

const SAYINGS: fc.Arbitrary<Saying[]> = fc.array(
  fc.record({
    node: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('turn', 'turn', 'turn', 'beat', 'bye'),
    // The longest are more than one message.
    text: fc.constantFrom('hi', 'x'.repeat(10_000), 'x'.repeat(600_000)),
    pause: fc.nat(8000),
  }),
  { maxLength: 30 },
);

test('who has a message of the log twice, and who has it once, come to the same turns, and to the same behind them', () => {
  fc.assert(
    fc.property(SAYINGS, fc.array(fc.tuple(fc.nat(), fc.nat(9), fc.nat(5000))), (sayings, again) => {
      const entries = logOf(sayings);
      const [once, twice] = [chronicleOf('x'), chronicleOf('x')];
      const longer = [...entries];
      for (const [which, behind, late] of again) {
        if (longer.length === 0) break;
        const at = which % longer.length;
        const one = longer[at] as Entry;
        // As long as nobody knows that the first word of a node is there, it says nothing else.
        longer.splice(at + 1 + (one.number === 1 ? 0 : behind), 0, { ...one, time: one.time + late });
      }
      const numbered = longer.map((entry, index) => ({ ...entry, place: index + 1 }));
      expect(turnsOf(twice, numbered)).toEqual(turnsOf(once, entries));
      expect({ ...twice.record(), mark: undefined }).toEqual({ ...once.record(), mark: undefined });
    }),
  );
});

test('a message of its own tells a node that one before it is missing; to others it is one that nobody has', () => {
  const entries = logOf(
    ['a', 'b', 'a', 'b', 'a'].map((node) => ({ node, what: 'turn', text: 'hi', pause: 1 })),
  );
  const rest = entries.filter(({ id }) => id !== 'a.3');
  expect(() => turnsOf(chronicleOf('a'), rest)).toThrow(
    new Severed('what this node has said before is missing in the log'),
  );
  expect(turnsOf(chronicleOf('b'), rest)).toHaveLength(entries.length - 1);
});

test('who says with its first word that it wants a snapshot has one of another node', () => {
  const entries = logOf([{ node: 'a', what: 'turn', text: 'hi', pause: 0 }]);
  const [id, bytes] = [idOf({ node: 'b', number: 1 }), hello(1, '[]', true)];
  entries.push({ node: 'b', number: 1, id, time: T, place: entries.length + 1, bytes });
  const [a, b] = [chronicleOf('a'), chronicleOf('b')];
  for (const chronicle of [a, b])
    expect(turnsOf(chronicle, entries).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(a.dueBehind(3)).toMatchObject({ turns: 3, mark: { id } });
  expect(b.dueBehind(3)).toBeUndefined();
});

test('who writes the snapshot that is wanted is whoever was there first, not somebody who may differ from that one, too', () => {
  const others = ['b', 'a', 'c', 'd'];
  const entries = logOf(others.map((node) => ({ node, what: 'turn', text: 'hi', pause: 1 })));
  const [id, bytes] = [idOf({ node: 'e', number: 1 }), hello(1, '[]', true)];
  entries.push({ node: 'e', number: 1, id, time: T + 10, place: entries.length + 1, bytes });
  const writers = others.filter((node) => {
    const chronicle = chronicleOf(node);
    const last = turnsOf(chronicle, entries).at(-1);
    return last && chronicle.dueBehind(last.sequence);
  });
  expect(writers).toEqual(['b']);
});

/** A chronicle of x, which came behind a; and what follows. */
function entered(): { chronicle: Chronicle; next: (id: string, time: number, bytes: Uint8Array) => void } {
  const entries = logOf(['a', 'x'].map((node) => ({ node, what: 'turn', text: 'hi', pause: 1000 })));
  const chronicle = chronicleOf('x');
  turnsOf(chronicle, entries);
  let place = entries.length;
  const next = (id: string, time: number, bytes: Uint8Array): void => {
    chronicle.hear({ ...identityOf(id), id, time, place: ++place, bytes });
  };
  return { chronicle, next };
}

/** Something else than x has read. */
const OTHER = { since: 1, turn: 1, digest: 7 };

test('a pause of the log counts 6 s at the most where nodes differ', () => {
  const { next } = entered();
  const end = T + 60_000;
  for (let second = 0; second < 10; second++) {
    next(`a.${String(3 + second)}`, end + second * 1000, beat(OTHER));
    next(`x.${String(3 + second)}`, end + second * 1000, beat(NOTHING));
  }
  expect(() => {
    next('a.13', end + 10_000, beat(OTHER));
  }).toThrow(new Refuted({ turn: 0, seconds: 16 }));
});

test('what a node says that is not there, or says once more, is not compared', () => {
  const { next } = entered();
  for (let second = 1; second < 30; second++) {
    next(`ghost.${String(second + 6)}`, T + 2000 + second * 1000, beat(OTHER));
    next('a.2', T + 2000 + second * 1000, beat(OTHER));
  }
  next('a.3', T + 40_000, beat(OTHER));
});

test('who does not have a part of a long turn differs, also where it has a turn there all the same', () => {
  // With the end of the long one b is given up, for whoever has all of it as for whoever has not.
  const sayings = [
    { node: 'a', what: 'turn', text: 'hi', pause: 0 },
    { node: 'b', what: 'turn', text: 'hi', pause: 0 },
    ...Array.from({ length: 5 }, () => ({ node: 'a', what: 'beat', text: '', pause: 3000 }) as const),
    { node: 'a', what: 'turn', text: 'x'.repeat(600_000), pause: 1 },
  ] as const;
  const entries = logOf(sayings);
  const part = entries.at(-2) as Entry;
  const times = entries.map((entry) => (entry === part ? { ...entry, time: T + 15_000 } : entry));
  const [all, rest] = [chronicleOf('x'), chronicleOf('x')];
  const turns = turnsOf(all, times);
  expect(
    turnsOf(
      rest,
      times.filter(({ id }) => id !== part.id),
    ).map(({ sequence }) => sequence),
  ).toEqual(turns.map(({ sequence }) => sequence));
  expect(rest.record().digest).not.toBe(all.record().digest);
});
