/** A server as a node of a cluster. */
import {
  catchError,
  defer,
  EMPTY,
  filter,
  interval,
  map,
  merge,
  type Observable,
  type OperatorFunction,
  ReplaySubject,
  takeUntil,
  throwError,
} from 'rxjs';
import type { Log } from '../log.ts';
import type { Notice } from '../notice.ts';
import type { Quarters, Self, Standing } from '../standing.ts';
import { CutOff, JetStreamLog } from './log-jetstream.ts';
import type { Membership } from './membership.ts';
import { Outage } from './outage.ts';
import { strandedBy } from '../stranded.ts';

/** By which the chat acts: another number where the same turns would have other answers than before. */
const RULES = 1;
/** Milliseconds between two looks whether the cluster is there. */
const LOOK = 1000;

export class ClusterNode implements Standing {
  readonly #log: JetStreamLog;
  readonly #entered = new ReplaySubject<void>(1);
  readonly #cutOff = new ReplaySubject<CutOff>(1);
  #lost: CutOff | undefined;

  readonly entered: Observable<void> = this.#entered.asObservable();
  readonly cutOff: Observable<CutOff> = this.#cutOff.asObservable();

  constructor(membership: Membership, { node, settings, turnstile }: Self) {
    this.#log = new JetStreamLog({
      ...{ ...membership, node, rules: RULES, greeting: [{ type: 'settings', settings }] },
      pressed: (is) => {
        if (is) turnstile.shut('log');
        else turnstile.open('log');
      },
      entered: () => {
        this.#entered.next();
      },
    });
  }

  // Names and bans of a file that was a server's by itself do not come with it yet.
  readonly isFirst = false;

  get log(): Log {
    return this.#log.log;
  }

  pause(): void {
    this.#log.pause();
  }

  resume(): void {
    this.#log.resume();
  }

  untilCutOff<T>(): OperatorFunction<T, T> {
    return catchError((error: unknown) => {
      if (!(error instanceof CutOff)) throw error;
      this.#lost = error;
      this.#cutOff.next(error);
      return EMPTY;
    });
  }

  watch({ residents, tell, fail }: Quarters): Observable<Notice> {
    const outage = new Outage(this.#log, { residents, tell });
    return merge(
      interval(LOOK).pipe(
        map(() => outage.look()),
        filter((notice) => notice !== undefined),
        takeUntil(this.#cutOff),
      ),
      this.#cutOff.pipe(
        map((error): Notice => {
          const last = strandedBy(
            error.unsent,
            [...residents].map(({ connection }) => connection.id),
          );
          for (const [client, why] of last) fail(client, why);
          return {
            type: 'cluster',
            ok: false,
            error: `cut off from the cluster: ${error.message}; begins anew`,
          };
        }),
      ),
    );
  }

  readonly end: Observable<never> = defer(() => {
    const error = this.#lost;
    return error ? throwError(() => error) : EMPTY;
  });
}
