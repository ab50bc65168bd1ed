import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import type { Effect } from '../src/effect.ts';
import type { Query } from '../src/past.ts';
import { type Client, until } from './support/chat.ts';
import { Command, type Entry } from './support/command.ts';
import { HangingDisk } from './support/hanging-disk.ts';
import { deeds, folder, keep, open, receipt, room, TestArchive } from './support/kept.ts';
import { needs, needsBuild } from './support/needs.ts';

beforeAll(needsBuild);

const SILENT = 'the disk has not answered for 5 s';

const OPENING = 'the disk takes long to open what is kept';

const storage = (server: Command): Partial<Entry>[] =>
  server.entries('storage').map(({ ok, error, lost }) => ({ ok, error, lost }));

async function inRoom(server: Command, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say('/join #ops', '/ping');
  await client.sees('* pong');
  return client;
}

/** What it hears, but for the flood, and without times. */
const heard = ({ lines }: Client): string[] =>
  lines.filter((line) => !line.includes('xxxx')).map((line) => line.replace(/ at \S+:/, ':'));

/** What somebody hears as the answer to a line. */
async function answerTo(client: Client, line: string): Promise<string[]> {
  client.forget();
  client.say(line, '/ping');
  await client.sees('* pong');
  return heard(client).slice(0, -1);
}

async function metric(server: Command, name: string): Promise<number> {
  const { host, port } = server.entries('listening')[0]?.['admin'] as { host: string; port: number };
  const page = await (await fetch(`http://${host}:${String(port)}/metrics`)).text();
  return Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}

describe('a disk that does not answer', () => {
  test('counts as one that fails: nobody waits for it, it is said once, and again when it answers', async (context) => {
    const disk = new HangingDisk(context);
    const at = folder();
    const args = ['--data-dir', at, '--operator', 'olga', '--admin-port', '0'];
    const server = await Command.start(args, { environment: disk.environment });
    const olga = await server.login('olga');
    olga.say('/reserve correct horse');
    await olga.sees(/^\* olga is yours/);
    const [alice, bob, carol] = [
      await inRoom(server, 'alice'),
      await inRoom(server, 'bob'),
      await inRoom(server, 'carol'),
    ];
    alice.say('/receipts on', '#ops: before');
    await alice.sees('* sent 1 to 2 in #ops; kept');

    disk.hang();
    alice.say('#ops: one');
    await bob.sees('from alice in #ops: one');
    // As many questions as somebody likes: one of them is asked at a time, and each is answered once.
    bob.forget();
    bob.say('/search before', '/search one', '/history #nowhere', '/ping');
    // More than may wait for a disk that follows.
    const flood = `${'x'.repeat(10_000)}\n`
      .repeat(2000)
      .replaceAll(/^/gm, '#ops: ')
      .slice(0, -'#ops: '.length);
    carol.forget();
    carol.socket.write(flood);
    carol.say('/ping');
    await until(() => storage(server).length > 0, 'the log says it');
    await alice.sees('* sent 2 to 2 in #ops; not kept');
    await bob.sees('* pong');
    const unknown = '! that cannot be looked up now';
    expect(heard(bob)).toEqual([unknown, unknown, unknown, '* pong']);
    await carol.sees('* pong');
    await olga.sees('* what is said is not kept: the disk is full, or broken');
    expect(await metric(server, 'rxchat_keeping_fails')).toBe(1);
    // Nobody waits any more, not even five seconds.
    alice.say('#ops: two');
    await alice.sees('* sent 3 to 2 in #ops; not kept');
    await bob.sees('from alice in #ops: two');
    expect(await answerTo(bob, '/search one')).toEqual([unknown]);
    // What is in memory can be read.
    expect(await answerTo(bob, '/history #ops 1')).toEqual([
      'from alice in #ops: two',
      '* 1 line of #ops; /history #ops 2 shows more',
    ]);
    expect(storage(server)).toEqual([{ ok: false, error: SILENT, lost: undefined }]);

    disk.goOn();
    await until(() => storage(server).length > 1, 'the log says that it is over');
    expect(storage(server)[1]).toEqual({ ok: true, error: undefined, lost: 0 });
    await olga.sees('* what is said is kept again');
    alice.say('#ops: three');
    await alice.sees('* sent 4 to 2 in #ops; kept');
    // No answer to an older question is taken for one to this.
    const [found, behind] = await answerTo(bob, '/search three');
    expect(found).toBe('from alice in #ops: three');
    // What carol has said is not indexed yet, and to look through it may take longer than one waits.
    expect(behind).toMatch(/^\* 1 line/);
    expect(olga.lines.filter((line) => line.includes('what is said'))).toHaveLength(2);
    expect(await metric(server, 'rxchat_keeping_fails')).toBe(0);

    server.child.kill('SIGTERM');
    expect(await server.exits()).toBe(0);
    const store = open(at);
    // Also what nobody was promised is there in the end, and once.
    expect(store.lines).toBe(2004);
    store.close();
  });

  test('does not keep who asks for something, also where it hangs in a read and nobody says anything', async (context) => {
    const disk = new HangingDisk(context);
    const at = folder();
    const store = open(at);
    for (let turn = 1; turn <= 1000; turn++)
      store.apply(deeds(keep(room('#ops'), turn, [`line ${String(turn)} ${'x'.repeat(1000)}`])));
    while (store.index());
    store.close();
    const args = ['--data-dir', at, '--keep', '36500d'];
    const server = await Command.start(args, { environment: disk.environment });
    const bob = await server.login('bob');
    disk.hang('reads');
    expect(await answerTo(bob, '/search line 500')).toEqual(['! that cannot be looked up now']);
    await until(() => storage(server).length > 0, 'the log says it');
    disk.goOn();
    await until(() => storage(server).length > 1, 'the log says that it is over');
    expect(storage(server)).toEqual([
      { ok: false, error: SILENT, lost: undefined },
      { ok: true, error: undefined, lost: 0 },
    ]);
    expect((await answerTo(bob, '/search line 501')).at(-1)).toBe('* 1 line with line 501');
  });

  test('does not keep the server from its end, which says what is not written', async (context) => {
    const disk = new HangingDisk(context);
    const server = await Command.start(['--data-dir', folder()], { environment: disk.environment });
    const [alice, bob] = [await inRoom(server, 'alice'), await inRoom(server, 'bob')];
    alice.say('/receipts on', '#ops: before');
    await alice.sees('* sent 1 to 1 in #ops; kept');
    disk.hang();
    const since = Date.now();
    alice.say('#ops: one', '#ops: two', '#ops: three');
    await bob.sees('from alice in #ops: three');
    const [begun] = [performance.now(), server.child.kill('SIGTERM')];
    // Receipts are answered before the end, as ever.
    await alice.sees('* sent 4 to 1 in #ops; not kept');
    await alice.sees('! the server is stopping');
    for (const client of [alice, bob]) client.socket.end();
    await until(() => server.code !== undefined, 'it ends', 20_000);
    expect(server.child.signalCode).toBe('SIGKILL');
    expect(performance.now() - begun).toBeLessThan(15_000);
    const [silent, missing] = server.entries('storage');
    expect(silent).toMatchObject({ ok: false, error: SILENT });
    expect(missing).toMatchObject({ ok: false, lost: 3 });
    const [, said = ''] = /^3 lines, said since (\S+), were not kept$/.exec(String(missing?.['error'])) ?? [];
    expect(Math.abs(Date.parse(said) - since)).toBeLessThan(1000);
  });

  test('does not keep a server from its end that does not even run yet', async (context) => {
    const disk = new HangingDisk(context);
    disk.hang();
    const at = folder();
    const args = ['--port', '0', '--stop-timeout', '1', '--data-dir', at];
    const server = new Command(args, { environment: disk.environment });
    await until(() => storage(server).length > 0, 'the log says what it waits for');
    expect(storage(server)).toEqual([{ ok: false, error: OPENING, lost: undefined }]);
    server.child.kill('SIGTERM');
    await until(() => server.code !== undefined, 'it ends', 10_000);
    expect(server.stdout).toBe('');
  });

  test('at the start is waited for, and then the server runs', async (context) => {
    const disk = new HangingDisk(context);
    disk.hang();
    const args = ['--port', '0', '--data-dir', folder()];
    const server = new Command(args, { environment: disk.environment });
    await until(() => storage(server).length > 0, 'the log says what it waits for');
    disk.goOn();
    await server.listens();
    await server.login('alice');
    expect(storage(server)).toEqual([
      { ok: false, error: OPENING, lost: undefined },
      { ok: true, error: undefined, lost: 0 },
    ]);
  });

  test('is not what a server has that was stopped itself', async () => {
    const server = await Command.start(['--data-dir', folder()]);
    const [alice] = [await inRoom(server, 'alice'), await inRoom(server, 'bob')];
    alice.say('/receipts on', ...Array.from({ length: 200 }, (_, nth) => `#ops: ${String(nth)}`));
    await alice.sees('* sent 1 to 1 in #ops; kept');
    const stopped = ['-c', 'kill -STOP "$1"; sleep 7; kill -CONT "$1"', 'sh', String(server.child.pid)];
    spawnSync('sh', stopped);
    alice.say('#ops: again');
    await alice.sees('* sent 201 to 1 in #ops; kept');
    expect(storage(server)).toEqual([]);
  });
});

/** A disk of its own, which can be frozen: what is written to it waits in the kernel. */
interface Freezable {
  readonly at: string;
  readonly freeze: () => void;
  readonly thaw: () => Promise<void>;
  /** It was thawed before anybody asked for it, since nobody could. */
  readonly isLate: () => boolean;
}

function freezable(context: TestContext): Freezable {
  let thawing: ChildProcessByStdio<Writable, null, null> | undefined;
  const [image, late, at] = [join(folder(), 'image'), join(folder(), 'late'), folder()];
  writeFileSync(image, '');
  truncateSync(image, 32 * 2 ** 20);
  const ran = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
  const isMounted = ran('mkfs.ext4', '-q', '-F', image) && ran('mount', '-o', 'loop', image, at);
  onTestFinished(() => {
    thawing?.stdin.end();
    ran('umount', '-l', at);
  });
  needs('right to mount a disk', isMounted, context);
  return {
    at,
    isLate: () => existsSync(late),
    freeze: () => {
      // Begun before that, since a process of which a thread waits for the disk may not be able to begin another one.
      thawing = spawn('sh', ['-c', 'timeout 20 cat || touch "$1"; fsfreeze -u "$0"', at, late], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      expect(ran('fsfreeze', '-f', at)).toBe(true);
    },
    thaw: async () => {
      thawing?.stdin.end();
      expect(await once(thawing as ChildProcess, 'exit')).toEqual([0, null]);
    },
  };
}

test('a disk that is frozen by the kernel is one that does not answer, until it is thawed', async (context) => {
  const { at, freeze, thaw, isLate } = freezable(context);
  const kept = await TestArchive.open({ folder: at });
  const line = (turn: number): Effect =>
    ({ ...keep(room('#ops'), turn, ['x']), receipt: receipt(turn) }) as Effect;
  kept.archive.perform([line(1)]);
  await until(() => kept.receipts('kept').length > 0, 'it is kept');
  freeze();
  const query: Query = { of: 'mail', owner: 'o1', after: 0, count: 1 };
  kept.archive.perform([line(2), { do: 'recall', client: 'bob', query }]);
  await until(() => kept.receipts('lost').length > 0, 'it is not', 8000);
  kept.archive.perform([line(3)]);
  await until(() => kept.receipts('lost').length > 1, 'it is not, at once', 1000);
  // It waits with nothing that another thread may need.
  expect([spawnSync('true').status, isLate()]).toEqual([0, false]);
  expect(kept.health).toEqual([{ ok: false, error: SILENT }]);
  await thaw();
  await until(() => kept.health.length > 1, 'all is well');
  expect(kept.health[1]).toEqual({ ok: true, lost: 0 });
  kept.archive.perform([line(4)]);
  await until(() => kept.receipts('kept').length > 1, 'it is kept');
  expect([kept.receipts('kept'), kept.receipts('lost')]).toEqual([
    [1, 4],
    [2, 3],
  ]);
  // What was answered so is not answered again.
  const recalled = kept.answers.filter(({ type }) => type === 'recalled');
  expect(recalled).toEqual([{ type: 'recalled', client: 'bob', query, fault: 'the disk does not answer' }]);
  await kept.close();
  const store = open(at);
  expect(store.lines).toBe(4);
  store.close();
});
