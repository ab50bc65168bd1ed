/** Why NATS cannot be used, in a line that says what may help. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { ConfigError } from '../config.ts';
import { ClusterUnusable } from './unusable.ts';

/** Addresses with commas between them. */
interface Servers {
  readonly servers: string;
}

/** Where NATS is, without what is secret in the address. */
export const placeOf = ({ servers }: Servers): string =>
  servers
    .split(',')
    .map((server) => {
      const url = addressOf(server);
      return url ? `${url.protocol}//${url.host}` : 'what is no address';
    })
    .join(',');

/** Undefined where it is none. */
export const addressOf = (server: string): URL | undefined =>
  URL.canParse(server.trim()) ? new URL(server.trim()) : undefined;

/** What Node 24 says behind an unknown certificate, which is of no use here. */
const NODES_ADVICE = /; if the root CA is installed locally, .*$/;

/** Why it is not there, and what may help, in one line. */
export function problem(options: Servers, error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof ClusterUnusable || !(error instanceof Error))
    return error;
  return new ClusterUnusable(
    `NATS at ${placeOf(options)} cannot be used: ${error.message.replace(NODES_ADVICE, '')}${adviceOn(error, options)}`,
    {
      cause: error,
    },
  );
}

/** NATS has answered that it does not do that, so to ask again is of no use as long as nobody changes something there. */
export const isRefusal = (error: unknown): error is Error =>
  isDenial(error) || (error instanceof JetStreamApiError && error.status < 500);

const isDenial = (error: unknown): boolean =>
  error instanceof PermissionViolationError ||
  (error instanceof Error && error.cause instanceof PermissionViolationError);

/** Of Node, or of OpenSSL. */
const UNVOUCHED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const isUnvouched = (error: Error): boolean =>
  [error, error.cause].some(
    (one) => one instanceof Error && 'code' in one && UNVOUCHED.includes(String(one.code)),
  );

const LATER = '; start it, or wait for it with --cluster-wait';

function adviceOn(error: Error, { servers }: Servers): string {
  if (isDenial(error)) return '; the user of this server has to have that right';
  if (isUnvouched(error)) return '; --cluster-ca takes who vouches for it';
  const { name, message } = error;
  switch (name) {
    case 'ConnectionError':
      return LATER;
    case 'TimeoutError':
      // In TLS 1.3 nothing is heard of a certificate that it does not accept.
      return servers.includes('tls:')
        ? `${LATER}; where it asks for a certificate, --cluster-cert takes one that it knows`
        : LATER;
    case 'JetStreamNotEnabled':
      return message.includes('for account')
        ? '; it has to be enabled for this one, like "jetstream: enabled"'
        : '; start it with -js';
    case 'AuthorizationError':
      return '; put a user into the address, or give --cluster-creds';
    default:
      return '';
  }
}
