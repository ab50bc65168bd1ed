import { randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Options } from '../../src/index.ts';
import { makeVerifier } from '../../src/vault/verifier.ts';
import { Pair } from '../support/certificate.ts';
import { Client, PROXIED, TestServer, until } from '../support/chat.ts';
import { Command } from '../support/command.ts';
import { folder, open } from '../support/kept.ts';
import { needs, needsBuild } from '../support/needs.ts';
import { Operator } from '../support/office.ts';

beforeAll(needsBuild);

const PASSWORD = 'correct horse';
const WAIT = /^! too many passwords were tried; try again in \d+ s$/m;
const BUSY = '! too many passwords are being looked at; try again in a moment';
const PLAIN =
  '! a password is for TLS only, like "ncat --ssl HOST PORT", if this server has it: others could read it here';

/** What would be kept of the password if it were to cost little. */
function cheapVerifier(): string {
  const salt = randomBytes(16);
  const hash = scryptSync(PASSWORD, salt, 32, { N: 1024, r: 8, p: 1 });
  return ['scrypt', 1024, 8, 1, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** A server on which so many names have an owner, all with the same password. */
async function owned(names: number, verifier: string, options: Options = {}): Promise<TestServer> {
  const at = folder();
  const store = open(at);
  for (let nth = 0; nth < names; nth++) {
    const key = `owner${String(nth)}`;
    store.apply([{ do: 'reserve', key, shown: key, owner: key, version: key, verifier }]);
  }
  store.close();
  return TestServer.start({ ...PROXIED, allowPlainPasswords: true, dataDir: at, ...options });
}

const ownerOf = (nth: number): string => `owner${String(nth)}`;

/** Says it again as long as too many are being looked at; gives all that was heard by the login. */
async function logsIn(client: Client, name: string): Promise<string> {
  for (;;) {
    client.forget();
    client.say(`${name} ${PASSWORD}`, '/ping');
    await client.sees('* pong');
    if (!client.lines.includes(BUSY)) return client.text;
  }
}

describe('a hundred owners behind one address', () => {
  test('log in one after the other, and none waits', async () => {
    const server = await owned(100, cheapVerifier());
    for (let nth = 0; nth < 100; nth++) {
      const client = server.from('203.0.113.7');
      expect(await logsIn(client, ownerOf(nth))).toBe('* pong\n');
    }
  });

  test('log in at once, and none waits for having tried', async () => {
    const server = await owned(100, cheapVerifier());
    const clients = Array.from({ length: 100 }, () => server.from('203.0.113.7'));
    for (const client of clients) client.say('/ping');
    await Promise.all(clients.map((client) => client.sees('* pong')));
    const all = await Promise.all(
      clients.map(async (client, nth) => {
        let connection = client;
        // Whoever is told five times that it is no time for that is closed, as with any other name.
        for (;;) {
          const heard = await Promise.race([
            logsIn(connection, ownerOf(nth)),
            connection.end().then(() => undefined),
          ]);
          if (heard !== undefined) return heard;
          connection = server.from('203.0.113.7');
        }
      }),
    );
    expect(all.filter((heard) => WAIT.test(heard))).toEqual([]);
    expect(new Set(all)).toEqual(new Set(['* pong\n']));
  });

  test('wait once somebody there has guessed too often; who comes from elsewhere does not', async () => {
    const server = await owned(100, cheapVerifier());
    for (let nth = 0; nth < 20; nth++) {
      const stranger = server.from('203.0.113.7');
      stranger.say(`${ownerOf(nth)} wrong horse`);
      await stranger.sees(`! that is not the password of ${ownerOf(nth)}; type another`);
      stranger.socket.destroy();
    }
    const late = server.from('203.0.113.7');
    late.say(`owner50 ${PASSWORD}`);
    await late.sees(WAIT);
    expect(await logsIn(server.from('198.51.100.7'), 'owner50')).toBe('* pong\n');
    // Somebody who guesses at one name is not the owner, either.
    expect(await logsIn(server.from('2001:db8::7'), 'owner0')).toBe('* pong\n');
  });
});

describe('while a password is looked at', () => {
  test('nothing more of the client is read, and what it has sent behind it comes after it, whole', async () => {
    const server = await owned(1, await makeVerifier(PASSWORD), { adminPort: 0 });
    const operator = Operator.of(server);
    const bob = await server.login('bob');
    const client = server.connect();
    const LINES = 20_000;
    const all = Array.from({ length: LINES }, (_, nth) => `bob: line ${String(nth)}`);
    // Others are looked at first, so that it takes a while.
    const others = Array.from({ length: 6 }, () => server.from('203.0.113.7'));
    for (const other of others) other.say('owner0 wrong horse');
    client.socket.write(`owner0 ${PASSWORD}\n${all.join('\n')}\n`);
    let held = 0;
    while (bob.text === '') {
      const { text } = await operator.ask('/clients');
      if (text.includes('"password"')) held++;
    }
    expect(held).toBeGreaterThan(0);
    await until(() => bob.lines.length === LINES, 'all have come');
    expect(bob.lines).toEqual(all.map((line) => line.replace('bob:', 'from owner0:')));
  });

  test('one other is, and 32 wait; whoever comes behind these is told to come again', async () => {
    const server = await owned(40, await makeVerifier(PASSWORD));
    const clients = Array.from({ length: 40 }, () => server.connect());
    for (const client of clients) client.say('/ping');
    await Promise.all(clients.map((client) => client.hears('* pong')));
    for (const [nth, client] of clients.entries()) client.say(`${ownerOf(nth)} ${PASSWORD}`, '/ping');
    // Each of them takes a tenth of a second of a core, which a busy machine may have for others.
    await until(() => clients.every(({ lines }) => lines.length > 1), 'all are answered', 120_000);
    const refused = clients.filter(({ lines }) => lines.includes(BUSY));
    // As many as come while none is done yet.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(6);
    expect(clients.slice(0, 34).filter((client) => refused.includes(client))).toEqual([]);
    const [one] = refused;
    if (one) expect(await logsIn(one, ownerOf(clients.indexOf(one)))).toBe('* pong\n');
  }, 150_000);
});

describe('a password', () => {
  test('that comes in the open from elsewhere is refused, and told why, also where it is right', async () => {
    const server = await owned(1, cheapVerifier(), { allowPlainPasswords: false });
    const client = server.from('203.0.113.7');
    client.say(`owner0 ${PASSWORD}`);
    await client.hears(PLAIN);
    client.say('bob', `/reserve ${PASSWORD}`, `/name owner0 ${PASSWORD}`, 'bob: hello');
    await client.hears(PLAIN, PLAIN, PLAIN, 'from bob: hello');
    const local = server.connect();
    expect(await logsIn(local, 'owner0')).toBe('* pong\n');
  });

  test('is the one of a name right behind the /reserve that has made it so, in the same write', async () => {
    const server = await TestServer.start(PROXIED);
    const client = server.connect();
    client.say('bob', `/reserve ${PASSWORD}`, '/name robert', `/name bob ${PASSWORD}`, '/ping');
    await client.hears(
      '* bob is yours; from now on log in with "bob PASSWORD"',
      '* bob is now robert',
      '* robert is now bob',
      '* pong',
    );
  });

  test('is refused at an address of the machine that is for others, too, but for TLS and --allow-plain-passwords', async (context) => {
    const address = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    needs('address that others could come to', address !== undefined, context);
    const { options } = await Pair.made();
    for (const [allowPlainPasswords, isEncrypted, expected] of [
      [false, false, PLAIN],
      [true, false, '* pong'],
      [false, true, '* pong'],
    ] as const) {
      const server = await owned(1, cheapVerifier(), { ...options, host: '0.0.0.0', allowPlainPasswords });
      const at = { port: server.port, host: address, localAddress: address, allowHalfOpen: true };
      const client = new Client(isEncrypted ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at));
      client.say(`owner0 ${PASSWORD}`, '/ping');
      await client.sees('* pong');
      expect(client.lines[0]).toBe(expected);
    }
  });

  test.each([
    ['a password', `erin ${PASSWORD}`],
    ['one with blanks and dots', 'erin two words. three'],
  ])('behind a name that nobody has reserved is told so: %s', async (_, line) => {
    const server = await owned(0, '');
    const told = '! nobody has reserved erin, so it has no password; type "erin" alone, or another';
    const erin = server.connect();
    erin.say(line);
    await erin.hears(told);
    erin.say('erin', '/ping');
    await erin.hears(told, '* pong');
    // A script goes on, and what it says is no name.
    const script = server.connect();
    script.say(line, `frank ${PASSWORD}`);
    await script.end();
    expect(script.lines).toEqual([told, '! you have no name, so nothing was sent; closing']);
  });

  test('is not what is too short to be one', async () => {
    const server = await owned(0, '');
    const erin = server.connect();
    erin.say('hello there');
    await erin.hears('! a name is 1 to 32 letters, digits, "_", "-" or "."; type another');
  });

  test('is in no log, no metrics, no history, no echo, and not in the file', async () => {
    const at = folder();
    const command = await Command.start(['--data-dir', at, '--admin-port', '0']);
    const port = Number(/admin port is \S+:(\d+)/.exec(command.stdout)?.[1]);
    const operator = new Operator(port);
    const alice = await command.login('alice');
    alice.say('/join #ops', '/receipts on', `/reserve ${PASSWORD}`, `/RESERVE ${PASSWORD}:2`);
    await alice.sees('* the password of alice is another one now');
    // Two wrong ones for her name: with a third, whoever comes next would have to wait.
    const strangers = ['alice wrong horse', `alice ${PASSWORD}`, `alicee ${PASSWORD}`];
    const others = strangers.map((line) => {
      const other = command.connect();
      other.say(line, `also ${PASSWORD}`, `bob: ${PASSWORD}`);
      return other;
    });
    for (const other of others) await other.end();
    const heir = command.connect();
    heir.say(`alice ${PASSWORD}:2`, '/history #ops', '/search horse', `/name alice2 ${PASSWORD}`, '/ping');
    await heir.sees('* pong');
    const told = await Promise.all(
      ['/metrics', '/clients', '/closed', '/rooms'].map(async (path) => (await operator.ask(path)).text),
    );
    command.child.kill('SIGTERM');
    await command.exits();
    const written = readdirSync(at).map((file) => readFileSync(join(at, file), 'latin1'));
    const heard = [alice, heir, ...others].map(({ text }) => text);
    // The word that was searched for is in the answer.
    const all = [command.stdout, command.stderr, ...told, ...written, ...heard].join('\n');
    expect(all.replace('* no line has horse', '')).not.toMatch(/horse|correct/);
  });
});
