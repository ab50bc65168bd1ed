import { describe, expect, test } from 'vitest';
import { arrived, asked, gone, level, line, Scene } from '../support/turn.ts';

const NOT_A_ROOM = '! a room is "#" and a name, like #ops';
const PRIVATE = '! #ops is private; somebody in it can /invite you';
const USAGE = {
  private: '! write it like "/private #ops"; /help private tells more',
  invite: '! write it like "/invite bob #ops"; /help invite tells more',
  kick: '! write it like "/kick bob #ops please stop that"; /help kick tells more',
};

/** All that comes of these lines, each in a turn of its own. */
type Row = readonly [fact: string, lines: readonly string[], answers: readonly string[]];

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
/** Alice opened #ops; dave is not in it. */
const scene = (): Scene => new Scene({ a: 'alice', b: 'bob', c: 'carol', d: 'dave' }, { '#ops': 'a b c' });
/** The same, and it is private. */
const shut = (): Scene => {
  const chat = scene();
  chat.play('a: /private #ops');
  return chat;
};

const check = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(scene().each(...lines)).toEqual(answers);
};
const checkShut = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(shut().each(...lines)).toEqual(answers);
};

describe('/private', () => {
  test.each<Row>([
    ['is told to all in the room', ['a: /private #OPS'], ['a b c < * alice made #ops private']],
    ['is for who opened the room', ['b: /private #ops'], ['b < ! only alice may do that in #ops']],
    ['of a room that one is not in says so', ['d: /private #ops'], ['d < ! you are not in #ops']],
    ['of a room that there is not says the same', ['d: /private #void'], ['d < ! you are not in #void']],
    ['of what is no room says what one is', ['a: /private ops'], [`a < ${NOT_A_ROOM}`]],
    ['of nothing is explained', ['a: /private'], [`a < ${USAGE.private}`]],
    [
      'is for who is in the room for longest since, once its opener has left, even if that one comes back',
      ['a: /leave #ops', 'a: /join #ops', 'a: /private #ops', 'c: /private #ops', 'b: /private #ops'],
      [
        'a b c < * alice left #ops',
        'b c < * alice joined #ops',
        'a < * in #ops: bob, carol',
        'a < ! only bob may do that in #ops',
        'c < ! only bob may do that in #ops',
        'b c a < * bob made #ops private',
      ],
    ],
  ])('%s', check);

  test('is for the next one, too, if its opener is lost', () => {
    const chat = scene();
    expect(chat.play(gone('a'), 'b: /private #ops')).toEqual([
      'b c < * alice left #ops',
      'b c < * bob made #ops private',
      'a: end, lost',
    ]);
  });

  test.each<Row>([
    ['lets nobody in who is not invited', ['d: /join #ops'], [`d < ${PRIVATE}`]],
    [
      'lets nobody say something there',
      ['d: #ops: hi', 'd: /msg #ops: hi'],
      [`d < ${PRIVATE}`, `d < ${PRIVATE}`],
    ],
    ['does not tell who is there', ['d: /who #ops'], [`d < ${PRIVATE}`]],
    [
      'does not change what its people may do',
      ['b: #ops: hi', 'b: /who #ops', 'b: /join #ops'],
      ['a c < from bob in #ops: hi', 'b < * in #ops: alice, bob, carol', 'b < * in #ops: alice, carol'],
    ],
    [
      'is for who leaves, too',
      ['c: /leave #ops', 'c: /join #ops'],
      ['a b c < * carol left #ops', `c < ${PRIVATE}`],
    ],
    [
      'ends with the room',
      ['a: /leave #ops', 'b: /leave #ops', 'c: /leave #ops', 'd: /join #ops', 'a: #ops: hi'],
      [
        'a b c < * alice left #ops',
        'b c < * bob left #ops',
        'c < * carol left #ops',
        'd < * nobody else is in #ops',
        'd < from alice in #ops: hi',
      ],
    ],
  ])('%s', checkShut);
});

describe('/invite', () => {
  test.each<Row>([
    [
      'lets somebody join, say something and see who is there',
      ['b: /invite dave #OPS', 'd: #ops: hi', 'd: /who #ops', 'd: /join #ops'],
      [
        'd < * bob invites you to #ops; /join #ops',
        'b < * dave may join #ops',
        'a b c < from dave in #ops: hi',
        'd < * in #ops: alice, bob, carol',
        'a b c < * dave joined #ops',
        'd < * in #ops: alice, bob, carol',
      ],
    ],
    [
      'holds although one is called otherwise, and however often one comes back',
      ['a: /invite dave #ops', 'd: /name david', 'd: /join #ops', 'd: /leave #ops', 'd: /join #ops'],
      [
        'd < * alice invites you to #ops; /join #ops',
        'a < * dave may join #ops',
        'd < * dave is now david',
        'd: name david',
        'a b c < * david joined #ops',
        'd < * in #ops: alice, bob, carol',
        'a b c d < * david left #ops',
        'a b c < * david joined #ops',
        'd < * in #ops: alice, bob, carol',
      ],
    ],
    [
      'of who ignores the inviter is not heard, but holds',
      ['d: /ignore alice', 'a: /invite dave #ops', 'd: /join #ops'],
      [
        'd < * you ignore alice',
        'a < * dave may join #ops',
        'a b c < * dave joined #ops',
        'd < * in #ops: alice, bob, carol',
      ],
    ],
    [
      'of oneself is answered once, and lets one come back',
      ['b: /invite bob #ops', 'b: /leave #ops', 'b: /join #ops'],
      [
        'b < * bob may join #ops',
        'a b c < * bob left #ops',
        'a c < * bob joined #ops',
        'b < * in #ops: alice, carol',
      ],
    ],
    ['of somebody absent says so', ['a: /invite eve #ops'], ['a < ! eve is not here']],
    ['of what is no name says so', ['a: /invite !! #ops'], ['a < ! !! is not here']],
    ['of a room is explained', ['a: /invite #dev #ops'], [`a < ${USAGE.invite}`]],
    ['to a room that one is not in says so', ['d: /invite dave #ops'], ['d < ! you are not in #ops']],
    ['to what is no room is explained', ['a: /invite dave ops'], [`a < ${USAGE.invite}`]],
    ['without a room is explained', ['a: /invite dave'], [`a < ${USAGE.invite}`]],
    ['of nothing is explained', ['a: /invite'], [`a < ${USAGE.invite}`]],
  ])('%s', checkShut);

  test('does not hold for another connection of the same name', () => {
    const chat = shut();
    chat.play('a: /invite dave #ops', gone('d'), arrived('e'), line('e', 'dave'));
    expect(chat.play('e: /join #ops')).toEqual([`e < ${PRIVATE}`]);
  });

  test('of more than 1,000 is refused, until some of them are gone', () => {
    const ids = range(1001).map((index) => `n${String(index)}`);
    const chat = new Scene({ a: 'alice', ...Object.fromEntries(ids.map((id) => [id, id])) }, { '#ops': 'a' });
    for (const id of ids.slice(0, 1000)) chat.play(`a: /invite ${id} #ops`);
    expect(chat.play('a: /invite n1000 #ops')).toEqual(['a < ! 1000 are invited to it already']);
    expect(chat.play('a: /invite n1 #ops').at(-1)).toBe('a < * n1 may join #ops');
    chat.play(gone('n7'));
    expect(chat.play('a: /invite n1000 #ops')).toEqual([
      'n1000 < * alice invites you to #ops; /join #ops',
      'a < * n1000 may join #ops',
    ]);
  });

  test('waits for a guest who is far behind', () => {
    const chat = shut();
    chat.play(level('d', 'full'));
    expect(chat.play('a: /invite dave #ops')).toEqual(['a: hold']);
    expect(chat.play('d: /join #ops')).toEqual([`d < ${PRIVATE}`]);
    expect(chat.play(level('d', 'caught-up'))).toEqual([
      'd < * alice invites you to #ops; /join #ops',
      'a < * dave may join #ops',
      'a: release',
    ]);
  });
});

describe('/kick', () => {
  test.each<Row>([
    [
      'is told to all, who is put out, too, who hears no more',
      ['a: /kick BOB #OPS', 'a: #ops: hi', 'b: /rooms'],
      ['a b c < * alice removed bob from #ops', 'c < from alice in #ops: hi', 'b < * #ops: 2'],
    ],
    [
      'tells why, in the words of who did it',
      ['a: /kick bob #ops  too  loud: stop'],
      ['a b c < * alice removed bob from #ops', 'b c < from alice in #ops: (kick) too  loud: stop'],
    ],
    [
      'tells why to nobody who ignores who did it',
      ['c: /ignore alice', 'a: /kick bob #ops too loud'],
      [
        'c < * you ignore alice',
        'a b c < * alice removed bob from #ops',
        'b < from alice in #ops: (kick) too loud',
      ],
    ],
    [
      'does not keep somebody out of an open room',
      ['a: /kick bob #ops', 'b: /join #ops'],
      ['a b c < * alice removed bob from #ops', 'a c < * bob joined #ops', 'b < * in #ops: alice, carol'],
    ],
    [
      'ends an invitation',
      ['a: /private #ops', 'c: /invite bob #ops', 'a: /kick bob #ops', 'b: /join #ops', 'b: #ops: hi'],
      [
        'a b c < * alice made #ops private',
        'b < * carol invites you to #ops; /join #ops',
        'c < * bob may join #ops',
        'a b c < * alice removed bob from #ops',
        `b < ${PRIVATE}`,
        `b < ${PRIVATE}`,
      ],
    ],
    [
      'of oneself is done, and the room is the next one’s',
      ['a: /kick alice #ops bye', 'a: /kick bob #ops', 'b: /kick carol #ops'],
      [
        'a b c < * alice removed alice from #ops',
        'b c < from alice in #ops: (kick) bye',
        'a < ! you are not in #ops',
        'b c < * bob removed carol from #ops',
      ],
    ],
    [
      'of oneself closes a room without anybody else',
      ['d: /join #dev', 'd: /kick dave #dev bye', 'd: /rooms'],
      ['d < * nobody else is in #dev', 'd < * dave removed dave from #dev', 'd < * #ops: 3'],
    ],
    ['is for who opened the room', ['b: /kick carol #ops'], ['b < ! only alice may do that in #ops']],
    ['of somebody who is not in it says so', ['a: /kick dave #ops'], ['a < ! dave is not in #ops']],
    ['of somebody absent says the same', ['a: /kick eve #ops'], ['a < ! eve is not in #ops']],
    ['of what is no name says the same', ['a: /kick !! #ops'], ['a < ! !! is not in #ops']],
    ['from a room that one is not in says so', ['d: /kick bob #ops'], ['d < ! you are not in #ops']],
    ['the other way round is explained', ['a: /kick #ops bob'], [`a < ${USAGE.kick}`]],
    ['without a room is explained', ['a: /kick bob'], [`a < ${USAGE.kick}`]],
    ['of nothing is explained', ['a: /kick'], [`a < ${USAGE.kick}`]],
  ])('%s', check);

  test('tells of who left without a word before', () => {
    expect(scene().play(gone('c'), 'a: /kick bob #ops')).toEqual([
      'a b < * carol left #ops',
      'a b < * alice removed bob from #ops',
      'c: end, lost',
    ]);
  });
});

test('no number of names is too many for them: they take as many as they need, and the rest is the text', () => {
  const many = range(200).join(' ');
  expect(scene().play(`a: /kick bob #ops ${many}`, `a: /invite dave #ops ${many}`)).toEqual([
    'a b c < * alice removed bob from #ops',
    `b c < from alice in #ops: (kick) ${many}`,
    'd < * alice invites you to #ops; /join #ops',
    'a < * dave may join #ops',
  ]);
});

test('where one name is too many nothing is done', () => {
  const command = { kind: 'word', word: 'kick', to: undefined, text: '' } as const;
  expect(scene().play(asked('a', command))).toEqual([
    'a < ! that is more than 128 recipients; it was not sent',
  ]);
});
