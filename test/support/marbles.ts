/** Marble diagrams that are compared by vitest. */
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

export function marbles(run: (helpers: RunHelpers) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  scheduler.run(run);
}
