/** The certificate of this server and its key, as files have them or made for trying out. */
import { constants, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { defer, from, map, type Observable, of } from 'rxjs';
import type { SelfsignedOptions, SubjectAltNameEntry } from 'selfsigned';
import { ConfigError } from '../config.ts';
import type { Config } from '../options.ts';
import { readTextFile } from '../text-file.ts';

type Options = Pick<Config, 'tlsCert' | 'tlsKey' | 'tlsSelfSigned' | 'tlsOnly' | 'dataDir' | 'host'>;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Days for which one that is made is valid: browsers take none of more (Apple, Google, 2020). */
const DAYS = 397;
const DAY = 24 * 3600 * 1000;
const FILE = 'self-signed.pem';
/** Only its owner may read what has a key in it. */
const PRIVATE = 0o600;

export class Certificate {
  /** Made by us: nobody vouches for it, so people compare this with what their client shows. */
  readonly isSelfSigned: boolean;
  readonly #read: () => Pair;
  #context: SecureContext;
  #fingerprint: string;

  /** Throws a ConfigError where `read` does, or what it gives is no pair. */
  constructor(read: () => Pair, isSelfSigned = false) {
    this.#read = read;
    this.isSelfSigned = isSelfSigned;
    [this.#context, this.#fingerprint] = contextOf(read());
  }

  /** For connections that come from now on. */
  get context(): SecureContext {
    return this.#context;
  }

  /** SHA-256, as `openssl x509 -fingerprint -sha256` writes it. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  /** Reads the files anew; who is connected keeps what it has. Throws a ConfigError, and keeps the old ones, where they are no pair. */
  reload(): void {
    [this.#context, this.#fingerprint] = contextOf(this.#read());
  }
}

/** What the options ask for; undefined where TLS is not asked for. Emits once and completes; errors with a ConfigError. */
export function certificateOf(options: Options): Observable<Certificate | undefined> {
  return defer(() => {
    const { tlsCert, tlsKey, tlsSelfSigned, tlsOnly } = options;
    const files = tlsCert !== '' || tlsKey !== '';
    if (files && tlsSelfSigned)
      throw new ConfigError('there is both tls-self-signed and a tls-cert; only one can be shown');
    if (tlsCert === '' && tlsKey !== '') throw new ConfigError('tls-key needs a tls-cert');
    if (tlsOnly && !files && !tlsSelfSigned)
      throw new ConfigError('tls-only needs tls-cert and tls-key, or tls-self-signed');
    if (files) {
      // Both in one file is how many keep them.
      const key = tlsKey === '' ? tlsCert : tlsKey;
      return of(
        new Certificate(() => ({
          cert: readTextFile(tlsCert, 'tls-cert'),
          key: readTextFile(key, 'tls-key'),
        })),
      );
    }
    return tlsSelfSigned ? selfSigned(options) : of(undefined);
  });
}

function contextOf({ cert, key }: Pair): [SecureContext, string] {
  try {
    const context = createSecureContext({
      cert,
      key,
      minVersion: 'TLSv1.2',
      // Those of finite fields cost 130 ms for each greeting (measured), at no cost for who sends it (CVE-2002-20001).
      ecdhCurve: 'X25519:P-256:P-384',
      // It would be work for us at the price of a few bytes for them (CVE-2011-1473).
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    });
    return [context, new X509Certificate(cert).fingerprint256];
  } catch (error) {
    const why = (error as Error).message.replace(/^error:[0-9A-F]+:/, '');
    throw new ConfigError(`tls-cert and tls-key are no pair of a certificate and its key, in PEM: ${why}`, {
      cause: error,
    });
  }
}

/** The one that is kept in `dataDir`, while it is valid; or a new one, kept there if there is such a folder. */
function selfSigned({ dataDir, host }: Options): Observable<Certificate> {
  const file = dataDir === '' ? undefined : join(dataDir, FILE);
  const kept = file === undefined ? undefined : keptIn(file);
  if (kept) return of(new Certificate(() => kept, true));
  return from(made(host)).pipe(
    map((pair) => {
      if (file !== undefined) keep(pair, dataDir, file);
      return new Certificate(() => pair, true);
    }),
  );
}

async function made(host: string): Promise<Pair> {
  // Nobody else has to wait for it.
  const { generate } = await import('selfsigned');
  const names: SubjectAltNameEntry[] = [...new Set(['localhost', hostname()])].map((value) => ({
    type: 2,
    value,
  }));
  const addresses: SubjectAltNameEntry[] = [
    ...new Set(['127.0.0.1', '::1', ...(/^[\d.]+$/.test(host) ? [host] : [])]),
  ].map((ip) => ({ type: 7, ip }));
  const options: SelfsignedOptions = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + DAYS * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, ...addresses] },
    ],
  };
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'rxchat' }], options);
  return { cert, key };
}

function keptIn(file: string): Pair | undefined {
  try {
    const pem = readFileSync(file, 'utf8');
    contextOf({ cert: pem, key: pem });
    return new Date(new X509Certificate(pem).validTo).getTime() > Date.now()
      ? { cert: pem, key: pem }
      : undefined;
  } catch {
    return undefined; // There is none, or half of one: a new one takes its place.
  }
}

/** Whole or not at all: a process that ends in the middle leaves no half of it. */
function keep({ cert, key }: Pair, folder: string, file: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${key}\n${cert}\n`, { mode: PRIVATE });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new ConfigError(
      `the certificate cannot be kept in data-dir ${folder}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
