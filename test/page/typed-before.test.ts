import { expect, test } from 'vitest';
import { TypedBefore } from '../../web/typed-before.js';

test('one goes back through what was typed, and forward again to what was being typed', () => {
  const before = new TypedBefore();
  for (const text of ['one', 'two', 'two', 'three']) before.add(text);
  expect(['draft', '', '', ''].map((now) => before.older(now))).toEqual(['three', 'two', 'one', undefined]);
  expect([1, 2, 3, 4].map(() => before.newer())).toEqual(['two', 'three', 'draft', undefined]);
});

test('what is typed next makes the way back begin anew', () => {
  const before = new TypedBefore();
  before.add('one');
  before.older('');
  before.add('two');
  expect(before.older('')).toBe('two');
});
