import fc from 'fast-check';
import { Subject, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { immediate, turns } from '../src/turns.ts';
import { holdEventLoop, idle, turn } from './support/event-loop.ts';
import { marbles } from './support/marbles.ts';

describe('turns', () => {
  test('what comes before the end of a turn is one array; the first value opens the turn', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const values = hot(' -ab--c--|');
      const end = cold('    --(x|)');
      const ends = ['      -^-!', '-----^-!'];
      const expected = '   ---x---y|';
      expectObservable(values.pipe(turns(end))).toBe(expected, { x: ['a', 'b'], y: ['c'] });
      expectSubscriptions(end.subscriptions).toBe(ends);
      expectSubscriptions(values.subscriptions).toBe('^-------!');
    });
  });

  test('completion waits for the turn that is open', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const values = hot('   -a|');
      const end = cold('      ---(x|)');
      expectObservable(values.pipe(turns(end))).toBe('----(x|)', { x: ['a'] });
    });
  });

  test('an error does not wait', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const end = cold(' ---(x|)');
      expectObservable(hot('-a#').pipe(turns(end))).toBe('--#');
      expectSubscriptions(end.subscriptions).toBe('-^!');
    });
  });

  test('unsubscribing drops the turn that is open', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const values = hot('-a-b');
      const end = cold('   ---(x|)');
      expectObservable(values.pipe(turns(end)), '^-!').toBe('---');
      expectSubscriptions(end.subscriptions).toBe('-^!');
      expectSubscriptions(values.subscriptions).toBe('^-!');
    });
  });

  test('each subscription gathers for itself', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const gathered = hot('-a-b---|').pipe(turns(cold('---(x|)')));
      expectObservable(gathered).toBe('----x--|', { x: ['a', 'b'] });
      expectObservable(gathered, '--^-----!').toBe('------x|', { x: ['b'] });
    });
  });

  test('nothing is lost, repeated or reordered, wherever the turns end', () => {
    const END = 'end';
    const steps = fc.array(fc.oneof(fc.nat(9), fc.constant(END)));
    fc.assert(
      fc.property(steps, (script) => {
        const values = new Subject<number | string>();
        const end = new Subject<void>();
        const expected: (number | string)[][] = [];
        let gathering: (number | string)[] = [];
        let heard: unknown;
        values.pipe(turns(end.pipe(take(1))), toArray()).subscribe((all) => {
          heard = all;
        });
        for (const step of [...script, END]) {
          if (step === END) {
            end.next();
            if (gathering.length > 0) expected.push(gathering);
            gathering = [];
          } else {
            values.next(step);
            gathering.push(step);
          }
        }
        values.complete();
        expect(heard).toEqual(expected);
      }),
    );
  });
});

describe('by default a turn is one of the event loop', () => {
  test('nothing is emitted inside the next that published it, and a next inside a next is in the next turn', () => {
    holdEventLoop();
    const values = new Subject<string>();
    const heard: string[][] = [];
    values.pipe(turns()).subscribe((gathered) => {
      if (heard.length === 0) values.next('answer');
      heard.push(gathered);
    });
    values.next('one');
    values.next('two');
    expect(heard).toEqual([]);
    turn();
    expect(heard).toEqual([['one', 'two']]);
    turn();
    expect(heard).toEqual([['one', 'two'], ['answer']]);
    expect(idle()).toBe(true);
  });

  test('what promises and ticks of a turn publish belongs to it', async () => {
    const values = new Subject<string>();
    const first = new Promise<string[]>((resolve) => values.pipe(turns(), take(1)).subscribe(resolve));
    values.next('at once');
    process.nextTick(() => {
      values.next('tick');
    });
    void Promise.resolve().then(() => {
      values.next('promise');
    });
    expect((await first).sort()).toEqual(['at once', 'promise', 'tick']);
  });

  test('unsubscribing leaves nothing for the event loop to do', () => {
    holdEventLoop();
    const gathering = new Subject<string>();
    const subscription = gathering.pipe(turns()).subscribe();
    gathering.next('a');
    expect(idle()).toBe(false);
    subscription.unsubscribe();
    expect(idle()).toBe(true);
  });
});

test('immediate emits once and completes in the check phase, for each subscriber', () => {
  holdEventLoop();
  const heard: string[] = [];
  const hear = { next: () => heard.push('next'), complete: () => heard.push('complete') };
  immediate.subscribe(hear);
  immediate.subscribe(hear);
  expect(heard).toEqual([]);
  turn();
  expect(heard).toEqual(['next', 'complete', 'next', 'complete']);
});
