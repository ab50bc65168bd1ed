/** How long to wait before the next try, so that a server that starts is not run over by all whom it lost. */

const FIRST = 0.5;
const LONGEST = 30;

/**
 * Seconds before try number `tries` (from 0): twice as long each time, less up to a half by chance.
 *
 * @param {number} tries
 * @param {number} chance from 0 to 1
 */
export const backoff = (tries, chance) =>
  Math.max(FIRST, Math.min(LONGEST, FIRST * 2 ** tries) * (1 - chance / 2));
