/** The connection to NATS. It comes back by itself as often as it is lost. */
import { type JetStreamClient, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { concat, distinctUntilChanged, filter, from, map, Observable, of, shareReplay } from 'rxjs';
import { ConfigError } from '../config.ts';
import { readTextFile } from '../text-file.ts';
import { ClusterUnusable } from './unusable.ts';

/** How NATS is reached. Of the files, empty is none. */
export interface LinkOptions {
  /** `nats://` or `tls://`, with a host, a port and perhaps `user:password@` or `token@`; several with commas between them. */
  readonly servers: string;
  /** Of NATS: a JWT and its key. */
  readonly creds: string;
  /** PEM: who vouches for NATS, and the certificate and key of this node. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where NATS is, without what is secret in the address. */
export const placeOf = ({ servers }: Pick<LinkOptions, 'servers'>): string =>
  servers.replaceAll(/\/\/[^/@]*@/g, '//');

/** Milliseconds between two attempts to reach NATS again. */
const AGAIN = 250;
/** Milliseconds until it is known that it cannot be reached, or that a request has no answer. */
const PATIENCE = 5000;
/** Milliseconds between two questions whether it is there; two without an answer, and the connection counts as lost. */
const PING = 3000;

export class Link {
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Is it there? Emits at once, and whenever that changes. */
  readonly up: Observable<boolean>;

  constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.jetstream = jetstream(connection, { timeout: PATIENCE });
    this.manager = manager;
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
      else subscriber.next(new Link(connection, await jetstreamManager(connection, { timeout: PATIENCE })));
    };
    opened().catch((error: unknown) => {
      subscriber.error(problem(options, error));
    });
    return () => {
      void connection?.close();
    };
  });
}

/** Throws a ConfigError where it is not written as it should be. */
function connectionOf({ servers, creds, ca, cert, key }: LinkOptions): NodeConnectionOptions {
  const urls = servers.split(',').map((server) => urlOf(server.trim()));
  const [{ username, password }] = urls as [URL];
  const secured = ca !== '' || cert !== '' || urls.some(({ protocol }) => protocol === 'tls:');
  return {
    servers: urls.map(({ host }) => host),
    name: 'rxchat',
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
      authenticator: credsAuthenticator(Buffer.from(readTextFile(creds, 'cluster-creds'))),
    }),
    ...(secured && {
      tls: { ...(ca !== '' && { caFile: ca }), ...(cert !== '' && { certFile: cert, keyFile: key || cert }) },
    }),
  };
}

function urlOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url && ['nats:', 'tls:'].includes(url.protocol) && url.host !== '') return url;
  throw new ConfigError(
    `cluster must be addresses of NATS like nats://127.0.0.1:4222, not ${JSON.stringify(server)}`,
  );
}

/** Why it is not there, and what may help, in one line. */
export function problem(options: Pick<LinkOptions, 'servers'>, error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof ClusterUnusable || !(error instanceof Error))
    return error;
  return new ClusterUnusable(
    `NATS at ${placeOf(options)} cannot be used: ${error.message}${adviceOn(error)}`,
    {
      cause: error,
    },
  );
}

function adviceOn({ name }: Error): string {
  switch (name) {
    case 'ConnectionError':
    case 'TimeoutError':
      return '; start it, or wait for it with --cluster-wait';
    case 'JetStreamNotEnabled':
      return '; start it with -js';
    case 'AuthorizationError':
      return '; put a user into the address, or give --cluster-creds';
    default:
      return '';
  }
}
