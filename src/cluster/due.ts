/** When a snapshot is due: behind so much of the log, or so long. Every node comes to the same at the same message. */

/** Bytes of the log, and milliseconds of its time, after which one is due; and what a message counts for at the least. */
const MUCH = 64 * 1024 * 1024;
const LONG = 600_000;
const LEAST = 128;

/** Since the last one was due: bytes, and the roll's clock then. */
export interface DueRecord {
  readonly bytes: number;
  readonly dueAt: number;
}

export class Due {
  #bytes: number;
  #dueAt: number;

  constructor({ bytes, dueAt }: DueRecord) {
    this.#bytes = bytes;
    this.#dueAt = dueAt;
  }

  /** A message of so many bytes, at that time of the roll's clock; says whether one is due behind it, also where that `wants` one. */
  hear(bytes: number, clock: number, wants = false): boolean {
    this.#bytes += LEAST + bytes;
    if (!wants && this.#bytes < MUCH && clock - this.#dueAt < LONG) return false;
    this.#bytes = 0;
    this.#dueAt = clock;
    return true;
  }

  record(): DueRecord {
    return { bytes: this.#bytes, dueAt: this.#dueAt };
  }
}
