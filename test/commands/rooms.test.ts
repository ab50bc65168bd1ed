import { describe, expect, test } from 'vitest';
import { arrived, ended, gone, level, line, overdue, Scene, stopped } from '../support/turn.ts';

const NOT_A_ROOM = '! a room is "#" and a name, like #ops';
const TOO_MANY = '! that is more than 128 recipients; it was not sent';
const usage = (word: string): string => `! write it like "/${word} #ops"; /help ${word} tells more`;

/** All that comes of these lines, each in a turn of its own. */
type Row = readonly [fact: string, lines: readonly string[], answers: readonly string[]];

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const scene = (): Scene => new Scene({ a: 'alice', b: 'bob', c: 'carol' }, { '#ops': 'a c' });

const check = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(scene().each(...lines)).toEqual(answers);
};

describe('/join', () => {
  test.each<Row>([
    [
      'is told to who is there, and tells who is there',
      ['b: /join #ops', 'a: #ops: hi'],
      ['a c < * bob joined #ops', 'b < * in #ops: alice, carol', 'c b < from alice in #ops: hi'],
    ],
    ['opens a room', ['b: /join #new'], ['b < * nobody else is in #new']],
    ['again tells who is there, and is told to nobody', ['a: /join #ops'], ['a < * in #ops: carol']],
    [
      'again where nobody else is says so',
      ['b: /join #new', 'b: /join #new'],
      ['b < * nobody else is in #new', 'b < * nobody else is in #new'],
    ],
    [
      'takes several, with commas or without, in their order, each once',
      ['b: /join #new, #ops #new'],
      [
        'b < * nobody else is in #new',
        'a c < * bob joined #ops',
        'b < * in #ops: alice, carol',
        'b < * nobody else is in #new',
      ],
    ],
    [
      'finds a room however it is written, and shows it as it was opened',
      ['b: /join #OPS'],
      ['a c < * bob joined #ops', 'b < * in #ops: alice, carol'],
    ],
    [
      'is done for the rooms among what it names',
      ['b: /join bob #new #no!'],
      [`b < ${NOT_A_ROOM}`, 'b < * nobody else is in #new', `b < ${NOT_A_ROOM}`],
    ],
    ['of what is no room says what one is', ['b: /join bob'], [`b < ${NOT_A_ROOM}`]],
    ['of a "#" says what a room is', ['b: /join #'], [`b < ${NOT_A_ROOM}`]],
    ['of nothing is explained', ['b: /join', 'b: /join ,'], [`b < ${usage('join')}`, `b < ${usage('join')}`]],
    ['of too many is refused', [`b: /join ${range(129).join(' #')}`], [`b < ${TOO_MANY}`]],
  ])('%s', check);

  test.each([
    [20, ''],
    [21, ' and 1 more'],
    [25, ' and 5 more'],
  ])('of a room of %i names the first 20', (count, more) => {
    const ids = range(count).map((index) => `n${String(index)}`);
    const people = Object.fromEntries(ids.map((id) => [id, id]));
    const chat = new Scene({ ...people, a: 'alice' }, { '#ops': ids.join(' ') });
    const list = `a < * in #ops: ${ids.slice(0, 20).join(', ')}${more}`;
    expect(chat.play('a: /join #ops')).toEqual([`${ids.join(' ')} < * alice joined #ops`, list]);
    expect(chat.play('a: /join #ops')).toEqual([list]);
  });

  test('of more rooms than one may be in is refused, also among several, but not for those one is in', () => {
    const full = 'a < ! you are in 2 rooms already; /leave one first';
    const chat = new Scene({ a: 'alice' }, { '#ops': 'a' }, { maxRoomsPerClient: 2 });
    expect(chat.play('a: /join #dev #new #ops')).toEqual([
      'a < * nobody else is in #dev',
      full,
      'a < * nobody else is in #ops',
    ]);
    expect(chat.play('a: /leave #ops', 'a: /join #new', 'a: /join #ops')).toEqual([
      'a < * alice left #ops',
      'a < * nobody else is in #new',
      full,
    ]);
  });

  test('that had to wait for somebody who is behind is done once', () => {
    const chat = scene();
    chat.play(`b: bob: ${'x'.repeat(64 * 1024)}`, level('c', 'behind'));
    expect(chat.play('b: /join #ops #new', 'b: /ping')).toEqual(['b: hold']);
    expect(chat.play(level('c', 'caught-up'))).toEqual([
      'a c < * bob joined #ops',
      'b < * in #ops: alice, carol',
      'b < * nobody else is in #new',
      'b < * pong',
      'b: release',
    ]);
  });
});

describe('/leave', () => {
  test.each<Row>([
    [
      'is told to all, the leaver, too, who hears no more',
      ['a: /leave #OPS', 'b: #ops: hi'],
      ['a c < * alice left #ops', 'c < from bob in #ops: hi'],
    ],
    [
      'takes several, in their order',
      ['b: /join #new', 'b: /leave #new, #ops bob #new'],
      [
        'b < * nobody else is in #new',
        'b < * bob left #new',
        'b < ! you are not in #ops',
        `b < ${NOT_A_ROOM}`,
        'b < ! you are not in #new',
      ],
    ],
    ['of a room that others are in says so', ['b: /leave #ops'], ['b < ! you are not in #ops']],
    ['of a room that there is not says the same', ['b: /leave #void'], ['b < ! you are not in #void']],
    ['of what is no room says what one is', ['b: /leave bob'], [`b < ${NOT_A_ROOM}`]],
    ['of nothing is explained', ['b: /leave'], [`b < ${usage('leave')}`]],
    ['of too many is refused', [`b: /leave ${range(129).join(' #')}`], [`b < ${TOO_MANY}`]],
    [
      'of the last one closes the room; whoever opens it again gives it its name',
      ['a: /leave #ops', 'c: /leave #ops', 'b: #ops: hi', 'b: /join #Ops'],
      [
        'a c < * alice left #ops',
        'c < * carol left #ops',
        'b < ! nobody is in #ops',
        'b < * nobody else is in #Ops',
      ],
    ],
  ])('%s', check);
});

describe('whoever goes is told to the room', () => {
  test.each([
    ['by /quit', [line('a', '/quit')], ['c < * alice left #ops', 'a: end, quit']],
    ['lost', [gone('a')], ['c < * alice left #ops', 'a: end, lost']],
    [
      'when the server stops',
      [stopped('a')],
      ['a < ! the server is stopping', 'c < * alice left #ops', 'a: end, server stopping'],
    ],
    [
      'by ending its side, once its moment is over',
      [ended('a'), overdue('a')],
      ['c < * alice left #ops', 'a: linger', 'a: end, left'],
    ],
  ])('%s', (_, inputs, answers) => {
    expect(scene().play(...inputs)).toEqual(answers);
  });

  test('when somebody else takes the name of a half-closed member, who hears the room no more', () => {
    const chat = scene();
    expect(chat.play(ended('a'), 'c: #ops: 1')).toEqual(['a < from carol in #ops: 1', 'a: linger']);
    expect(chat.play(arrived('d'), line('d', 'ALICE'), 'd: /join #ops', 'c: #ops: 2')).toEqual([
      'c < * alice left #ops',
      'c < * ALICE joined #ops',
      'd < * in #ops: carol',
      'd < from carol in #ops: 2',
      'd: name ALICE',
    ]);
    expect(chat.play(overdue('a'), gone('a'))).toEqual(['a: end, left']);
  });

  test('though a half-closed member whose name was taken had said so much that it is handled later', () => {
    const chat = scene();
    chat.play(level('b', 'full'), 'a: bob: hi', 'a: #ops: 1', 'a: /join #ops #new', ended('a'));
    expect(chat.play(arrived('d'), line('d', 'alice'))).toEqual(['c < * alice left #ops', 'd: name alice']);
    const answers = chat.play(level('b', 'caught-up'));
    expect(answers).toContain('b < from alice: hi');
    expect(answers).toContain('c < from alice in #ops: 1');
    // Two of the same name would be in a room.
    expect(answers).not.toContain('c < * alice joined #ops');
    expect(chat.play('c: /who #ops')).toEqual(['c < * in #ops: carol']);
  });
});

describe('/rooms', () => {
  test.each<Row>([
    [
      'tells those first that one is in, then others, with how many there are',
      ['b: /join #new', 'b: /rooms'],
      ['b < * nobody else is in #new', 'b < * #new: 1, you are in it', 'b < * #ops: 2'],
    ],
    [
      'without one says how to open one',
      ['a: /leave #ops', 'c: /leave #ops', 'b: /rooms'],
      ['a c < * alice left #ops', 'c < * carol left #ops', 'b < * there is no room; /join #ops opens one'],
    ],
    [
      'tells of a private room who is in it only',
      ['a: /private #ops', 'a: /rooms', 'b: /rooms', 'a: /invite bob #ops', 'b: /rooms'],
      [
        'a c < * alice made #ops private',
        'a < * #ops: 2, you are in it, private',
        'b < * there is no room; /join #ops opens one',
        'b < * alice invites you to #ops; /join #ops',
        'a < * bob may join #ops',
        'b < * there is no room; /join #ops opens one',
      ],
    ],
  ])('%s', check);

  test('tells 100 that one is not in, and how many more there are', () => {
    const people = { a: 'alice', b: 'bob', c: 'carol' };
    const chat = new Scene(
      people,
      { '#mine': 'a b', '#hidden': 'b', '#alone': 'a' },
      { maxRoomsPerClient: 1000 },
    );
    chat.play('b: /private #hidden', 'a: /private #alone');
    const names = range(250).map((index) => `#n${String(index)}`);
    for (let at = 0; at < names.length; at += 100)
      chat.play(`b: /join ${names.slice(at, at + 100).join(' ')}`);
    const answer = (ids: readonly string[], more: number): string[] =>
      [...ids, `and ${String(more)} more`].map((one) => `a < * ${one}`);
    const others = names.slice(0, 100).map((name) => `${name}: 1`);
    const mine = ['#mine: 2, you are in it', '#alone: 1, you are in it, private'];
    expect(chat.play('a: /rooms')).toEqual(answer([...mine, ...others], 150));
    chat.play('c: /join #n0', 'a: /join #n1');
    expect(chat.play('a: /rooms')).toEqual(
      answer(
        [...mine, '#n1: 2, you are in it', '#n0: 2', ...names.slice(2, 101).map((name) => `${name}: 1`)],
        149,
      ),
    );
  });
});
