/** Operator: long work in slices, one for each turn of the event loop. */
import {
  concat,
  concatMap,
  defer,
  filter,
  finalize,
  map,
  of,
  type OperatorFunction,
  repeat,
  takeWhile,
} from 'rxjs';
import { immediate } from './turns.ts';

/** A slice of work that was done, and what is left of it. */
export interface Slice<T> {
  readonly rest: T | undefined;
}

/**
 * Does `work` on each value and emits what came of it, in order. Where something is left (`rest`), it is done in
 * the next turn of the event loop, and values that arrive meanwhile wait. `busy` is told when that begins and when
 * it is over, so that nobody is read meanwhile and what waits stays small. Completes with the source, after the
 * last slice; errors as the source or `work` does.
 */
export function slices<T, S extends Slice<T>>(
  work: (value: T) => S,
  busy: (is: boolean) => void,
): OperatorFunction<T, S> {
  return (values) =>
    defer(() => {
      const waiting: T[] = [];
      const next = (): S => {
        const slice = work(waiting[0] as T);
        if (slice.rest === undefined) waiting.shift();
        else waiting[0] = slice.rest;
        return slice;
      };
      return values.pipe(
        // A ticket stands for all that waits, so concatMap never queues inners that complete at once: it would recurse.
        filter((value) => waiting.push(value) === 1),
        concatMap(() => {
          const slice = of(next());
          if (waiting.length === 0) return slice;
          busy(true);
          const others = immediate.pipe(
            repeat(),
            map(next),
            takeWhile((slice) => slice.rest !== undefined || waiting.length > 0, true),
            finalize(() => {
              busy(false);
            }),
          );
          return concat(slice, others);
        }),
      );
    });
}
