/** The write side of a connection that takes bytes only when it is told to. */
import { Observable } from 'rxjs';

export class Kernel {
  /** Every write that was begun, as text. */
  readonly writes: string[] = [];
  /** Bytes that were taken. */
  taken = 0;
  /** Writes that were not waited for. */
  aborted = 0;
  /** The most writes at a time. */
  atOnce = 0;
  #open = 0;
  #end: ((error?: Error) => void) | undefined;

  readonly write = (bytes: Uint8Array): Observable<number> =>
    new Observable((subscriber) => {
      this.writes.push(Buffer.from(bytes).toString('utf8'));
      this.atOnce = Math.max(this.atOnce, ++this.#open);
      let over = false;
      this.#end = (error) => {
        over = true;
        this.#open--;
        this.#end = undefined;
        if (error) subscriber.error(error);
        else {
          this.taken += bytes.length;
          subscriber.next(bytes.length);
          subscriber.complete();
        }
      };
      return () => {
        if (over) return;
        this.#open--;
        this.aborted++;
        this.#end = undefined;
      };
    });

  get busy(): boolean {
    return this.#open > 0;
  }

  /** Ends the write in hand; false where there is none. */
  take(): boolean {
    if (!this.#end) return false;
    this.#end();
    return true;
  }

  /** Ends all writes, and those that follow from it. */
  takeAll(): void {
    while (this.take());
  }

  fail(error: Error): void {
    this.#end?.(error);
  }
}
