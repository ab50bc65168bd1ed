/** Lines that were said, and are not written. */
import type { Deed } from './deed.ts';

export interface Missing {
  readonly lines: number;
  /** When the first of them was said, in milliseconds since 1970; undefined where there are none. */
  readonly since: number | undefined;
}

export const NOTHING: Missing = { lines: 0, since: undefined };

export function missingOf(deeds: Iterable<Deed<unknown>>): Missing {
  let missing = NOTHING;
  for (const deed of deeds)
    if ('run' in deed) missing = together(missing, { lines: deed.run.count, since: deed.run.time });
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
