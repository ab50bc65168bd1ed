import { describe, expect, test } from 'vitest';
import { arrived, ended, gone, level, line, overdue, Scene } from '../support/turn.ts';

const NOT_A_NAME = '! a name is 1 to 32 letters, digits, "_", "-" or "."; /name takes another';
const usage = (word: string, example: string): string =>
  `! write it like "/${word} ${example}"; /help ${word} tells more`;

/** All that comes of these lines, each in a turn of its own. */
type Row = readonly [fact: string, lines: readonly string[], answers: readonly string[]];

const range = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index)}`);
/** Dave is in no room. */
const scene = (): Scene =>
  new Scene({ a: 'alice', b: 'bob', c: 'carol', d: 'dave' }, { '#ops': 'a b c', '#dev': 'b a' });
const crowd = (count: number): Record<string, string> =>
  Object.fromEntries(range(count).map((id) => [id, id]));

const check = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(scene().each(...lines)).toEqual(answers);
};

describe('/who', () => {
  test.each<Row>([
    ['tells who is here', ['d: /who'], ['d < * here: alice, bob, carol, dave']],
    [
      'of a room tells who is in it, also from outside',
      ['d: /who #OPS', 'a: /who #ops'],
      ['d < * in #ops: alice, bob, carol', 'a < * in #ops: alice, bob, carol'],
    ],
    [
      'of an empty room, somebody absent or what is no name says so',
      ['a: /who #void', 'a: /who constructor', 'a: /who #!!'],
      ['a < ! nobody is in #void', 'a < ! constructor is not here', 'a < ! #!! is not here'],
    ],
    [
      'of a name and more is about the name',
      ['d: /who dave, bob'],
      ['d < * dave: here since 2025-01-31T12:00:00Z, idle for 0 s'],
    ],
  ])('%s', check);

  test('of more than 100 names the first 100, and tells how many more there are', () => {
    const ids = range(103);
    const first = ids.slice(0, 100).join(', ');
    const chat = new Scene(crowd(103), { '#ops': ids.join(' ') });
    expect(chat.each('n0: /who', 'n0: /who #ops')).toEqual([
      `n0 < * here: ${first} and 3 more`,
      `n0 < * in #ops: ${first} and 3 more`,
    ]);
  });

  test('does not count who has no name, and not twice who is half-closed while somebody has the name', () => {
    const chat = scene();
    chat.play(arrived('x'), ended('a'), arrived('e'), line('e', 'Alice'));
    expect(chat.play('d: /who')).toEqual(['d < * here: Alice, bob, carol, dave']);
  });

  test.each([
    ['0 s', 0],
    ['59 s', 59_999],
    ['1 min', 60_000],
    ['59 min', 3_599_000],
    ['1 h', 3_600_000],
    ['23 h', 86_399_000],
    ['2 d', 180_000_000],
  ])('of somebody tells that it is idle for %s', (idle, after) => {
    const chat = scene();
    chat.time += after;
    const since = 'd < * carol: here since 2025-01-31T12:00:00Z';
    expect(chat.play('d: /who CAROL')).toEqual([`${since}, idle for ${idle}`]);
    expect(chat.play('c: /ping', 'd: /who carol')).toContain(`${since}, idle for 0 s`);
  });

  test('of somebody tells whether it is away, and in which rooms one is with it, in one’s own order', () => {
    const chat = scene();
    chat.time += 300_000;
    chat.play('c: /join #new', 'b: /join #new', 'b: /away');
    const bob = '* bob: here since 2025-01-31T12:00:00Z, idle for 0 s, away';
    expect(chat.play('a: /who bob', 'c: /who bob', 'd: /who bob')).toEqual([
      `a < ${bob}, with you in #ops, #dev`,
      `c < ${bob}, with you in #ops, #new`,
      `d < ${bob}`,
    ]);
  });

  test('of somebody tells of 100 rooms, and how many more there are', () => {
    const rooms = range(105).map((name) => `#${name}`);
    const chat = new Scene({ a: 'alice', b: 'bob' }, {}, { maxRoomsPerClient: 200 });
    for (const room of rooms) chat.play(`a: /join ${room}`, `b: /join ${room}`);
    const [answer = ''] = chat.play('a: /who bob');
    expect(answer.slice(answer.indexOf('with'))).toBe(
      `with you in ${rooms.slice(0, 100).join(', ')} and 5 more`,
    );
  });
});

describe('/name', () => {
  test.each<Row>([
    [
      'is told once to all who share a room, and to who did it',
      ['b: /name robert', 'a: robert: hi'],
      ['a b c < * bob is now robert', 'b: name robert', 'b < from alice: hi'],
    ],
    [
      'to one’s own in other capitals is done',
      ['d: /name DAVE', 'd: dave: hi'],
      ['d < * dave is now DAVE', 'd: name DAVE', 'd < from DAVE: hi'],
    ],
    [
      'that somebody has is refused',
      ['d: /name ALICE'],
      ['d < ! the name ALICE is taken; /name takes another'],
    ],
    [
      'leaves the old one to others',
      ['a: /name anna', 'd: /name alice', 'a: /name alice'],
      [
        'a b c < * alice is now anna',
        'a: name anna',
        'd < * dave is now alice',
        'd: name alice',
        'a < ! the name alice is taken; /name takes another',
      ],
    ],
    ['of nothing is explained', ['d: /name'], [`d < ${usage('name', 'robert')}`]],
  ])('%s', check);

  test.each(['da!ve', 'd'.repeat(33), 'dave the third', '#dave'])('%s is none', (name) => {
    expect(scene().play(`d: /name ${name}`)).toEqual([`d < ${NOT_A_NAME}`]);
  });

  test('that a half-closed client has is taken over, whose rooms are told that it left before', () => {
    const chat = scene();
    chat.play(ended('b'));
    expect(chat.play('a: /name BOB', 'c: bob: hi')).toEqual([
      'a c < * bob left #ops',
      'a < * bob left #dev',
      'a c < * alice is now BOB',
      'a < from carol: hi',
      'a: name BOB',
    ]);
    expect(chat.play(overdue('b'), gone('b'), 'c: bob: hi')).toEqual(['a < from carol: hi', 'b: end, left']);
  });

  test('that had to wait is done once, and not if it is taken by then', () => {
    const chat = scene();
    chat.play(`a: alice: ${'x'.repeat(65_536)}`, level('c', 'behind'));
    expect(chat.play('a: /name anna', 'b: anna: hi')).toEqual(['b < ! anna is not here', 'a: hold']);
    chat.play('d: /name anna');
    expect(chat.play(level('c', 'caught-up'))).toEqual([
      'a < ! the name anna is taken; /name takes another',
      'a: release',
    ]);
  });
});

describe('/away', () => {
  const bobIsAway = ['b < * you are away; /back ends it'];

  test.each<Row>([
    [
      'is told once to each who writes to one directly, behind the line that is heard',
      ['b: /away at lunch', 'a: bob: 1', 'a: bob, carol: 2', 'c: /msg bob: 3'],
      [
        ...bobIsAway,
        'b < from alice: 1',
        'a < from bob: (away) at lunch',
        'b c < from alice: 2',
        'b < from carol: 3',
        'c < from bob: (away) at lunch',
      ],
    ],
    [
      'may be without a text',
      ['b: /away', 'a: bob: 1'],
      [...bobIsAway, 'b < from alice: 1', 'a < from bob: (away)'],
    ],
    ['is not told to a room', ['b: /away', 'a: #ops: 1'], [...bobIsAway, 'b c < from alice in #ops: 1']],
    [
      'again is told again',
      ['b: /away 1', 'a: bob: hi', 'b: /away 2', 'a: bob: hi'],
      [
        ...bobIsAway,
        'b < from alice: hi',
        'a < from bob: (away) 1',
        ...bobIsAway,
        'b < from alice: hi',
        'a < from bob: (away) 2',
      ],
    ],
    [
      'ends with /back, and only so',
      ['b: /away', 'b: carol: here', 'b: /back', 'a: bob: hi', 'd: /who bob'],
      [
        ...bobIsAway,
        'c < from bob: here',
        'b < * you are here',
        'b < from alice: hi',
        'd < * bob: here since 2025-01-31T12:00:00Z, idle for 0 s',
      ],
    ],
    ['is nothing that /back needs', ['b: /back'], ['b < * you are here']],
    [
      'is told to who is ignored: nobody is told that',
      ['b: /ignore alice', 'b: /away', 'a: bob: hi'],
      ['b < * you ignore alice', ...bobIsAway, 'a < from bob: (away)'],
    ],
    [
      'is not told to who ignores one, like all that one says',
      ['a: /ignore bob', 'b: /away', 'a: bob: hi'],
      ['a < * you ignore bob', ...bobIsAway, 'b < from alice: hi'],
    ],
  ])('%s', check);
});

describe('/ignore', () => {
  test.each<Row>([
    [
      'lets nothing through that somebody says, who is not told, and does not keep one from writing there',
      ['a: /ignore BOB', 'b: alice: 1', 'b: #ops: 2', 'b: alice, #dev: 3', 'b: #dev, #ops: 4', 'a: bob: 5'],
      ['a < * you ignore bob', 'c < from bob in #ops: 2', 'c < from bob in #ops: 4', 'b < from alice: 5'],
    ],
    [
      'is of a connection: another name does not undo it',
      [
        'a: /ignore bob',
        'b: /name robert',
        'b: alice: 1',
        'a: /ignore',
        'a: /unignore bob',
        'a: /unignore robert',
      ],
      [
        'a < * you ignore bob',
        'a b c < * bob is now robert',
        'b: name robert',
        'a < * you ignore robert',
        'a < ! bob is not here',
        'a < * you ignore nobody',
      ],
    ],
    [
      'tells whom one ignores, in their order, each once',
      ['a: /ignore', 'a: /ignore carol', 'a: /ignore bob', 'a: /ignore carol'],
      [
        'a < * you ignore nobody',
        'a < * you ignore carol',
        'a < * you ignore carol, bob',
        'a < * you ignore carol, bob',
      ],
    ],
    [
      'of oneself does nothing',
      ['a: /ignore alice', 'a: alice: hi', 'a: /unignore alice'],
      ['a < * you ignore nobody', 'a < from alice: hi', 'a < * you ignore nobody'],
    ],
    [
      'of somebody absent, of a room or of what is no name says so',
      ['a: /ignore eve', 'a: /ignore #ops', 'a: /ignore !!'],
      ['a < ! eve is not here', 'a < ! #ops is not here', 'a < ! !! is not here'],
    ],
    [
      'ends with /unignore',
      ['a: /ignore bob', 'a: /unignore BOB', 'b: alice: hi', 'b: #dev: hi'],
      ['a < * you ignore bob', 'a < * you ignore nobody', 'a < from bob: hi', 'a < from bob in #dev: hi'],
    ],
    ['is nothing that /unignore needs', ['a: /unignore bob'], ['a < * you ignore nobody']],
    ['ends with /unignore, of whom is explained', ['a: /unignore'], [`a < ${usage('unignore', 'bob')}`]],
  ])('%s', check);

  test('is not of whoever takes the name', () => {
    const chat = scene();
    chat.play('a: /ignore bob', gone('b'), arrived('e'), line('e', 'bob'));
    expect(chat.play('e: alice: hi', 'a: /ignore')).toEqual(['a < from bob: hi', 'a < * you ignore nobody']);
  });

  test('takes up to 100; those who are told to go do not count', () => {
    const ids = range(101);
    const chat = new Scene({ a: 'alice', ...crowd(101) });
    for (const id of ids.slice(0, 100)) chat.play(`a: /ignore ${id}`);
    expect(chat.play('a: /ignore n100')).toEqual(['a < ! you ignore 100 already; /unignore one first']);
    chat.play('n7: /quit');
    const left = ids.filter((id) => id !== 'n7');
    expect(chat.play('a: /ignore n100')).toEqual([`a < * you ignore ${left.join(', ')}`]);
    expect(chat.play(...left.map((id) => `${id}: alice: hi`))).toEqual([]);
    for (const id of left) chat.play(`a: /unignore ${id}`);
    expect(chat.play('a: /ignore', 'n100: alice: hi')).toEqual([
      'a < * you ignore nobody',
      'a < from n100: hi',
    ]);
  });

  test('is forgotten with whoever did it', () => {
    const chat = scene();
    chat.play('a: /ignore bob', gone('a'), arrived('e'), line('e', 'alice'), 'e: /join #ops');
    expect(chat.play('b: alice, carol: 1', 'b: #ops: 2')).toEqual([
      'e c < from bob: 1',
      'c e < from bob in #ops: 2',
    ]);
  });
});
