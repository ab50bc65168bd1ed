/** The connection to NATS. It comes back by itself as often as it is lost. */
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { type JetStreamClient, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import {
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  PermissionViolationError,
  type TlsOptions,
} from '@nats-io/transport-node';
import { concat, defer, distinctUntilChanged, filter, from, map, Observable, of, shareReplay } from 'rxjs';
import { ConfigError } from '../config.ts';
import { authenticatorOf, type Papers, refuseWrong } from './credentials.ts';
import { addressOf, placeOf, problem } from './problem.ts';
import { ClusterUnusable } from './unusable.ts';
import { LARGEST } from './wire.ts';

/** How NATS is reached. Of the files, empty is none. */
export interface LinkOptions extends Papers {
  /** `nats://` or `tls://`, with a host, a port and perhaps `user:password@` or `token@`; several with commas between them. */
  readonly servers: string;
  /** Of NATS: a JWT and its key. */
  readonly creds: string;
  /** What is not there yet is waited for. */
  readonly isPatient?: boolean;
  /** It is another attempt: in the order of the addresses, so that what is said of it is the same again. */
  readonly isAgain?: boolean;
}

/** Milliseconds between two attempts to reach NATS again. */
const AGAIN = 250;
/** Milliseconds until it is known that it cannot be reached, or that a request has no answer. */
const PATIENCE = 5000;
/** Bytes at the most of what stands before a message that NATS counts as well. */
const BEFORE = 4096;
/** Milliseconds between two questions whether it is there; two without an answer, and the connection counts as lost. */
const PING = 3000;

export class Link {
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Where NATS is, without what is secret. */
  readonly place: string;
  /** Is it there? Emits at once, and whenever that changes. */
  readonly up: Observable<boolean>;
  /** What this server has asked for, and has no right to. */
  readonly denials: Observable<Error>;

  constructor(connection: NatsConnection, manager: JetStreamManager, place: string) {
    this.jetstream = jetstream(connection, { timeout: PATIENCE });
    this.manager = manager;
    this.place = place;
    this.denials = defer(() => connection.status()).pipe(
      map((status) => (status.type === 'error' ? status.error : undefined)),
      filter((error) => error instanceof PermissionViolationError),
    );
    const changes = from(connection.status()).pipe(
      filter(({ type }) => type === 'disconnect' || type === 'reconnect'),
      map(({ type }) => type === 'reconnect'),
    );
    this.up = concat(of(true), changes).pipe(
      distinctUntilChanged(),
      shareReplay({ bufferSize: 1, refCount: false }),
    );
  }
}

/** Emits the connection once it is there, and holds it while subscribed. Errors with a ClusterUnusable, or a ConfigError. */
export function link(options: LinkOptions): Observable<Link> {
  return new Observable((subscriber) => {
    let connection: NatsConnection | undefined;
    const opened = async (): Promise<void> => {
      connection = await connect(connectionOf(options));
      if (subscriber.closed) await connection.close();
      else {
        refuseSmall(connection, options);
        const manager = await jetstreamManager(connection, { timeout: PATIENCE });
        subscriber.next(new Link(connection, manager, placeOf(options)));
      }
    };
    opened().catch((error: unknown) => {
      subscriber.error(problem(options, error));
    });
    return () => {
      void connection?.close();
    };
  });
}

/** By itself it takes twice as much as a message may have. */
function refuseSmall({ info }: NatsConnection, options: LinkOptions): void {
  const most = info?.max_payload ?? Infinity;
  const least = LARGEST + BEFORE;
  if (most < least)
    throw new ClusterUnusable(
      `NATS at ${placeOf(options)} takes messages of ${String(most)} bytes at the most, and a node needs ${String(least)}: set max_payload there`,
    );
}

/** Throws a ConfigError where it is not written as it should be, or a file is not what it ought to be. */
function connectionOf(options: LinkOptions): NodeConnectionOptions {
  const { servers, creds, ca, cert, key, isAgain = false } = options;
  const urls = servers.split(',').map((server) => urlOf(server.trim()));
  const [{ username, password }] = urls as [URL];
  refuseWrong(options);
  const secured = ca !== '' || cert !== '' || urls.some(({ protocol }) => protocol === 'tls:');
  return {
    servers: urls.map(({ host }) => host),
    name: 'rxchat',
    noRandomize: isAgain,
    maxReconnectAttempts: -1,
    reconnectTimeWait: AGAIN,
    reconnectJitter: AGAIN,
    reconnectJitterTLS: AGAIN,
    // A stack for each message is a quarter of what it costs to publish one.
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
    timeout: PATIENCE,
    pingInterval: PING,
    ...(password !== '' && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(password === '' && username !== '' && { token: decodeURIComponent(username) }),
    ...(creds !== '' && {
      authenticator: authenticatorOf(creds),
    }),
    ...(secured && {
      tls: {
        ...checkedBy(urls),
        ...(ca !== '' && { caFile: ca }),
        ...(cert !== '' && { certFile: cert, keyFile: key || cert }),
      },
    }),
  };
}

const LOCAL = 'localhost';

/**
 * For a server that has an address and no name, Node would look whether its certificate is for localhost. The client passes on what it
 * does not know of itself.
 */
function checkedBy(urls: readonly URL[]): TlsOptions {
  const addresses = urls
    .map(({ hostname }) => hostname.replace(/^\[(.*)\]$/, '$1'))
    .filter((name) => isIP(name) > 0 || name === LOCAL);
  const options: Pick<ConnectionOptions, 'checkServerIdentity'> = {
    checkServerIdentity: (name, certificate) => {
      const names = name === LOCAL && addresses.length > 0 ? addresses : [name];
      const problems = names.map((one) => checkServerIdentity(one, certificate));
      return problems.includes(undefined) ? undefined : problems[0];
    },
  };
  return options as TlsOptions;
}

function urlOf(server: string): URL {
  const url = addressOf(server);
  if (url && ['nats:', 'tls:'].includes(url.protocol) && url.host !== '') return url;
  // There may be a password in it, of which not all is where it should be.
  const what = server.includes('@') ? 'one with an "@" in it' : JSON.stringify(server);
  throw new ConfigError(`cluster must be addresses of NATS like nats://127.0.0.1:4222, not ${what}`);
}
