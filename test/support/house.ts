/** A server without sockets: sessions on connections that are driven by hand, in virtual time. */
import { interval, map, merge, Observable, Subject, type Subscription } from 'rxjs';
import { onTestFinished } from 'vitest';
import { type BacklogLimits, Backlogs } from '../../src/backlog.ts';
import { Broker } from '../../src/broker.ts';
import { Chat } from '../../src/chat.ts';
import type { Connection } from '../../src/connection.ts';
import { Deadlines } from '../../src/deadlines.ts';
import { Gate } from '../../src/gate.ts';
import { Turnstile } from '../../src/turnstile.ts';
import { lines } from '../../src/lines.ts';
import type { Ended } from '../../src/notice.ts';
import { Router } from '../../src/router.ts';
import { Session } from '../../src/session.ts';
import { slices } from '../../src/slices.ts';
import { Vault } from '../../src/vault/vault.ts';
import { holdEventLoop } from './event-loop.ts';
import { SMALL } from './limits.ts';
import { LIMITS } from './turn.ts';

/** Seconds. */
export const LOGIN_TIMEOUT = 60;

/** A house on an event loop that is held: nothing happens until the test lets time pass. */
export class TestHouse {
  readonly turnstile = new Turnstile();
  readonly broker = new Broker();
  readonly router = new Router('', (inputs) => {
    this.broker.publish(inputs);
  });
  readonly deadlines = new Deadlines(() => performance.now() / 1000);
  readonly backlogs: Backlogs;
  /** How many sessions have published their last line. */
  silent = 0;
  /** Sessions that are over. */
  readonly over: Session[] = [];
  readonly config = {
    allowPlainPasswords: false,
    maxRecipients: 10,
    raw: false,
    loginTimeout: LOGIN_TIMEOUT,
  };
  readonly quiet = (): void => {
    this.silent++;
  };
  readonly left = (session: Session): void => {
    this.over.push(session);
  };
  readonly vault: Vault;
  #arrived = 0;

  constructor(limits: Partial<BacklogLimits> = {}, vault = new Vault(() => performance.now() / 1000)) {
    holdEventLoop();
    this.vault = vault;
    this.backlogs = new Backlogs({ ...SMALL, ...limits }, performance.now() / 1000);
    const chat = new Chat({ ...LIMITS, ...this.config, maxLine: 1024 });
    const chatting = this.broker.turns.pipe(
      slices(
        (turn) => chat.handle(turn),
        () => undefined,
      ),
      map((handled) => {
        this.vault.obey(handled.effects);
        this.router.route(handled);
      }),
    );
    const lateness = interval(250).pipe(
      map(() => {
        this.backlogs.sweep(performance.now() / 1000);
        this.broker.publish(this.deadlines.sweep().map((client) => ({ type: 'overdue', client })));
      }),
    );
    const running = merge(chatting, lateness).subscribe();
    onTestFinished(() => {
      running.unsubscribe();
    });
  }

  arrive(): Guest {
    return new Guest(`test-${String(++this.#arrived)}`, this);
  }

  /** Logs in; to be seen after a turn or two. */
  login(name: string): Guest {
    const guest = this.arrive();
    guest.say(name);
    return guest;
  }
}

/** One client: its connection as the server sees it, and its session. */
export class Guest {
  readonly connection: FakeConnection;
  readonly session: Session;
  readonly notices: Ended[] = [];
  readonly running: Subscription;
  /** Both halves have completed. */
  completed = false;

  constructor(id: string, house: TestHouse) {
    this.connection = new FakeConnection(id, house.turnstile);
    this.session = new Session(this.connection, house);
    this.session.arrive();
    this.running = merge(this.session.outbound, this.session.inbound).subscribe({
      next: (notice) => this.notices.push(notice),
      complete: () => {
        this.completed = true;
      },
    });
    onTestFinished(() => {
      this.running.unsubscribe();
    });
  }

  /** All that reached the client, and what was said as the connection was ended. */
  get heard(): string {
    return this.connection.taken + (this.connection.farewell ?? '');
  }

  get ended(): Ended | undefined {
    return this.notices[0];
  }

  say(...lines: string[]): void {
    this.connection.receive(lines.map((line) => `${line}\n`).join(''));
  }
}

export class FakeConnection implements Connection {
  readonly address = '192.0.2.7';
  readonly isPrivate = true;
  readonly carrier = 'tcp';
  readonly since = performance.now();
  readonly id: string;
  readonly gate: Gate;
  readonly lines: Connection['lines'];
  over: Connection['over'];
  closed: () => void = () => undefined;
  bytesIn = 0;
  /** What the client has taken. */
  taken = '';
  /** The client takes what is written to it. */
  reading = true;
  /** What the next write errors with: writes do not, so it is a bug. */
  broken: Error | undefined;
  /** What `end` was given: undefined before it, empty where there was no last line. */
  farewell: string | undefined;
  destroyed = 0;
  readonly #chunks = new Subject<Buffer>();
  readonly #resumed = new Subject<void>();
  #lost = false;
  /** What was written and is not taken. */
  #written = '';

  constructor(id: string, turnstile: Turnstile) {
    this.id = id;
    this.gate = new Gate(turnstile, { pause: () => undefined, resume: () => undefined });
    this.lines = this.#chunks.pipe(lines(1024, this.gate, () => this.over === 'ended'));
  }

  get bytesOut(): number {
    return Buffer.byteLength(this.taken);
  }

  receive(text: string): void {
    const bytes = Buffer.from(text);
    this.bytesIn += bytes.length;
    this.#chunks.next(bytes);
  }

  /** The client ends its side. */
  endSide(): void {
    this.#close('ended');
  }

  /** The connection is reset. */
  lose(): void {
    this.#lost = true;
    this.resume();
    this.gate.abandon();
    this.#close('lost');
    this.closed();
  }

  /** The client reads again. */
  resume(): void {
    this.reading = true;
    this.#resumed.next();
  }

  write(bytes: Uint8Array): boolean {
    this.#written += Buffer.from(bytes).toString('utf8');
    return false;
  }

  get drained(): Observable<void> {
    return new Observable((subscriber) => {
      const finish = (): void => {
        if (!this.reading) return;
        if (this.broken) {
          subscriber.error(this.broken);
          return;
        }
        if (!this.#lost) this.taken += this.#written;
        this.#written = '';
        subscriber.next();
        subscriber.complete();
      };
      const tick = setImmediate(finish);
      subscriber.add(this.#resumed.subscribe(finish));
      return () => {
        clearImmediate(tick);
      };
    });
  }

  probe(): void {
    // There is nobody behind it who could be gone.
  }

  halt(): void {
    this.#close('halted');
  }

  end(last = ''): Observable<never> {
    return new Observable((subscriber) => {
      this.farewell = last;
      this.halt();
      const closed = setTimeout(() => {
        subscriber.complete();
      }, 10);
      return () => {
        clearTimeout(closed);
      };
    });
  }

  destroy(): void {
    this.destroyed++;
    this.#lost = true;
    this.resume();
  }

  #close(why: Connection['over']): void {
    this.over ??= why;
    this.#chunks.complete();
  }
}
