/** A server as a node of a cluster. */
import {
  buffer,
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  mergeAll,
  type Observable,
  type OperatorFunction,
  ReplaySubject,
  retry,
  skipUntil,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { Chat } from '../chat.ts';
import { consume } from '../consume.ts';
import type { Log } from '../log.ts';
import type { NodeId } from '../message.ts';
import type { NodeNotice, Notice } from '../notice.ts';
import type { Errand, Quarters, Self, Standing } from '../standing.ts';
import type { Archive } from '../store/archive.ts';
import type { Vault } from '../vault/vault.ts';
import { EMPTY_LOG, type LogRecord } from './chronicle.ts';
import { CutOff, JetStreamLog } from './log-jetstream.ts';
import { Company } from './company.ts';
import type { Membership } from './membership.ts';
import { Outage } from './outage.ts';
import { waiting } from './problem.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import type { Bearings, ClusterTally, Present, Stage } from './tally.ts';
import type { Verifiers } from './verifiers.ts';
import { strandedBy } from '../stranded.ts';

/** By which the chat acts: another number where the same turns would have other answers than before. */
export const RULES = 1;
/** Milliseconds between two looks whether the cluster is there. */
const LOOK = 1000;

export class ClusterNode implements Standing {
  readonly chat: Chat;
  // It begins with what is kept as the others have it.
  readonly isFirst = false;
  readonly #log: JetStreamLog;
  readonly #verifiers: Verifiers;
  readonly #vault: Vault;
  readonly #archive: Archive;
  readonly #tally: ClusterTally;
  readonly #place: string;
  readonly #node: NodeId;
  readonly #company: Company;
  readonly #snapshotWriter: SnapshotWriter;
  readonly #entered = new ReplaySubject<void>(1);
  readonly #cutOff = new ReplaySubject<CutOff>(1);
  #outage: Outage | undefined;
  /** Errors where it is to stop, and what was said last does not come back. */
  readonly #gaveUp = new Subject<never>();
  /** Another one in its place is not wanted. */
  #isOver = false;
  #lost: CutOff | undefined;
  /** Its last word is handled: what is known of the log behind it. */
  #atEnd: LogRecord | undefined;

  readonly entered: Observable<void> = this.#entered.asObservable();
  readonly cutOff: Observable<CutOff> = this.#cutOff.asObservable();

  constructor(
    { link, stream, created, state, snapshots, verifiers, wants, isPatient }: Membership,
    { node, settings, turnstile, vault, archive }: Self,
    tally: ClusterTally,
  ) {
    this.#place = link.place;
    this.#archive = archive;
    this.#verifiers = verifiers;
    this.#vault = vault;
    this.#node = node;
    this.#tally = tally;
    vault.common = verifiers;
    this.chat = state ? Chat.restore(state.chat) : new Chat(settings);
    this.#snapshotWriter = new SnapshotWriter({
      ...{ chat: this.chat, rules: RULES, created, lineage: state?.lineage ?? [], snapshots, archive },
      wrote: (bytes) => {
        tally.wrote(bytes);
      },
      isReplaced: () => this.#lost !== undefined,
    });
    this.#company = new Company(node, this.chat.settings);
    this.#log = new JetStreamLog({
      ...{ link, stream, node, rules: RULES, greeting: [{ type: 'settings', settings }] },
      ...{ from: state?.log ?? EMPTY_LOG, wants, tally, isPatient },
      pressed: (is) => {
        if (is) turnstile.shut('log');
        else turnstile.open('log');
      },
      entered: () => {
        this.#entered.next();
      },
      changed: (change, turn) => {
        this.#company.heard(change, turn);
      },
    });
    tally.node = this;
  }

  get #stage(): Stage {
    if (this.#lost) return 'cut off';
    if (!this.#log.hasEntered) return this.#outage?.plight === 'away' ? 'away' : 'catching up';
    return this.#outage?.plight ?? 'there';
  }

  get bearings(): Bearings {
    const { nodes, place, unread, lag, quiet, waiting } = this.#log;
    return { stage: this.#stage, nodes, place, unread, lag, quiet, waiting };
  }

  /** Nobody where it is none itself any more. */
  get present(): readonly Present[] {
    if (this.#lost) return [];
    return this.#log.silences.map(([node, silence]) => ({ node, isSelf: node === this.#node, silence }));
  }

  get others(): number {
    return this.#log.nodes - 1;
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
          this.#tally.cutOff++;
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

  behind(turn: number): Errand | undefined {
    this.#company.handled(turn, this.chat.settings);
    const { end } = this.#log;
    if (turn === end?.turn) this.#atEnd = end.record;
    const log = this.#log.dueBehind(turn);
    const { isFree } = this.#snapshotWriter;
    return log && isFree ? { errand: this.#snapshotWriter.take(log) } : undefined;
  }

  watch({ residents, tell, fail, open }: Quarters): Observable<Notice> {
    const outage = (this.#outage = new Outage(this.#log, { residents, tell }));
    return merge(
      interval(LOOK).pipe(
        map(() => outage.look()),
        filter((notice) => notice !== undefined),
        takeUntil(this.#cutOff),
      ),
      interval(LOOK).pipe(
        map(() => this.#tally.why),
        filter((why) => why !== ''),
        distinctUntilChanged(),
        map((why) => waiting(this.#place, why)),
        takeUntil(merge(this.#entered, this.#cutOff)),
      ),
      newsSince(open, this.#company.news).pipe(takeUntil(this.#cutOff)),
      this.#verifiers.all.pipe(
        consume(({ version, verifier }) => {
          if (verifier === undefined) {
            this.#vault.unlearn(version);
            return;
          }
          this.#vault.learn(new Map([[version, verifier]]));
          this.#archive.note({ do: 'verifier', version, verifier });
        }),
        // What was learnt before is learnt once more, which changes nothing.
        retry({ delay: LOOK }),
        takeUntil(this.#cutOff),
      ),
      this.#snapshotWriter.troubles.pipe(takeUntil(this.#cutOff)),
      this.#cutOff.pipe(
        map((error): Notice => {
          const last = strandedBy(
            error.unsent,
            [...residents].map(({ connection }) => connection.id),
            { stopping: this.#isOver, seconds: error.agreed?.seconds },
          );
          for (const [client, why] of last) fail(client, why);
          return {
            ...{ type: 'cluster', ok: false, what: 'cut off' },
            error: `cut off from the cluster: ${error.message}${this.#lost ? '; begins anew' : ''}`,
          };
        }),
      ),
    );
  }

  readonly end: Observable<never> = defer(() => {
    const error = this.#lost;
    if (error) return throwError(() => error);
    const log = this.#atEnd;
    return log ? from(this.#snapshotWriter.end(log)).pipe(ignoreElements()) : EMPTY;
  });
}

/** From `open` on, and before that the options, which concern whoever has just started this node. */
const newsSince = (open: Observable<unknown>, news: Observable<NodeNotice>): Observable<NodeNotice> =>
  merge(
    news.pipe(
      filter(({ what }) => what === 'other options'),
      buffer(open),
      take(1),
      mergeAll(),
    ),
    news.pipe(skipUntil(open)),
  );
