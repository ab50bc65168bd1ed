/** Tells when a task is not answered: a disk may hang in a write that neither works nor fails. */

/** Milliseconds by which the event loop itself may be late; past it, nobody could have been heard. */
const LATE = 1000;

export class Watchdog {
  readonly #patience: number;
  readonly #bark: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #isWaiting = false;

  /** Calls `bark` when a task has had no answer for `patience` milliseconds; once for each. */
  constructor(patience: number, bark: () => void) {
    this.#patience = patience;
    this.#bark = bark;
  }

  /** A task is posted. */
  posted(): void {
    this.#isWaiting = true;
    this.#due = performance.now() + this.#patience;
    // One timer for all of them: a thousand tasks a second come and go.
    if (this.#timer) this.#timer.refresh();
    else {
      this.#timer = setTimeout(() => {
        this.#look();
      }, this.#patience);
      this.#timer.unref();
    }
  }

  /** It is answered. */
  answered(): void {
    this.#isWaiting = false;
  }

  #look(): void {
    if (!this.#isWaiting) return;
    // The process was stopped, and so was the worker.
    if (performance.now() - this.#due > LATE) this.posted();
    else {
      this.#isWaiting = false;
      this.#bark();
    }
  }
}
