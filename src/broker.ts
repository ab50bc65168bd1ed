/** The broker: one Subject takes every input; what leaves it are turns, in everybody's order. */
import { map, type Observable, Subject } from 'rxjs';
import { type Log, localLog } from './log.ts';
import type { Input, Turn } from './message.ts';
import { turns } from './turns.ts';

export class Broker {
  readonly #inputs = new Subject<readonly Input[]>();

  /** To be subscribed once. Completes after `complete()`, when all that was published has come back. */
  readonly turns: Observable<Turn>;

  constructor(log: Log = localLog()) {
    this.turns = this.#inputs.pipe(turns(), map(joined), log);
  }

  /** Never acts on `inputs` at once: they come back in a turn, together and in order. */
  publish(inputs: readonly Input[]): void {
    if (inputs.length > 0) this.#inputs.next(inputs);
  }

  /** Nothing more will be published. */
  complete(): void {
    this.#inputs.complete();
  }
}

/** `flat` would say it, at ten times the price. */
function joined<T>(arrays: readonly (readonly T[])[]): T[] {
  const whole: T[] = [];
  for (const array of arrays) for (const value of array) whole.push(value);
  return whole;
}
