import { expect, test } from 'vitest';
import { parseName } from '../../src/name.ts';
import { keyOf, listed } from '../../web/name.js';

test('two names are one for the page where they are one for the server', () => {
  for (const name of [
    'Alice',
    'straße',
    'STRASSE',
    'Ὀδυσσεύς',
    'ΟΔΥΣΣΕΎΣ',
    'ﬁve',
    'Å',
    'Éva',
    'İpek',
    'ピカ',
  ])
    expect(keyOf(name)).toBe(parseName(name)?.key);
});

test('a list of names reads like one that somebody wrote', () => {
  expect([listed(['bob']), listed(['bob', 'eve']), listed(['bob', 'eve'], 3)]).toEqual([
    'bob',
    'bob and eve',
    'bob, eve and 3 more',
  ]);
});
