import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BEAT, changesOf, type Envelope, Roll, SILENT, type Verdict } from '../../src/cluster/roll.ts';

/** A node comes. */
const comes = (node: string, time: number, rules = 1): Envelope => ({ node, number: 1, time, rules });
const says = (node: string, number: number, time: number): Envelope => ({ node, number, time });
const goes = (node: string, number: number, time: number): Envelope => ({ node, number, time, isLast: true });

/** Some moment. */
const T = 1000;

const COUNTS: Verdict = { counts: true, lost: [] };
const IGNORED: Verdict = { counts: false, lost: [] };

function rollOf(...envelopes: Envelope[]): Roll {
  const roll = new Roll();
  for (const envelope of envelopes) roll.hear(envelope);
  return roll;
}

/** What a node says from `from` to `to`, in milliseconds, as often as it has to. */
function beats(node: string, first: number, from: number, to: number): Envelope[] {
  const all: Envelope[] = [];
  for (let time = from; time <= to; time += BEAT) all.push(says(node, first + all.length, time));
  return all;
}

test('a node that has come counts until it goes', () => {
  const roll = rollOf(comes('a', 1000));
  expect(roll.hear(says('a', 2, 1001))).toEqual(COUNTS);
  expect(roll.nodes).toEqual(['a']);
  expect(roll.hear(goes('a', 3, 1002))).toEqual({ counts: true, lost: ['a'] });
  expect(roll.hear(says('a', 4, 1003))).toEqual(IGNORED);
  expect(roll.size).toBe(0);
});

test('what a message changes is told one by one: who is given up, who ends, who comes, and how many there are then', () => {
  const roll = rollOf(comes('a', T), comes('b', T), comes('c', T), ...beats('c', 2, T, T + SILENT));
  const change = (envelope: Envelope): ReturnType<typeof changesOf> => {
    const before = roll.size;
    return changesOf(envelope, roll.hear(envelope), before);
  };
  expect(change(comes('d', T + SILENT + 1))).toEqual([
    { what: 'given up', node: 'a', nodes: 2 },
    { what: 'given up', node: 'b', nodes: 1 },
    { what: 'come', node: 'd', nodes: 2 },
  ]);
  expect(change(goes('a', 2, T + SILENT + 2))).toEqual([]);
  expect(change(comes('d', T + SILENT + 2))).toEqual([]);
  expect(change(says('d', 2, T + SILENT + 2))).toEqual([]);
  expect(change(goes('d', 3, T + SILENT + 2))).toEqual([{ what: 'ended', node: 'd', nodes: 1 }]);
  expect(roll.silences).toEqual([['c', expect.any(Number)]]);
});

test('who has not come does not count', () => {
  expect(rollOf().hear(says('a', 1, 1000))).toEqual(IGNORED);
  expect(rollOf().hear({ ...comes('a', 1000), number: 2 })).toEqual(IGNORED);
});

test('a message that comes again counts once', () => {
  const roll = rollOf(comes('a', 1000), says('a', 2, 1001));
  expect(roll.hear(says('a', 2, 1002))).toEqual(IGNORED);
  expect(roll.hear(comes('a', 1003))).toEqual(IGNORED);
  expect(roll.hear(says('a', 3, 1004))).toEqual(COUNTS);
});

test('a message that comes again changes nothing, not even the time, since not every copy of the log has it', () => {
  const messages = [comes('a', T), says('a', 2, T + 1), comes('b', T + 10_000), says('a', 3, T + 10_001)];
  const roll = rollOf(...messages);
  const [first, second, ...others] = messages as [Envelope, Envelope, ...Envelope[]];
  const again = [
    { ...first, time: T + 5000 },
    { ...second, time: T + 5000 },
  ];
  expect(rollOf(first, second, ...again, ...others).record()).toEqual(roll.record());
});

test('behind a message that is missing in the log the next ones of its node count', () => {
  const roll = rollOf(comes('a', T), says('a', 2, T));
  expect(roll.next('a')).toBe(3);
  expect(roll.hear(says('a', 5, T))).toEqual(COUNTS);
  expect(roll.next('a')).toBe(6);
});

test('who acts by other rules than those who are there is not let in, and is once they are gone', () => {
  const roll = rollOf(comes('a', 1000, 1));
  expect(roll.hear(comes('b', 1001, 2))).toEqual(IGNORED);
  expect(roll.rules).toBe(1);
  roll.hear(goes('a', 2, 1002));
  expect(roll.hear(comes('c', 1003, 2))).toEqual(COUNTS);
  expect(roll.rules).toBe(2);
});

test('a node without a word for 15 s of the log is gone, at the first message behind that', () => {
  const roll = rollOf(comes('a', T), comes('b', T), ...beats('b', 2, T, T + SILENT - 1));
  expect(roll.nodes).toEqual(['a', 'b']);
  expect(roll.hear(says('b', 10, T + SILENT))).toEqual(COUNTS);
  expect(roll.hear(says('b', 11, T + SILENT + 1))).toEqual({ counts: true, lost: ['a'] });
  expect(roll.hear(says('a', 2, T + SILENT + 2))).toEqual(IGNORED);
});

test('a node that was silent for too long hears from its own next message that it is gone', () => {
  const roll = rollOf(comes('a', T), comes('b', T), ...beats('b', 2, T, T + SILENT));
  expect(roll.hear(says('a', 2, T + SILENT + 1))).toEqual({ counts: false, lost: ['a'] });
});

test('who was there first is known, also to whoever begins with a record of it', () => {
  const roll = rollOf(comes('b', T), comes('a', T + 1), comes('c', T + 1), says('b', 2, T + 2));
  const other = new Roll();
  other.become(JSON.parse(JSON.stringify(roll.record())) as ReturnType<Roll['record']>);
  for (const each of [roll, other]) {
    expect(each.eldest).toBe('b');
    each.hear(goes('b', 3, T + 3));
    expect(each.eldest).toBe('a');
  }
});

test('nobody is gone because the log stood still, for however long', () => {
  const roll = rollOf(comes('a', T), comes('b', T));
  expect(roll.hear(says('b', 2, 3_600_000))).toEqual(COUNTS);
  expect(roll.hear(says('a', 2, 3_600_001))).toEqual(COUNTS);
});

test('a clock that is set back neither ends a node nor turns the time back', () => {
  const roll = rollOf(comes('a', 100_000), comes('b', 100_001));
  for (let number = 2; number < 50; number++)
    expect(roll.hear(says('b', number, 100_000 - number * 1000))).toEqual(COUNTS);
  expect(roll.time).toBe(100_001);
  expect(roll.hear(says('a', 2, 100_002))).toEqual(COUNTS);
});

/** Most of them are the next one of their node. */
const ENVELOPES = fc
  .array(
    fc.record({
      node: fc.constantFrom('a', 'b', 'c'),
      ahead: fc.constantFrom(0, 0, 0, 0, -1, 1),
      time: fc.integer({ min: 0, max: 60_000 }),
      rules: fc.constantFrom(undefined, 1, 1, 2),
      isLast: fc.constantFrom(false, false, true),
    }),
    { maxLength: 40 },
  )
  .map((parts) => {
    const roll = new Roll();
    return parts.map(({ ahead, ...part }): Envelope => {
      const envelope = { ...part, number: Math.max(1, roll.next(part.node) + ahead) };
      roll.hear(envelope);
      return envelope;
    });
  });

test('whoever begins with a record of it decides like those who were there from the beginning', () => {
  fc.assert(
    fc.property(ENVELOPES, fc.nat(), (envelopes, at) => {
      const cut = at % (envelopes.length + 1);
      const first = new Roll();
      const before = envelopes.slice(0, cut).map((envelope) => first.hear(envelope));
      const second = new Roll();
      second.become(JSON.parse(JSON.stringify(first.record())) as ReturnType<Roll['record']>);
      expect(before).toHaveLength(cut);
      for (const envelope of envelopes.slice(cut))
        expect(second.hear(envelope)).toEqual(first.hear(envelope));
      expect(second.record()).toEqual(first.record());
    }),
  );
});

test('a node that speaks every two seconds is never given up, whatever others do', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: BEAT }), { maxLength: 60 }), (pauses) => {
      const roll = rollOf(comes('a', 1));
      let [time, number] = [1, 1];
      for (const [index, pause] of pauses.entries()) {
        time += pause;
        const other = roll.hear(comes(`other ${String(index)}`, time));
        const own = roll.hear(says('a', ++number, time));
        expect([other.lost.includes('a'), own.counts]).toEqual([false, true]);
      }
    }),
  );
});
