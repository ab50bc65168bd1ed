import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../src/index.ts';
import { Pair } from './support/certificate.ts';
import { Client, TestServer, through, until } from './support/chat.ts';
import { Command, MEMORY } from './support/command.ts';
import { needs, needsBuild, ROOT } from './support/needs.ts';
import { Pipe, unix } from './support/netcat.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

const socketIn = (at = folder()): string => join(at, 'chat.sock');

/** Starts the command at `path` only, and waits until it listens. */
async function listening(path: string, ...args: string[]): Promise<Command> {
  const command = new Command(['--host', 'none', '--unix', path, ...args]);
  await command.listens();
  return command;
}

/** What a command that does not start says; its exit code is 1. */
async function refusal(path: string): Promise<string> {
  const command = new Command(['--host', 'none', '--unix', path]);
  expect(await command.exits()).toBe(1);
  expect(command.stdout).toBe('');
  return command.stderr;
}

/** What kill -9 leaves. */
async function left(path: string): Promise<void> {
  const command = await listening(path);
  await command.kill();
  expect(lstatSync(path).isSocket()).toBe(true);
}

describe('a Unix socket', () => {
  test('is beside the port, and all are in the same rooms', async () => {
    const path = socketIn();
    const server = await TestServer.start({ unix: path });
    const [alice, bob] = [await through(path).login('alice'), await server.login('bob')];
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    bob.say('#ops: hello', 'alice: grüße');
    await alice.hears('* nobody else is in #ops', 'from bob in #ops: hello', 'from bob: grüße');
    alice.say('bob: hi');
    await bob.hears('from alice: hi');
    expect(server.notices[0]).toMatchObject({
      type: 'listening',
      host: '127.0.0.1',
      port: server.port,
      at: [`127.0.0.1:${String(server.port)}`, path],
    });
  });

  test('may be all that there is', async () => {
    const path = socketIn();
    const server = await TestServer.start({ host: 'none', unix: path });
    await through(path).login('alice');
    expect(server.notices[0]).toMatchObject({ type: 'listening', host: '', port: 0, at: [path] });
  });

  test('is gone when the server stops, or is unsubscribed from', async () => {
    const path = socketIn();
    const server = await TestServer.start({ unix: path });
    expect(lstatSync(path).isSocket()).toBe(true);
    server.stop.next();
    await until(() => server.completed, 'it has stopped');
    expect(existsSync(path)).toBe(false);
    const running = serve({ host: 'none', unix: path }).subscribe();
    await until(() => existsSync(path), 'it is there again');
    running.unsubscribe();
    await until(() => !existsSync(path), 'it is gone again');
  });

  test('carries what is long, both ways, and a half-closed client still hears its answers', async () => {
    const path = socketIn();
    await TestServer.start({ host: 'none', unix: path });
    const [alice, bob] = [await through(path).login('alice'), await through(path).login('bob')];
    bob.socket.pause();
    const line = 'x'.repeat(10_000);
    for (let each = 0; each < 1000; each++) alice.say(`bob: ${String(each)} ${line}`);
    bob.socket.resume();
    // Lines of so much text are not counted again and again.
    await until(() => bob.text.length > 10_000_000 && bob.lines.length === 1000, 'bob has all of it');
    expect(bob.lines.map((each) => Number(each.split(' ')[2]))).toEqual(
      Array.from({ length: 1000 }, (_, each) => each),
    );
    alice.socket.end('alice: to me\n/ping');
    await alice.end();
    expect(alice.lines).toEqual(['from alice: to me', '* pong']);
  });

  test('takes TLS, too', async () => {
    const path = socketIn();
    await TestServer.start({ host: 'none', unix: path, ...(await Pair.made()).options });
    const client = new Client(connectTls({ socket: connect({ path }), rejectUnauthorized: false }));
    await client.login('alice');
  });
});

describe('who comes through a Unix socket', () => {
  test('is on this machine: no list, no limit for an address and no demand for TLS is about them', async () => {
    const path = socketIn();
    const options = { ...(await Pair.made()).options, tlsOnly: true, maxPerAddress: 1 };
    const lists = { allow: '192.0.2.0/24', deny: '0.0.0.0/0,::/0' };
    const server = await TestServer.start({ host: 'none', unix: path, ...options, ...lists });
    const alice = await through(path).login('alice');
    await through(path).login('bob');
    alice.say('/quit');
    await alice.end();
    alice.socket.end();
    await until(() => server.notices.length === 2, 'the end is told');
    expect(server.notices[1]).toMatchObject({
      type: 'ended',
      reason: 'quit',
      name: 'alice',
      address: 'unix',
    });
  });

  test('counts for the limit of all clients', async () => {
    const path = socketIn();
    const server = await TestServer.start({ unix: path, maxClients: 1 });
    await through(path).login('alice');
    await server.connect().hears('! the server is full; try again later');
    await through(path).hears('! the server is full; try again later');
    expect(server.notices.at(-1)).toEqual({ type: 'refused', reason: 'server full', address: 'unix' });
  });

  test('may be denied by the word "unix"', async () => {
    const path = socketIn();
    await TestServer.start({ unix: path, deny: 'unix' });
    await through(path).hears('! this server is not for where you come from');
  });

  test('may be a proxy, and then limits go by whom it speaks for', async () => {
    const path = socketIn();
    const options = { trustProxy: 'unix', maxPerAddress: 1, deny: '198.51.100.0/24' };
    const server = await TestServer.start({ unix: path, ...options });
    const [silent, first, second, denied] = [through(path), through(path), through(path), through(path)];
    silent.say('alice');
    await silent.hears('! a proxy has to say first whom it speaks for (the PROXY protocol)');
    first.socket.write('PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n');
    await first.login('alice');
    second.socket.write('PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n');
    await second.hears('! the server is full; try again later');
    denied.socket.write('PROXY TCP4 198.51.100.9 192.0.2.1 1 2\r\n');
    await denied.hears('! this server is not for where you come from');
    await server.login('bob'); // who comes over the network is no proxy
  });
});

describe('a real client posts a line and hears the answer', () => {
  test.for(unix)('$name', async (netcat, context) => {
    needs(netcat.program, netcat.here, context);
    const path = socketIn();
    const server = await TestServer.start({ unix: path });
    const bob = await server.login('bob');
    const pipe = Pipe.printf('ci\nbob: build failed\ndave: two\n', netcat.argv(path));
    await bob.hears('from ci: build failed');
    expect(await pipe.exits()).toBe(0);
    expect(pipe).toMatchObject({ stdout: '! dave is not here\n', stderr: '' });
  });
});

describe('the path', () => {
  beforeEach(needsBuild);

  test('is said at the start, and "none" closes the network', async () => {
    const path = socketIn();
    const both = await Command.start(['--unix', path]);
    expect(both.stdout).toMatch(/^rxchat listens on 127\.0\.0\.1:\d+ and \//);
    expect(both.stdout).toContain(` and ${path}, for this machine only; --host :: opens it to others\n`);
    both.child.kill('SIGTERM');
    expect(await both.exits()).toBe(0);
    expect((await listening(path)).stdout).toBe(`rxchat listens on ${path}\n${MEMORY}`);
  });

  test('is taken over from a server that was killed', async () => {
    const path = socketIn();
    await left(path);
    await listening(path);
    await through(path).login('alice');
  });

  test('is refused where somebody listens, who goes on', async () => {
    const path = socketIn();
    await listening(path);
    const alice = await through(path).login('alice');
    expect(await refusal(path)).toBe(
      `rxchat: --unix ${path} is in use; stop what listens there, or take another path\n`,
    );
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
    await through(path).login('bob');
  });

  test('is refused where it is no socket, which stays as it is', async () => {
    const at = folder();
    const [file, link] = [join(at, 'notes'), join(at, 'link')];
    writeFileSync(file, 'dear diary');
    symlinkSync(join(at, 'nowhere'), link);
    for (const path of [file, link, at])
      expect(await refusal(path)).toBe(
        `rxchat: --unix ${path} is there, and no socket; it is left as it is\n`,
      );
    expect(readFileSync(file, 'utf8')).toBe('dear diary');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('is refused in a folder that does not exist', async () => {
    const path = join(folder(), 'run', 'chat.sock');
    const missing = join(path, '..');
    expect(await refusal(path)).toBe(
      `rxchat: --unix ${path} would be in ${missing}, and there is no such folder\n`,
    );
  });

  test('is refused where it is too long, and nothing is made of what would fit', async () => {
    const at = folder();
    const longest = join(at, 'x'.repeat(106 - at.length));
    await listening(longest);
    expect(lstatSync(longest).isSocket()).toBe(true);
    const command = new Command(['--host', 'none', '--unix', `${longest}x`]);
    expect(await command.exits()).toBe(2);
    expect(command.stderr).toBe('rxchat: unix has 108 bytes, and the path of a socket at most 107\n');
  });

  test('does not get in the way of an error of the port, and is not left then', async () => {
    const path = socketIn();
    const busy = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      busy.close();
    });
    await until(() => busy.listening, 'the port is taken');
    const { port } = busy.address() as { port: number };
    const command = new Command(['--port', String(port), '--unix', path]);
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toContain(`--port ${String(port)} is in use on 127.0.0.1`);
    expect(existsSync(path)).toBe(false);
  });

  test('has the rights that the umask leaves', async () => {
    const path = socketIn();
    const command = new Command(['--host', 'none', '--unix', path], { before: 'umask 007;' });
    await command.listens();
    expect(lstatSync(path).mode & 0o777).toBe(0o770);
  });

  test('has to be there where there is no address', async () => {
    await expect(lastValueFrom(serve({ host: 'none' }))).rejects.toThrow(
      'host is none, so unix has to say where to listen',
    );
  });
});

describe('somebody else on this machine', () => {
  const AS = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  // They have to be able to run the command, wherever this folder is.
  const [program, ...rest] = [...AS, process.execPath, join(ROOT, 'bin/rxchat.js'), '--version'];
  const here = spawnSync(program, rest).status === 0;

  /** A folder like /tmp: everybody may make files there, and remove their own. */
  function common(): string {
    const at = folder();
    chmodSync(at, 0o1777);
    return at;
  }

  test('may not open it where its rights say so', async (context) => {
    needs('way to be somebody else (root and setpriv)', here, context);
    const path = socketIn(common());
    await TestServer.start({ host: 'none', unix: path });
    const pipe = Pipe.printf('mallory\n', [...AS, ...(unix[0]?.argv(path) ?? [])]);
    expect(await pipe.exits()).not.toBe(0);
    expect(pipe.stderr).toMatch(/permission denied/i);
  });

  test('does not take over what was left there', async (context) => {
    needs('way to be somebody else (root and setpriv)', here, context);
    const path = socketIn(common());
    await left(path);
    const command = new Command(['--host', 'none', '--unix', path], { through: AS });
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(`rxchat: --unix ${path} is a socket of somebody else; take another path\n`);
    chmodSync(path, 0o777); // it may be opened, but not removed
    const again = new Command(['--host', 'none', '--unix', path], { through: AS });
    expect(await again.exits()).toBe(1);
    expect(again.stderr).toBe(command.stderr);
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('needs rights in the folder', async (context) => {
    needs('way to be somebody else (root and setpriv)', here, context);
    const at = folder();
    chmodSync(at, 0o755);
    const command = new Command(['--host', 'none', '--unix', socketIn(at)], { through: AS });
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(
      `rxchat: --unix ${socketIn(at)} needs rights in ${at} that you do not have\n`,
    );
  });
});
