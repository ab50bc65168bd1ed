import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chronicle, EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import type { Entry } from '../../src/cluster/entry.ts';
import { idOf } from '../../src/cluster/identity.ts';
import { Severed } from '../../src/cluster/severed.ts';
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
    { node, own: () => undefined, entered: () => undefined, changed: () => undefined },
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
