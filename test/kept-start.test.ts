import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, closeSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { Command } from './support/command.ts';
import { folder } from './support/kept.ts';
import { installed, needs, needsBuild, ROOT } from './support/needs.ts';

beforeAll(needsBuild);

/** What a server says that does not start with this folder. */
async function refused(dataDir: string, ...through: string[]): Promise<string> {
  const command = new Command(['--port', '0', '--data-dir', dataDir], { through });
  expect(await command.exits()).toBe(1);
  expect(command.stdout).toBe('');
  expect(command.stderr).toMatch(/^rxchat: .*\n$/);
  return command.stderr.slice('rxchat: '.length, -1);
}

/** What makes the command one of somebody who may not do everything. */
function asNobody(context: TestContext): string[] {
  needs('right to be somebody else', process.getuid?.() === 0 && installed('setpriv'), context);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  // Not where the clone, or Node, is in a folder that is its owner's only.
  const { status } = spawnSync('setpriv', [
    ...nobody,
    process.execPath,
    join(ROOT, 'bin/rxchat.js'),
    '--version',
  ]);
  needs('way to the server for others than its owner', status === 0, context);
  return ['setpriv', ...nobody];
}

/** A folder that a server has used. */
async function used(): Promise<string> {
  const at = folder();
  const server = await Command.start(['--data-dir', at]);
  const alice = await server.login('alice');
  alice.say('/reserve correct horse');
  await alice.sees(/^\* alice is yours/);
  server.child.kill('SIGTERM');
  expect(await server.exits()).toBe(0);
  return at;
}

describe('a server that cannot use its folder ends with one line that says why, and exit status 1:', () => {
  test('a folder that cannot be made', async () => {
    const at = join(folder(), 'file');
    writeFileSync(at, '');
    expect(await refused(at)).toBe(`data-dir ${at} cannot be used: it is no folder`);
    const inside = join(at, 'folder');
    expect(await refused(inside)).toBe(
      `data-dir ${inside} cannot be used: what it should be in is no folder`,
    );
    const self = ['--tls-self-signed'];
    const command = new Command(['--port', '0', '--data-dir', at, ...self]);
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(`rxchat: data-dir ${at} cannot be used: it is no folder\n`);
  });

  test('a folder of somebody else', async (context) => {
    const nobody = asNobody(context);
    const at = folder();
    // Its parts may be there already, or not.
    chmodSync(at, 0o755);
    const inside = join(at, 'inside');
    expect(await refused(inside, ...nobody)).toBe(
      `data-dir ${inside} cannot be used: it needs rights that you do not have`,
    );
    expect(await refused(at, ...nobody)).toBe(
      `${join(at, 'rxchat.lock')} cannot be used: it needs rights that you do not have`,
    );
    const theirs = await used();
    chmodSync(theirs, 0o777);
    rmSync(join(theirs, 'rxchat.lock'));
    expect(await refused(theirs, ...nobody)).toBe(
      `${join(theirs, 'rxchat.db')} cannot be used: it needs rights that you do not have`,
    );
  });

  test('a disk that may only be read', async (context) => {
    const at = await used();
    const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;
    const isMounted = mount('--bind', at, at) && mount('-o', 'remount,bind,ro', at);
    onTestFinished(() => {
      spawnSync('umount', ['-l', at]);
    });
    needs('right to mount a folder', isMounted, context);
    expect(await refused(at)).toBe(
      `${join(at, 'rxchat.lock')} cannot be used: it is on a disk that may only be read`,
    );
    const inside = join(at, 'inside');
    expect(await refused(inside)).toBe(
      `data-dir ${inside} cannot be used: it is not there, and cannot be made`,
    );
  });

  test('a file that is no database, or a folder in its place', async () => {
    const at = folder();
    const file = join(at, 'rxchat.db');
    writeFileSync(file, 'a letter to my mother; it is no database at all\n'.repeat(100));
    expect(await refused(at)).toBe(`${file} cannot be used: it is no database`);
    rmSync(file);
    mkdirSync(file);
    expect(await refused(at)).toBe(`${file} cannot be used: it is a folder`);
  });

  test('another server that has it', async () => {
    const at = folder();
    const first = await Command.start(['--data-dir', at]);
    expect(await refused(at)).toBe(
      `data-dir ${at} is in use by another server; stop it, or take another folder`,
    );
    await first.kill();
    await Command.start(['--data-dir', at]);
  });

  test('a file that is damaged where it has names', async () => {
    const at = await used();
    const file = join(at, 'rxchat.db');
    const page = spawnSync('sh', ['-c', `grep -abo 'scrypt' ${file} | head -1`], { encoding: 'utf8' }).stdout;
    expect(page).not.toBe('');
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, Math.floor(parseInt(page) / 4096) * 4096);
    closeSync(descriptor);
    expect(await refused(at)).toBe(`${file} cannot be used: it is damaged; put a backup in its place`);
  });
});
