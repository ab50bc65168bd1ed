import { beforeAll, describe, expect, test } from 'vitest';
import { fileIn } from '../../src/store/schema.ts';
import { admin, told } from '../support/admin.ts';
import { type Client, TestServer, until } from '../support/chat.ts';
import { connected } from '../support/cluster-node.ts';
import { Command } from '../support/command.ts';
import { folder, open } from '../support/kept.ts';
import { natsServer } from '../support/nats.ts';
import { needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

const PASSWORD = 'correct horse';

/** A node, or a server by itself. */
const node = (cluster: string, dataDir = ''): Promise<TestServer> => TestServer.start({ cluster, dataDir });

async function stopped(server: TestServer): Promise<void> {
  server.stop.next();
  await until(() => server.completed, 'it has stopped');
}

/** Somebody who is in #ops. */
async function inOps(server: { login(name: string): Promise<Client> }, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say('/join #ops');
  await client.sees(/ in #ops/);
  client.forget();
  return client;
}

/** Somebody whose name is reserved, with mail that waits. */
async function withMail(server: TestServer, name: string, ...mail: string[]): Promise<void> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`, '/quit');
  await client.end();
  const friend = await server.login('friend');
  friend.say(...mail.map((text) => `${name}: ${text}`), '/ping');
  await friend.sees('* pong');
  friend.say('/quit');
  await friend.end();
}

/** What is said where somebody hears it, so that it is kept. */
async function kept(server: TestServer, text: string): Promise<void> {
  const [alice, bob] = [await inOps(server, 'alice'), await inOps(server, 'bob')];
  alice.say(`#ops: ${text}`);
  await bob.sees(`from alice in #ops: ${text}`);
  for (const client of [alice, bob]) {
    client.say('/quit');
    await client.end();
  }
}

/** The ban is known already, or comes. */
async function isBanned(server: TestServer, name: string): Promise<void> {
  const client = server.connect();
  client.say(name);
  await client.sees(/^! you are banned/);
}

/** The folder of a node that was stopped when it had kept a letter for dora, and a line. */
async function lived(cluster: string): Promise<string> {
  const at = folder();
  const one = await node(cluster, at);
  await withMail(one, 'dora', 'a letter');
  await kept(one, 'before');
  await stopped(one);
  return at;
}

/** What it is told, without dates. */
async function hears(client: Client, line: string): Promise<string[]> {
  client.forget();
  client.say(line, '/ping');
  await client.sees('* pong');
  return client.lines
    .filter((one) => one.includes('from '))
    .map((one) => one.replace(/^from /, '').replace(/ at \S+Z: /, ': '));
}

/** What waits for it, as it comes in. */
async function mailOf(server: TestServer, name: string, lines: number): Promise<string[]> {
  const client = server.connect();
  client.say(`${name} ${PASSWORD}`);
  const mail = (): string[] => client.lines.filter((line) => line.includes('from '));
  await until(() => mail().length >= lines, 'it is told');
  client.say('/quit');
  await client.end();
  return mail().map((one) => one.replace(/^.*: /, ''));
}

describe('a node with a folder', () => {
  test('has, when it starts again, what it had, and what was said meanwhile', async () => {
    const { url } = await natsServer();
    const at = folder();
    const [one, other] = [await node(url, at), await node(url)];
    await withMail(one, 'dora', 'a letter');
    await kept(one, 'before');
    await stopped(one);
    await kept(other, 'meanwhile');
    const bob = await other.login('bob');
    bob.say('dora: another', '/ping');
    await bob.sees('* pong');
    const again = await node(url, at);
    expect(await hears(await inOps(again, 'carol'), '/history #ops')).toEqual([
      'alice in #ops: before',
      'alice in #ops: meanwhile',
    ]);
    expect(await hears(await inOps(again, 'dave'), '/search meanwhile')).toEqual([
      'alice in #ops: meanwhile',
    ]);
    expect(await mailOf(again, 'dora', 2)).toEqual(['a letter', 'another']);
    expect(await mailOf(other, 'dora', 0)).toEqual([]);
  });

  test('goes on from how all was when it was stopped, though nobody else knows that any more', async () => {
    const { url } = await natsServer();
    const at = await lived(url);
    const { link, close } = await connected(url);
    await link.manager.streams.purge('rxchat');
    close();
    const again = await node(url, at);
    expect(await hears(await inOps(again, 'carol'), '/history #ops')).toEqual(['alice in #ops: before']);
    const other = await node(url);
    expect(await hears(await inOps(other, 'dave'), '/history #ops')).toEqual(['alice in #ops: before']);
    expect(await mailOf(other, 'dora', 1)).toEqual(['a letter']);
  });

  test('may begin with a backup of another one that runs', async () => {
    const { url } = await natsServer();
    const [at, there] = [folder(), folder()];
    const one = await node(url, at);
    await kept(one, 'before');
    await told(at, ['backup', fileIn(there)]);
    await kept(one, 'behind');
    const other = await node(url, there);
    expect(await hears(await inOps(other, 'carol'), '/history #ops')).toEqual([
      'alice in #ops: before',
      'alice in #ops: behind',
    ]);
  });

  test('has each line once, and none less, after a kill -9 in the middle of many', async () => {
    const { url } = await natsServer();
    const at = folder();
    const [one, other] = [await Command.start(['--cluster', url, '--data-dir', at]), await node(url)];
    expect(one.stdout).toMatch(/^It is the node \S+, the only node of the cluster rxchat$/m);
    const [alice, bob] = [await inOps(one, 'alice'), await inOps(other, 'bob')];
    const said = Array.from({ length: 400 }, (_, nth) => `#ops: line ${String(nth)}`);
    bob.say(...said.slice(0, 200));
    await alice.sees('from bob in #ops: line 100');
    await one.kill();
    bob.say(...said.slice(200), '/ping');
    await bob.sees('* pong');
    const again = await node(url, at);
    const history = await hears(await inOps(again, 'carol'), '/history #ops 1000');
    expect(history).toEqual(said.map((line) => `bob in ${line}`));
  });

  test('of a log that another NATS has is not mixed with this one', async () => {
    const [first, second] = [await natsServer(), await natsServer()];
    const at = folder();
    const one = await node(first.url, at);
    await kept(one, 'before');
    await stopped(one);
    await inOps(await node(second.url), 'bob');
    const stranger = new Command(['--port', '0', '--cluster', second.url, '--data-dir', at]);
    expect(await stranger.exits()).toBe(1);
    expect(stranger.stderr).toBe(
      `rxchat: what is kept in ${at} is of another log than the one in the stream rxchat: give this node another --data-dir, or look at --cluster and --cluster-name\n`,
    );
    // It is as it was.
    await inOps(await node(first.url, at), 'alice');
  });

  test('can be a server by itself again', async () => {
    const { url } = await natsServer();
    const at = await lived(url);
    const first = await Command.start(['--data-dir', at]);
    expect(first.stdout).toContain(
      `What is in ${at} was a node's; its cluster does not take it back from now on\n`,
    );
    await first.kill();
    const alone = await TestServer.start({ dataDir: at });
    expect(alone.notices[0]).not.toHaveProperty('left');
    expect(await hears(await inOps(alone, 'carol'), '/history #ops')).toEqual(['alice in #ops: before']);
    expect(await mailOf(alone, 'dora', 1)).toEqual(['a letter']);
  });
});

describe('a server by itself that becomes a cluster', () => {
  test('brings its names, bans, mail and history, also to nodes that have nothing', async () => {
    const at = folder();
    const alone = await TestServer.start({ dataDir: at });
    await withMail(alone, 'dora', 'a letter', 'another');
    await kept(alone, 'before');
    await stopped(alone);
    await told(at, ['ban', 'eve']);

    const { url } = await natsServer();
    const one = await node(url, at);
    const other = await node(url);
    for (const server of [one, other]) {
      const carol = await inOps(server, 'carol');
      expect(await hears(carol, '/history #ops')).toEqual(['alice in #ops: before']);
      carol.say('/quit');
      await carol.end();
      const eve = server.connect();
      eve.say('eve');
      await eve.sees(/^! you are banned/);
    }
    expect(await mailOf(other, 'dora', 2)).toEqual(['a letter', 'another']);
    expect(await mailOf(one, 'dora', 0)).toEqual([]);
  });

  test('is refused where another one does at the same moment, and keeps what it has', async () => {
    const folders = [folder(), folder()];
    for (const at of folders) {
      const alone = await TestServer.start({ dataDir: at });
      await kept(alone, `in ${at}`);
      await stopped(alone);
    }
    const { url } = await natsServer();
    const nodes = folders.map((at) => ({
      at,
      command: new Command(['--port', '0', '--cluster', url, '--data-dir', at]),
    }));
    await until(
      () =>
        nodes.some(({ command }) => command.code !== undefined) &&
        nodes.some(({ command }) => command.stdout.includes('\n')),
      'one is refused, and the other one listens',
    );
    const refused = nodes.find(({ command }) => command.code !== undefined);
    expect(refused?.command.stderr).toContain(
      'is of a server by itself, and the cluster has begun without it',
    );
    const other = nodes.find((each) => each !== refused);
    await other?.command.listens();
    for (const [at, server] of [
      [other?.at, other?.command],
      [refused?.at, await TestServer.start({ dataDir: refused?.at ?? '' })],
    ] as const)
      expect(await hears(await inOps(server as TestServer, 'carol'), '/history #ops')).toEqual([
        `alice in #ops: in ${at ?? ''}`,
      ]);
  });

  test('is refused where the cluster has begun without it', async () => {
    const at = folder();
    const alone = await TestServer.start({ dataDir: at });
    await inOps(alone, 'alice');
    await withMail(alone, 'dora', 'a letter');
    await stopped(alone);
    const { url } = await natsServer();
    await inOps(await node(url), 'bob');
    const late = new Command(['--port', '0', '--cluster', url, '--data-dir', at]);
    expect(await late.exits()).toBe(1);
    expect(late.stderr).toBe(
      `rxchat: what is kept in ${at} is of a server by itself, and the cluster has begun without it: give another --cluster-name, or an empty --data-dir\n`,
    );
  });
});

test('where NATS has lost all, the chat goes on from what nodes have kept', async () => {
  const nats = await natsServer();
  const [one, other] = [await node(nats.url, folder()), await node(nats.url, folder())];
  await withMail(one, 'dora', 'a letter');
  const [alice, bob] = [await inOps(one, 'alice'), await inOps(other, 'bob')];
  alice.say('#ops: before');
  await bob.sees('from alice in #ops: before');
  await nats.forget();
  await alice.end();
  await bob.end();
  for (const server of [one, other])
    await until(() => server.notices.filter(({ type }) => type === 'listening').length === 2, 'it is back');
  for (const server of [one, other])
    expect(await hears(await inOps(server, server === one ? 'carol' : 'dave'), '/history #ops')).toEqual([
      'alice in #ops: before',
    ]);
  expect(await mailOf(other, 'dora', 1)).toEqual(['a letter']);
});

describe('rxchat admin', () => {
  test('on the file of a node that runs holds on all of them, a password, too', async () => {
    const { url } = await natsServer();
    const at = folder();
    const [one, other] = [await node(url, at), await node(url)];
    const eve = await other.login('eve');
    await told(at, ['ban', 'eve']);
    await eve.sees(/^! you are banned/);
    await told(at, ['reserve', 'zoe'], `${PASSWORD}\n`);
    for (const server of [other, one]) {
      const zoe = server.connect();
      // It takes a second until the node has heard of it.
      const knows = async (deadline: number): Promise<void> => {
        zoe.forget();
        zoe.say(`zoe ${PASSWORD}`, '/ping');
        await until(() => zoe.lines.length > 0, 'there is an answer');
        if (!zoe.lines.includes('* pong')) {
          if (Date.now() > deadline) throw new Error(zoe.text);
          zoe.socket.destroy();
          return;
        }
      };
      await knows(Date.now() + 10_000);
    }
  });

  test('counts on a node that waits for NATS to begin with, too', async () => {
    const nats = await natsServer();
    const at = folder();
    const before = await node(nats.url, at);
    await inOps(before, 'alice');
    await stopped(before);
    await nats.kill();
    const one = new Command(['--port', '0', '--cluster', nats.url, '--cluster-wait', '--data-dir', at]);
    await until(() => one.entries('cluster').length > 0, 'it waits');
    await told(at, ['ban', 'eve']);
    await nats.run();
    await one.listens();
    await isBanned(await node(nats.url), 'eve');
  });

  test('counts where NATS has lost the log before it has heard of that', async () => {
    const nats = await natsServer();
    const at = folder();
    const one = await node(nats.url, at);
    const alice = await inOps(one, 'alice');
    await nats.kill();
    await told(at, ['ban', 'eve']);
    await nats.forget();
    await alice.end();
    await until(() => one.notices.at(-1)?.type === 'listening', 'it is back');
    await isBanned(await node(nats.url), 'eve');
  });

  test('counts where the node ends before it has heard of that, and no more than once', async () => {
    const nats = await natsServer();
    const [at, there] = [folder(), folder()];
    const start = (): Promise<Command> => Command.start(['--cluster', nats.url, '--data-dir', at]);
    const [one, other] = [await start(), await node(nats.url, there)];
    await nats.kill();
    await told(at, ['ban', 'eve']);
    await told(at, ['reserve', 'zoe'], `${PASSWORD}\n`);
    await one.kill();
    await nats.run();
    const again = await start();
    await isBanned(other, 'eve');
    await again.login('alice');
    const zoe = other.connect();
    zoe.say('zoe');
    await zoe.sees(/^! the name zoe is somebody's own/);
    await told(there, ['unban', 'eve']);
    const file = open(at);
    await until(() => file.registry().bans.length === 0, 'it knows');
    await again.kill();
    expect(file.orders.all).toEqual([]);
    await start();
    await other.login('eve');
  });

  test('does not change what a node that does not run would not be heard with', async () => {
    const { url } = await natsServer();
    const at = folder();
    const one = await node(url, at);
    await inOps(one, 'alice');
    await stopped(one);
    const before = await told(at, ['bans']);
    expect(await admin(at, ['ban', 'eve'])).toMatchObject({
      code: 1,
      stderr: `rxchat: ${at} is of a node that does not run: start it, or change that at one that runs\n`,
    });
    expect(await told(at, ['bans'])).toBe(before);
  });
});
