import { describe, expect, test } from 'vitest';
import { keepingOf, keepsAny } from '../../src/store/keeping.ts';

const keeping = (keep: string): ReturnType<typeof keepingOf> => keepingOf({ keep, maxHistory: 1 });

describe('what was said is kept', () => {
  test.each([
    ['30d', 30 * 86_400],
    ['12h', 43_200],
    ['90m', 5400],
    ['45s', 45],
    ['1.5 h', 5400],
  ])('for %s, which is %i seconds', (written, seconds) => {
    expect(keeping(written)).toEqual({ seconds, lines: Infinity, bytes: 1 });
  });

  test.each([
    ['100000 lines', 100_000],
    ['1 line', 1],
  ])('up to %s', (written, lines) => {
    expect(keeping(written)).toEqual({ seconds: Infinity, lines, bytes: 1 });
  });

  test.each([
    ['', false],
    ['0 lines', false],
    ['0s', false],
    ['1 line', true],
    ['1s', true],
  ])('at all where that is %s: %s', (written, any) => {
    expect(keepsAny(keeping(written))).toBe(any);
  });

  test.each(['for ever', '30', '-1d', '12 lines a day'])(
    'not by %j, and it is said how to write it',
    (written) => {
      expect(() => keeping(written)).toThrow(
        `keep must be a time like 30d or 12h, a number of lines like 100000 lines, or none, not ${JSON.stringify(written)}`,
      );
    },
  );
});
