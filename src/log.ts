/** The log: from what one machine published in a turn to turns in everybody's order. */
import { map, type OperatorFunction } from 'rxjs';
import type { Input, Turn } from './message.ts';

/**
 * An operator from turns to the same turns in the one order that everybody acts on, stamped with their sequence
 * (without a gap) and time (which never goes back). It must not reorder, split, lose or repeat what one
 * machine published, but may join what it published in turns that follow each other; and it completes once all of that has come back. test/support/log-contract.ts is the contract
 * as a test; every log passes it.
 */
export type Log = OperatorFunction<readonly Input[], Turn>;

/**
 * The log of a single machine: its own order is everybody's, and the log is a stamp. `clock` gives milliseconds
 * since 1970; a clock that is set back stands still here until it has caught up. `last` is the sequence of the last turn of
 * before, where something of it was kept.
 */
export function localLog(clock: () => number = Date.now, last = 0): Log {
  return (turns) => {
    let time = 0;
    return turns.pipe(
      map((inputs, index) => {
        time = Math.max(time, clock());
        return { sequence: last + index + 1, time, inputs, first: 0 };
      }),
    );
  };
}
