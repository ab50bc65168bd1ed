import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { flagOf, OPTIONS, shown } from '../src/options.ts';
import { until } from './support/chat.ts';
import { Command } from './support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the line at the start', () => {
  test('says the real port, that it is for this machine only, and how to open it', async () => {
    const command = await Command.start();
    expect(command.stdout).toMatch(
      /^rxchat listens on 127\.0\.0\.1:\d+, for this machine only; --host :: opens it to others\nWhat is said is kept in memory only; --data-dir DIR keeps it, and names and mail, for longer\n$/,
    );
  });

  test('says what is kept where that is not all, or not for long', async () => {
    const dataDir = (): string => mkdtempSync(join(folder, 'data-'));
    const said = async (...args: string[]): Promise<string> => (await Command.start(args)).stdout;
    expect(await said('--keep', 'none')).toMatch(
      /\nWhat is said is not kept; names and mail are, in memory only; --data-dir DIR keeps them for longer\n$/,
    );
    expect(await said('--keep', 'none', '--data-dir', dataDir())).toMatch(
      /\nWhat is said is not kept; names and mail are\n$/,
    );
    expect(await said('--data-dir', dataDir())).not.toMatch(/kept/);
  });

  test('says which of those who keep order nobody has reserved yet, and not of those who are', async () => {
    const dataDir = mkdtempSync(join(folder, 'data-'));
    const start = ['--operator', 'alice,Olga', '--data-dir', dataDir];
    const first = await Command.start(start);
    const how = `by /reserve, from this machine, or with rxchat admin reserve alice --data-dir ${dataDir}`;
    expect(first.stdout).toMatch(new RegExp(`\nNobody has reserved alice, Olga yet; do it ${how}\n$`));
    await until(() => first.entries('listening').length > 0, 'it is in the log');
    expect(first.entries('listening')).toMatchObject([{ unclaimed: ['alice', 'Olga'] }]);
    for (const name of ['alice', 'olga']) {
      const client = await first.login(name);
      client.say('/reserve correct-horse');
      await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
    }
    first.child.kill('SIGTERM');
    await first.exits();
    expect((await Command.start(start)).stdout).not.toMatch(/reserved/);
  });

  test('says nothing of that where it is open', async () => {
    expect((await Command.start(['--host', '::'])).stdout).toMatch(
      /^rxchat listens on \[::\]:\d+\nWhat is said/,
    );
  });
});

test('--help has every option, with its group and its default', async () => {
  const command = new Command(['--help']);
  expect(await command.exits()).toBe(0);
  const help = command.stdout.replaceAll(/\s+/g, ' ');
  for (const [name, option] of Object.entries(OPTIONS)) {
    expect(help).toContain(`--${flagOf(name)} ${option.help}`);
    expect(help).toContain(`${option.group}:`);
    expect(help).toContain(`[default: ${shown(option.kind, option.default)}]`);
  }
  for (const flag of ['--config', '--help', '--version']) expect(help).toContain(flag);
});

test.each([
  [['--raw'], '\x1b'],
  [['--raw=on'], '\x1b'],
  [['--raw=off'], '\ufffd'],
  [['--no-raw'], '\ufffd'],
  [[], '\ufffd'],
])('with %j an escape arrives as %j', async (args, character) => {
  const command = await Command.start(args);
  const alice = await command.login('alice');
  alice.say('alice: \x1b');
  await alice.hears(`from alice: ${character}`);
});

test('--version is the version of the package', async () => {
  const command = new Command(['--version']);
  expect(await command.exits()).toBe(0);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(command.stdout).toBe(`${version}\n`);
});

describe('what is wrong is told in one line that names the option', () => {
  const list = file('list.json', '[]');
  const torn = file('torn.json', '{"port": 1');

  test.each([
    [['--prt', '1'], 2, 'there is no option --prt; did you mean --port?'],
    [['--nonsense'], 2, 'there is no option --nonsense; see --help'],
    [['-x'], 2, 'there is no option -x'],
    [['bob'], 2, '"bob" is no option; with npm, options stand behind a "--"'],
    [['--', 'bob'], 2, '"bob" is no option; with npm, options stand behind a "--"'],
    [['--port'], 2, '--port needs a value'],
    [['--port', 'x'], 2, '--port must be a whole number from 0 to 65535, not "x"'],
    [['--raw=maybe'], 2, '--raw must be on or off, not "maybe"'],
    [['--\x1b[2J'], 2, 'there is no option --\ufffd[2J'],
    [['--config', '/nowhere'], 2, 'the config file /nowhere cannot be read: there is no such file'],
    [['--config', folder], 2, `the config file ${folder} cannot be read: it is a folder`],
    [['--config', list], 2, `the config file ${list} is not one JSON object, like {"port": 8080}`],
    [['--config', torn], 2, `the config file ${torn} is not JSON: `],
    [['--welcome-file', '/nowhere'], 2, 'the welcome file /nowhere cannot be read: there is no such file'],
    [['--rate', 'x'], 2, '--rate must be lines a second from none to 1000000, not "x"'],
    [['--host', 'nobody.invalid'], 1, '--host nobody.invalid is no address to listen on'],
    [['--host', '192.0.2.1'], 1, '--host 192.0.2.1 is no address to listen on'],
  ])('%j exits %i', async (args, code, message) => {
    const command = new Command(args);
    expect(await command.exits()).toBe(code);
    expect(command.stderr).toContain(`rxchat: ${message}`);
    expect(command.stderr.split('\n')).toHaveLength(2);
    expect(command.stdout).toBe('');
  });

  test('a busy port', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      busy.close();
    });
    await until(() => busy.listening, 'the port is taken');
    const port = String((busy.address() as AddressInfo).port);
    const command = new Command(['--port', port]);
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(
      `rxchat: --port ${port} is in use on 127.0.0.1; stop what uses it, or take another (0 takes a free one)\n`,
    );
  });
});

test('flags, environment and file are read', async () => {
  const RXCHAT_CONFIG = file('rxchat.json', '\ufeff{"max-clients": 7, "port": 1}');
  const command = await Command.start([], { environment: { RXCHAT_CONFIG, RXCHAT_HOST: '::1' } });
  expect(command.stdout).toMatch(/^rxchat listens on \[::1\]:\d+, for this machine only/);
  await until(() => command.entries('listening').length > 0, 'the log has it');
  expect(command.entries('listening')[0]).toMatchObject({ maxClients: 7 });
});

test('the descriptor limit bounds the clients, and the line at the start says so', async () => {
  const command = await Command.start([], { descriptors: 100 });
  expect(command.stdout).toMatch(
    /\nNo more than 36 at a time can be in, since the descriptor limit \(ulimit -n\) is 100\.\n$/,
  );
});

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s delivers what was said, tells everyone, exits 0',
    async (signal) => {
      const command = await Command.start();
      const [alice, bob] = [await command.login('alice'), await command.login('bob')];
      alice.say('bob: last words');
      await bob.hears('from alice: last words');
      command.child.kill(signal);
      await alice.end();
      await bob.end();
      expect(alice.lines).toEqual(['! the server is stopping']);
      expect(bob.lines).toEqual(['from alice: last words', '! the server is stopping']);
      expect(await command.exits()).toBe(0);
      expect(command.entries('stopping')[0]).toMatchObject({ clients: 2 });
      expect(
        command
          .entries('ended')
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['alice', 'bob']);
    },
  );

  test('SIGTERM to npm start is SIGTERM to the server, and leaves nothing running', async () => {
    const npm = spawn('npm', ['start', '--', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      npm.kill('SIGKILL');
    });
    let said = '';
    for (const stream of [npm.stdout, npm.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until(() => said.includes('"msg":"listening"'), 'it listens');
    npm.kill('SIGTERM');
    const [code] = (await once(npm, 'exit')) as [number | null];
    expect(said).toContain('"msg":"stopping"');
    expect(code).toBe(0);
  });

  test('a second one exits 1 at once, also with somebody who does not read', async () => {
    const command = await Command.start(['--stop-timeout', '60']);
    const frozen = await command.login('frozen');
    frozen.socket.pause();
    const alice = await command.login('alice');
    alice.say(...Array.from({ length: 400 }, () => `frozen: ${'x'.repeat(16_000)}`));
    await until(
      () => alice.socket.writableLength === 0 || alice.socket.bytesWritten > 4_000_000,
      'it piles up',
    );
    command.child.kill('SIGTERM');
    await until(() => command.entries('stopping').length > 0, 'it stops');
    command.child.kill('SIGTERM');
    expect(await command.exits()).toBe(1);
  });

  test('SIGHUP does not end it', async () => {
    const command = await Command.start();
    command.child.kill('SIGHUP');
    const alice = await command.login('alice');
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });
});
