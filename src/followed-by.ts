/** Operator: what comes after, however it ends. */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';

/**
 * Goes on with `next` when the source has completed or failed; it is told the error. Completes and errors as `next`
 * does. It is `catchError` and `concatWith` in one, since every idle client pays for each of them: about 1 KB less
 * (measured).
 */
export function followedBy<T, R>(next: (error?: unknown) => Observable<R>): OperatorFunction<T, T | R> {
  return (source) =>
    new Observable((subscriber) => {
      subscriber.add(source.subscribe(new Follower(subscriber, next)));
    });
}

/** A class, since functions in its place would keep the source's Observable alive. */
class Follower<T, R> implements Observer<T> {
  readonly #subscriber: Subscriber<T | R>;
  readonly #next: (error?: unknown) => Observable<R>;

  constructor(subscriber: Subscriber<T | R>, next: (error?: unknown) => Observable<R>) {
    this.#subscriber = subscriber;
    this.#next = next;
  }

  next(value: T): void {
    this.#subscriber.next(value);
  }

  error(error: unknown): void {
    this.#subscriber.add(this.#next(error).subscribe(this.#subscriber));
  }

  complete(): void {
    this.error(undefined);
  }
}
