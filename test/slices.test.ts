import fc from 'fast-check';
import { Subject } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { slices } from '../src/slices.ts';
import { holdEventLoop, idle, turn } from './support/event-loop.ts';

/** Work of so many slices. */
interface Work {
  readonly name: string;
  readonly left: number;
}

interface Done {
  readonly did: string;
  readonly rest: Work | undefined;
}

const work = (name: string, left = 1): Work => ({ name, left });

function doIt({ name, left }: Work): Done {
  if (left === 0) throw new Error(`no such slice of ${name}`);
  return { did: `${name}${String(left)}`, rest: left > 1 ? work(name, left - 1) : undefined };
}

/** What happens, in order: slices as they are emitted, `busy`, `free`, and how it ended. */
function trace(then?: (slice: string) => void, act: (value: Work) => Done = doIt) {
  const values = new Subject<Work>();
  const happened: string[] = [];
  const subscription = values.pipe(slices(act, (is) => happened.push(is ? 'busy' : 'free'))).subscribe({
    next: ({ did }) => {
      happened.push(did);
      then?.(did);
    },
    error: () => happened.push('error'),
    complete: () => happened.push('complete'),
  });
  return { values, happened, subscription };
}

beforeEach(holdEventLoop);

describe('slices', () => {
  test('what is done in one go is emitted at once, and nobody is told to wait', () => {
    const { values, happened } = trace();
    values.next(work('a'));
    values.next(work('b'));
    expect(happened).toEqual(['a1', 'b1']);
    expect(idle()).toBe(true);
  });

  test('what is left is done a slice a turn, between busy and free', () => {
    const { values, happened } = trace();
    values.next(work('a', 3));
    expect(happened).toEqual(['busy', 'a3']);
    turn();
    expect(happened).toEqual(['busy', 'a3', 'a2']);
    turn();
    expect(happened).toEqual(['busy', 'a3', 'a2', 'a1', 'free']);
    expect(idle()).toBe(true);
  });

  test('what arrives meanwhile waits, in order, and is still the same busy time', () => {
    const { values, happened } = trace();
    values.next(work('a', 2));
    values.next(work('b', 2));
    values.next(work('c'));
    for (let i = 0; i < 4; i++) turn();
    expect(happened).toEqual(['busy', 'a2', 'a1', 'b2', 'b1', 'c1', 'free']);
    values.next(work('d', 2));
    turn();
    expect(happened.slice(7)).toEqual(['busy', 'd2', 'd1', 'free']);
  });

  test('what whoever hears a slice publishes comes after the slice, once', () => {
    const { values, happened } = trace((slice) => {
      if (slice === 'a1') values.next(work('b'));
      if (slice === 'c2') values.next(work('d'));
      if (slice === 'c1') values.next(work('e'));
    });
    values.next(work('a'));
    values.next(work('c', 2));
    while (!idle()) turn();
    expect(happened.filter((what) => what !== 'busy' && what !== 'free')).toEqual([
      ...['a1', 'b1', 'c2', 'c1', 'd1', 'e1'],
    ]);
  });

  test('completion waits for the last slice', () => {
    const { values, happened } = trace();
    values.next(work('a', 2));
    values.next(work('b', 1));
    values.complete();
    expect(happened).toEqual(['busy', 'a2']);
    turn();
    turn();
    expect(happened).toEqual(['busy', 'a2', 'a1', 'b1', 'free', 'complete']);
  });

  test('an error of the work is the error of the stream, in the first slice and in a later one', () => {
    const first = trace();
    first.values.next(work('a', 0));
    expect(first.happened).toEqual(['error']);

    const later = trace(undefined, (value) => {
      if (value.left === 1) throw new Error('the last slice');
      return doIt(value);
    });
    later.values.next(work('a', 2));
    turn();
    expect([...later.happened].sort()).toEqual(['a2', 'busy', 'error', 'free']);
    expect(idle()).toBe(true);
  });

  test('unsubscribing in the middle ends the work and the busy time', () => {
    const { values, happened, subscription } = trace();
    values.next(work('a', 3));
    turn();
    subscription.unsubscribe();
    expect(idle()).toBe(true);
    expect(happened).toEqual(['busy', 'a3', 'a2', 'free']);
  });

  test('any work at any time is done once, in order, and never more than a slice of what is left in a turn', () => {
    const TURN = 'turn';
    const script = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(TURN)), { maxLength: 30 });
    fc.assert(
      fc.property(script, (steps) => {
        const { values, happened } = trace();
        const expected: string[] = [];
        for (const [index, step] of steps.entries()) {
          const before = happened.length;
          if (typeof step === 'string') turn();
          else {
            values.next(work(`${String(index)}:`, step));
            for (let left = step; left > 0; left--) expected.push(`${String(index)}:${String(left)}`);
          }
          const done = happened.slice(before).filter((what) => what.includes(':'));
          expect(done.length).toBeLessThanOrEqual(1);
        }
        while (!idle()) turn();
        expect(happened.filter((what) => what.includes(':'))).toEqual(expected);
        const busy = happened.filter((what) => !what.includes(':'));
        expect(busy).toEqual(busy.map((_, index) => (index % 2 === 0 ? 'busy' : 'free')));
        expect(busy.length % 2).toBe(0);
      }),
    );
  });

  test('ten thousand values that wait do not overflow the stack', () => {
    const { values, happened } = trace();
    values.next(work('a', 2));
    for (let i = 0; i < 10_000; i++) values.next(work('b'));
    values.complete();
    while (!idle()) turn();
    expect(happened.length).toBe(10_005);
    expect(happened.at(-1)).toBe('complete');
  });
});
