/** The wiring, and nothing else: connections, broker, chat, router. It reads like the picture in the README. */
import {
  concat,
  defer,
  filter,
  finalize,
  ignoreElements,
  interval,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  shareReplay,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { Admission } from './admission.ts';
import { all } from './all.ts';
import { Backlogs } from './backlog.ts';
import { Broker } from './broker.ts';
import { Chat } from './chat.ts';
import { configure, type Config, type ConfigOptions } from './config.ts';
import type { Connection } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { descriptorLimit } from './descriptors.ts';
import { Turnstile } from './gate.ts';
import type { Ended, Notice } from './notice.ts';
import { Router } from './router.ts';
import { createSession, type House, type Session } from './session.ts';
import { slices } from './slices.ts';
import { listen } from './tcp.ts';
import { encode } from './text.ts';

/** Descriptors that are not for clients: Node's own, the listener, those who are only told that it is full. */
const SPARE = 64;
/** Milliseconds between two looks at who is late. */
const SWEEP = 250;

export interface Options extends ConfigOptions {
  /** When it emits, the server stops: it accepts and reads no more, delivers what is pending, and completes. */
  readonly stop?: Observable<unknown>;
}

/**
 * A chat server that runs while subscribed. Emits what happens, `listening` first. Completes when it was told to
 * stop and all is delivered, or at `stopTimeout`; unsubscribing stops it at once. Errors with a ConfigError for a
 * bad option and with Node's error where it cannot listen.
 */
export function serve({ stop = NEVER, ...options }: Options = {}): Observable<Notice> {
  return defer(() =>
    run(configure(options), stop.pipe(take(1), shareReplay({ bufferSize: 1, refCount: true }))),
  );
}

function run(config: Config, stop: Observable<unknown>): Observable<Notice> {
  const broker = new Broker();
  const chat = new Chat(config);
  const router = new Router();
  const backlogs = new Backlogs(config);
  const deadlines = new Deadlines();
  const turnstile = new Turnstile();
  const descriptors = descriptorLimit();
  const bounded = descriptors - SPARE < config.maxClients;
  const maxClients = bounded ? Math.max(1, descriptors - SPARE) : config.maxClients;
  const admission = new Admission({ ...config, maxClients });
  const present = new Map<Connection, Session>();
  const talking = new Set<Connection>();
  const over = new Subject<void>();
  let stopping = false;
  const house: House = { broker, router, backlogs, deadlines, config };

  const chatting = broker.turns.pipe(
    slices(
      (turn) => chat.handle(turn),
      (busy) => {
        if (busy) turnstile.shut();
        else turnstile.open();
      },
    ),
    tap((handled) => {
      router.route(handled);
    }),
    ignoreElements(),
  );

  const clients = listen({ ...config, maxClients, turnstile, stop }).pipe(
    all((arrival): Observable<Notice> => {
      if ('lines' in arrival) return welcome(arrival);
      return of(bounded && arrival.type === 'listening' ? { ...arrival, descriptors } : arrival);
    }),
    finalize(() => {
      broker.complete();
      over.next();
    }),
  );

  const lateness = interval(SWEEP).pipe(
    tap(() => {
      const now = performance.now() / 1000;
      backlogs.sweep(now);
      broker.publish(deadlines.sweep(now).map((client) => ({ type: 'overdue', client })));
    }),
    ignoreElements(),
  );

  const stopped = stop.pipe(
    map((): Notice => {
      stopping = true;
      bidFarewell();
      return { type: 'stopping', clients: present.size };
    }),
  );

  let stuck: Notice[] = [];
  const patience = stop.pipe(
    switchMap(() => timer(config.stopTimeout * 1000)),
    tap(() => {
      stuck = [...present.values()].map(({ name, backlog, connection: { address } }) => {
        return { type: 'stuck', name, address, bytes: backlog.bytes };
      });
    }),
  );

  return concat(
    merge(chatting, stopped, clients, lateness.pipe(takeUntil(over))).pipe(takeUntil(patience)),
    defer(() => stuck),
  );

  function welcome(connection: Connection): Observable<Notice> {
    const { address } = connection;
    const reason = admission.enter(address);
    if (reason) {
      const refused: Notice = { type: 'refused', reason, address };
      return concat(of(refused), connection.end(encode({ type: 'problem', code: 'full' }))).pipe(
        finalize(() => {
          connection.destroy();
        }),
      );
    }
    const session = createSession(connection, house);
    present.set(connection, session);
    talking.add(connection);
    return session.run.pipe(
      filter((notice): notice is Ended => {
        if (notice.type === 'ended') return true;
        talking.delete(connection);
        bidFarewell();
        return false;
      }),
      finalize(() => {
        present.delete(connection);
        talking.delete(connection);
        admission.leave(address);
      }),
    );
  }

  /** Once the server stops and all that was said is published: first all of it is handled, then everyone is told. */
  function bidFarewell(): void {
    if (!stopping || talking.size > 0) return;
    const clients = [...present.keys()].map(({ id }) => id);
    broker.publish(clients.map((client) => ({ type: 'stopping', client })));
    broker.publish(clients.map((client) => ({ type: 'stopped', client })));
  }
}
