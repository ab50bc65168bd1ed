import { expect, test } from 'vitest';
import { meantFor, wishOf } from '../../web/typed.js';

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
  for (const line of ['/format text', '/receipts off', '/Format text'])
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
