/** Limits of what may wait, small enough to be reached in a line of a test. */
import type { BacklogLimits } from '../../src/backlog.ts';

export const SMALL: BacklogLimits = {
  highWater: 100,
  maxQueue: 1000,
  maxMemory: 10_000,
  writeTimeout: 10,
  lagTimeout: 30,
};

/** None is ever reached. */
export const ENDLESS: BacklogLimits = {
  highWater: 1e12,
  maxQueue: 1e12,
  maxMemory: 1e12,
  writeTimeout: 1e9,
  lagTimeout: 1e9,
};
