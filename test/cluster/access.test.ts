import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { folder, Pair } from '../support/certificate.ts';
import { Command } from '../support/command.ts';
import { DRY, NatsOperator } from '../support/nats-accounts.ts';
import { natsAs, natsServer } from '../support/nats.ts';
import { needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

/** What is said where it does not start, and how it ends. */
async function refusal(...args: string[]): Promise<[said: string, code: number | null]> {
  const command = new Command(['--port', '0', ...args]);
  const code = await command.exits();
  expect(command.stdout).toBe('');
  return [command.stderr, code];
}

/** It is a node, and somebody can talk there. */
async function starts(...args: string[]): Promise<Command> {
  const server = await Command.start(args);
  await server.login('alice');
  return server;
}

describe('NATS with TLS', () => {
  const tls = (url: string): string => url.replace('nats:', 'tls:');

  test('is used where its certificate is vouched for by --cluster-ca, whether the address says tls or not', async () => {
    const { cert, key } = await Pair.made('127.0.0.1');
    const nats = await natsServer('--tls', '--tlscert', cert, '--tlskey', key);
    await starts('--cluster', tls(nats.url), '--cluster-ca', cert);
    await starts('--cluster', nats.url, '--cluster-ca', cert, '--cluster-name', 'other');
  });

  test('is not used where nobody vouches for it, or somebody else, or it is for another address: one line', async () => {
    const { cert, key } = await Pair.made('127.0.0.1');
    const nats = await natsServer('--tls', '--tlscert', cert, '--tlskey', key);
    const other = await Pair.made('127.0.0.1');
    const at = tls(nats.url);
    const why = `rxchat: NATS at ${at} cannot be used: `;
    expect(await refusal('--cluster', at)).toEqual([
      `${why}self-signed certificate; --cluster-ca takes who vouches for it\n`,
      1,
    ]);
    expect(await refusal('--cluster', at, '--cluster-ca', other.cert)).toEqual([
      `${why}self-signed certificate; the one in ${other.cert} does not vouch for it\n`,
      1,
    ]);
    const elsewhere = await Pair.made('127.0.0.9');
    const wrong = await natsServer('--tls', '--tlscert', elsewhere.cert, '--tlskey', elsewhere.key);
    const [said, code] = await refusal('--cluster', tls(wrong.url), '--cluster-ca', elsewhere.cert);
    expect(said).toMatch(/^rxchat: NATS at tls:\/\/127\.0\.0\.1:\d+ cannot be used: .*127\.0\.0\.1.*\n$/);
    expect(code).toBe(1);
  });

  test('that knows its users by certificates is used with --cluster-cert and --cluster-key', async () => {
    const [server, node, stranger] = [
      await Pair.made('127.0.0.1'),
      await Pair.made('127.0.0.1'),
      await Pair.made('127.0.0.1'),
    ];
    const nats = await natsServer(
      ...['--tls', '--tlscert', server.cert, '--tlskey', server.key],
      ...['--tlsverify', '--tlscacert', node.cert],
    );
    const at = ['--cluster', tls(nats.url), '--cluster-ca', server.cert];
    await starts(...at, '--cluster-cert', node.cert, '--cluster-key', node.key);
    for (const args of [[], ['--cluster-cert', stranger.cert, '--cluster-key', stranger.key]]) {
      const [said, code] = await refusal(...at, ...args);
      expect([said.split('\n').slice(-2), code]).toEqual([
        [
          `rxchat: NATS at ${tls(nats.url)} cannot be used: timeout; start it, or wait for it with --cluster-wait; where it asks for a certificate, --cluster-cert takes one that it knows`,
          '',
        ],
        1,
      ]);
    }
  });

  test('a file that is not there, or not what it ought to be, is one line and an end with 2, also where NATS is away, and is waited for', async () => {
    const { cert, key } = await Pair.made('127.0.0.1');
    const other = await Pair.made('127.0.0.1');
    const none = join(folder(), 'none.pem');
    const nats = await natsServer('--tls', '--tlscert', cert, '--tlskey', key);
    const missing = 'cannot be read: there is no such file';
    const cases: [args: string[], line: string][] = [
      [['--cluster-ca', none], `the cluster-ca ${none} ${missing}`],
      [['--cluster-ca', key], `there is no certificate in PEM in the cluster-ca ${key}`],
      [['--cluster-cert', none], `the cluster-cert ${none} ${missing}`],
      [['--cluster-cert', key], `there is no certificate in PEM in the cluster-cert ${key}`],
      [['--cluster-cert', cert], `there is no key in the cluster-cert ${cert}: give --cluster-key`],
      [['--cluster-cert', cert, '--cluster-key', none], `the cluster-key ${none} ${missing}`],
      [['--cluster-cert', cert, '--cluster-key', cert], `there is no key in PEM in the cluster-key ${cert}`],
      [['--cluster-key', key], 'cluster-key needs a cluster-cert'],
      [['--cluster-creds', none], `the cluster-creds ${none} ${missing}`],
      [
        ['--cluster-cert', cert, '--cluster-key', other.key],
        'cluster-cert and cluster-key are no pair of a certificate and its key: ',
      ],
    ];
    const refused = async (which: typeof cases, ...args: string[]): Promise<void> => {
      for (const [wrong, line] of which) {
        const [said, code] = await refusal('--cluster', tls(nats.url), ...args, ...wrong);
        expect([said.slice(0, `rxchat: ${line}`.length), code]).toEqual([`rxchat: ${line}`, 2]);
        expect(said).toMatch(/^[^\n]+\n$/);
      }
    };
    await refused(cases.slice(0, 2));
    await nats.kill();
    await refused(cases, '--cluster-wait');
  }, 60_000);

  test('is asked for by tls://, or by what NATS and a server would know each other by, so one that has none is not used, and is told no secret', async () => {
    const nats = await natsServer();
    const { cert, key } = await Pair.made('127.0.0.1');
    const why = "cannot be used: server does not support 'tls'; it has no TLS: ";
    const [said, code] = await refusal('--cluster', tls(nats.url).replace('//', '//rx:s3cret@'));
    expect(said).toBe(`rxchat: NATS at ${tls(nats.url)} ${why}write nats:// in place of tls://\n`);
    expect(code).toBe(1);
    const files = ['--cluster-ca', cert, '--cluster-cert', cert, '--cluster-key', key];
    expect(await refusal('--cluster', nats.url, ...files)).toEqual([
      `rxchat: NATS at ${nats.url} ${why}leave out --cluster-ca and --cluster-cert\n`,
      1,
    ]);
    expect(await refusal('--cluster', tls(nats.url), '--cluster-ca', cert)).toEqual([
      `rxchat: NATS at ${tls(nats.url)} ${why}write nats:// in place of tls://, and leave out --cluster-ca\n`,
      1,
    ]);
  });
});

describe('NATS with accounts that an operator vouches for', () => {
  async function prepared() {
    const operator = new NatsOperator();
    const [account, dry] = [operator.account('chat'), operator.account('dry', DRY)];
    const nats = await natsAs(operator.configuration);
    const credsOf = (creds: string): string => {
      const file = join(folder(), 'node.creds');
      writeFileSync(file, creds);
      return file;
    };
    return { nats, account, dry, credsOf };
  }

  test('is used with the file of --cluster-creds, of which nothing is told', async () => {
    const { nats, account, credsOf } = await prepared();
    const { creds, secrets } = account.user('node');
    const server = await starts('--cluster', nats.url, '--cluster-creds', credsOf(creds));
    for (const secret of secrets) expect(server.stdout + server.stderr).not.toContain(secret);
  });

  test('is not used without, with those of an account that it does not know, or that has no JetStream, or that are none: one line, and no secret', async () => {
    const { nats, dry, credsOf } = await prepared();
    const why = `rxchat: NATS at ${nats.url} cannot be used: `;
    const advice = '; put a user into the address, or give --cluster-creds';
    expect(await refusal('--cluster', nats.url)).toEqual([`${why}Authorization Violation${advice}\n`, 1]);
    const stranger = new NatsOperator().account('chat').user('node');
    const strange = credsOf(stranger.creds);
    expect(await refusal('--cluster', nats.url, '--cluster-creds', strange)).toEqual([
      `${why}Authorization Violation; it does not know who is in ${strange}\n`,
      1,
    ]);
    const { creds, secrets } = dry.user('node');
    const [said, code] = await refusal('--cluster', nats.url, '--cluster-creds', credsOf(creds));
    expect([said, code]).toEqual([
      `${why}JetStream not enabled for account; it has to be enabled for this one, like "jetstream: enabled"\n`,
      1,
    ]);
    for (const secret of secrets) expect(said).not.toContain(secret);
    for (const broken of [
      'no credentials',
      creds.replace(/^S.*/m, (seed) => seed.slice(0, -4)),
      secrets[1] ?? '',
    ]) {
      const file = credsOf(broken);
      expect(await refusal('--cluster', nats.url, '--cluster-creds', file)).toEqual([
        `rxchat: cluster-creds ${file} is no file with credentials for NATS\n`,
        2,
      ]);
    }
  });
});
