/** The write side of a connection that takes bytes at once if it is `eager`, and else only when it is told to. */
import { Observable, type Subscriber } from 'rxjs';
import type { Sink } from '../../src/outbox.ts';

export class Kernel implements Sink {
  /** Does it take at once what it is given? */
  eager = false;
  /** Every write that was begun, as text. */
  readonly writes: string[] = [];
  /** Bytes that were taken. */
  taken = 0;
  /** Writes that were not waited for. */
  aborted = 0;
  /** The most writes at a time. */
  atOnce = 0;
  /** Bytes of each that it has not taken. */
  #open: number[] = [];
  #waiting: Subscriber<void> | undefined;

  write(bytes: Uint8Array): boolean {
    this.writes.push(Buffer.from(bytes).toString('utf8'));
    this.atOnce = Math.max(this.atOnce, this.#open.length + 1);
    if (this.eager && !this.busy) {
      this.taken += bytes.length;
      return true;
    }
    this.#open.push(bytes.length);
    return false;
  }

  get drained(): Observable<void> {
    return new Observable((subscriber) => {
      this.#waiting = subscriber;
      return () => {
        if (this.#waiting !== subscriber) return;
        this.#waiting = undefined;
        this.#open = [];
        this.aborted++;
      };
    });
  }

  get busy(): boolean {
    return this.#open.length > 0;
  }

  /** Ends the write in hand; false where there is none. */
  take(): boolean {
    const waiting = this.#waiting;
    if (!waiting) return false;
    for (const bytes of this.#open) this.taken += bytes;
    this.#open = [];
    this.#waiting = undefined;
    waiting.next();
    waiting.complete();
    return true;
  }

  /** Ends all writes, and those that follow from it. */
  takeAll(): void {
    while (this.take());
  }

  fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.error(error);
  }
}
