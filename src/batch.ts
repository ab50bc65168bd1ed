/** What one recipient hears in one turn, shared by all who hear the same. */
import type { Event } from './message.ts';

/**
 * A batch is a path in a tree: its root is empty, and the child of a batch by an event is the same object for
 * everyone who takes that step. So a thousand people who hear the same in a turn share one text, encoded once.
 */
export class Batch {
  #text: string;
  /** Nobody else can have come here, since the last step was for one recipient only. */
  #alone: boolean;
  #event: Event | undefined;
  #child: Batch | undefined;
  #bytes: Uint8Array | undefined;

  private constructor(text: string, alone: boolean) {
    this.#text = text;
    this.#alone = alone;
  }

  static root(): Batch {
    return new Batch('', false);
  }

  /**
   * The batch with one event more; `line` is how it reads, `shared` whether others hear it, too. Only the last
   * shared step from here is remembered.
   */
  append(event: Event, line: string, shared: boolean): Batch {
    if (!shared) {
      if (!this.#alone) return new Batch(this.#text + line, true);
      this.#text += line;
      return this;
    }
    if (this.#event === event && this.#child) return this.#child;
    this.#event = event;
    this.#child = new Batch(this.#text + line, false);
    return this.#child;
  }

  /** All of it, encoded; to be asked for when nothing more will be appended. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= Buffer.from(this.#text, 'utf8'));
  }
}
