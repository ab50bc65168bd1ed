/** What the page asks by itself: who is here, which rooms there are, which commands. */
import { keyOf } from './name.js';

/** @typedef {'people' | 'rooms' | 'help'} Answer */

/** Seconds between two questions who is here. */
const GAP = 5;
/** Seconds after which the answer is old even if nothing is known to have changed. */
const OLD = 30;
/** What may be typed, too. @type {Record<string, Answer>} */
const ANSWERS = { who: 'people', rooms: 'rooms', help: 'help' };

export class Inquiry {
  #send;
  /** For each answer that is to come, whether the page asked for it. @type {Record<Answer, boolean[]>} */
  #asked = { people: [], rooms: [], help: [] };
  #isOn = false;
  #askedAt = 0;
  #isStale = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #asking;

  /** @param {(line: string) => void} send */
  constructor(send) {
    this.#send = send;
  }

  get isOwed() {
    return Object.values(this.#asked).some((all) => all.length > 0);
  }

  begin() {
    this.#isOn = true;
    this.#ask('help', '/help');
    this.#look();
  }

  /** The connection is gone, and with it all answers. */
  end() {
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#isOn = false;
    this.#asked = { people: [], rooms: [], help: [] };
  }

  /** Which commands there are for me may be another matter now. */
  relearn() {
    if (this.#isOn) this.#ask('help', '/help');
  }

  /** What is known of who is here may be wrong by now. */
  doubt() {
    this.#isStale = true;
  }

  /**
   * Asks who is here where that is worth knowing. Only to be called while somebody is at the page: each line, also one of
   * these, counts for how long I have been idle.
   */
  attend() {
    const since = (Date.now() - this.#askedAt) / 1000;
    if (!this.#isOn || this.#asking !== undefined || !(this.#isStale || since > OLD)) return;
    this.#asking = setTimeout(() => this.#look(), 1000 * Math.max(0, GAP - since));
  }

  /**
   * Somebody asks, who wants to see the answer.
   *
   * @param {import('./typed.js').Ask} ask
   */
  typed({ word, rest }) {
    this.doubt();
    const answer = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
    if (answer === undefined) return;
    if (answer === 'rooms' || (answer === 'help' ? rest === '' : /^[\s,]*$/u.test(rest)))
      this.#asked[answer].push(false);
  }

  /**
   * Was it for the page that this was answered? Answers come in the order of the questions.
   *
   * @param {Answer} answer
   */
  answered(answer) {
    return this.#asked[answer].shift() ?? false;
  }

  #look() {
    this.#asking = undefined;
    this.#isStale = false;
    this.#askedAt = Date.now();
    this.#ask('people', '/who');
    this.#ask('rooms', '/rooms');
  }

  /**
   * @param {Answer} answer
   * @param {string} line
   */
  #ask(answer, line) {
    this.#asked[answer].push(true);
    this.#send(line);
  }
}

/**
 * Is it news of who is here?
 *
 * @param {import('./events.js').Told} told
 * @param {ReadonlySet<string>} known keys of names
 */
export function changesPeople(told, known) {
  if (told.type === 'message') return told.past === undefined && !known.has(keyOf(told.from));
  return ['joined', 'left', 'renamed', 'removed', 'entered', 'private', 'invitation'].includes(told.type);
}
