/** What a server needs to become part of a cluster: NATS is reached, and the log is there. */
import {
  BehaviorSubject,
  catchError,
  concat,
  connect,
  defer,
  distinctUntilChanged,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  retry,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import { ConfigError } from '../config.ts';
import { type Config, parsed } from '../options.ts';
import { periodOf } from '../time.ts';
import type { ClusterNotice } from '../notice.ts';
import { beginningOf, type Origin } from './beginning.ts';
import { type Link, link, type LinkOptions } from './link.ts';
import { problem, waiting } from './problem.ts';
import { Snapshots } from './snapshots.ts';
import { LEAST, type StreamLimits, streamOf } from './stream.ts';
import { ClusterUnusable } from './unusable.ts';
import { Verifiers } from './verifiers.ts';
import type { State } from './written.ts';

/** Milliseconds until it is tried again, where one is to wait; and until that is told. */
const AGAIN = 1000;
const LATE = 1000;

type ClusterConfig = Pick<
  Config,
  | 'cluster'
  | 'clusterName'
  | 'clusterCreds'
  | 'clusterCa'
  | 'clusterCert'
  | 'clusterKey'
  | 'clusterKeep'
  | 'clusterReplicas'
  | 'clusterWait'
>;

/** Who wants to become part of it. */
export type Newcomer = Omit<Origin, 'link' | 'stream' | 'snapshots' | 'verifiers'>;

export interface Membership {
  readonly link: Link;
  readonly stream: string;
  /** Which of the streams that ever had this name it is. */
  readonly created: string;
  /** What was known of it at some place; undefined where the log is to be read from its beginning. */
  readonly state: State | undefined;
  readonly snapshots: Snapshots;
  readonly verifiers: Verifiers;
  /** The others have read something else than whoever was here before, so a snapshot of theirs is wanted. */
  readonly wants: boolean;
  /** What is not right yet is waited for. */
  readonly isPatient: boolean;
}

/**
 * Emits what `work` does as part of the cluster, and before that for what it waits, with the reason as often as that is another
 * one; `failed` has it at once. A `stop` before that is the end of it. Errors with a ClusterUnusable that says why it cannot become
 * part of it, or, where the options are wrong, with a ConfigError.
 */
export function withMembership<T>(
  config: ClusterConfig,
  self: Newcomer,
  stop: Observable<unknown>,
  work: (membership: Membership) => Observable<T>,
  failed: (why: string) => void,
): Observable<T | ClusterNotice> {
  return defer(() => {
    const reason = new BehaviorSubject('');
    const late = timer(LATE).pipe(
      switchMap(() => reason),
      distinctUntilChanged(),
      map((why) => waiting(config.cluster, why)),
    );
    const joining = membershipOf(config, self, (why) => {
      failed(why);
      reason.next(why);
    });
    return joining.pipe(
      connect((joined) =>
        merge(
          late.pipe(takeUntil(joined)),
          // What is open stays open while it is subscribed to, so that has to end with the work.
          joined.pipe(mergeMap((membership) => concat(work(membership), of(OVER)))),
        ).pipe(
          takeWhile((what): what is Exclude<typeof what, typeof OVER> => what !== OVER),
          takeUntil(stop.pipe(takeUntil(joined))),
        ),
      ),
    );
  });
}

const OVER: unique symbol = Symbol('over');

/**
 * Emits once NATS is there, and the connection is open while subscribed. Errors with a ClusterUnusable that says why it cannot be, or,
 * where the options are wrong, a ConfigError. Where that is waited for, `failed` has why.
 */
function membershipOf(
  config: ClusterConfig,
  self: Newcomer,
  failed: (why: string) => void,
): Observable<Membership> {
  const { clusterName: stream, clusterWait: wait } = config;
  if (!/^[\w-]+$/.test(stream))
    throw new ConfigError(`cluster-name must be letters, digits, "_" and "-", not ${JSON.stringify(stream)}`);
  const limits = limitsOf(config);
  const options = linkOf(config);
  let isAgain = false;
  return defer(() => link({ ...options, isAgain })).pipe(
    switchMap((link) => join(link, stream, limits, self)),
    map((membership) => ({ ...membership, isPatient: wait })),
    catchError((error: unknown) => {
      throw problem(options, error);
    }),
    retry({
      delay: (error: unknown) => {
        // What is there, and is not right, does not become so by itself; nor do files and options of this server.
        if (!wait || !(error instanceof ClusterUnusable) || error.cause === undefined) throw error;
        isAgain = true;
        failed(error.why);
        return timer(AGAIN);
      },
    }),
  );
}

async function join(
  link: Link,
  stream: string,
  limits: StreamLimits,
  self: Newcomer,
): Promise<Omit<Membership, 'isPatient'>> {
  const { config, created } = await streamOf(link.manager, stream, limits, `NATS at ${link.place}`);
  const replicas = config.num_replicas;
  const snapshots = await Snapshots.of(link, { stream, log: created, replicas, rules: self.rules });
  const verifiers = await Verifiers.of(link, stream, replicas);
  const state = await beginningOf({ ...self, link, stream, snapshots, verifiers });
  return { link, stream, created, state, snapshots, verifiers, wants: self.trusted !== undefined };
}

const linkOf = (config: ClusterConfig): LinkOptions => ({
  servers: config.cluster,
  creds: config.clusterCreds,
  ca: config.clusterCa,
  cert: config.clusterCert,
  key: config.clusterKey,
  isPatient: config.clusterWait,
});

/** Throws a ConfigError where it is not written as it should be. */
export function limitsOf({
  clusterKeep,
  clusterReplicas,
}: Pick<ClusterConfig, 'clusterKeep' | 'clusterReplicas'>): StreamLimits {
  let age: number | undefined;
  let bytes: number | undefined;
  for (const part of clusterKeep.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const period = periodOf(part);
    const size = period === undefined ? parsed('bytes', part) : undefined;
    if (period !== undefined && period > 0) age = period;
    else if (typeof size === 'number' && size > 0) bytes = size;
    else
      throw new ConfigError(
        `cluster-keep must be a time like 7d, bytes like 1GiB, or both with a comma between them, not ${JSON.stringify(clusterKeep)}`,
      );
  }
  if (age !== undefined && age < LEAST.age)
    throw new ConfigError('cluster-keep must be 30m at the least: so much a node needs that starts');
  if (bytes !== undefined && bytes < LEAST.bytes)
    throw new ConfigError('cluster-keep must be 256MiB at the least: so much a node needs that starts');
  return { age, bytes, replicas: clusterReplicas === 0 ? undefined : clusterReplicas };
}
