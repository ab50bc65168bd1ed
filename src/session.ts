/** One client's stay: what it says goes to the broker, what the router has for it is written. */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  filter,
  finalize,
  ignoreElements,
  merge,
  type Observable,
  of,
  tap,
} from 'rxjs';
import { Backlog, type Backlogs, SlowConsumer } from './backlog.ts';
import { Batch } from './batch.ts';
import type { Broker } from './broker.ts';
import { type Connection, ConnectionLost } from './connection.ts';
import type { Deadlines } from './deadlines.ts';
import type { EndReason, Event, Order } from './message.ts';
import type { Ended } from './notice.ts';
import { outbox } from './outbox.ts';
import type { Mail, Router } from './router.ts';
import { createDecoder, encode, type Reading } from './text.ts';

/** Seconds for which a client that has ended its side is still written to after its last line was handled. */
const LINGER = 1;

/** What all sessions share. */
export interface House {
  readonly broker: Broker;
  readonly router: Router;
  readonly backlogs: Backlogs;
  readonly deadlines: Deadlines;
  /** `loginTimeout` is in seconds. */
  readonly config: Reading & { readonly loginTimeout: number };
}

/** The last line of this client was published; it may still be told things. */
export interface Quiet {
  readonly type: 'quiet';
}

export interface Session {
  readonly connection: Connection;
  readonly backlog: Backlog;
  /** Undefined until it has logged in. */
  readonly name: string | undefined;
  /**
   * Runs the session while subscribed; unsubscribing closes the connection at once. Emits `quiet` when the last of
   * the client's lines is published and `ended` when the connection is closed, then completes. Never errors: what
   * goes wrong with one client is a reason in its `ended`.
   */
  readonly run: Observable<Quiet | Ended>;
}

export function createSession(connection: Connection, house: House): Session {
  const { broker, router, backlogs, deadlines, config } = house;
  const { id, gate } = connection;
  const decode = createDecoder(config);
  const since = performance.now();
  let name: string | undefined;
  let lines = 0;
  let reason: EndReason | undefined;
  let fault: unknown;
  let last: Event | undefined;
  let gone = false;

  const backlog = new Backlog(backlogs, (level) => {
    if (level === 'caught-up') gate.release('outbox behind');
    else gate.hold('outbox behind');
    broker.publish([{ type: 'level', client: id, level }]);
  });

  const inbound = connection.lines.pipe(
    tap((run) => {
      lines += run.length;
      broker.publish(run.map((line) => ({ type: 'line', client: id, command: decode(line) })));
    }),
    ignoreElements(),
    tap({
      complete: () => {
        if (connection.halfClosed) broker.publish([{ type: 'ended', client: id }]);
      },
    }),
    catchError((error: unknown) => {
      fail(error);
      return EMPTY;
    }),
    endWith({ type: 'quiet' } as const),
  );

  const outbound = router.mailbox(id).pipe(
    filter(obeyed),
    outbox((bytes) => connection.write(bytes), backlog),
    catchError((error: unknown) => {
      fail(error);
      return EMPTY;
    }),
  );

  const run = defer(() => {
    deadlines.set(id, config.loginTimeout);
    broker.publish([{ type: 'arrived', client: id }]);
    return concat(
      merge(inbound, concat(outbound, defer(farewell))),
      defer(() => of(ended())),
    ).pipe(
      finalize(() => {
        deadlines.clear(id);
        connection.destroy();
      }),
    );
  });

  return {
    connection,
    backlog,
    run,
    get name() {
      return name;
    },
  };

  /** Passes batches on; an order is obeyed instead. */
  function obeyed(mail: Mail): mail is Batch {
    if (mail instanceof Batch) return true;
    obey(mail);
    return false;
  }

  function obey(order: Order): void {
    switch (order.do) {
      case 'hold':
        gate.hold('recipient behind');
        return;
      case 'release':
        gate.release('recipient behind');
        return;
      case 'report':
        backlog.report();
        return;
      case 'linger':
        deadlines.set(id, LINGER);
        return;
      case 'name':
        name = order.name;
        deadlines.clear(id);
        return;
      case 'end':
        reason ??= order.reason;
        fault ??= order.error;
    }
  }

  /** What goes wrong here ends this client and no other. */
  function fail(error: unknown): void {
    if (error instanceof SlowConsumer) {
      reason ??= error.reason;
      last = { type: 'problem', code: 'too-slow' };
    } else if (error instanceof ConnectionLost) {
      reason ??= 'lost';
    } else {
      reason ??= 'fault';
      fault ??= error;
      last = { type: 'problem', code: 'fault' };
    }
    leave();
  }

  function leave(): void {
    if (gone) return;
    gone = true;
    broker.publish([{ type: 'gone', client: id }]);
  }

  function farewell(): Observable<never> {
    leave();
    return connection.end(last && encode(last));
  }

  function ended(): Ended {
    return {
      type: 'ended',
      reason: reason ?? 'left',
      name,
      address: connection.address,
      bytesIn: connection.bytesIn,
      bytesOut: connection.bytesOut,
      lines,
      seconds: Math.round(performance.now() - since) / 1000,
      ...(fault !== undefined && { error: fault }),
    };
  }
}
