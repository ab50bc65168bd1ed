/** How late the event loop is, of the last minute or so. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defer, finalize, interval, type Observable } from 'rxjs';
import { consume } from '../consume.ts';

/** Milliseconds between two looks. Each wakes the process: with Node's own 10 that is 0.8 % of a core that has nothing to do (measured). */
const RESOLUTION = 50;
/** Milliseconds after which a window is closed. */
const WINDOW = 30_000;

/** In percent; 100 is the longest of all. */
export const PERCENTILES = [50, 99, 100] as const;

/**
 * Node measures with a timer of its own, of which nothing is read until somebody asks. What is told is the greater of the
 * window that runs and of the one before: so nobody who asks takes it from somebody else, as it would be if it began anew at
 * each answer.
 */
export class LoopDelay {
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION });
  #before: readonly number[] = [];

  /** Measures while subscribed. Emits nothing, and never completes. */
  readonly measured: Observable<never> = defer(() => {
    this.#monitor.enable();
    return interval(WINDOW);
  }).pipe(
    consume(() => {
      this.#before = this.#running();
      this.#monitor.reset();
    }),
    finalize(() => {
      this.#monitor.disable();
    }),
  );

  /** Seconds, in the order of `PERCENTILES`. */
  seconds(): number[] {
    return this.#running().map((delay, index) => Math.max(delay, this.#before[index] ?? 0));
  }

  /** Node counts from one look to the next, which an idle loop has to wait for, too. */
  #running(): number[] {
    return PERCENTILES.map((percentile) => {
      const nanoseconds = percentile === 100 ? this.#monitor.max : this.#monitor.percentile(percentile);
      return Math.max(0, nanoseconds / 1e9 - RESOLUTION / 1000);
    });
  }
}
