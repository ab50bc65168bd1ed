/** Operator: the end of a branch. */
import { filter, type OperatorFunction } from 'rxjs';

/**
 * Does something with each value and passes none on; completes and errors as the source does. It is `tap` and
 * `ignoreElements` in one, since every idle client pays for each subscriber.
 */
export function consume<T>(action: (value: T) => void): OperatorFunction<T, never> {
  return filter((value): value is never => {
    action(value);
    return false;
  });
}
