import { beforeAll, describe, expect, test } from 'vitest';
import { streamOf } from '../../src/cluster/stream.ts';
import { until } from '../support/chat.ts';
import { AS_USUAL, connected } from '../support/cluster-node.ts';
import { Command } from '../support/command.ts';
import { needsBuild } from '../support/needs.ts';
import { freePort, natsServer } from '../support/nats.ts';

beforeAll(needsBuild);

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

  test('where NATS does not let it in', async () => {
    const nats = await natsServer('--user', 'rx', '--pass', 's3cret');
    const [said, code] = await refusal('--cluster', nats.url);
    expect([said, code]).toEqual([
      `rxchat: NATS at ${nats.url} cannot be used: Authorization Violation; put a user into the address, or give --cluster-creds\n`,
      1,
    ]);
    const url = nats.url.replace('//', '//rx:wrong@');
    expect((await refusal('--cluster', url))[0]).not.toContain('wrong');
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
  ])('where the address is none: %s', async (address, line) => {
    expect(await refusal('--cluster', address)).toEqual([`rxchat: ${line}\n`, 2]);
  });

  test.each([
    [
      ['--cluster-keep', 'for ever'],
      'cluster-keep must be a time like 7d, bytes like 1GiB, or both with a comma between them, not "for ever"',
    ],
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
      'rxchat: the stream orders of NATS is not the log of an rxchat like this one: its description is undefined, not "rxchat: the log, form 1"; take another with --cluster-name\n',
      1,
    ]);
  });

  test('where NATS cannot keep as many copies of the log', async () => {
    const nats = await natsServer();
    const [said, code] = await refusal('--cluster', nats.url, '--cluster-replicas', '3');
    expect(said).toMatch(/^rxchat: NATS does not make the stream rxchat: .*replicas.*\n$/);
    expect(code).toBe(1);
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
  expect(await config('--cluster-keep', '2d,64MiB')).toEqual([2, 64 * 1024 ** 2, 1]);
  expect(await config('--cluster-keep', '3d')).toEqual([3, 64 * 1024 ** 2, 1]);
  expect(await config()).toEqual([3, 64 * 1024 ** 2, 1]);
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
