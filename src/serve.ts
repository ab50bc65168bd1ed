/** A chat server from its options: what it needs is opened, and it begins. */
import {
  defer,
  from,
  ignoreElements,
  NEVER,
  type Observable,
  shareReplay,
  switchMap,
  take,
  takeUntil,
} from 'rxjs';
import { ConfigError, configure, fromOptions } from './config.ts';
import { certificateOf } from './door/certificate.ts';
import { withArchive } from './kept.ts';
import { operatorsOf } from './operators.ts';
import { keepingOf, keepsAny } from './store/keeping.ts';
import { Vault } from './vault/vault.ts';
import type { Notice } from './notice.ts';
import { officeOf } from './office/office.ts';
import { ClusterTally } from './cluster/tally.ts';
import { type Config, type ConfigOptions, flagOf, NAMES, OPTIONS } from './options.ts';
import { settingsOf } from './settings.ts';
import { alone } from './standing.ts';
import { placesOf } from './listeners.ts';
import { seconds } from './clock.ts';
import { server, type Start } from './server.ts';
import { HostList } from './web/host.ts';
import { welcomeOf } from './welcome.ts';

export interface Options extends ConfigOptions {
  /** When it emits, the server stops: it accepts and reads no more, delivers what is pending, and completes. */
  readonly stop?: Observable<unknown>;
  /** When it emits, the certificate and its key are read anew. */
  readonly reload?: Observable<unknown>;
  /** Descriptors of sockets that listen already; where there are any, `host`, `port` and `unix` do not count. */
  readonly sockets?: readonly number[];
}

/**
 * A chat server that runs while subscribed. Emits what happens: `listening`, and before it only what it has to wait for.
 * Completes when it was told to stop and all is delivered, or at `stopTimeout`; unsubscribing stops it at once. Errors with
 * a ConfigError for a bad option, a StoreUnusable for a bad `dataDir`, and with Node's error where it cannot listen.
 */
export function serve({
  stop = NEVER,
  reload = NEVER,
  sockets = [],
  ...options
}: Options = {}): Observable<Notice> {
  return defer(() => {
    const config = configure(fromOptions(options));
    const places = placesOf(config, sockets);
    const stopping = stop.pipe(take(1), shareReplay({ bufferSize: 1, refCount: true }));
    const keeping = keepingOf(config);
    const vault = new Vault(seconds);
    const isNode = config.cluster !== '';
    if (!isNode) refuseOfCluster(config);
    const folder = { folder: config.dataDir || undefined, keeping, history: config.history, isNode };
    const settings = settingsOf({
      ...{ ...config, operators: operatorsOf(config), welcome: welcomeOf(config), keeps: keepsAny(keeping) },
    });
    return withArchive({ ...folder, vault, stop: stopping, patience: config.stopTimeout }, (archive) =>
      certificateOf(config).pipe(
        switchMap((certificate) => {
          const cluster = isNode ? new ClusterTally() : undefined;
          const hosts = new HostList(config.allowHost, 'allow-host');
          const office = officeOf(config, hosts, cluster);
          const start: Start = {
            ...{
              config,
              settings,
              places,
              stop: stopping,
              reload,
              certificate,
              archive,
              vault,
              hosts,
              office,
            },
          };
          const servers = cluster
            ? // Only where it is needed: the client of NATS takes its time to load, too.
              from(import('./cluster/incarnations.ts')).pipe(
                switchMap(({ incarnations }) => incarnations(start, cluster, server)),
              )
            : server(start, () => alone(archive.registry.sequence, settings));
          return office ? office.around(servers) : servers;
        }),
        // What takes a while to begin need not look out for it.
        takeUntil(stopping.pipe(ignoreElements())),
      ),
    );
  });
}

/** Somebody who names a cluster and no NATS would be alone, and not know. Who asks `rxchat admin` may have both in the environment. */
function refuseOfCluster(config: Config): void {
  const lone = NAMES.find(
    (name) => OPTIONS[name].group === 'Cluster' && config[name] !== OPTIONS[name].default,
  );
  if (lone) throw new ConfigError(`${flagOf(lone)} is of no use without cluster`);
}
