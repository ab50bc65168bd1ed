/** How whoever writes does: how far behind it is, whether anything can be written, and what was lost meanwhile. */
import { type Observable, Subject } from 'rxjs';

/** Is all that was said written? If so again, so many lines were lost meanwhile; and if never again, these are `lost`. */
export type Health =
  | { readonly ok: false; readonly error: string; readonly lost?: number }
  | { readonly ok: true; readonly lost: number };

/** How far the disk is behind. */
export type Pressure = 'caught-up' | 'behind';

/** Bytes that wait, at which whoever sends in bulk is to wait, too; and at which no more. */
const BEHIND = 8 * 1024 * 1024;
const CAUGHT_UP = BEHIND / 2;

export class Condition {
  readonly #levels = new Subject<Pressure>();
  readonly #health = new Subject<Health>();
  #level: Pressure = 'caught-up';
  #fails = false;
  #hangs = false;
  #isTroubled = false;
  #lost = 0;

  /** Emits when it changes; at first it is caught up, and also while nothing can be written: nobody is to wait for that. */
  readonly levels: Observable<Pressure> = this.#levels.asObservable();
  /** Emits when it changes; at first all is well. */
  readonly health: Observable<Health> = this.#health.asObservable();

  /** Nothing can be written, for now. */
  get fails(): boolean {
    return this.#fails || this.#hangs;
  }

  /** The worker does not answer. */
  get hangs(): boolean {
    return this.#hangs;
  }

  /** Lines that were lost since all was well. */
  get lost(): number {
    return this.#lost;
  }

  /** The disk says why nothing can be written. */
  failed(error: string): void {
    this.#fails = true;
    this.#isTroubled = true;
    this.#health.next({ ok: false, error });
  }

  mended(): void {
    this.#fails = false;
  }

  /** The worker has not answered for so many seconds. */
  silent(seconds: number): void {
    this.#hangs = true;
    this.#trouble(`the disk has not answered for ${String(seconds)} s`);
  }

  answered(): void {
    this.#hangs = false;
  }

  /** So many lines are not kept, since too much waits. */
  lose(lines: number): void {
    this.#lost += lines;
    this.#trouble('the disk cannot follow');
  }

  /** So many bytes wait. */
  assess(waiting: number): void {
    if (this.fails || waiting <= CAUGHT_UP) this.#become('caught-up');
    else if (waiting >= BEHIND) this.#become('behind');
    if (!this.#isTroubled || this.fails || waiting > CAUGHT_UP) return;
    const lost = this.#lost;
    [this.#isTroubled, this.#lost] = [false, 0];
    this.#health.next({ ok: true, lost });
  }

  /** Nothing follows; these lines are lost, if there are any, as `error` says. */
  end(lost: number, error: string): void {
    if (lost > 0) this.#health.next({ ok: false, error, lost });
    this.#levels.complete();
    this.#health.complete();
  }

  /** Said once, until all is well. */
  #trouble(error: string): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#health.next({ ok: false, error });
  }

  #become(level: Pressure): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#levels.next(level);
  }
}
