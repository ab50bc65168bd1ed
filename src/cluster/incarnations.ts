/** A node of a cluster, and another one in its place as often as it is cut off. */
import { defer, type Observable, of, retry, tap } from 'rxjs';
import type { Place } from '../listeners.ts';
import type { Notice } from '../notice.ts';
import type { Config } from '../options.ts';
import type { ChatSettings } from '../settings.ts';
import type { Self, Standing } from '../standing.ts';
import type { Archive } from '../store/archive.ts';
import { ClusterNode, RULES } from './cluster-node.ts';
import type { ClusterTally } from './tally.ts';
import { CutOff } from './log-jetstream.ts';
import { type Newcomer, withMembership } from './membership.ts';

/** What of a start it has to know. */
interface Start {
  readonly config: Config;
  readonly settings: ChatSettings;
  readonly archive: Archive;
  readonly places: readonly Place[];
  readonly stop: Observable<unknown>;
}

/**
 * Emits what `run` does as a node; another one listens where the one before it did. Completes and errors as `run` does, and errors
 * with a ClusterUnusable where it cannot become one.
 */
export function incarnations<S extends Start>(
  first: S,
  tally: ClusterTally,
  run: (start: S, standingOf: (self: Self) => Standing) => Observable<Notice>,
): Observable<Notice> {
  let start = first;
  const { archive, settings, config } = first;
  let newcomer: Newcomer = { archive, settings, rules: RULES, folder: config.dataDir, trusted: undefined };
  return defer(() =>
    withMembership(
      start.config,
      newcomer,
      start.stop,
      (membership) => {
        tally.why = '';
        return run(start, (self) => new ClusterNode(membership, self, tally));
      },
      (why) => {
        tally.why = why;
      },
    ),
  ).pipe(
    tap((notice) => {
      if (notice.type !== 'listening') return;
      const { port } = notice;
      const places = start.places.map((place) => ('port' in place ? { ...place, port } : place));
      // It has been part of it: if NATS is away as it begins anew, that is no mistake in an option.
      start = { ...start, places, config: { ...start.config, clusterWait: true } };
    }),
    retry({
      delay: (error: unknown) => {
        if (!(error instanceof CutOff)) throw error;
        newcomer = { ...newcomer, trusted: error.agreed?.turn };
        return of(true);
      },
    }),
  );
}
