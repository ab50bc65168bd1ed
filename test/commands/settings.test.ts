import { describe, expect, test } from 'vitest';
import { arrived, Scene } from '../support/turn.ts';

const usage = (word: string, example: string): string =>
  `! write it like "/${word} ${example}"; /help ${word} tells more`;

/** All that comes of these lines, each in a turn of its own. */
type Row = readonly [fact: string, lines: readonly string[], answers: readonly string[]];

const check = (_: string, lines: readonly string[], answers: readonly string[]): void => {
  expect(new Scene({ a: 'alice', b: 'bob' }).each(...lines)).toEqual(answers);
};

describe('/receipts', () => {
  test.each<Row>([
    [
      'on and off are answered, as often as they are asked for',
      ['a: /receipts on', 'a: /receipts on', 'a: /receipts off', 'a: /receipts off'],
      ['a < * receipts on', 'a < * receipts on', 'a < * receipts off', 'a < * receipts off'],
    ],
    [
      'is one client’s own',
      ['a: /receipts on', 'a: eve: hi', 'b: eve: hi'],
      ['a < * receipts on', 'a < ! not sent 1: eve is not here', 'b < ! eve is not here'],
    ],
    ...['', ' yes', ' on please'].map((args): Row => [
      `${args || 'alone'} is explained, and changes nothing`,
      [`a: /receipts${args}`, 'a: eve: hi'],
      [`a < ${usage('receipts', 'on')}`, 'a < ! eve is not here'],
    ]),
  ])('%s', check);
});

describe('/format and /time', () => {
  test.each<Row>([
    [
      'are answered with both, and do not change each other',
      ['a: /format json', 'a: /time on', 'a: /format text', 'a: /time off'],
      [
        'a < * format json, time off',
        'a < * format json, time on',
        'a < * format text, time on',
        'a < * format text, time off',
      ],
    ],
    [
      'are one client’s own',
      ['a: /time on', 'b: /format json'],
      ['a < * format text, time on', 'b < * format json, time off'],
    ],
    ...['', ' xml', ' json please'].map((args): Row => [
      `/format${args} is explained, and changes nothing`,
      [`a: /format${args}`, 'a: /time off'],
      [`a < ${usage('format', 'json')}`, 'a < * format text, time off'],
    ]),
    ...['', ' 12:00', ' on off'].map((args): Row => [
      `/time${args} is explained, and changes nothing`,
      [`a: /time${args}`, 'a: /format text'],
      [`a < ${usage('time', 'on')}`, 'a < * format text, time off'],
    ]),
  ])('%s', check);

  test('may be set before a name is, and that is no refused name', () => {
    const chat = new Scene({});
    chat.play(arrived('a'));
    expect(
      chat.each('a: /format json', 'a: /time', 'a: /time on', 'a: my name', 'a: alice', 'a: /time off'),
    ).toEqual([
      'a < * format json, time off',
      `a < ${usage('time', 'on')}`,
      'a < * format json, time on',
      'a < ! a name is 1 to 32 letters, digits, "_", "-" or "."; type another',
      'a: name alice',
      'a < * format json, time off',
    ]);
  });
});

test('in capitals is the same', () => {
  expect(new Scene({ a: 'alice' }).each('a: /RECEIPTS ON', 'a: /Time On', 'a: /format JSON')).toEqual([
    'a < * receipts on',
    'a < * format text, time on',
    'a < * format json, time on',
  ]);
});
