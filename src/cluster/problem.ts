/** Why NATS cannot be used, in a line that says what may help. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { ConfigError } from '../config.ts';
import type { ClusterNotice } from '../notice.ts';
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

/** What is told where it is waited for; `why` is empty as long as nobody knows. */
export const waiting = (servers: string, why: string): ClusterNotice => ({
  ...{ type: 'cluster', ok: false, what: 'away' },
  error: `waits for NATS at ${placeOf({ servers })}${why === '' ? '' : `: ${why}`}`,
});

/** How NATS was asked for; of the files, empty is none. */
interface Attempt extends Servers {
  readonly creds?: string;
  readonly ca?: string;
  readonly cert?: string;
  /** What is not there yet is waited for anyway. */
  readonly isPatient?: boolean;
}

/** What Node 24 says behind an unknown certificate, which is of no use here. */
const NODES_ADVICE = /; if the root CA is installed locally, .*$/;
/** What the client of NATS gives names of its own, other ones at each attempt. */
const NAMES_OF_ITS_OWN = /\b[\dA-Z]{22}\b/g;

/** Why it is not there, and what may help, in one line. The same is the same line at each attempt. */
export function problem(attempt: Attempt, error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof ClusterUnusable || !(error instanceof Error))
    return error;
  const why = `${reasonOf(error)}${adviceOn(error, attempt)}`;
  return new ClusterUnusable(`NATS at ${placeOf(attempt)} cannot be used: ${why}`, { why, cause: error });
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
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const hasCode = (error: Error, codes: readonly string[]): boolean =>
  [error, error.cause].some(
    (one) => one instanceof Error && 'code' in one && codes.includes(String(one.code)),
  );

/** Who is asked for names knows no host of that one, or does not answer, which may be another time. */
const isNameless = (error: Error): error is Error & { readonly hostname: string } =>
  hasCode(error, ['ENOTFOUND', UNANSWERED]) && 'hostname' in error;

const UNANSWERED = 'EAI_AGAIN';

function reasonOf(error: Error): string {
  if (isNameless(error))
    return hasCode(error, [UNANSWERED])
      ? `nobody tells now where ${error.hostname} is`
      : `there is no host ${error.hostname}`;
  return error.message.replace(NODES_ADVICE, '').replaceAll(NAMES_OF_ITS_OWN, '*');
}

function adviceOn(error: Error, attempt: Attempt): string {
  const { servers, ca = '', isPatient = false } = attempt;
  if (isDenial(error)) return '; the user of this server has to have that right';
  if (hasCode(error, UNVOUCHED))
    return ca === '' ? '; --cluster-ca takes who vouches for it' : `; the one in ${ca} does not vouch for it`;
  if (isNameless(error)) return '; look at --cluster';
  const later = isPatient ? '' : '; start it, or wait for it with --cluster-wait';
  const { name, message } = error;
  switch (name) {
    case 'ConnectionError':
      return message.includes("not support 'tls'") ? `; it has no TLS: ${plainly(attempt)}` : later;
    case 'TimeoutError':
      // In TLS 1.3 nothing is heard of a certificate that it does not accept.
      return servers.includes('tls:')
        ? `${later}; where it asks for a certificate, --cluster-cert takes one that it knows`
        : later;
    case 'JetStreamNotEnabled':
      return message.includes('for account')
        ? '; it has to be enabled for this one, like "jetstream: enabled"'
        : '; start it with -js';
    case 'AuthorizationError':
      return /violation/i.test(message) ? `; ${admission(attempt)}` : '';
    default:
      return '';
  }
}

/** What has asked for TLS, to be undone. */
function plainly({ servers, ca = '', cert = '' }: Attempt): string {
  const files = [ca !== '' && '--cluster-ca', cert !== '' && '--cluster-cert'].filter((one) => one !== false);
  const parts = [
    servers.includes('tls:') && 'write nats:// in place of tls://',
    files.length > 0 && `leave out ${files.join(' and ')}`,
  ];
  return parts.filter((one) => one !== false).join(', and ');
}

/** What it does not let in, or what it may be that it has to be given. */
function admission({ servers, creds = '' }: Attempt): string {
  if (creds !== '') return `it does not know who is in ${creds}`;
  const { username = '', password = '' } = addressOf(servers.split(',')[0] ?? '') ?? {};
  if (password !== '') return 'it does not know this user, or the password is wrong';
  if (username !== '') return 'it does not know this token';
  return 'put a user into the address, or give --cluster-creds';
}
