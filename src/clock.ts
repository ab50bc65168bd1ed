/** The time, for whoever has to wait or to measure. */
import type { Clock } from './pace.ts';

/** Seconds, of a clock that nobody sets. */
export const seconds = (): number => performance.now() / 1000;
export const clock: Clock = {
  now: seconds,
  sleep: (time, wake) => {
    const timer = setTimeout(wake, time * 1000);
    return () => {
      clearTimeout(timer);
    };
  },
};
