/** A moment and a period, as people and programs write them. */

/** Milliseconds since 1970 past which, and before whose negative, there is no moment that could be written down (ECMA-262, 21.4.1.1). */
const END = 8_640_000_000_000_000;

/** A moment, by milliseconds since 1970; what is none, of a file that is damaged, is the last or the first one. */
export const dateOf = (time: number): Date => new Date(Math.max(-END, Math.min(END, time)));

/** RFC 3339, to the second. `time` is in milliseconds since 1970. */
export const timeOf = (time: number): string => dateOf(time).toISOString().replace(/\..*/, 'Z');

const PERIOD =
  /^(\d{1,9}(?:\.\d{1,9})?)\s*(?:(s(?:ec(?:onds?)?)?)|(m(?:in(?:utes?)?)?)|(h(?:ours?)?)|(d(?:ays?)?)|(w(?:eeks?)?))$/i;
/** Seconds of each. */
const UNITS = [1, 60, 3600, 86_400, 7 * 86_400];
/** Seconds of ten thousand years: what is longer is no moment that could be written down. */
const LONGEST = 10_000 * 365 * 86_400;

/** `45s`, `10min`, `2 hours`, `30d` or `2w`, in whole milliseconds; undefined where it is none. */
export function periodOf(text: string): number | undefined {
  const [, count, ...units] = PERIOD.exec(text.trim()) ?? [];
  if (count === undefined) return undefined;
  const seconds = Number(count) * (UNITS[units.findIndex(Boolean)] as number);
  return seconds > LONGEST ? undefined : Math.round(seconds * 1000);
}
