/** Lines that were said, and are not written. */
import type { Deed, Run } from './deed.ts';

export interface Missing {
  readonly lines: number;
  /** When the first of them was said, in milliseconds since 1970; undefined where there are none. */
  readonly since: number | undefined;
}

export const NOTHING: Missing = { lines: 0, since: undefined };

/** Of deeds in order. What is kept for several, one behind the other, is said once. */
export function missingOf(deeds: Iterable<Deed<unknown>>): Missing {
  let missing = NOTHING;
  let last: Run<unknown> | undefined;
  for (const deed of deeds) {
    if (!('run' in deed)) continue;
    const { run } = deed;
    if (run.sequence === last?.sequence && run.index === last.index) continue;
    missing = together(missing, { lines: run.count, since: run.time });
    last = run;
  }
  return missing;
}

export function together(one: Missing, other: Missing): Missing {
  const since = Math.min(one.since ?? Infinity, other.since ?? Infinity);
  return { lines: one.lines + other.lines, since: since === Infinity ? undefined : since };
}

/** In words. */
export function describe({ lines, since }: Missing): string {
  const said = since === undefined ? '' : `, said since ${new Date(since).toISOString()},`;
  return `${String(lines)} ${lines === 1 ? 'line' : 'lines'}${said} ${lines === 1 ? 'was' : 'were'} not kept`;
}
