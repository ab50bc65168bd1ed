import { closeSync, lstatSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { passedOn } from '../src/activation.ts';
import { through, until } from './support/chat.ts';
import { Command, MEMORY } from './support/command.ts';
import { installed, needs, needsBuild } from './support/needs.ts';

/** As a service manager does it: the process that is to become the command has this number. */
const SAID = 'export LISTEN_PID=$$;';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

async function opened(options: ListenOptions): Promise<Server> {
  const server = createServer().listen(options);
  await until(() => server.listening, 'it listens');
  return server;
}

/** Node removes the file of a Unix socket that it closes, so this one is moved away from where Node made it. */
async function openedAt(path: string): Promise<Server> {
  const server = await opened({ path: `${path}.new` });
  renameSync(`${path}.new`, path);
  return server;
}

/** The command with the descriptors of these servers, from 3 on. It alone has them then. */
function given(servers: readonly Server[], args: readonly string[] = [], before = SAID): Command {
  const environment = { LISTEN_FDS: String(servers.length), LISTEN_FDNAMES: 'rxchat.socket' };
  const descriptorsFrom3 = servers.map((server) => {
    return (server as unknown as { _handle: { fd: number } })._handle.fd;
  });
  const command = new Command(args, { environment, before, descriptorsFrom3 });
  for (const server of servers) server.close();
  return command;
}

describe('what says that sockets are passed on', () => {
  const said = (environment: NodeJS.ProcessEnv): readonly number[] =>
    passedOn({ LISTEN_PID: String(process.pid), ...environment });

  test('is how many there are, from descriptor 3 on', () => {
    expect(said({ LISTEN_FDS: '1' })).toEqual([3]);
    expect(said({ LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:c' })).toEqual([3, 4, 5]);
    expect(said({ LISTEN_FDS: '0' })).toEqual([]);
  });

  test('is for the process that it names, and for no other', () => {
    expect(said({ LISTEN_FDS: '1', LISTEN_PID: String(process.ppid) })).toEqual([]);
    expect(passedOn({ LISTEN_FDS: '1' })).toEqual([]);
    expect(passedOn({})).toEqual([]);
  });

  test.each(['', 'x', '-1', '1.5', '1025', '99999999999'])('is no %j', (count) => {
    expect(() => said({ LISTEN_FDS: count })).toThrow(
      `LISTEN_FDS must be how many sockets are passed on, not "${count}"`,
    );
  });

  test('is gone once it was read, whoever it was for', () => {
    for (const pid of [process.pid, process.ppid]) {
      const environment = { LISTEN_PID: String(pid), LISTEN_FDS: '1', LISTEN_FDNAMES: 'a', PATH: '/bin' };
      passedOn(environment);
      expect(environment).toEqual({ PATH: '/bin' });
    }
  });
});

describe('sockets that somebody else has opened', () => {
  beforeEach(needsBuild);

  test('take the place of address, port and path, also where those are given', async () => {
    const path = join(folder(), 'other.sock');
    const command = given([await opened({ port: 0, host: '127.0.0.1' })], ['--port', '1', '--unix', path]);
    await command.listens();
    expect(command.stdout).toBe(`rxchat listens on 127.0.0.1:${String(command.port)}\n${MEMORY}`);
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
    await command.login('alice');
  });

  test('may be several, of the network and not, and all are in the same rooms', async () => {
    const path = join(folder(), 'chat.sock');
    const tcp = await opened({ port: 0, host: '127.0.0.1' });
    const command = given([await openedAt(path), tcp, await opened({ port: 0, host: '::1' })]);
    await command.listens();
    expect(command.stdout).toMatch(
      /^rxchat listens on descriptor 3 and 127\.0\.0\.1:\d+ and \[::1\]:\d+\nWhat is said is kept in memory only/,
    );
    const [alice, bob] = [await through(path).login('alice'), await command.login('bob')];
    alice.say('bob: hello');
    await bob.hears('from alice: hello');
    await until(() => command.entries('listening').length > 0, 'the log has it');
    expect(command.entries('listening')[0]).toMatchObject({ host: '127.0.0.1', port: command.port });
  });

  test('keep whoever comes between two servers waiting, and stay when one ends', async () => {
    const path = join(folder(), 'chat.sock');
    // A shell that has the socket starts one, and then, once it is told to go on, another.
    const command = given(
      [await openedAt(path)],
      [],
      `sh -c 'echo $$; ${SAID} exec "$@"' sh "$@"; kill -STOP $$; ${SAID}`,
    );
    const started = (): number => command.stdout.split('listens on descriptor 3\n').length - 1;
    await until(() => started() === 1, 'the first one listens');
    const alice = await through(path).login('alice');
    process.kill(Number(command.stdout.split('\n')[0]), 'SIGTERM');
    await alice.hears('! the server is stopping');
    alice.socket.end();
    await until(() => alice.closed, 'the first one is gone');
    expect(lstatSync(path).isSocket()).toBe(true);
    const early = through(path);
    early.say('bob', 'bob: was I lost?');
    await until(() => !early.socket.connecting && early.socket.writableLength === 0, 'it is in the queue');
    await until(() => {
      command.child.kill('SIGCONT');
      return started() === 2;
    }, 'the second one listens');
    await early.hears('from bob: was I lost?');
  });

  test('keep clients as any other does: answers come after the end of their side', async () => {
    const command = given([await opened({ port: 0, host: '127.0.0.1' })]);
    await command.listens();
    const client = command.connect();
    client.socket.end('alice\nalice: to me\n/ping');
    await client.end();
    expect(client.lines).toEqual(['from alice: to me', '* pong']);
  });

  test('that are for another process are left alone', async () => {
    const socket = await opened({ port: 0, host: '127.0.0.1' });
    const command = given([socket], ['--host', '127.0.0.2', '--port', '0'], 'export LISTEN_PID=1;');
    await command.listens();
    expect(command.stdout).toMatch(/^rxchat listens on 127\.0\.0\.2:/);
  });

  test('that are none are told in one line', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const descriptor = openSync(file, 'r');
    onTestFinished(() => {
      closeSync(descriptor);
    });
    const command = new Command([], {
      environment: { LISTEN_FDS: '1' },
      before: SAID,
      descriptorsFrom3: [descriptor],
    });
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(
      'rxchat: one of LISTEN_FDS is no socket that listens for streams (EINVAL); a unit has ListenStream= and Accept=no\n',
    );
    const missing = new Command([], { environment: { LISTEN_FDS: '1' }, before: SAID });
    expect(await missing.exits()).toBe(1);
    const odd = new Command([], { environment: { LISTEN_FDS: 'two' }, before: SAID });
    expect(await odd.exits()).toBe(2);
    expect(odd.stderr).toContain('rxchat: LISTEN_FDS must be how many sockets are passed on, not "two"');
  });
});

describe('systemd-socket-activate', () => {
  beforeEach(needsBuild);

  test('starts it with the first client, who is served, and so is the next', async (context) => {
    needs('systemd-socket-activate', installed('systemd-socket-activate'), context);
    const [path, other] = [join(folder(), 'chat.sock'), join(folder(), 'other.sock')];
    const command = new Command(['--port', '1'], {
      through: ['systemd-socket-activate', '-l', path, '-l', other],
    });
    await until(() => command.stderr.includes(`Listening on ${other} as 4`), 'it waits for somebody');
    expect(command.stdout).toBe('');
    const alice = await through(path).login('alice');
    const bob = await through(other).login('bob');
    alice.say('bob: hello');
    await bob.hears('from alice: hello');
    expect(command.stdout).toBe(`rxchat listens on descriptor 3 and descriptor 4\n${MEMORY}`);
    command.child.kill('SIGTERM');
    await bob.end();
    expect(await command.exits()).toBe(0);
  });
});
