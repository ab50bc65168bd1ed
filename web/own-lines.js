/** What became of what I said: docs/protocol.md, "Receipts". The server numbers my lines from 1, and answers each. */
import { listed } from './name.js';
import { explained } from './words.js';

/**
 * @typedef {object} OwnLine
 * @property {string} typed as it was typed
 * @property {string} sent as it was sent
 * @property {'waiting' | 'sent' | 'kept' | 'not-sent' | 'perhaps'} state `kept`: nobody has it yet, and it waits for whom it is for
 * @property {string} why it was not sent, or whom it did not reach; maybe empty
 * @property {boolean} isKept it can be read again
 */

/** @typedef {import('./events.js').Receipt} Receipt */
/** @typedef {import('./events.js').Problem} Problem */

const encoder = new TextEncoder();

export class OwnLines {
  /** @type {Map<number, OwnLine>} */ #waiting = new Map();
  #numbers = 0;
  /** Numbers that the server gave to what is none of these lines. */
  #others = 0;

  get areWaiting() {
    return this.#waiting.size > 0;
  }

  /**
   * @param {string} typed
   * @param {string} sent
   * @returns {OwnLine}
   */
  say(typed, sent) {
    /** @type {OwnLine} */
    const line = { typed, sent, state: 'waiting', why: '', isKept: false };
    this.#waiting.set(++this.#numbers, line);
    return line;
  }

  /**
   * The line that the answer is about, with its new state; undefined where it is about none of them.
   *
   * @param {Receipt | Problem} answer
   */
  answered(answer) {
    const number = (answer.number ?? 0) - this.#others;
    const line = this.#waiting.get(number);
    if (!line) return undefined;
    if (answer.type === 'error' && answer.code === 'line-too-long' && fits(line.sent, answer.limit)) {
      // It was a command that was too long to be read as one.
      this.#others++;
      return undefined;
    }
    this.#waiting.delete(number);
    if (answer.type === 'error') {
      line.state = 'not-sent';
      line.why = explained(answer).replace(/; it was not sent$/u, '');
      return line;
    }
    const { to, rooms, mailed, missed, kept } = answer;
    line.state = mailed.length > 0 && to.length + rooms.length === 0 ? 'kept' : 'sent';
    line.isKept = kept === true;
    line.why = [
      ...(mailed.length > 0
        ? [`kept for ${listed(mailed)}, who ${mailed.length > 1 ? 'are' : 'is'} away`]
        : []),
      ...(kept === false ? ['not kept, so nobody can read it again'] : []),
      ...(missed.length > 0 ? [`not to ${missed.join(', ')}`] : []),
    ].join('; ');
    return line;
  }

  /**
   * The connection is gone, and nobody will ever know what became of these; the next one counts from 1 again.
   *
   * @returns {OwnLine[]}
   */
  lose() {
    const lost = [...this.#waiting.values()];
    for (const line of lost) line.state = 'perhaps';
    this.#waiting.clear();
    this.#numbers = 0;
    this.#others = 0;
    return lost;
  }
}

/**
 * @param {string} line
 * @param {number | undefined} limit in bytes
 */
const fits = (line, limit) => limit !== undefined && encoder.encode(line).length <= limit;
