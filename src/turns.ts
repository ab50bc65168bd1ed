/** Operator: values to arrays of them, one for each turn of the event loop. */
import { concatMap, defer, filter, map, Observable, type OperatorFunction } from 'rxjs';

/** Emits once, in the check phase of this turn of the event loop, and completes: `setImmediate` as an Observable. */
export const immediate = new Observable<void>((subscriber) => {
  const timer = setImmediate(() => {
    subscriber.next();
    subscriber.complete();
  });
  return () => {
    clearImmediate(timer);
  };
});

/**
 * Gathers what is published in one turn of the event loop and emits it at its end as one array, never inside the
 * `next` that published it: so a `next` inside a `next` has nowhere to happen. The first value of a turn is the
 * ticket for it. Completes with the source, after the last turn; `end` is a parameter for virtual time only.
 */
export function turns<T>(end: Observable<unknown> = immediate): OperatorFunction<T, T[]> {
  return (values) =>
    defer(() => {
      let waiting: T[] = [];
      return values.pipe(
        filter((value) => waiting.push(value) === 1),
        concatMap(() => end),
        map(() => {
          const turn = waiting;
          waiting = [];
          return turn;
        }),
      );
    });
}
