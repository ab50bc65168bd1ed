import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandOf } from '../../src/commands/table.ts';
import { Decoder } from '../../src/decoder.ts';
import { isSecret as isSecretThere } from '../../src/secrets.ts';
import { isSecret, linesOf, meantFor, wishOf } from '../../web/typed.js';
import { readOne } from '../support/turn.ts';

test.for([
  ['hello', '#ops: hello', 'hello'],
  ['  hello ', '#ops: hello', 'hello'],
  ['bob: hello', '#ops: bob: hello', 'bob: hello'],
  ['//tmp is full', '#ops: /tmp is full', '/tmp is full'],
  ['///', '#ops: //', '//'],
  ['/me waves', '#ops: /me waves', '/me waves'],
  ['/ME waves', '#ops: /me waves', '/me waves'],
] as const)('"%s" in #ops is sent as "%s"', ([typed, line, text]) => {
  expect(wishOf(typed, '#ops')).toEqual({ do: 'say', to: ['#ops'], text, line });
});

test('/msg goes where it says', () => {
  expect(wishOf('/msg bob, #dev: see: here', '#ops')).toEqual({
    do: 'say',
    to: ['bob', '#dev'],
    text: 'see: here',
    line: '/msg bob, #dev: see: here',
  });
});

test('a /msg that names nobody is sent all the same: the server says what is wrong, and counts it', () => {
  expect(wishOf('/msg hello', '#ops')).toMatchObject({ do: 'say', to: [], line: '/msg hello' });
});

test('/to turns to a conversation, and is never sent', () => {
  expect(wishOf('/to bob', '#ops')).toEqual({ do: 'turn', to: 'bob' });
  expect(wishOf('/TO none', '#ops')).toEqual({ do: 'turn', to: '' });
  expect(wishOf('/to bob, eve', '#ops')).toMatchObject({ do: 'refuse' });
  expect(wishOf('/to', '#ops')).toMatchObject({ do: 'refuse' });
});

test('what the page depends on cannot be turned off', () => {
  for (const line of ['/format text', '/receipts off', '/Format text', '/time on'])
    expect(wishOf(line, '#ops')).toMatchObject({ do: 'refuse' });
});

test('any other command is sent as it is', () => {
  expect(wishOf('/Join #a #b ', '#ops')).toEqual({
    do: 'ask',
    word: 'join',
    rest: '#a #b',
    line: '/Join #a #b',
  });
});

test('where nobody listens, a text is refused and a command is not', () => {
  expect(wishOf('hello', '')).toMatchObject({ do: 'refuse' });
  expect(wishOf('/me waves', '')).toMatchObject({ do: 'refuse' });
  expect(wishOf('/help', '')).toMatchObject({ do: 'ask' });
});

test('a line in a room that begins with a name may have been meant for them alone', () => {
  expect([meantFor('bob: psst', '#ops'), meantFor('bob: psst', 'eve'), meantFor('so: what', '#ops')]).toEqual(
    ['bob', undefined, 'so'],
  );
});

test('a line for which the server would close the connection is refused here', () => {
  expect(wishOf('é'.repeat(33_000), '#ops')).toMatchObject({ do: 'refuse' });
  expect(wishOf('é'.repeat(32_000), '#ops')).toMatchObject({ do: 'say' });
});

/** What makes a line another one for somebody: slashes, colons, the words that say something, and every kind of blank. */
const PIECES = [
  ...[
    '/',
    '//',
    ':',
    ',',
    '#',
    'msg',
    'me',
    'MSG',
    'who',
    'bob',
    '/msg',
    '/me',
    '/quit',
    'x',
    ' ',
    '\t',
    '\v',
  ],
  ...['\f', '\0', '\x1b', '\x85', '\xa0', '\u2003', '\u2028', '\u2029', '\u202e', '\ufeff', '\ud800', 'ſ'],
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme' })), { maxLength: 8 })
  .map((pieces) => pieces.join(''));

test('the page and the server agree which lines are numbered, whatever somebody types or pastes', () => {
  const heres = fc.constantFrom('', '#ops', 'bob', '/quit', '/msg', ':', '\u2028/who');
  fc.assert(
    fc.property(texts, heres, fc.boolean(), (text, here, raw) => {
      for (const line of linesOf(text)) {
        const wish = wishOf(line, here);
        if (!('line' in wish)) continue;
        const command = readOne(new Decoder({ maxRecipients: 128, raw }), wish.line);
        const isNumbered = command.kind !== 'word' || commandOf(command.word)?.says === true;
        expect([wish.line, wish.do === 'say']).toEqual([wish.line, isNumbered]);
      }
    }),
    { numRuns: 3000 },
  );
});

test('what is pasted is cut where a reader would see a new line', () => {
  expect(linesOf('one\r\ntwo\n\nthree\u2028four\u2029five\rsix')).toEqual([
    ...['one', 'two', '', 'three', 'four', 'five', 'six'],
  ]);
});

test('a command is read as the server reads it, where a control character is no blank', () => {
  expect(wishOf('/msg\u2028bob: hi', '#ops')).toMatchObject({
    ...{ do: 'ask', word: 'msg\ufffdbob:', rest: 'hi', line: '/msg\ufffdbob: hi' },
  });
  expect(wishOf('/me\v waves', '#ops')).toMatchObject({ do: 'ask', word: 'me\ufffd' });
});

test('one turns to nobody whose name would make another line of what is typed', () => {
  for (const line of ['/to /quit', '/to bob:', '/to a:b'])
    expect(wishOf(line, '#ops')).toMatchObject({ do: 'refuse' });
  expect(wishOf('hello', '/quit')).toMatchObject({ line: ' /quit: hello' });
});

test('/history alone is about the conversation in which it is typed', () => {
  const sent = (typed: string, here: string): unknown => wishOf(typed, here);
  expect(sent('/history', '#ops')).toMatchObject({ line: '/history #ops', rest: '#ops' });
  expect(sent('/history 50', 'bob')).toMatchObject({ line: '/history bob 50' });
  expect(sent('/history #dev', '#ops')).toMatchObject({ line: '/history #dev' });
  expect(sent('/history', '')).toMatchObject({ line: '/history' });
});

test('a line with a password in it is known as one, also by the words for it elsewhere', () => {
  for (const line of [
    '/reserve x',
    '/Reserve  a b',
    '/name bob pass',
    '/NAME bob, p',
    '/nick bob pass',
    '/register x',
    '/password x',
    '/passwd x',
    '/login bob pass',
  ])
    expect([line, isSecret(line)]).toEqual([line, true]);
  for (const line of [
    '/reserve',
    '/reserve ',
    '/name bob ',
    '/reserved x',
    '//reserve x',
    'see /reserve x',
    '/msg bob: x',
  ])
    expect([line, isSecret(line)]).toEqual([line, false]);
});

test('whatever is a password for the server is hidden by the page', () => {
  const pieces = fc.constantFrom(...PIECES, '/reserve', '/name', 'reserve', 'NAME', 'alice', 'secret');
  const some = fc.array(pieces, { maxLength: 6 }).map((all) => all.join(''));
  const lines = fc
    .tuple(fc.constantFrom('', '/', '/name ', '/reserve'), some)
    .map(([begin, rest]) => begin + rest);
  fc.assert(
    fc.property(lines, fc.boolean(), (text, raw) => {
      for (const line of linesOf(text)) {
        const wish = wishOf(line, '#ops');
        if (!('line' in wish)) continue;
        const isPassword = isSecretThere(readOne(new Decoder({ maxRecipients: 128, raw }), wish.line));
        expect([line, !isPassword || isSecret(line)]).toEqual([line, true]);
      }
    }),
    { numRuns: 3000 },
  );
});
