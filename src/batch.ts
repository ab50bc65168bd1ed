/** What one recipient hears in one turn, shared by all who hear the same. */
import type { Event } from './message.ts';

/**
 * A batch is a path in a tree: its root is empty, and the child of a batch by an event is the same object for
 * everyone who takes that step. So a thousand people who hear the same in a turn share one text, encoded once.
 */
export class Batch {
  readonly text: string;
  #event: Event | undefined;
  #child: Batch | undefined;
  #bytes: Uint8Array | undefined;

  private constructor(text: string) {
    this.text = text;
  }

  static root(): Batch {
    return new Batch('');
  }

  /** The batch with one event more; `line` is how it reads. Only the last step taken from here is remembered. */
  append(event: Event, line: string): Batch {
    if (this.#event === event && this.#child) return this.#child;
    this.#event = event;
    this.#child = new Batch(this.text + line);
    return this.#child;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.from(this.text, 'utf8'));
  }
}
