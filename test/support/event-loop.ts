/** The event loop by hand: timers and immediates run when told to, so a test needs no sleep and no luck. */
import { onTestFinished, vi } from 'vitest';

/** From here to the end of the test nothing happens by itself; also `performance.now()` stands still. */
export function holdEventLoop(): void {
  vi.useFakeTimers({
    now: 0,
    toFake: [
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'Date',
      'performance',
    ],
  });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** One turn: what is due runs; an immediate that is set meanwhile is for the next turn, as in Node. */
export function turn(): void {
  vi.runOnlyPendingTimers();
}

/** Nothing is due, now or later. */
export function idle(): boolean {
  return vi.getTimerCount() === 0;
}

/** Lets so many virtual seconds pass. */
export function pass(seconds: number): void {
  vi.advanceTimersByTime(seconds * 1000);
}
