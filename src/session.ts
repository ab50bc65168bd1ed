/** One client's stay: what it says goes to the broker, what the router has for it is written. */
import { concat, defer, finalize, type Observable, of } from 'rxjs';
import { Backlog, type Backlogs, type Debtor, SlowConsumer } from './backlog.ts';
import type { Broker } from './broker.ts';
import type { Connection } from './connection.ts';
import { consume } from './consume.ts';
import type { Passage } from './lines.ts';
import type { Deadlines } from './deadlines.ts';
import { Decoder, type Reading } from './decoder.ts';
import type { Event } from './event.ts';
import { followedBy } from './followed-by.ts';
import type { ClientId, Command, EndReason, Level, Order } from './message.ts';
import type { Ended } from './notice.ts';
import { outbox } from './outbox.ts';
import type { Owner, Router } from './router.ts';
import { isSecret, Secrets } from './secrets.ts';
import { Stranded } from './stranded.ts';
import { text } from './text.ts';
import type { Ticket } from './ticket.ts';
import type { Vault } from './vault/vault.ts';

/** Seconds for which a client that has ended its side is still written to after its last line was handled. */
const LINGER = 1;

/** What all sessions share. */
export interface House {
  readonly broker: Broker;
  readonly router: Router;
  readonly backlogs: Backlogs;
  readonly deadlines: Deadlines;
  /** `loginTimeout` is in seconds. */
  readonly config: Reading & { readonly loginTimeout: number; readonly allowPlainPasswords: boolean };
  readonly vault: Vault;
  /** The last line of a session is published; it may still be told things. Said once for each. */
  readonly quiet: () => void;
  /** The session is over. */
  readonly left: (session: Session) => void;
}

export class Session implements Debtor, Owner {
  readonly connection: Connection;
  readonly backlog: Backlog;
  /** Undefined until it has logged in. */
  name: string | undefined;
  codec = text;
  /** How many it has sent. */
  lines = 0;
  readonly #house: House;
  readonly #decoder: Decoder;
  /** As long as it has no name, or something waits for a password; others need none. */
  #secrets: Secrets | undefined;
  #reason: EndReason | undefined;
  #fault: unknown;
  /** Nothing more is read. */
  #isAllRead = false;
  /** Its last line is published. */
  #isQuiet = false;
  #isClosed = false;
  #isGone = false;

  constructor(connection: Connection, house: House) {
    this.connection = connection;
    this.#house = house;
    this.#decoder = new Decoder(house.config);
    connection.gate.scale = this.#decoder;
    this.#secrets = this.#newSecrets();
    this.backlog = new Backlog(house.backlogs, this);
    connection.closed = () => {
      this.#isClosed = true;
      if (this.#isQuiet) this.#gone();
    };
  }

  get id(): ClientId {
    return this.connection.id;
  }

  // Made when they are asked for: nothing of an Observable is needed once it is subscribed, and a chain of them that is
  // kept is a kilobyte for each client (measured).

  /**
   * Publishes what the client says. Emits nothing, completes when nothing more will come, never errors. To be
   * subscribed once, after `outbound`.
   */
  get inbound(): Observable<never> {
    return this.connection.lines.pipe(
      consume((passages) => {
        this.#said(passages);
      }),
      finalize(() => {
        this.#saidAll();
      }),
    );
  }

  /**
   * Writes to the client what there is for it; unsubscribing closes the connection at once. Emits
   * `ended` when the connection is closed, then completes. Never errors: what goes wrong with one client is a reason
   * in its `ended`. To be subscribed once.
   */
  get outbound(): Observable<Ended> {
    return this.#house.router.mailbox(this.id, this).pipe(
      outbox(this.connection, this.backlog),
      followedBy((error) => this.#farewell(error)),
      finalize(() => {
        this.#leave();
      }),
    );
  }

  /** Makes the client known to the chat; before it is subscribed to. */
  arrive(): void {
    const { id, address, since } = this.connection;
    const passed = (performance.now() - since) / 1000;
    this.#house.deadlines.set(id, Math.max(0, this.#house.config.loginTimeout - passed));
    this.#house.broker.publish([{ type: 'arrived', client: id, address }]);
  }

  #said(passages: readonly Passage[]): void {
    const client = this.connection.id;
    try {
      const commands = this.#decoder.read(passages);
      for (const command of commands) this.lines += linesOf(command);
      if (!this.#secrets && commands.some(isSecret)) this.#secrets = this.#newSecrets();
      if (this.#secrets) this.#secrets.say(commands);
      else this.#house.broker.publish(commands.map((command) => ({ type: 'line', client, command })));
    } catch (error) {
      // It ends this client and no other.
      this.#house.router.fail(client, error);
    }
  }

  /** All that it will ever say is read; what of it waits for a password is published first. */
  #saidAll(): void {
    this.#isAllRead = true;
    if (this.#secrets?.holds === true) return;
    const { id, over } = this.connection;
    if (over === 'ended') this.#house.broker.publish([{ type: 'ended', client: id }]);
    // Whoever has ended its side and is closed then hears nothing any more, and others need not wait for it.
    if (over === 'lost' || this.#isClosed) this.#gone();
    this.#isQuiet = true;
    this.#house.quiet();
  }

  #newSecrets(): Secrets {
    const { connection } = this;
    const { id, address, gate } = connection;
    const { vault, broker, config, router } = this.#house;
    const secrets = new Secrets(
      {
        ...{ id, address, mayTell: connection.isPrivate || config.allowPlainPasswords },
        publish: (inputs) => {
          broker.publish(inputs);
        },
        hold: () => {
          gate.hold('password');
        },
        release: () => {
          gate.release('password');
          // What is read by that may have a password in it again.
          if (this.#secrets?.holds === true) return;
          // Of those who have a name nothing is to be kept for this.
          if (this.name !== undefined && this.#secrets?.isUndecided !== true) this.#secrets = undefined;
          if (this.#isAllRead && !this.#isQuiet) this.#saidAll();
        },
        failed: (error) => {
          router.fail(id, error);
        },
      },
      vault,
    );
    if (this.name !== undefined) secrets.answered(true);
    return secrets;
  }

  report(level: Level): void {
    const { id, gate } = this.connection;
    if (level === 'caught-up') gate.release('outbox behind');
    else gate.hold('outbox behind');
    this.#house.broker.publish([{ type: 'level', client: id, level }]);
  }

  letGo(error: SlowConsumer): void {
    // Whoever was told to go, and does not read that either, has heard its reason.
    if (!this.#house.router.fail(this.connection.id, error)) this.connection.destroy();
  }

  confirm(ticket: Ticket): void {
    this.backlog.confirm(ticket);
  }

  obey(order: Order): void {
    const { id, gate } = this.connection;
    switch (order.do) {
      case 'hold':
        gate.hold('recipient behind');
        return;
      case 'release':
        gate.release('recipient behind');
        return;
      case 'next': // as the router publishes it
        return;
      case 'again':
        this.#secrets?.answered(false);
        return;
      case 'linger':
        this.#house.deadlines.set(id, LINGER);
        return;
      case 'name':
        this.name = order.name;
        this.#house.deadlines.clear(id);
        this.#secrets?.answered(true);
        return;
      case 'end':
        this.#reason ??= order.reason;
        this.#fault ??= order.error;
        // It is not heard any more.
        this.#secrets?.abandon();
        this.connection.halt();
        if (this.#isAllRead && !this.#isQuiet) this.#saidAll();
    }
  }

  /** Nothing more is written than the reason, where it was an error. */
  #farewell(error: unknown): Observable<Ended> {
    let last: Event | undefined;
    if (error instanceof SlowConsumer) {
      this.#reason ??= error.reason;
      last = { type: 'problem', code: 'too-slow' };
    } else if (error instanceof Stranded) {
      ({ reason: this.#reason, last } = error);
    } else if (error !== undefined) {
      this.#reason ??= 'fault';
      this.#fault ??= error;
      last = { type: 'problem', code: 'fault' };
    }
    this.#gone();
    // What it has in hand must not keep it.
    this.connection.gate.abandon();
    return concat(
      this.connection.end(last && this.codec.encode(last)),
      defer(() => of(this.#ended())),
    );
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#house.broker.publish([{ type: 'gone', client: this.connection.id }]);
  }

  #leave(): void {
    this.#house.deadlines.clear(this.connection.id);
    this.backlog.close();
    this.connection.destroy();
    this.#house.left(this);
  }

  #ended(): Ended {
    const { address, bytesIn, bytesOut, since } = this.connection;
    return {
      type: 'ended',
      reason: this.#reason ?? 'left',
      name: this.name,
      address,
      bytesIn,
      bytesOut,
      lines: this.lines,
      seconds: Math.round(performance.now() - since) / 1000,
      ...(this.#fault !== undefined && { error: this.#fault }),
    };
  }
}

/** How many lines ask for it. */
const linesOf = (command: Command): number => (command.kind === 'say' ? command.rests.length : 1);
