import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Client, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { deeds, folder, keep, open, room } from './support/kept.ts';
import { needs, needsBuild, ROOT } from './support/needs.ts';

beforeAll(needsBuild);

const FILE = 'rxchat.db';

interface Talk {
  readonly server: Command;
  /** Both are in #ops, and alice has receipts. */
  readonly alice: Client;
  readonly bob: Client;
}

async function talkIn(at: string): Promise<Talk> {
  // What the tests have put there was said long ago.
  const server = await Command.start(['--data-dir', at, '--keep', '36500d']);
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  for (const client of [alice, bob]) {
    client.say('/join #ops', '/ping');
    await client.sees('* pong');
    client.forget();
  }
  alice.say('/receipts on', '#ops: before');
  await alice.sees(/^\* sent 1 to 1 in #ops; (not )?kept$/);
  return { server, alice, bob };
}

/** What the log says of the disk. */
const storage = (server: Command): unknown[] =>
  server.entries('storage').map(({ ok, error, lost }) => [ok, error ?? lost]);

/** Ends it as a service manager does. */
async function stopped({ server, alice, bob }: Talk): Promise<void> {
  server.child.kill('SIGTERM');
  for (const client of [alice, bob]) {
    await client.sees('! the server is stopping');
    client.socket.end();
  }
  expect(await server.exits()).toBe(0);
}

describe('a file that is removed or replaced under a running server', () => {
  const gone = (at: string, file = FILE): string =>
    `${join(at, file)} was removed or replaced; put it back, or start the server anew (SQLITE_READONLY_DBMOVED)`;

  test('is noticed also where nobody says anything, said once, and what is lost is told at the end', async () => {
    const at = folder();
    const talk = await talkIn(at);
    const { server, alice, bob } = talk;
    const carol = await server.login('carol');
    carol.say('/reserve correct horse');
    await carol.sees(/^\* carol is yours/);
    carol.socket.end('/quit\n');
    await carol.end();
    for (const file of [FILE, `${FILE}-wal`, `${FILE}-shm`]) rmSync(join(at, file));
    await until(() => storage(server).length > 0, 'it is noticed');
    alice.say('#ops: one', '#ops: two');
    await alice.sees('* sent 2 to 1 in #ops; not kept');
    await alice.sees('* sent 3 to 1 in #ops; not kept');
    await bob.sees('from alice in #ops: two');
    alice.say('carol: three');
    await alice.sees('! not sent 4: carol is away, and nothing can be kept now');
    await stopped(talk);
    expect(storage(server)).toEqual([
      [false, gone(at)],
      [false, expect.stringMatching(/^3 lines, said since \S+, were not kept$/)],
    ]);
  });

  test('makes no promise from the very next line on, and keeps it all once it is put back', async () => {
    const at = folder();
    const talk = await talkIn(at);
    const { server, alice } = talk;
    renameSync(at, `${at}.away`);
    alice.say('#ops: one');
    await alice.sees('* sent 2 to 1 in #ops; not kept');
    renameSync(`${at}.away`, at);
    await until(() => storage(server).length > 1, 'it is noticed');
    alice.say('#ops: two');
    await alice.sees('* sent 3 to 1 in #ops; kept');
    await stopped(talk);
    expect(storage(server)).toEqual([
      [false, gone(at)],
      [true, 0],
    ]);
    expect(open(at).lines).toBe(3);
  });

  test.each([FILE, `${FILE}-wal`])('is told from another one in its place: %s', async (file) => {
    const at = folder();
    const talk = await talkIn(at);
    const { server, alice } = talk;
    copyFileSync(join(at, file), join(at, 'other'));
    renameSync(join(at, 'other'), join(at, file));
    alice.say('#ops: one');
    await alice.sees('* sent 2 to 1 in #ops; not kept');
    await until(() => storage(server).length > 0, 'the log says it');
    expect(storage(server)).toEqual([[false, gone(at, file)]]);
    await server.kill();
  });
});

test('with a full disk the chat goes on, the log says why, and at the end how many lines it has cost', async (context) => {
  const at = folder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at]).status === 0;
  needs('right to mount a disk', mounted, context);
  onTestFinished(() => {
    spawnSync('umount', ['-l', at]);
  });
  const talk = await talkIn(at);
  const { server, alice, bob } = talk;
  for (let size = 4 * 2 ** 20; size > 512; size /= 2)
    try {
      writeFileSync(join(at, 'ballast'), Buffer.alloc(size), { flag: 'a' });
    } catch {
      // It is what fits.
    }
  // What there is room for in its log is written yet.
  const big = 'x'.repeat(10_000);
  alice.say(...Array<string>(50).fill(`#ops: ${big}`), '#ops: one');
  await bob.sees('from alice in #ops: one');
  await alice.sees('* sent 52 to 1 in #ops; not kept');
  const kept = alice.lines.filter((line) => line.endsWith('; kept')).length;
  await stopped(talk);
  expect(storage(server)).toEqual([
    [false, 'database or disk is full (SQLITE_FULL)'],
    [false, expect.stringMatching(`^${String(52 - kept)} lines, said since \\S+, were not kept$`)],
  ]);
});

describe('a file that is damaged in the middle', () => {
  const MALFORMED = /^database disk image is malformed \(SQLITE_CORRUPT\w*\)$/;

  /** A folder with 20 MiB of what was said in #ops. */
  function filled(): string {
    const at = folder();
    const store = open(at);
    for (let turn = 1; turn <= 2000; turn++)
      store.apply(deeds(keep(room('#ops'), turn, [`line ${String(turn)} ${'x'.repeat(10_000)}`])));
    // A server would do so at leisure, and have all of it in memory then.
    while (store.index());
    store.close();
    return at;
  }

  /** Writes something else over the pages in the middle of it. */
  function damage(at: string): void {
    const file = join(at, FILE);
    const { size } = statSync(file);
    const descriptor = openSync(file, 'r+');
    for (let page = Math.floor(size / 4096 / 4); page < (size / 4096 / 4) * 3; page++)
      writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    closeSync(descriptor);
  }

  /** The chat goes on with it, and what it says of what cannot be read is clear. */
  async function goesOn({ server, alice, bob }: Talk): Promise<void> {
    bob.say('/search line 1000', '/ping');
    await bob.sees('* pong');
    expect(bob.lines.filter((line) => line.startsWith('!'))).toContain('! that cannot be looked up now');
    await until(() => server.entries('damage').length > 0, 'the log says it');
    alice.say('#ops: still here');
    await bob.sees('from alice in #ops: still here');
    await alice.sees(/^\* sent 2 to 1 in #ops; (not )?kept$/);
    // Whether something more can be written depends on what is damaged.
    const isKept = alice.lines.at(-1)?.endsWith('; kept') === true;
    await until(() => isKept || storage(server).length > 0, 'the log says it');
    expect(storage(server)).toEqual(isKept ? [] : [[false, expect.stringMatching(MALFORMED)]]);
    bob.say('/search line 1001', '/search line 1000');
    bob.say('/ping');
    await until(() => bob.lines.filter((line) => line === '* pong').length === 2, 'all is answered');
    // Once, however often somebody asks.
    expect(server.entries('damage').map(({ error }) => error)).toEqual([expect.stringMatching(MALFORMED)]);
  }

  function check(at: string): { status: number | null; stderr: string } {
    const argv = [join(ROOT, 'bin/rxchat.js'), 'admin', 'check', '--data-dir', at];
    return spawnSync(process.execPath, argv, { encoding: 'utf8' });
  }

  test.each(['under a running server', 'before a start'])('%s', async (when) => {
    const at = filled();
    expect(check(at)).toMatchObject({ status: 0, stderr: '' });
    if (when === 'before a start') damage(at);
    const talk = await talkIn(at);
    if (when !== 'before a start') damage(at);
    await goesOn(talk);
    const found = check(at);
    expect(found.status).toBe(1);
    expect(found.stderr).toMatch(/^rxchat: .*\n$/);
    await stopped(talk);
  });
});
