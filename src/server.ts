/** The wiring, and nothing else: connections, broker, chat, router. It reads like the picture in the README. */
import {
  concat,
  connect,
  defer,
  EMPTY,
  finalize,
  interval,
  map,
  merge,
  type Observable,
  of,
  race,
  shareReplay,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { AddressList } from './addresses.ts';
import { Admission } from './admission.ts';
import { all } from './all.ts';
import { Backlogs } from './backlog.ts';
import { Broker } from './broker.ts';
import type { Connection } from './connection.ts';
import { consume } from './consume.ts';
import { Deadlines } from './deadlines.ts';
import { descriptorLimit } from './descriptors.ts';
import type { Certificate } from './door/certificate.ts';
import { doorstep } from './door/doorstep.ts';
import { turnAway } from './door/refusal.ts';
import { Rota } from './rota.ts';
import { Tls } from './door/tls.ts';
import type { Door } from './door/visit.ts';
import { Gate } from './gate.ts';
import { Kept } from './kept.ts';
import { unclaimedOf } from './operators.ts';
import type { Archive } from './store/archive.ts';
import { Vault } from './vault/vault.ts';
import { Turnstile } from './turnstile.ts';
import { clock, seconds } from './clock.ts';
import { newNode } from './node.ts';
import type { Turn } from './message.ts';
import type { Listening, Notice } from './notice.ts';
import type { Office } from './office/office.ts';
import type { Config } from './options.ts';
import { Pace } from './pace.ts';
import { Presence } from './presence.ts';
import { Router } from './router.ts';
import { type House, Session } from './session.ts';
import { type ChatSettings } from './settings.ts';
import { slices } from './slices.ts';
import { type Errand, type Quarters, type Self, type Standing } from './standing.ts';
import { listen, type Place } from './listeners.ts';
import { HostList } from './web/host.ts';
import { Web } from './web/web.ts';

/** Descriptors that are not for clients: Node's own, the listeners, the admin port's, those who are only told that it is full. */
const SPARE = 64;
/** Milliseconds between two looks whether clients that are not read are still alive. */
const PROBE = 1000;
/** TLS handshakes that begin in a turn of the event loop: each takes some half a millisecond. */
const HANDSHAKES = 2;
/** Milliseconds between two looks at who is late. */
const SWEEP = 250;

/** What comes of an errand, for those who hear what comes of turns. */
const NOTHING = { deliveries: [], instructions: [], effects: [] };

/** What a server begins with. */
export interface Start {
  readonly config: Config;
  readonly settings: ChatSettings;
  readonly places: readonly Place[];
  readonly stop: Observable<unknown>;
  readonly reload: Observable<unknown>;
  readonly certificate: Certificate | undefined;
  readonly archive: Archive;
  readonly vault: Vault;
  readonly hosts: HostList;
  readonly office: Office | undefined;
}

/** One that begins with that; emits as `serve` does, and errors where another one is to begin in its place. */
export function server(
  { config, settings, places, stop, reload, certificate, archive, vault, hosts, office }: Start,
  standingOf: (self: Self) => Standing,
): Observable<Notice> {
  const node = newNode();
  const backlogs = new Backlogs(config, seconds());
  const deadlines = new Deadlines(seconds);
  const turnstile = new Turnstile();
  const standing = standingOf({ node, settings, turnstile, vault, archive });
  const { chat } = standing;
  const broker = new Broker(standing.log);
  const descriptors = descriptorLimit();
  const bounded = descriptors - SPARE < config.maxClients;
  const maxClients = bounded ? Math.max(1, descriptors - SPARE) : config.maxClients;
  const admission = new Admission({ ...config, maxClients });
  const proxies = new AddressList(config.trustProxy, 'trust-proxy');
  const presence = new Presence<Session>(broker);
  office?.moveTo({ residents: presence, chat, backlogs, admission, archive });
  const tally = office?.tally;
  const router = new Router(
    node,
    (inputs) => {
      broker.publish(inputs);
    },
    tally?.given,
  );
  const { reservations } = standing.isFirst ? archive.registry : { reservations: chat.registry.names };
  const unclaimed = unclaimedOf(config, new Set(reservations.map(({ key }) => key)));
  const more = {
    ...(unclaimed.length > 0 && { unclaimed }),
    ...(!settings.keeps && { forgets: true as const }),
    ...(bounded && { descriptors }),
    ...(config.dataDir !== '' && { folder: config.dataDir }),
    ...(archive.hasLeft && { left: true as const }),
    ...(config.cluster !== '' && { cluster: config.clusterName, node }),
    ...(certificate?.isSelfSigned && { fingerprint: certificate.fingerprint }),
  };
  const open = new Subject<void>();
  const over = new Subject<void>();
  const house: House = {
    broker,
    router,
    backlogs,
    deadlines,
    config,
    vault,
    quiet: () => {
      presence.quiet();
    },
    left: (session) => {
      presence.left(session);
      admission.leave(session.connection.address);
    },
  };

  const quarters: Quarters = {
    residents: presence,
    tell: (event, to) => {
      router.route({ deliveries: [{ event, to }], instructions: [] });
    },
    fail: (client, error) => {
      router.fail(client, error);
    },
    open,
  };
  const kept = new Kept({
    ...config,
    node,
    isFirst: standing.isFirst,
    chat,
    archive,
    vault,
    admission,
    presence,
    broker,
  });
  const chatting = broker.turns.pipe(
    slices(
      (work: Turn | Errand) => {
        if ('errand' in work) return { ...NOTHING, rest: work.errand.next().done ? undefined : work };
        tally?.began();
        const handled = chat.handle(work);
        const errand = handled.rest ? undefined : standing.behind(work.sequence);
        return errand ? { ...handled, rest: errand } : handled;
      },
      (busy) => {
        if (busy) {
          turnstile.shut('turn');
          standing.pause();
        } else {
          turnstile.open('turn');
          standing.resume();
        }
      },
    ),
    consume((handled) => {
      // Who hears what is decided may act on it at once.
      kept.perform(handled.effects);
      router.route(handled);
      tally?.routed(handled.deliveries);
    }),
    standing.untilCutOff(),
  );

  const tls = certificate && new Tls(certificate);
  const door: Door = {
    ...config,
    admission,
    proxies,
    tls,
    web: new Web(config, hosts),
    rota: new Rota(HANDSHAKES),
    gate: (valve) => new Gate(turnstile, valve, config.rate > 0 ? new Pace(config, clock) : undefined),
  };

  const closing = merge(stop, standing.cutOff).pipe(take(1), shareReplay({ bufferSize: 1, refCount: true }));
  const clients = race(standing.entered.pipe(map(() => true)), closing.pipe(map(() => false))).pipe(
    take(1),
    switchMap((mayCome) => (mayCome ? listen({ node, places, maxClients, stop: closing }) : EMPTY)),
    doorstep(door, closing),
    map((arrival) => {
      if ('gate' in arrival) return receive(arrival);
      if ('connection' in arrival) return turnAway(arrival);
      return arrival.type === 'listening' ? opening(arrival) : of(arrival);
    }),
    connect((guests) =>
      merge(
        guests.pipe(all((guest): Observable<Notice> => (guest instanceof Session ? guest.outbound : guest))),
        guests.pipe(all((guest) => (guest instanceof Session ? guest.inbound : EMPTY))),
      ),
    ),
    finalize(() => {
      broker.complete();
      over.next();
    }),
  );

  const lateness = interval(SWEEP).pipe(
    consume(() => {
      backlogs.sweep(seconds());
      broker.publish(deadlines.sweep().map((client) => ({ type: 'overdue', client })));
    }),
  );

  const probes = interval(PROBE).pipe(
    consume(() => {
      presence.probe();
      tls?.sweep();
    }),
  );
  const reloads = certificate ? reload.pipe(map(() => reloaded(certificate))) : EMPTY;
  const stopped = stop.pipe(
    map((): Notice => {
      presence.stop();
      return { type: 'stopping', clients: presence.size };
    }),
    takeUntil(standing.cutOff),
  );
  const halfWay = stop.pipe(
    switchMap(() => timer((config.stopTimeout * 1000) / 2)),
    consume(() => {
      presence.hurry();
      standing.hurry();
    }),
  );
  let stuck: Notice[] = [];
  const patience = stop.pipe(
    switchMap(() => timer(config.stopTimeout * 1000)),
    tap(() => {
      stuck = presence.stuck();
    }),
  );

  return concat(
    // A stop that is there from the start ends the clients at once, so what goes on until then comes first.
    merge(
      chatting,
      stopped,
      standing.watch(quarters).pipe(takeUntil(over)),
      merge(router.emptying, kept.notices, lateness, probes, halfWay, reloads).pipe(takeUntil(over)),
      clients,
    ).pipe(takeUntil(patience)),
    defer(() => stuck),
    standing.end,
  );

  function opening(listening: Listening): Observable<Notice> {
    const { others } = standing;
    const told: Listening = { ...listening, ...more, ...(others !== undefined && { others }) };
    return concat(
      of(told),
      defer(() => {
        open.next();
        return EMPTY;
      }),
    );
  }

  function receive(connection: Connection): Session {
    const session = new Session(connection, house);
    presence.arrived(session);
    session.arrive();
    return session;
  }
}

function reloaded(certificate: Certificate): Notice {
  try {
    certificate.reload();
    return { type: 'reloaded', fingerprint: certificate.fingerprint };
  } catch (error) {
    return { type: 'reloaded', fingerprint: certificate.fingerprint, error: error as Error };
  }
}
