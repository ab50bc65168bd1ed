import { describe, expect, test } from 'vitest';
import { Deadlines } from '../src/deadlines.ts';

/** Deadlines with a clock that is moved on by hand. */
function at(now: number): { deadlines: Deadlines; sweep: (at: number) => string[] } {
  let clock = now;
  const deadlines = new Deadlines(() => clock);
  return {
    deadlines,
    sweep: (at) => {
      clock = at;
      return deadlines.sweep();
    },
  };
}

describe('a deadline', () => {
  test('is up when its time has passed, once', () => {
    const { deadlines, sweep } = at(1000);
    deadlines.set('a', 10);
    expect(sweep(1009.75)).toEqual([]);
    expect(sweep(1010)).toEqual(['a']);
    expect(sweep(1011)).toEqual([]);
  });

  test('is replaced by a later and by an earlier one', () => {
    const { deadlines, sweep } = at(0);
    deadlines.set('later', 10);
    deadlines.set('earlier', 10);
    sweep(5);
    deadlines.set('later', 10);
    deadlines.set('earlier', 1);
    expect(sweep(10)).toEqual(['earlier']);
    expect(sweep(15)).toEqual(['later']);
  });

  test('that was cleared is never up, and one that is not set can be cleared', () => {
    const { deadlines, sweep } = at(0);
    deadlines.set('a', 10);
    deadlines.clear('a');
    deadlines.clear('b');
    expect(sweep(1000)).toEqual([]);
  });

  test('is each client’s own; those of one sweep come in the order in which they were set', () => {
    const { deadlines, sweep } = at(0);
    deadlines.set('a', 20);
    deadlines.set('b', 10);
    deadlines.set('c', 30);
    expect(sweep(25)).toEqual(['a', 'b']);
    deadlines.set('a', 5);
    expect(sweep(30)).toEqual(['c', 'a']);
  });
});
