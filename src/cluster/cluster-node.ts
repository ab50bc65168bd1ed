/** A server as a node of a cluster. */
import {
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  type Observable,
  of,
  type OperatorFunction,
  ReplaySubject,
  retry,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { Chat } from '../chat.ts';
import { consume } from '../consume.ts';
import type { Log } from '../log.ts';
import type { Notice } from '../notice.ts';
import type { Quarters, Self, Standing } from '../standing.ts';
import type { Vault } from '../vault/vault.ts';
import { CutOff, EMPTY_LOG, JetStreamLog } from './log-jetstream.ts';
import type { Membership } from './membership.ts';
import { Outage } from './outage.ts';
import type { Snapshots } from './snapshots.ts';
import type { Verifiers } from './verifiers.ts';
import type { State } from './written.ts';
import { strandedBy } from '../stranded.ts';

/** By which the chat acts: another number where the same turns would have other answers than before. */
export const RULES = 1;
/** Milliseconds between two looks whether the cluster is there. */
const LOOK = 1000;

export class ClusterNode implements Standing {
  readonly chat: Chat;
  // Names and bans of a file that was a server's by itself do not come with it yet.
  readonly isFirst = false;
  readonly #log: JetStreamLog;
  readonly #snapshots: Snapshots;
  readonly #verifiers: Verifiers;
  readonly #vault: Vault;
  /** To be written. */
  readonly #states = new Subject<State>();
  readonly #entered = new ReplaySubject<void>(1);
  readonly #cutOff = new ReplaySubject<CutOff>(1);
  /** Errors where it is to stop, and what was said last does not come back. */
  readonly #gaveUp = new Subject<never>();
  /** Another one in its place is not wanted. */
  #isOver = false;
  #lost: CutOff | undefined;

  readonly entered: Observable<void> = this.#entered.asObservable();
  readonly cutOff: Observable<CutOff> = this.#cutOff.asObservable();

  constructor(
    { link, stream, state, snapshots, verifiers }: Membership,
    { node, settings, turnstile, vault }: Self,
  ) {
    this.#snapshots = snapshots;
    this.#verifiers = verifiers;
    this.#vault = vault;
    vault.common = verifiers;
    this.chat = state ? Chat.restore(state.chat) : new Chat(settings);
    this.#log = new JetStreamLog({
      ...{ link, stream, node, rules: RULES, greeting: [{ type: 'settings', settings }] },
      from: state?.log ?? EMPTY_LOG,
      pressed: (is) => {
        if (is) turnstile.shut('log');
        else turnstile.open('log');
      },
      entered: () => {
        this.#entered.next();
      },
    });
  }

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
    return (turns) =>
      merge(
        turns.pipe(
          tap({
            complete: () => {
              this.#gaveUp.complete();
            },
          }),
        ),
        this.#gaveUp,
      ).pipe(
        catchError((error: unknown) => {
          if (!(error instanceof CutOff)) throw error;
          if (!this.#isOver) this.#lost = error;
          this.#cutOff.next(error);
          return EMPTY;
        }),
      );
  }

  hurry(): void {
    // Nobody may be there to hear it later: who has said something is told while there is time.
    if (this.#log.silence < LOOK) return;
    this.#isOver = true;
    this.#gaveUp.error(new CutOff('NATS does not answer, and it is to stop', this.#log.pending));
  }

  handled(turn: number): void {
    const log = this.#log.dueBehind(turn);
    if (log) this.#states.next({ log, chat: this.chat.snapshot() });
  }

  watch({ residents, tell, fail }: Quarters): Observable<Notice> {
    const outage = new Outage(this.#log, { residents, tell });
    return merge(
      interval(LOOK).pipe(
        map(() => outage.look()),
        filter((notice) => notice !== undefined),
        takeUntil(this.#cutOff),
      ),
      this.#verifiers.all.pipe(
        consume((verifiers) => {
          this.#vault.learn(verifiers);
        }),
        // What was learnt before is learnt once more, which changes nothing.
        retry({ delay: LOOK }),
        takeUntil(this.#cutOff),
      ),
      this.#states.pipe(
        exhaustMap((state) => from(this.#snapshots.add(state)).pipe(ignoreElements(), catchError(trouble))),
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
            error: `cut off from the cluster: ${error.message}${this.#lost ? '; begins anew' : ''}`,
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

/** Another one is due soon. */
const trouble = (error: unknown): Observable<Notice> =>
  of({ type: 'cluster', ok: false, error: `a snapshot could not be written: ${String(error)}` });
