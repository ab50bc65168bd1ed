/** Whether to try again, and when, where the server has let nobody in. */
import { AS_TEXT } from './events.js';
import { explained } from './words.js';

/** @typedef {import('./events.js').Problem} Problem */

/** Seconds for which a name that is taken may be that of my own lost connection. */
const GHOST = 120;
/** Seconds before the next try where the server said no. */
const REFUSED = 30;
/** The same where it has too many passwords to look at. */
const BUSY = 5;
/** Where to come back by itself would be to fight for the place: what to come back is called. */
const SENT_AWAY = new Map([
  ['taken-over', 'Take the name back'],
  ['put-out', 'Come in again'],
  ['banned', 'Try again'],
]);
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
   * @param {Problem | undefined} problem what the server said
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
      case 'password-wait':
      case 'password-busy':
        return { why: `The server says: ${problem?.text ?? ''}.`, seconds: problem?.seconds ?? BUSY };
      case 'full':
      case AS_TEXT:
        return { why: `The server says: ${problem?.text ?? ''}.`, seconds: REFUSED };
      default:
        return undefined;
    }
  }
}

/**
 * Was I told to go, so that to come back is for me to decide? What to say then, and what to come back is called.
 *
 * @param {Problem | undefined} problem that has ended the connection
 * @returns {{ why: string, back: string } | undefined}
 */
export function sentAway(problem) {
  const back = SENT_AWAY.get(problem?.code ?? '');
  if (!problem || back === undefined) return undefined;
  const why =
    problem.code === 'taken-over'
      ? `Somebody came in as ${problem.name ?? 'you'} elsewhere, with its password. This page is out.`
      : `The server says: ${explained(problem)}.`;
  return { why, back };
}

/**
 * Is the name somebody else's own by now, so that this connection had to go? Where it answers a command, the same is no end.
 *
 * @param {Problem | undefined} problem
 */
export const isAnothers = (problem) => problem?.code === 'name-reserved' && problem.command === undefined;
