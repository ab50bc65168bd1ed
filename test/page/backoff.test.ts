import { expect, test } from 'vitest';
import { backoff } from '../../web/backoff.js';

test('the next try is twice as far away each time, from half a second up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map((tries) => backoff(tries, 0))).toEqual([
    0.5, 1, 2, 4, 8, 16, 30, 30, 30,
  ]);
});

test('by chance it is up to twice as near, never nearer than half a second', () => {
  expect([backoff(0, 1), backoff(3, 1), backoff(3, 0.5), backoff(100, 1)]).toEqual([0.5, 2, 3, 15]);
});
