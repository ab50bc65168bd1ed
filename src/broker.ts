/** The broker: one Subject takes every input; what leaves it are turns, in everybody's order. */
import { type Observable, Subject } from 'rxjs';
import { type Log, localLog } from './log.ts';
import type { Input, Turn } from './message.ts';
import { turns } from './turns.ts';

export class Broker {
  readonly #inputs = new Subject<Input>();

  /** To be subscribed once. Completes after `complete()`, when all that was published has come back. */
  readonly turns: Observable<Turn>;

  constructor(log: Log = localLog()) {
    this.turns = this.#inputs.pipe(turns(), log);
  }

  /** Never acts on `input` at once: it comes back in a turn. */
  publish(input: Input): void {
    this.#inputs.next(input);
  }

  /** Nothing more will be published. */
  complete(): void {
    this.#inputs.complete();
  }
}
