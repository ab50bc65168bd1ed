import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Client, PROXIED, stopped, TestServer, until } from './support/chat.ts';
import { WebClient } from './support/web.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxchat-kept-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let folders = 0;
const place = (): string => join(folder, String(++folders));

const PASSWORD = 'correct horse';
const YOURS = '* alice is yours; from now on log in with "alice PASSWORD"';

async function reserved(server: TestServer, name = 'alice'): Promise<Client> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`);
  await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
  return client;
}

describe('what was said in a room', () => {
  test('is told again to whoever asks, with its time, also after the server was started anew', async () => {
    const dataDir = place();
    const first = await TestServer.start({ dataDir });
    const [alice, bob] = [await first.login('alice'), await first.login('bob')];
    for (const client of [alice, bob]) client.say('/join #ops');
    await alice.sees(/^\* (bob joined|in) #ops/);
    alice.say('/receipts on', '#ops: the disk is full', '#ops: which one?');
    await alice.sees('* sent 2 to 1 in #ops; kept');
    await stopped(first, alice, bob);

    const second = await TestServer.start({ dataDir });
    const carol = await second.login('carol');
    carol.say('/history #ops', '/search DISK', '/ping');
    await carol.sees('* pong');
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
    expect(carol.lines).toEqual([
      expect.stringMatching(new RegExp(`^from alice in #ops at ${time}: the disk is full$`)),
      expect.stringMatching(new RegExp(`^from alice in #ops at ${time}: which one\\?$`)),
      '* that is all of #ops',
      expect.stringMatching(new RegExp(`^from alice in #ops at ${time}: the disk is full$`)),
      '* 1 line with DISK',
      '* pong',
    ]);
  });

  test('comes with the room to who joins it with a count, and to nobody else', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    for (const client of [alice, bob]) client.say('/join #ops');
    await alice.sees('* bob joined #ops');
    for (const text of ['one', 'two', 'three']) alice.say(`#ops: ${text}`);
    await bob.sees('from alice in #ops: three');
    const dave = await server.login('dave');
    dave.say('/join #ops', '/ping');
    await dave.sees('* pong');
    expect(dave.lines).toEqual(['* in #ops: alice, bob', '* pong']);
    dave.say('/quit');
    await dave.end();
    const carol = await server.login('carol');
    carol.say('/join #ops 2');
    await carol.sees('* 2 lines of #ops; /history #ops 4 shows more');
    expect(carol.lines.map((line) => line.replace(/ at \S+:/, ':'))).toEqual([
      '* in #ops: alice, bob',
      'from alice in #ops: two',
      'from alice in #ops: three',
      '* 2 lines of #ops; /history #ops 4 shows more',
    ]);
  });
});

describe('a name that is somebody’s own', () => {
  test('takes its password at the login, in one write with what follows, also after a restart', async () => {
    const dataDir = place();
    const first = await TestServer.start({ dataDir });
    await stopped(first, await reserved(first));

    const server = await TestServer.start({ dataDir });
    const bob = await server.login('bob');
    const plain = server.connect();
    plain.say('alice');
    await plain.sees('! the name alice is somebody\'s own; type "alice PASSWORD", or another');
    plain.say(`alice ${PASSWORD}`, 'bob: it is me');
    await bob.sees('from alice: it is me');

    const pipe = server.connect();
    pipe.socket.end(`alice ${PASSWORD}\nbob: and again\nalice: to myself\n`);
    await bob.sees('from alice: and again');
    await pipe.sees('from alice: to myself');
    await plain.sees('! somebody has logged in as alice with its password; closing');
  });

  test('is not taken by what is no password of it, and what is behind that is not said', async () => {
    const server = await TestServer.start();
    const alice = await reserved(server);
    const stranger = server.connect();
    stranger.say('alice wrong horse', 'alice: hello', 'alice');
    await stranger.end();
    expect(stranger.lines).toEqual([
      '! that is not the password of alice; type another',
      '! you have no name, so nothing was sent; closing',
    ]);
    alice.say('/ping');
    await alice.sees('* pong');
    expect(alice.lines).toEqual([YOURS, '* pong']);
  });

  test('is not taken by many lines behind a wrong password, and these reach nobody', async () => {
    const server = await TestServer.start();
    await reserved(server);
    const stranger = server.connect();
    stranger.socket.write(`alice wrong horse\nnor this\n${'more\n'.repeat(5000)}`);
    await stranger.end();
    expect(stranger.lines).toEqual([
      '! that is not the password of alice; type another',
      '! you have no name, so nothing was sent; closing',
    ]);
  });

  test('lines of a blank in them are no passwords once there is a name, however they come', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const alice = server.connect();
    alice.socket.write('alice\n/to bob\nhello there\nand more\n/quit\n');
    await alice.end();
    expect(bob.lines).toEqual(['from alice: hello there', 'from alice: and more']);
  });

  test.each(['pass:word and more', '/join #ops', 'bob: hello', 'grüße, an alle', ',,comma,,'])(
    'has “%s” as its password',
    async (password) => {
      const server = await TestServer.start();
      const alice = await server.login('alice');
      alice.say(`/reserve   ${password}  `);
      await alice.sees(YOURS);
      for (const login of [`alice ${password}`, ` alice  ${password} `]) {
        const again = server.connect();
        again.socket.write(`${login}\nalice: here\nalice: and here\n`);
        await again.sees('from alice: and here');
        expect(again.lines).toEqual(['from alice: here', 'from alice: and here']);
      }
      const bob = await server.login('bob');
      bob.say(`/name alice ${password}`);
      await bob.sees('* bob is now alice');
    },
  );

  test('with a colon in a wrong password says so, and the next line is another attempt', async () => {
    const server = await TestServer.start();
    await reserved(server);
    const stranger = server.connect();
    stranger.socket.write('alice pass:word\nalice pass:word\nalice pass:word\n/ping\nmallory: hello\n');
    await stranger.end();
    expect(stranger.lines).toEqual([
      ...Array<string>(3).fill('! that is not the password of alice; type another'),
      '* pong',
      '! you have no name, so nothing was sent; closing',
    ]);
  });

  test('has the password that was given last, also for what comes in one write with it', async () => {
    const server = await TestServer.start();
    const alice = await reserved(server);
    alice.say('/reserve another horse', '/name alice another horse', `/name alice ${PASSWORD}`, '/ping');
    await alice.sees('* pong');
    expect(alice.lines.slice(1)).toEqual([
      '* the password of alice is another one now',
      '* alice is now alice',
      '! that is not the password of alice; /name takes another',
      '* pong',
    ]);
  });

  test('may be taken by /name and its password', async () => {
    const server = await TestServer.start();
    const alice = await reserved(server);
    const bob = await server.login('bob');
    bob.say('/name alice', `/name alice ${PASSWORD}`, 'alice: mine');
    await bob.sees('from alice: mine');
    expect(bob.lines).toEqual([
      '! the name alice is somebody\'s own; type "/name alice PASSWORD", or another',
      '* bob is now alice',
      'from alice: mine',
    ]);
    await alice.sees('! somebody has logged in as alice with its password; closing');
  });

  test('works over a WebSocket, too', async () => {
    const server = await TestServer.start();
    await reserved(server);
    const web = new WebClient(server);
    await web.open;
    web.say(`alice ${PASSWORD}\n/ping`);
    await web.sees('* pong');
  });

  test('a password is nowhere but in what it was said for: not in the log, nor in what is kept', async () => {
    const dataDir = place();
    const server = await TestServer.start({ dataDir });
    const alice = await reserved(server);
    alice.say(`/name alice2 ${PASSWORD}`, '/history alice', `/nosuch ${PASSWORD}`, '/ping');
    await alice.sees('* pong');
    expect(alice.text).not.toContain('horse');
    await stopped(server, alice);
    expect(JSON.stringify(server.notices)).not.toContain('horse');
    for (const file of await readdir(dataDir))
      expect((await readFile(join(dataDir, file))).includes('horse'), file).toBe(false);
  });
});

describe('mail', () => {
  test('waits for who is not here, until the kernel has taken it, also over a restart', async () => {
    const dataDir = place();
    const first = await TestServer.start({ dataDir });
    const alice = await reserved(first);
    alice.say('/quit');
    await alice.end();
    alice.socket.end();
    const bob = await first.login('bob');
    bob.say('alice: are you there?', '/receipts on', 'alice: call me');
    await bob.sees('* sent 1; kept for alice');
    await bob.sees('* alice is away; kept for alice');
    await stopped(first, bob);

    const second = await TestServer.start({ dataDir });
    for (const expected of [2, 0]) {
      const again = second.connect();
      again.say(`alice ${PASSWORD}`, 'alice: here');
      await again.sees('from alice: here');
      if (expected > 0) await again.sees(/^from bob at \S+: call me$/);
      expect(again.lines.filter((line) => line.startsWith('from bob'))).toHaveLength(expected);
      again.say('/quit');
      await again.end();
      again.socket.end();
    }
  });
});

describe('order', () => {
  test('is kept by whoever reserves that name on the machine of the server, and by no stranger', async () => {
    const server = await TestServer.start({ ...PROXIED, operator: 'alice', allowPlainPasswords: true });
    const stranger = server.from('203.0.113.7');
    await stranger.login('alice');
    stranger.say(`/reserve ${PASSWORD}`, '/bans', '/name mallory');
    await stranger.hears(
      '! alice is to keep order, so reserve it from the server\'s own machine, or by "rxchat admin"',
      '! that is for operators',
      '* alice is now mallory',
    );
    const alice = await reserved(server);
    alice.say('/bans');
    await alice.sees('* nobody is banned');
  });

  test('is kept by an operator: who is banned by address is told to go, and comes no further than the door', async () => {
    const server = await TestServer.start({ ...PROXIED, operator: 'alice' });
    const alice = await reserved(server);
    const bob = await server.login('bob');
    const [carol, dave] = [server.from('203.0.113.7'), server.from('2001:db8::7')];
    for (const [client, name] of [
      [carol, 'carol'],
      [dave, 'dave'],
    ] as const)
      await client.login(name);
    alice.say('/ban 203.0.113.0/24 for 2h', '/ban 2001:db8::/32 spam', '/ban bob flooding', '/bans');
    await carol.sees(/^! you are banned until \S+Z; closing$/);
    await dave.sees('! you are banned (spam); closing');
    await server.from('203.0.113.8').sees('! this server is not for where you come from');
    await bob.sees('! you are banned (flooding); closing');
    await alice.sees(/^\* bob, by alice: flooding$/);
    const again = server.connect();
    again.say('bob');
    await again.sees('! you are banned (flooding); closing');
    alice.say('/unban bob');
    await alice.sees('* bob may come in again');
    await server.login('bob');
  });

  test('is for who came to the door before the ban, and has said nothing yet, too', async () => {
    const server = await TestServer.start({ ...PROXIED, operator: 'alice' });
    const alice = await reserved(server);
    const silent = server.from('203.0.113.7');
    // A connection that comes later is in by now, so that one is, too.
    await server.login('bob');
    alice.say('/ban 203.0.113.7');
    await alice.sees('* banned 203.0.113.7 without end');
    silent.say('carol');
    await silent.hears('! this server is not for where you come from');
  });

  test('is kept after a restart, too', async () => {
    const dataDir = place();
    const first = await TestServer.start({ dataDir, operator: 'alice' });
    const alice = await reserved(first);
    alice.say('/ban 203.0.113.0/24', '/ban bob', '/mute carol');
    await alice.sees('* muted carol without end');
    await stopped(first, alice);
    const second = await TestServer.start({ ...PROXIED, dataDir });
    await second.from('203.0.113.7').sees('! this server is not for where you come from');
    const [bob, carol] = [second.connect(), second.connect()];
    bob.say('bob');
    await bob.sees('! you are banned; closing');
    carol.say('carol', 'carol: hello');
    await carol.sees('! you may not speak here; it was not sent');
  });
});

test('what was said while control characters were passed on is told without them where they are not', async () => {
  const dataDir = place();
  const first = await TestServer.start({ dataDir, raw: true });
  const alice = await first.login('alice');
  const bob = await first.login('bob');
  for (const client of [alice, bob]) client.say('/join #ops');
  await alice.sees('* bob joined #ops');
  alice.say('#ops: \x1b[31mred', '/history #ops');
  await alice.sees(/^from alice in #ops at .*red$/);
  expect(alice.text).toContain('\x1b');
  await stopped(first, alice, bob);
  const second = await TestServer.start({ dataDir });
  const carol = await second.login('carol');
  carol.say('/history #ops', '/search 31mred', '/ping');
  await carol.sees('* pong');
  expect(carol.text).not.toContain('\x1b');
  expect(carol.lines.filter((line) => /from alice in #ops at \S+: \ufffd\[31mred$/.test(line))).toHaveLength(
    2,
  );
});

test('two servers in one folder are refused', async () => {
  const dataDir = place();
  await TestServer.start({ dataDir });
  const { serve } = await import('../src/index.ts');
  let problem: unknown;
  const second = serve({ port: 0, dataDir }).subscribe({ error: (error: unknown) => (problem = error) });
  onTestFinished(() => {
    second.unsubscribe();
  });
  await until(() => problem !== undefined, 'it is refused');
  expect(String(problem)).toContain(`data-dir ${dataDir} is in use by another server`);
});
