/** Whether to try again, and when, where the server has let nobody in. */
import { AS_TEXT } from './events.js';

/** Seconds for which a name that is taken may be that of my own lost connection. */
const GHOST = 120;
/** Seconds before the next try where the server said no. */
const REFUSED = 30;
export const LOST = 'The connection is lost.';

export class Patience {
  /** Since when the name has been taken, as of Date.now(). @type {number | undefined} */ #takenSince;

  /** It came to an end, well or not. */
  over() {
    this.#takenSince = undefined;
  }

  /**
   * What to say, and how many seconds to wait at least; undefined where there is no use in another try.
   *
   * @param {import('./events.js').Problem | undefined} problem what the server said
   * @param {string} name that I want to have
   * @param {number} now as of Date.now()
   * @returns {{ why: string, seconds: number } | undefined}
   */
  after(problem, name, now) {
    switch (problem?.code) {
      case undefined:
        return { why: LOST, seconds: 0 };
      case 'name-taken':
        this.#takenSince ??= now;
        if (now - this.#takenSince > 1000 * GHOST) return undefined;
        return {
          why: `The name ${name} is still taken, perhaps by the connection that you lost.`,
          seconds: 0,
        };
      case 'full':
      case AS_TEXT:
        return { why: `The server says: ${problem?.text ?? ''}.`, seconds: REFUSED };
      default:
        return undefined;
    }
  }
}
