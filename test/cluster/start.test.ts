import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { streamOf } from '../../src/cluster/stream.ts';
import { folder } from '../support/certificate.ts';
import { TestServer, until } from '../support/chat.ts';
import { AS_USUAL, connected } from '../support/cluster-node.ts';
import { Command } from '../support/command.ts';
import { needsBuild } from '../support/needs.ts';
import { Operator } from '../support/office.ts';
import { NatsCluster } from '../support/nats-cluster.ts';
import { freePort, natsAs, natsServer } from '../support/nats.ts';

beforeAll(needsBuild);

/** With these rights. */
const user = (rights: string): string =>
  `jetstream: enabled, users: [{ user: rx, password: s3cret, permissions: { ${rights} } }]`;

/** What is said where it does not start, and how it ends. */
async function refusal(...args: string[]): Promise<[said: string, code: number | null]> {
  const command = new Command(['--port', '0', ...args]);
  const code = await command.exits();
  expect(command.stdout).toBe('');
  return [command.stderr, code];
}

describe('a server that is to be in a cluster ends with one line', () => {
  test('where nobody answers', async () => {
    const url = `nats://127.0.0.1:${String(await freePort())}`;
    expect(await refusal('--cluster', url)).toEqual([
      `rxchat: NATS at ${url} cannot be used: connection refused; start it, or wait for it with --cluster-wait\n`,
      1,
    ]);
  });

  test('where NATS has no JetStream', async () => {
    const nats = await natsServer('--jetstream=false');
    expect(await refusal('--cluster', nats.url)).toEqual([
      `rxchat: NATS at ${nats.url} cannot be used: jetstream is not enabled; start it with -js\n`,
      1,
    ]);
  });

  const RIGHT = '; the user of this server has to have that right';

  test.each([
    [
      'the account of its user has no JetStream',
      'users: [{ user: rx, password: s3cret }] }, B { jetstream: enabled, users: [{ user: b, password: b }]',
      'cannot be used: JetStream not enabled for account; it has to be enabled for this one, like "jetstream: enabled"',
    ],
    [
      'it may not ask JetStream',
      user('publish: { deny: "$JS.API.>" }'),
      `cannot be used: Permissions Violation for Publish to "$JS.API.INFO"${RIGHT}`,
    ],
    [
      'it may not publish',
      user('publish: { deny: "rxchat.log" }'),
      `cannot be used: Permissions Violation for Publish to "rxchat.log"${RIGHT}`,
    ],
    [
      'it may not have a reader',
      user('publish: { deny: "$JS.API.CONSUMER.CREATE.rxchat" }'),
      `cannot be used: Permissions Violation for Publish to "$JS.API.CONSUMER.CREATE.rxchat"${RIGHT}`,
    ],
    [
      'it may not ask its reader',
      user('publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" }'),
      `cannot be used: Permissions Violation for Publish to "$JS.API.CONSUMER.MSG.NEXT.rxchat.*"${RIGHT}`,
    ],
    [
      'it may hear no answer',
      user('subscribe: { deny: "_INBOX.>" }'),
      `cannot be used: Permissions Violation for Subscription to "_INBOX.*.*"${RIGHT}`,
    ],
    [
      'it may have no snapshots',
      user('publish: { deny: "$JS.API.STREAM.CREATE.OBJ_rxchat-snapshots" }'),
      `cannot be used: Permissions Violation for Publish to "$JS.API.STREAM.CREATE.OBJ_rxchat-snapshots"${RIGHT}`,
    ],
    [
      'there is no room for the stream',
      'jetstream: { max_file: 10MB, max_mem: 10MB }, users: [{ user: rx, password: s3cret }]',
      'does not make the stream rxchat: insufficient storage resources available',
    ],
    [
      'there may be no more streams',
      'jetstream: { max_streams: 1, max_file: 10GB, max_mem: 10MB }, users: [{ user: rx, password: s3cret }]',
      'cannot be used: maximum number of streams reached',
    ],
  ])('where %s', async (_, account, why) => {
    const nats = await natsAs(`accounts { A { ${account} } }`);
    const [said, code] = await refusal('--cluster', nats.url.replace('//', '//rx:s3cret@'));
    const line = said
      .replace(` at ${nats.url}`, '')
      .replace(
        /(_INBOX|NEXT\.rxchat)\.\w+(\.\*)?/,
        (_, what: string, rest = '') => `${what}.*${String(rest)}`,
      );
    expect([line, code]).toEqual([`rxchat: NATS ${why}\n`, 1]);
  });

  test('where nothing more fits', async () => {
    const { url, fill } = await full();
    const first = await Command.start(['--cluster', url, '--cluster-keep', '256MiB']);
    await first.kill();
    await fill();
    const [said, code] = await refusal('--cluster', url);
    expect(said).toMatch(
      /^rxchat: NATS at nats:\/\/127\.0\.0\.1:\d+ cannot be used: resource limits exceeded for account\n$/,
    );
    expect(code).toBe(1);
  });

  test('where NATS does not let it in', async () => {
    const nats = await natsServer('--user', 'rx', '--pass', 's3cret');
    const [said, code] = await refusal('--cluster', nats.url);
    expect([said, code]).toEqual([
      `rxchat: NATS at ${nats.url} cannot be used: Authorization Violation; put a user into the address, or give --cluster-creds\n`,
      1,
    ]);
    const url = nats.url.replace('//', '//rx:mistaken@');
    expect(await refusal('--cluster', url)).toEqual([
      `rxchat: NATS at ${nats.url} cannot be used: Authorization Violation; it does not know this user, or the password is wrong\n`,
      1,
    ]);
    const token = nats.url.replace('//', '//mistaken@');
    expect(await refusal('--cluster', token)).toEqual([
      `rxchat: NATS at ${nats.url} cannot be used: Authorization Violation; it does not know this token\n`,
      1,
    ]);
    const at = nats.url.replace('//', '//rx:mis@taken@');
    expect((await refusal('--cluster', at))[0]).not.toContain('taken');
    const server = await Command.start(['--cluster', nats.url.replace('//', '//rx:s3cret@')]);
    await server.login('alice');
    expect(server.stdout + server.stderr).not.toContain('s3cret');
  });

  test.each([
    ['localhost:4222', 'cluster must be addresses of NATS like nats://127.0.0.1:4222, not "localhost:4222"'],
    [
      'http://127.0.0.1',
      'cluster must be addresses of NATS like nats://127.0.0.1:4222, not "http://127.0.0.1"',
    ],
    [
      'http://rx:s3cret@127.0.0.1',
      'cluster must be addresses of NATS like nats://127.0.0.1:4222, not one with an "@" in it',
    ],
    [
      'nats://rx:s3c/ret@127.0.0.1',
      'cluster must be addresses of NATS like nats://127.0.0.1:4222, not one with an "@" in it',
    ],
  ])('where the address is none: %s', async (address, line) => {
    expect(await refusal('--cluster', address)).toEqual([`rxchat: ${line}\n`, 2]);
  });

  test.each([
    [
      ['--cluster-keep', 'for ever'],
      'cluster-keep must be a time like 7d, bytes like 1GiB, or both with a comma between them, not "for ever"',
    ],
    [
      ['--cluster-keep', '7d,64MiB'],
      'cluster-keep must be 256MiB at the least: so much a node needs that starts',
    ],
    [['--cluster-keep', '10m'], 'cluster-keep must be 30m at the least: so much a node needs that starts'],
    [['--cluster-name', 'a.b'], 'cluster-name must be letters, digits, "_" and "-", not "a.b"'],
  ])('where an option is wrong: %s', async (args, line) => {
    expect(await refusal('--cluster', 'nats://127.0.0.1:4222', ...args)).toEqual([`rxchat: ${line}\n`, 2]);
  });

  test('where the stream of that name is something else', async () => {
    const nats = await natsServer();
    const { link, close } = await connected(nats.url);
    await link.manager.streams.add({ name: 'orders', subjects: ['orders.*'] });
    close();
    expect(await refusal('--cluster', nats.url, '--cluster-name', 'orders')).toEqual([
      'rxchat: the stream orders of NATS is not the log of an rxchat like this one: its description is undefined, not "rxchat: the log, form 2"; take another with --cluster-name\n',
      1,
    ]);
  });

  test('where it takes no messages as long as a node makes them', async () => {
    const nats = await natsAs('max_payload: 65536, jetstream: {}');
    expect(await refusal('--cluster', nats.url)).toEqual([
      `rxchat: NATS at ${nats.url} takes messages of 65536 bytes at the most, and a node needs 528384: set max_payload there\n`,
      1,
    ]);
  });

  test('where the stream keeps less than a node needs that starts', async () => {
    const nats = await natsServer();
    const { link, close } = await connected(nats.url);
    const { config } = await streamOf(link.manager, 'rxchat', AS_USUAL);
    await link.manager.streams.update('rxchat', { ...config, max_bytes: 64 * 1024 ** 2 });
    close();
    expect(await refusal('--cluster', nats.url)).toEqual([
      'rxchat: the stream rxchat of NATS keeps less of the log than a node needs that starts: give --cluster-keep, with 30m and 256MiB at the least\n',
      1,
    ]);
    const server = await Command.start(['--cluster', nats.url, '--cluster-keep', '1GiB']);
    await server.login('alice');
  });

  describe('where one server of NATS is to keep more than one copy of the log', () => {
    const line = ({ url }: { url: string }): string =>
      `rxchat: NATS at ${url} is one server by itself, and keeps one copy of the log: leave out --cluster-replicas, or let three servers of NATS be one first\n`;

    test('that there is not yet', async () => {
      const nats = await natsServer();
      expect(await refusal('--cluster', nats.url, '--cluster-replicas', '3')).toEqual([line(nats), 1]);
    });

    test('that is there: it stays as it is, and is there again after a restart of NATS', async () => {
      const nats = await natsServer();
      const first = await Command.start(['--cluster', nats.url]);
      const said = ['--cluster', nats.url, '--cluster-replicas', '3'];
      expect(await refusal(...said)).toEqual([line(nats), 1]);
      expect(await refusal(...said, '--cluster-wait')).toEqual([line(nats), 1]);
      await nats.kill('SIGTERM');
      await nats.run();
      const { link, close } = await connected(nats.url);
      expect((await link.manager.streams.info('rxchat')).config.num_replicas).toBe(1);
      close();
      await first.login('alice');
    });
  });

  test('where there is no host of that name', async () => {
    const [said, code] = await refusal('--cluster', 'nats://rx:s3cret@nosuch.invalid');
    expect(said).toMatch(
      /^rxchat: NATS at nats:\/\/nosuch\.invalid cannot be used: (there is no host nosuch\.invalid|nobody tells now where nosuch\.invalid is); look at --cluster\n$/,
    );
    expect(code).toBe(1);
  });

  test.each([
    ['name', 'other'],
    ['creds', '/tmp/x'],
    ['ca', '/tmp/x'],
    ['cert', '/tmp/x'],
    ['key', '/tmp/x'],
    ['keep', '7d'],
    ['replicas', '3'],
    ['wait', 'on'],
  ])('where it is told of one, and of no NATS: --cluster-%s', async (what, value) => {
    expect(await refusal(`--cluster-${what}`, value)).toEqual([
      `rxchat: cluster-${what} is of no use without cluster\n`,
      2,
    ]);
  });
});

test('what is told of a cluster counts in the environment and in a file as well, and is not in the way where it is the default', async () => {
  const lone = 'rxchat: cluster-keep is of no use without cluster\n';
  const told = new Command(['--port', '0'], { environment: { RXCHAT_CLUSTER_KEEP: '7d' } });
  expect([await told.exits(), told.stderr]).toEqual([2, lone]);
  const file = join(folder(), 'rxchat.json');
  writeFileSync(file, JSON.stringify({ 'cluster-keep': '7d' }));
  expect(await refusal('--config', file)).toEqual([lone, 2]);
  const alone = await Command.start(['--cluster-name', 'rxchat', '--cluster-wait', 'off']);
  await alone.login('alice');
});

test('several servers of NATS that are one keep as many copies of the log as they are told, of one that is there, too', async () => {
  const { url } = await NatsCluster.start();
  const { link, close } = await connected(url);
  onTestFinished(close);
  const copies = async (...args: string[]): Promise<number> => {
    // While it makes the copies NATS may give no answer.
    const server = await Command.start(['--cluster', url, '--cluster-wait', ...args]);
    await server.kill();
    return (await link.manager.streams.info('rxchat')).config.num_replicas;
  };
  expect(await copies()).toBe(1);
  expect(await copies('--cluster-replicas', '3')).toBe(3);
}, 60_000);

test('where nothing more fits later, that is what the log says; what is said waits, and comes once there is room', async () => {
  const { url, fill, empty } = await full();
  const server = await TestServer.start({ cluster: url, clusterKeep: '256MiB' });
  const alice = await server.login('alice');
  await fill();
  alice.say('alice: does it fit?');
  await until(() => server.notices.some(({ type }) => type === 'cluster'), 'the log says it');
  expect(server.notices.at(-1)).toEqual({
    ...{ type: 'cluster', ok: false, what: 'away' },
    error: `NATS at ${url.replace('rx:s3cret@', '')} does not take what is said (resource limits exceeded for account); what is said waits`,
  });
  await empty();
  await alice.sees('from alice: does it fit?');
  await alice.sees('* the cluster is back; what waited was sent');
}, 60_000);

test('with --cluster-wait a server waits until NATS lets it, too', async () => {
  const { url, fill, empty } = await full();
  const first = await Command.start(['--cluster', url, '--cluster-keep', '256MiB']);
  await first.kill();
  await fill();
  const server = new Command(['--port', '0', '--cluster', url, '--cluster-wait', '--admin-port', '0']);
  await until(() => server.entries('cluster').length > 0, 'it waits');
  expect(server.code).toBeUndefined();
  await empty();
  await server.listens();
  await server.login('alice');
});

/** An account that has room for 300 MB, and how to leave none, and some again. */
async function full(): Promise<{ url: string; fill: () => Promise<void>; empty: () => Promise<void> }> {
  const nats = await natsAs(
    'accounts { A { jetstream: { max_file: 300MB, max_mem: 1MB }, users: [{ user: rx, password: s3cret }] } }',
  );
  const url = nats.url.replace('//', '//rx:s3cret@');
  const { link, close } = await connected(url);
  onTestFinished(close);
  await link.manager.streams.add({ name: 'other', subjects: ['other'] });
  const fits = (size: number): Promise<boolean> =>
    link.jetstream.publish('other', new Uint8Array(size)).then(
      () => true,
      () => false,
    );
  const fill = async (): Promise<void> => {
    for (const size of [900_000, 10_000, 1000, 100]) while (await fits(size));
  };
  const empty = async (): Promise<void> => {
    await link.manager.streams.purge('other');
  };
  return { url, fill, empty };
}

describe('with --cluster-wait a server says why it waits', () => {
  /** Its line of the log and its answer to who asks whether it is ready, for that reason. */
  async function waits(why: string, ...args: string[]): Promise<Command> {
    const port = await freePort();
    const server = new Command(['--port', '0', '--admin-port', String(port), '--cluster-wait', ...args]);
    await says(server, why);
    expect(await new Operator(port).ask('/readyz')).toMatchObject({
      ...{ status: 503, text: `waits for NATS: ${why}\n` },
    });
    return server;
  }

  async function says(server: Command, why: string): Promise<void> {
    const last = (): unknown => server.entries('cluster').at(-1)?.['error'];
    await until(() => (server.code ?? String(last()).endsWith(`: ${why}`)) !== false, `it says ${why}`).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; it said ${server.stderr}`);
      },
    );
    expect(String(last())).toMatch(/^waits for NATS at (nats|tls):\/\/[\w.:]+: /);
    expect([server.code, String(last()).endsWith(why)]).toEqual([undefined, true]);
    expect(server.stderr).not.toContain('s3cret');
  }

  test('and does so again where the reason is another one', async () => {
    const nats = await natsServer('--jetstream=false');
    await nats.kill();
    const server = await waits('connection refused', '--cluster', nats.url);
    await nats.run();
    await says(server, 'jetstream is not enabled; start it with -js');
    expect(server.entries('cluster')).toHaveLength(2);
  });

  test('once, however often it tries', async () => {
    let attempts = 0;
    const nobody = createServer((socket) => {
      attempts++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    onTestFinished(() => {
      nobody.close();
    });
    const { port } = nobody.address() as AddressInfo;
    const other = `nats://127.0.0.1:${String(await freePort())}`;
    const addresses = `${other},nats://127.0.0.1:${String(port)}`;
    const server = new Command(['--port', '0', '--cluster', addresses, '--cluster-wait']);
    await until(() => attempts > 6, 'it has tried for some time');
    // Of the first attempt, at whichever of them, and of those that follow.
    expect([1, 2]).toContain(server.entries('cluster').length);
  });

  test('where NATS does not let it in, or has no TLS, or it has not all rights', async () => {
    const nats = await natsServer('--user', 'rx', '--pass', 's3cret');
    await waits(
      'Authorization Violation; it does not know this user, or the password is wrong',
      '--cluster',
      nats.url.replace('//', '//rx:s3cret-not@'),
    );
    await waits(
      "server does not support 'tls'; it has no TLS: write nats:// in place of tls://",
      '--cluster',
      nats.url.replace('nats:', 'tls:'),
    );
    const deaf = await natsAs(`accounts { A { ${user('subscribe: { deny: "_INBOX.>" }')} } }`);
    const server = await waits(
      'Permissions Violation for Subscription to "_INBOX.*.*"; the user of this server has to have that right',
      '--cluster',
      deaf.url.replace('//', '//rx:s3cret@'),
    );
    expect(server.entries('cluster')).toHaveLength(1);
    const mute = await natsAs(
      `accounts { A { ${user('publish: { deny: "$JS.API.CONSUMER.CREATE.rxchat" }')} } }`,
    );
    await waits(
      'Permissions Violation for Publish to "$JS.API.CONSUMER.CREATE.rxchat"; the user of this server has to have that right',
      '--cluster',
      mute.url.replace('//', '//rx:s3cret@'),
    );
  });
});

test('with --cluster-wait a server waits for NATS, and can be stopped meanwhile', async () => {
  const nats = await natsServer();
  await nats.kill();
  const waiting = ['--cluster', nats.url, '--cluster-wait'];
  const stopped = new Command(['--port', '0', ...waiting]);
  const server = new Command(['--port', '0', ...waiting]);
  await until(
    () => server.entries('cluster').length > 0 && stopped.entries('cluster').length > 0,
    'both wait',
  );
  stopped.child.kill('SIGTERM');
  expect(await stopped.exits()).toBe(0);
  await nats.run();
  await server.listens();
  await server.login('alice');
});

test('the limits of the log are as the options say, and as they were where these say nothing', async () => {
  const nats = await natsServer();
  const { link, close } = await connected(nats.url);
  const config = async (...args: string[]): Promise<unknown> => {
    const server = await Command.start(['--cluster', nats.url, ...args]);
    await server.kill();
    const { max_age, max_bytes, num_replicas } = (await link.manager.streams.info('rxchat')).config;
    return [max_age / 1e9 / 86_400, max_bytes, num_replicas];
  };
  expect(await config()).toEqual([7, 1024 ** 3, 1]);
  expect(await config('--cluster-keep', '2d,512MiB')).toEqual([2, 512 * 1024 ** 2, 1]);
  expect(await config('--cluster-keep', '3d')).toEqual([3, 512 * 1024 ** 2, 1]);
  expect(await config()).toEqual([3, 512 * 1024 ** 2, 1]);
  expect((await streamOf(link.manager, 'other', AS_USUAL)).config.subjects).toEqual(['other.log']);
  close();
});

test('two clusters on one NATS know nothing of each other', async () => {
  const nats = await natsServer();
  const one = await Command.start(['--cluster', nats.url, '--cluster-name', 'one']);
  const other = await Command.start(['--cluster', nats.url, '--cluster-name', 'other']);
  await one.login('alice');
  const alice = await other.login('alice');
  alice.say('/who');
  await alice.hears('* here: alice');
});

test('a node says which one it is, by what the ids of its clients begin with', async () => {
  const nats = await natsServer();
  const server = await Command.start(['--cluster', nats.url, '--admin-port', '0']);
  const [, node] = /^It is the node (\S+), the only node of the cluster rxchat$/m.exec(server.stdout) ?? [];
  await until(() => server.entries('listening').length > 0, 'the log has it');
  const [listening] = server.entries('listening');
  expect(listening).toMatchObject({ cluster: 'rxchat', node, others: 0 });
  await server.login('alice');
  const operator = new Operator((listening?.['admin'] as { port: number }).port);
  const [alice] = await operator.list<{ id: string }>('/clients');
  expect(alice?.id.startsWith(`${String(node)}-`)).toBe(true);
});
