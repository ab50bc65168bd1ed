import { expect, test } from 'vitest';
import { identityOf, idOf } from '../../src/cluster/identity.ts';

test('whose a message is stands in its id', () => {
  expect(identityOf(idOf({ node: 'a-b_c', number: 12 }))).toEqual({ node: 'a-b_c', number: 12 });
  expect(identityOf('a.b.7')).toEqual({ node: 'a.b', number: 7 });
});

test('what is no number of a message is 0, which none has', () => {
  for (const id of [
    '',
    'a',
    'a.',
    'a.0',
    'a.01',
    'a.-1',
    'a.1e3',
    'a.1.5x',
    'a.Infinity',
    'a.NaN',
    `a.${'9'.repeat(16)}`,
  ])
    expect([id, identityOf(id).number]).toEqual([id, 0]);
});
