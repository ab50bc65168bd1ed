/** The files by which NATS and this server know each other. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type Authenticator, credsAuthenticator } from '@nats-io/transport-node';
import { ConfigError } from '../config.ts';
import { readTextFile } from '../text-file.ts';

/** PEM: who vouches for NATS, and the certificate and key of this server. Empty is none. */
export interface Papers {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Throws a ConfigError where one of them cannot be read, or is not what it ought to be. Nobody has to ask NATS for that, which reads
 * them itself at each attempt, since they may be renewed.
 */
export function refuseWrong({ ca, cert, key }: Papers): void {
  if (cert === '' && key !== '') throw new ConfigError('cluster-key needs a cluster-cert');
  if (ca !== '') refuseWithoutCertificate(readTextFile(ca, 'cluster-ca'), `cluster-ca ${ca}`);
  if (cert === '') return;
  const text = readTextFile(cert, 'cluster-cert');
  refuseWithoutCertificate(text, `cluster-cert ${cert}`);
  const withKey = key === '' ? text : readTextFile(key, 'cluster-key');
  if (!PRIVATE_KEY.test(withKey))
    throw new ConfigError(
      key === ''
        ? `there is no key in the cluster-cert ${cert}: give --cluster-key`
        : `there is no key in PEM in the cluster-key ${key}`,
    );
  try {
    createSecureContext({ cert: text, key: withKey });
  } catch (error) {
    const why = (error as Error).message.replace(/^error:[0-9A-F]+:/, '');
    throw new ConfigError(`cluster-cert and cluster-key are no pair of a certificate and its key: ${why}`, {
      cause: error,
    });
  }
}

const PRIVATE_KEY = /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m;

/** Node would take none for a certificate that vouches for nobody. */
function refuseWithoutCertificate(text: string, what: string): void {
  try {
    new X509Certificate(text);
  } catch (error) {
    throw new ConfigError(`there is no certificate in PEM in the ${what}`, { cause: error });
  }
}

/** Throws a ConfigError where there are no credentials in that file, which says nothing of what is. */
export function authenticatorOf(file: string): Authenticator {
  const authenticate = credsAuthenticator(Buffer.from(readTextFile(file, 'cluster-creds')));
  try {
    // As NATS will have it, which asks for something else to be signed each time.
    authenticate('nonce');
  } catch {
    throw new ConfigError(`cluster-creds ${file} is no file with credentials for NATS`);
  }
  return authenticate;
}
