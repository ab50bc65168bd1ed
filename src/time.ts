/** A moment and a period, as people and programs write them. */

/** RFC 3339, to the second. `time` is in milliseconds since 1970. */
export const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

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
