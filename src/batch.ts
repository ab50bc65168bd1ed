/** What a recipient hears at once, of one turn or of several, shared by all who hear the same. */
import type { Codec } from './codec.ts';
import type { Event } from './event.ts';

/** The batches that begin in one slice of a turn, for all who have the same format. */
export class Tree {
  /** What everybody begins with. */
  root = Batch.root();
  readonly #codec: Codec;
  #step: Event | undefined;
  #lines = '';

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Another slice begins. */
  begin(): void {
    this.root = Batch.root();
    this.#step = undefined;
  }

  /** How the event reads; asked for again and again for the same one, it is encoded once. */
  lines(step: Event): string {
    if (this.#step !== step) {
      this.#step = step;
      this.#lines = this.#codec.encode(step);
    }
    return this.#lines;
  }
}

/**
 * A batch is a path in a tree: its root is empty, and the child of a batch by an event is the same object for
 * everyone who takes that step. So a thousand people who hear the same in a turn share one text, encoded once.
 */
export class Batch {
  #text: string;
  /** Nobody else can have come here, since the last step was for one recipient only. */
  #alone: boolean;
  #step: Event | undefined;
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
   * The batch with one step more; `lines` is how it reads, `shared` whether others hear it, too. Only the last shared step
   * from here is remembered.
   */
  append(step: Event, lines: string, shared: boolean): Batch {
    if (!shared) {
      if (!this.#alone) return new Batch(this.#text + lines, true);
      this.#text += lines;
      return this;
    }
    if (this.#step === step && this.#child) return this.#child;
    this.#step = step;
    this.#child = new Batch(this.#text + lines, false);
    return this.#child;
  }

  /** Characters. */
  get length(): number {
    return this.#text.length;
  }

  /** All of it, encoded; to be asked for when nothing more will be appended. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= encoded(this.#text));
  }
}

/** Characters from which it pays to ask first. */
const LONG = 512;

/** UTF-8. Where a character is a byte, all of them are ASCII, and to copy them takes a third of the time (Node 20). */
function encoded(text: string): Uint8Array {
  const isAscii = text.length >= LONG && Buffer.byteLength(text) === text.length;
  return Buffer.from(text, isAscii ? 'latin1' : 'utf8');
}
