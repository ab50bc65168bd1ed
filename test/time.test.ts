import { expect, test } from 'vitest';
import { dateOf, periodOf, timeOf } from '../src/time.ts';

test('a moment is written to the second', () => {
  expect(timeOf(Date.UTC(2025, 0, 31, 12, 0, 1, 999))).toBe('2025-01-31T12:00:01Z');
});

test.each([9e15, -9e15])('what is no moment, like %d, is the one that is nearest', (time) => {
  expect(dateOf(time).getTime()).toBe(Math.sign(time) * 8.64e15);
  expect(timeOf(time)).toMatch(/Z$/);
});

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

test.each<[number, string]>([
  [SECOND, '1s, 1 sec, 1second, 1 seconds'],
  [10 * MINUTE, '10m, 10min, 10 minutes, 10 MINUTE'],
  [2 * HOUR, '2h, 2 hours, 2hour, 120m'],
  [DAY, '1d, 1 day, 24h'],
  [14 * DAY, '2w, 2 weeks, 14d'],
  [1.5 * HOUR, '1.5h'],
  [0, '0s, 0.0001s'],
])('%i ms are %s', (expected, texts) => {
  for (const text of texts.split(', ')) expect(periodOf(text), text).toBe(expected);
});

test.each(['', '2', 'h', '2 h ago', '2x', 'ever', '-1h', '1e3s', '2mo', '2 fortnights', '999999999w'])(
  '"%s" is none',
  (text) => {
    expect(periodOf(text)).toBeUndefined();
  },
);
