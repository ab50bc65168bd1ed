/** What may be a password: what somebody can log in with. */
import { safe } from '../safe.ts';

/** Characters (code points). */
export const SHORTEST = 8;
export const LONGEST = 128;

/** The password in what somebody has written down, as a line of the chat would have it. */
export const passwordIn = (line: string, { raw }: { readonly raw: boolean }): string =>
  raw ? line.trim() : safe(line.trim());

export function isFit(password: string): boolean {
  const { length } = Array.from(password.slice(0, 2 * LONGEST + 2));
  return length >= SHORTEST && length <= LONGEST;
}
