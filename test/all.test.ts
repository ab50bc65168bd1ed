import { concat, NEVER, Observable, of, range, Subject, take, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { all } from '../src/all.ts';
import { marbles } from './support/marbles.ts';

type Inners = Readonly<Record<string, Observable<string>>>;

const from = (inners: Inners) => all((name: string) => inners[name] ?? NEVER);

describe('all', () => {
  test('emits what every inner Observable emits, and completes when all of them and the source have', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     1---2|');
      const b = cold('       3-4---5|');
      const source = hot('-a-b---|');
      const expected = '  -1-3-(24)5|';
      expectObservable(source.pipe(from({ a, b }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe('^------!');
      expectSubscriptions(a.subscriptions).toBe('     -^----!');
      expectSubscriptions(b.subscriptions).toBe('     ---^------!');
    });
  });

  test('a source that outlives its inner Observables decides when it completes', () => {
    marbles(({ hot, cold, expectObservable }) => {
      expectObservable(hot('-a----a--|').pipe(from({ a: cold('1|') }))).toBe('-1----1--|');
      expectObservable(hot('---|').pipe(from({}))).toBe('---|');
    });
  });

  test('the first error of an inner Observable ends the others and the source', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('     1-----2|');
      const b = cold('       3-#');
      const source = hot('-a-b---|');
      expectObservable(source.pipe(from({ a, b }))).toBe('-1-3-#');
      expectSubscriptions(a.subscriptions).toBe('     -^---!');
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  test('an error of the source ends the inner Observables', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('    1-----2|');
      expectObservable(hot('-a--#').pipe(from({ a }))).toBe('-1--#');
      expectSubscriptions(a.subscriptions).toBe('-^--!');
    });
  });

  test('unsubscribing ends the inner Observables and the source', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('    1-----2|');
      const source = hot('-a--a-a');
      expectObservable(source.pipe(from({ a })), '^----!').toBe('-1--1-');
      expectSubscriptions(a.subscriptions).toBe(['-^---!', '----^!']);
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  test('each subscription has inner Observables of its own', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('    1--2|');
      const merged = hot('-a----|').pipe(from({ a }));
      expectObservable(merged, '^--!').toBe('-1--');
      expectObservable(merged).toBe('-1--2-|');
      expectSubscriptions(a.subscriptions).toBe(['-^-!', '-^---!']);
    });
  });
});

describe('inner Observables that do all at once', () => {
  test('emit and complete like others', () => {
    marbles(({ hot, expectObservable }) => {
      const a = of('1', '2');
      expectObservable(hot('-a---a---|').pipe(from({ a }))).toBe('-(12)(12)|');
    });
  });

  test('error like others', () => {
    marbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const a = cold('    1-----2|');
      const error = new Error('b');
      const b = throwError(() => error);
      expectObservable(hot('-a-b--|').pipe(from({ a, b }))).toBe('-1-#', undefined, error);
      expectSubscriptions(a.subscriptions).toBe('-^-!');
    });
  });

  test('of a source that does, too, complete it once', () => {
    const heard: (number | string)[] = [];
    range(1, 3)
      .pipe(all((value) => of(value, -value)))
      .subscribe({ next: (value) => heard.push(value), complete: () => heard.push('complete') });
    expect(heard).toEqual([1, -1, 2, -2, 3, -3, 'complete']);
  });
});

describe('unsubscribing from within an emission', () => {
  test('ends every inner Observable, the one that emits as well', () => {
    const source = new Subject<string>();
    const inners = { a: new Subject<string>(), b: new Subject<string>() };
    source.pipe(from(inners), take(1)).subscribe();
    source.next('a');
    source.next('b');
    inners.b.next('1');
    expect([source.observed, inners.a.observed, inners.b.observed]).toEqual([false, false, false]);
  });

  test('at the first value of an inner Observable that goes on leaves nothing subscribed', () => {
    const source = new Subject<string>();
    const later = new Subject<string>();
    source.pipe(from({ a: concat(of('1'), later) }), take(1)).subscribe();
    source.next('a');
    expect([source.observed, later.observed]).toEqual([false, false]);
  });

  test('leaves nothing subscribed where source and inner Observables emit all at once', () => {
    const later = new Subject<string>();
    const heard: string[] = [];
    of('a', 'b', 'b')
      .pipe(from({ a: of('1', '2'), b: later }), take(1))
      .subscribe((value) => heard.push(value));
    expect(heard).toEqual(['1']);
    expect(later.observed).toBe(false);
  });
});

test('an inner Observable that left is let go of while the others go on', () => {
  const source = new Subject<Observable<number>>();
  const heard: number[] = [];
  let undone = 0;
  source.pipe(all((inner) => inner)).subscribe((value) => heard.push(value));
  const staying = new Subject<number>();
  source.next(staying);
  const count = 1000;
  const leaving = Array.from({ length: count }, () => new Subject<number>());
  for (const inner of leaving) {
    source.next(
      new Observable((subscriber) => {
        subscriber.add(inner.subscribe(subscriber));
        return () => undone++;
      }),
    );
  }
  for (const inner of leaving) inner.complete();
  expect(undone).toBe(count);
  staying.next(7);
  expect(heard).toEqual([7]);
});
