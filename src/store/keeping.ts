/** For how long is kept what was said, as people write it. */
import { ConfigError } from '../config.ts';
import type { Config } from '../options.ts';
import type { Keeping } from './trim.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time like `30d`, `12h`, `90m` or `45s`, in seconds; undefined where it is none. */
export function timeOf(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)\s*([smhd])$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * (SECONDS[unit] as number);
}

/** Is there anything that is kept of what is said? */
export const keepsAny = ({ seconds, lines }: Keeping): boolean => seconds > 0 && lines > 0;

/** What the options say; with nothing, which people write as `none`, no line is kept. Throws a ConfigError that says how it is to be written. */
export function keepingOf({ keep, maxHistory: bytes }: Pick<Config, 'keep' | 'maxHistory'>): Keeping {
  if (keep.trim() === '') return { seconds: Infinity, lines: 0, bytes };
  const [, count] = /^(\d{1,15})\s*lines?$/.exec(keep.trim()) ?? [];
  if (count !== undefined) return { seconds: Infinity, lines: Number(count), bytes };
  const seconds = timeOf(keep);
  if (seconds !== undefined) return { seconds, lines: Infinity, bytes };
  throw new ConfigError(
    `keep must be a time like 30d or 12h, a number of lines like 100000 lines, or none, not ${JSON.stringify(keep)}`,
  );
}
