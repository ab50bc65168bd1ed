import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chat } from '../src/chat.ts';
import type { Level, Unproved } from '../src/message.ts';
import { firstLine, keptLine, line, name, OWN_NAMES } from './support/model-lines.ts';
import { type Action, BULK, OFTEN, Twins } from './support/model-twins.ts';
import { LIMITS, Scene } from './support/turn.ts';

const seat = fc.constantFrom('a', 'a', 'b', 'c', 'd', 'e');
const long = fc.oneof(
  name.map((one) => `${one}: ${BULK}`),
  fc.constantFrom('#ops', 'ann, bob, cat').map((to) => `${to}: ${BULK}`),
);
const short = fc.constantFrom(
  ...['#all: hi', '#all: hi', '#all: hi', '#ops, #all: hi', '/join #dev #all', '/join #all', '/name n1'],
  ...['/receipts on', '/receipts on', '/receipts off', '/time on', '/format json', '/away', '/private #ops'],
  ...['amn: hi', 'bog: hi', 'ann, bob: hi', 'bob, cat: hi', '#ops: hi', 'ann: hi', '/ignore bob'],
);
const typed = fc.oneof(
  { weight: 60, arbitrary: line },
  { weight: 60, arbitrary: keptLine },
  { weight: 60, arbitrary: short },
  { weight: 30, arbitrary: long },
  { weight: 1, arbitrary: fc.constant(OFTEN) },
);
// Plain data in an array, not commands with a model: every action may be done at any time.
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 45, arbitrary: fc.record({ do: fc.constant('type'), seat, line: typed }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive'), seat, line: firstLine }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('ended', 'overdue', 'stopping', 'stopped', 'gone', 'gone', 'gone'),
      seat,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      ...{ do: fc.constant('level'), seat },
      level: fc.constantFrom<Level>('behind', 'full', 'caught-up'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ do: fc.constant('taken'), which: fc.nat(3) },
      ...{ most: fc.constantFrom(1, 1, 1000), lost: fc.boolean() },
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reserve'), seat }) },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ do: fc.constant('prove'), seat, name: fc.constantFrom(...OWN_NAMES) },
      isOld: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ do: fc.constant('unproved'), seat },
      why: fc.constantFrom<Unproved>('wrong-password', 'not-reserved', 'plain-password', 'password-wait'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('banned'), seat }) },
  {
    weight: 10,
    arbitrary: fc.record({
      ...{ do: fc.constant('recalled'), which: fc.constantFrom(0, 0, 1) },
      lines: fc.constantFrom(0, 1, 3, undefined),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ do: fc.constant('register'), name: fc.constantFrom(...OWN_NAMES) },
      way: fc.constantFrom('reserve', 'release', 'ban'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('storage-level'),
      level: fc.constantFrom<Level>('behind', 'caught-up'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('storage'), ok: fc.boolean() }) },
  {
    weight: 20,
    arbitrary: fc.record({
      ...{ do: fc.constant('turn'), pause: fc.constantFrom(0, 0, 10, 700, 3000) },
      isFull: fc.boolean(),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('cut'),
      way: fc.constantFrom<(Action & { readonly do: 'cut' })['way']>(
        'as it is',
        'JSON',
        'v8',
        'structuredClone',
      ),
    }),
  },
);

/** How often something has to be in a snapshot, at the least; or to be ordered. */
const SEEN = {
  ...{ hold: 150, next: 80, behind: 80, waiting: 30, parked: 20, postponed: 10, later: 10 },
  ...{ receipts: 8, 'too many receipts': 0, renamed: 5, helped: 50, private: 3, invited: 2 },
  ...{ ignoring: 10, away: 2, yielded: 5 },
  ...{ owned: 100, asking: 20, muted: 0, insight: 5, mail: 10, bans: 20, found: 0, 'waits for the disk': 0 },
  ...{ answer: 3, recall: 30, collected: 0, release: 0, 'keep-talk': 100 },
};

describe('a snapshot', () => {
  test('makes a chat that goes on like the one it is of, which goes on as if there had been none', () => {
    const seen = new Map<string, number>();
    const some = fc.array(action, { size: 'medium', maxLength: 100 });
    const property = fc.property(fc.boolean(), some, (crowd, actions) => {
      const twins = new Twins(crowd);
      for (const one of actions) twins.play(one);
      twins.end();
      for (const one of twins.seen) seen.set(one, (seen.get(one) ?? 0) + 1);
    });
    fc.assert(property, { numRuns: 150 });
    seen.clear();
    fc.assert(
      property,
      // These are always the same, so that what comes of them is no matter of luck.
      {
        numRuns: 250,
        seed: 1,
        examples: [
          // Somebody who is gone had waited for another, or was waited for, and nobody could go on any more.
          [
            false,
            [
              { do: 'level', seat: 'a', level: 'behind' },
              { do: 'type', seat: 'b', line: `#ops: ${BULK}` },
              { do: 'gone', seat: 'b' },
              { do: 'cut', way: 'JSON' },
              { do: 'level', seat: 'a', level: 'caught-up' },
            ],
          ],
          [
            true,
            [
              { do: 'level', seat: 'a', level: 'behind' },
              { do: 'type', seat: 'd', line: `#ops: ${BULK}` },
              { do: 'turn', pause: 0, isFull: true },
              { do: 'gone', seat: 'a' },
              { do: 'cut', way: 'JSON' },
            ],
          ],
          // Whoever waits has given its name back, and another has the password.
          [
            false,
            [
              { do: 'type', seat: 'a', line: `ann: ${BULK}` },
              { do: 'level', seat: 'd', level: 'behind' },
              { do: 'type', seat: 'a', line: '#ops: hi' },
              { do: 'type', seat: 'a', line: '/unreserve' },
              { do: 'turn', pause: 0, isFull: false },
              { do: 'prove', seat: 'd', name: 'ann', isOld: false },
              { do: 'cut', way: 'as it is' },
            ],
          ],
          // Somebody has told the same password twice.
          [
            false,
            [
              { do: 'turn', pause: 0, isFull: false },
              { do: 'arrive', seat: 'e', line: '/ping' },
              { do: 'prove', seat: 'e', name: 'ann', isOld: false },
              { do: 'prove', seat: 'e', name: 'ann', isOld: false },
              { do: 'cut', way: 'as it is' },
            ],
          ],
          // Somebody had to wait for another before it could be answered.
          [
            false,
            [
              { do: 'type', seat: 'c', line: `#ops: ${BULK}` },
              { do: 'level', seat: 'a', level: 'behind' },
              { do: 'type', seat: 'c', line: '/join #ops 1' },
              { do: 'cut', way: 'as it is' },
              { do: 'turn', pause: 3000, isFull: false },
              { do: 'recalled', which: 0, lines: 0 },
              { do: 'turn', pause: 0, isFull: false },
              { do: 'type', seat: 'c', line: `#ops: ${BULK}` },
              { do: 'recalled', which: 0, lines: 0 },
            ],
          ],
          // Mail is under way as the snapshot is taken.
          [
            false,
            [
              { do: 'register', name: 'zoe', way: 'reserve' },
              { do: 'turn', pause: 0, isFull: false },
              { do: 'type', seat: 'b', line: 'zoe: a letter' },
              { do: 'arrive', seat: 'e', line: '/ping' },
              { do: 'turn', pause: 0, isFull: false },
              { do: 'prove', seat: 'e', name: 'zoe', isOld: false },
              { do: 'cut', way: 'v8' },
              { do: 'recalled', which: 0, lines: 3 },
              { do: 'cut', way: 'JSON' },
              { do: 'taken', which: 0, most: 1, lost: false },
              { do: 'cut', way: 'JSON' },
              { do: 'recalled', which: 0, lines: 1 },
            ],
          ],
          // Somebody is muted, somebody waits for the disk, and a name is given back.
          [
            false,
            [
              { do: 'type', seat: 'a', line: '/mute cat' },
              { do: 'storage-level', level: 'behind' },
              { do: 'type', seat: 'b', line: `#ops: ${BULK}` },
              { do: 'cut', way: 'JSON' },
              { do: 'type', seat: 'a', line: '/unreserve' },
              { do: 'type', seat: 'c', line: '#ops: hi' },
              { do: 'storage-level', level: 'caught-up' },
            ],
          ],
        ],
      },
    );
    for (const [sight, times] of Object.entries(SEEN))
      expect(seen.get(sight) ?? 0, sight).toBeGreaterThan(times);
  });
});

test('a snapshot of another version is refused', () => {
  const snapshot = new Chat(LIMITS).snapshot();
  expect(() => Chat.restore({ ...snapshot, version: snapshot.version + 1 })).toThrow('version');
});

test('a snapshot is taken in portions, with as many rests as it takes for nobody to wait for long', () => {
  const people = Object.fromEntries(
    Array.from({ length: 2000 }, (_, nth) => [`c${String(nth)}`, `n${String(nth)}`]),
  );
  const { chat } = new Scene(people, { '#ops': Object.keys(people).join(' ') });
  const copy = chat.copy();
  let rests = 0;
  for (;;) {
    const { done, value } = copy.next();
    if (done) {
      expect(value).toEqual(chat.snapshot());
      break;
    }
    rests++;
  }
  expect(rests).toBeGreaterThanOrEqual(8);
});
