/** For how long is kept what was said, as people write it. */
import { ConfigError } from '../config.ts';
import type { Config } from '../options.ts';
import { periodOf } from '../time.ts';
import type { Keeping } from './trim.ts';

/** What the options say. Throws a ConfigError that says how it is to be written. */
export function keepingOf({ keep, maxHistory: bytes }: Pick<Config, 'keep' | 'maxHistory'>): Keeping {
  const [, count] = /^(\d{1,15})\s*lines?$/.exec(keep.trim()) ?? [];
  if (count !== undefined) return { seconds: Infinity, lines: Number(count), bytes };
  const period = periodOf(keep);
  if (period !== undefined) return { seconds: period / 1000, lines: Infinity, bytes };
  throw new ConfigError(
    `keep must be a time like 30d or 12h, or a number of lines like 100000 lines, not ${JSON.stringify(keep)}`,
  );
}
