import { describe, expect, test } from 'vitest';
import { ended, level, overdue, Scene } from '../support/turn.ts';

const NO_RECIPIENT = '! say who it is for, like "bob: hello"; /help tells more';
const TOO_MANY = '! that is more than 128 recipients; it was not sent';
const USAGE = '! write it like "/msg bob, #ops: hello"; /help msg tells more';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index)}`);

/** All that comes of these lines, each in a turn of its own. */
type Row = readonly [fact: string, lines: readonly string[], answers: readonly string[]];

const scene = (): Scene =>
  new Scene({ a: 'alice', b: 'bob', c: 'carol', d: 'dave' }, { '#ops': 'a b c', '#dev': 'd' });

const check = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(scene().each(...lines)).toEqual(answers);
};

describe('a line', () => {
  test.each<Row>([
    ['for a room is heard by all in it but its sender', ['a: #ops: hi'], ['b c < from alice in #ops: hi']],
    ['for a room may come from outside', ['d: #ops: hi'], ['a b c < from dave in #ops: hi']],
    [
      'for a room written in capitals tells the name that it was opened with',
      ['a: #OPS: hi'],
      ['b c < from alice in #ops: hi'],
    ],
    ['for a room without a text is heard, too', ['a: #ops:'], ['b c < from alice in #ops:']],
    ['for an empty room says so', ['a: #void: hi'], ['a < ! nobody is in #void']],
    ['for a room that one is alone in says so', ['d: #dev: hi'], ['d < ! nobody else is in #dev']],
    ['for what is no room reaches nobody', ['a: #o ps: hi'], ['a < ! #o ps is not here']],
  ])('%s', check);

  test('for a private room says so to whoever is not admitted', () => {
    const chat = scene();
    chat.play('a: /private #ops');
    expect(chat.play('d: #ops: hi', 'b: #ops: hi')).toEqual([
      'd < ! #ops is private; somebody in it can /invite you',
      'a c < from bob in #ops: hi',
    ]);
  });
});

describe('/to', () => {
  test.each<Row>([
    [
      'sends whole lines to a room from then on, those with a colon and empty ones, too',
      ['a: /to #ops', 'a: hi', 'a: bob: hi', 'a: : hi', 'a: '],
      [
        'a < * your lines go to #ops',
        'b c < from alice in #ops: hi',
        'b c < from alice in #ops: bob: hi',
        'b c < from alice in #ops: : hi',
        'b c < from alice in #ops:',
      ],
    ],
    [
      'sends them to people and rooms, with commas or without',
      ['a: /to dave, #ops', 'a: hi', 'a: /to bob carol', 'a: hi'],
      [
        'a < * your lines go to dave, #ops',
        'd < from alice: hi',
        'b c < from alice in #ops: hi',
        'a < * your lines go to bob, carol',
        'b c < from alice: hi',
      ],
    ],
    [
      'sends what begins with two slashes, without one of them',
      ['a: /to bob', 'a: //usr/bin: gone', 'a: ///'],
      ['a < * your lines go to bob', 'b < from alice: /usr/bin: gone', 'b < from alice: //'],
    ],
    [
      'leaves commands what they are, unknown ones, too',
      ['a: /to bob', 'a: /ping', 'a: /foo bar'],
      ['a < * your lines go to bob', 'a < * pong', 'a < ! there is no /foo; /help lists what there is'],
    ],
    [
      'alone tells where lines go, and changes nothing',
      ['a: /to', 'a: /to bob', 'a: /to', 'a: hi'],
      [
        'a < * your lines go to whom they name',
        'a < * your lines go to bob',
        'a < * your lines go to bob',
        'b < from alice: hi',
      ],
    ],
    [
      'none ends it, in capitals, too',
      ['a: /to bob', 'a: /to NONE', 'a: hi', 'a: bob: hi'],
      [
        'a < * your lines go to bob',
        'a < * your lines go to whom they name',
        `a < ${NO_RECIPIENT}`,
        'b < from alice: hi',
      ],
    ],
    [
      'refuses what is no name, quoted, and stays as it is',
      ['a: /to bob', 'a: /to !!, carol', 'a: /to \x1b[2J', 'a: /to'],
      [
        'a < * your lines go to bob',
        'a < ! !! is not here',
        'a < ! \ufffd[2J is not here',
        'a < * your lines go to bob',
      ],
    ],
    [
      'an empty room is answered with each line, until somebody is there',
      ['a: /to #new', 'a: 1', 'd: /join #new', 'a: 2'],
      [
        'a < * your lines go to #new',
        'a < ! nobody is in #new',
        'd < * nobody else is in #new',
        'd < from alice in #new: 2',
      ],
    ],
    [
      'oneself is heard by oneself',
      ['a: /to alice', 'a: hi'],
      ['a < * your lines go to alice', 'a < from alice: hi'],
    ],
    ['is one client’s own', ['a: /to #ops', 'b: hi'], ['a < * your lines go to #ops', `b < ${NO_RECIPIENT}`]],
  ])('%s', check);

  test('too many is refused, and leaves it as it was', () => {
    const chat = scene();
    expect(chat.each('a: /to bob', `a: /to ${names(129).join(' ')}`, 'a: /to')).toEqual([
      'a < * your lines go to bob',
      `a < ${TOO_MANY}`,
      'a < * your lines go to bob',
    ]);
    expect(chat.play(`a: /to ${names(128).join(', ')}`)).toEqual([
      `a < * your lines go to ${names(128).join(', ')}`,
    ]);
  });

  test('sends a line whole that would name too many', () => {
    const many = `${names(129).join()}: hi`;
    expect(scene().each('a: /to bob', `a: ${many}`)).toEqual([
      'a < * your lines go to bob',
      `b < from alice: ${many}`,
    ]);
  });
});

describe('/msg', () => {
  test.each<Row>([
    [
      'sends once elsewhere',
      ['a: /to bob', 'a: /msg carol, #dev: hi: there', 'a: hi'],
      [
        'a < * your lines go to bob',
        'c < from alice: hi: there',
        'd < from alice in #dev: hi: there',
        'b < from alice: hi',
      ],
    ],
    ['may be empty', ['a: /msg bob:'], ['b < from alice:']],
    ['passes on what would be a command', ['a: /msg bob: /quit'], ['b < from alice: /quit']],
    ['for somebody absent says so', ['a: /msg eve: hi'], ['a < ! eve is not here']],
    ['without anything is explained', ['a: /msg'], [`a < ${USAGE}`]],
    ['without a colon is explained', ['a: /msg bob hello'], [`a < ${USAGE}`]],
    ['for nobody is explained', ['a: /msg : hello', 'a: /msg , : hello'], [`a < ${USAGE}`, `a < ${USAGE}`]],
    ['for too many is refused', [`a: /msg ${names(129).join()}: hi`], [`a < ${TOO_MANY}`]],
  ])('%s', check);
});

test('a line for too many is refused', () => {
  expect(scene().play(`a: bob,${names(128).join()}: hi`)).toEqual([`a < ${TOO_MANY}`]);
});

describe('/me', () => {
  test.each<Row>([
    [
      'is a text of that form, where lines go',
      ['a: /to #ops', 'a: /me  waves: hi '],
      ['a < * your lines go to #ops', 'b c < from alice in #ops: /me waves: hi'],
    ],
    ['may be empty', ['a: /to bob', 'a: /me'], ['a < * your lines go to bob', 'b < from alice: /me']],
    [
      'where lines go nowhere says so',
      ['a: /me waves'],
      ['a < ! say where your lines go first, like "/to #ops"'],
    ],
  ])('%s', check);
});

describe('lines and commands behind a line that waits for a slow reader', () => {
  test('are handled in their order when it has caught up, and change nothing before', () => {
    const chat = scene();
    chat.play(level('b', 'full'));
    const parked = [
      'a: bob: 1',
      'a: /leave #ops',
      'a: /to #ops',
      'a: 2',
      'a: /to none',
      'a: /nonsense',
      'a: /quit',
    ];
    expect(chat.play(...parked)).toEqual(['a: hold']);
    expect(chat.play('a: late', 'd: #ops: 0')).toEqual(['a b c < from dave in #ops: 0']);
    expect(chat.play(level('b', 'caught-up'))).toEqual([
      'b < from alice: 1',
      'a b c < * alice left #ops',
      'a < * your lines go to #ops',
      'b c < from alice in #ops: 2',
      'a < * your lines go to whom they name',
      'a < ! there is no /nonsense; /help lists what there is',
      'a: end, quit',
    ]);
  });

  test('are handled when whoever said them ends its side, and its moment begins behind them', () => {
    const chat = scene();
    chat.play(level('b', 'full'), 'a: bob: 1', 'a: /msg carol: 2', ended('a'));
    expect(chat.play(overdue('a'))).toEqual([]);
    expect(chat.play(level('b', 'caught-up'))).toEqual([
      'b < from alice: 1',
      'c < from alice: 2',
      'a: linger',
      'a: release',
    ]);
  });
});
