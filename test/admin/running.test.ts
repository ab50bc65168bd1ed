import { beforeAll, describe, expect, test } from 'vitest';
import { admin, told } from '../support/admin.ts';
import { type Client, PROXIED, TestServer, until } from '../support/chat.ts';
import { folder } from '../support/kept.ts';
import { needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

const PASSWORD = 'correct horse';

async function reserved(server: TestServer, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`);
  await client.sees(/ is yours; /);
  client.forget();
  return client;
}

/** A server in a folder, which knows whom its proxy speaks for, and an operator of it. */
async function started(): Promise<{ server: TestServer; at: string; olga: Client }> {
  const at = folder();
  const server = await TestServer.start({ ...PROXIED, dataDir: at, operator: 'olga' });
  return { server, at, olga: await reserved(server, 'olga') };
}

/** Until it hears that when it says these lines. */
async function hears(client: Client, expected: RegExp, ...lines: string[]): Promise<void> {
  const end = Date.now() + 30_000;
  do {
    if (Date.now() > end) throw new Error(`heard ${client.text}, and not ${String(expected)}`);
    client.forget();
    client.say(...lines, '/ping');
    await client.sees('* pong');
  } while (!expected.test(client.text));
}

/** Until somebody who comes in with the name hears that. */
async function knocks(connect: () => Client, name: string, expected: RegExp): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const client = connect();
    client.say(name, '/ping');
    await until(() => client.text !== '', 'there is an answer');
    client.socket.destroy();
    if (expected.test(client.text)) return;
    if (Date.now() > end) throw new Error(`heard ${client.text}, and not ${String(expected)}`);
  }
}

describe('what rxchat admin does on the file of a server that runs is so there within about a second:', () => {
  test('a name that is banned is put out, told why, and refused, until that is lifted', async () => {
    const { server, at, olga } = await started();
    const bob = await server.login('bob');
    await told(at, ['ban', 'Bob', '--why', 'spam']);
    await bob.sees('! you are banned (spam); closing');
    await bob.end();
    await knocks(() => server.connect(), 'bob', /^! you are banned \(spam\); closing$/m);
    await hears(olga, /^\* bob, by admin .*: spam$/m, '/bans');
    await told(at, ['unban', 'bob']);
    await knocks(() => server.connect(), 'bob', /^\* pong$/m);
  });

  test('a network that is banned is put out, and kept out, until that is lifted', async () => {
    const { server, at } = await started();
    const [bob, carol] = [server.from('203.0.113.7'), server.from('198.51.100.7')];
    await bob.login('bob');
    await carol.login('carol');
    await told(at, ['ban', '203.0.113.0/24', '--for', '2h', '--why', 'flooding']);
    await bob.sees(/^! you are banned until .* \(flooding\); closing$/);
    await knocks(() => server.from('203.0.113.8'), 'dave', /^! this server is not for where you come from$/m);
    carol.say('/ping');
    await carol.sees('* pong');
    await told(at, ['unban', '203.0.113.0/24']);
    await knocks(() => server.from('203.0.113.8'), 'dave', /^\* pong$/m);
  });

  test('who is muted does not speak, until that is lifted', async () => {
    const { server, at } = await started();
    const bob = await server.login('bob');
    await told(at, ['ban', '--mute', 'bob']);
    await hears(bob, /^! you may not speak here; it was not sent$/m, 'bob: hello');
    await told(at, ['unban', '--mute', 'bob']);
    await hears(bob, /^from bob: hello$/m, 'bob: hello');
  });

  test('a name that is reserved is its owner’s: whoever has it is put out, and the password logs in', async () => {
    const { server, at } = await started();
    const squatter = await server.login('bob');
    await told(at, ['reserve', 'bob'], `  ${PASSWORD}\u0007: one two  \n`);
    await squatter.sees('! the name bob is somebody\'s own; type "bob PASSWORD", or another');
    await squatter.end();
    const bob = server.connect();
    bob.say(`bob ${PASSWORD}\u0007: one two`, '/catchup');
    await bob.sees('* you missed nothing');
    await told(at, ['release', 'bob']);
    await hears(bob, /^! that is for a name that is yours/m, '/catchup');
    bob.say('/quit');
    await bob.end();
    await server.login('bob');
  });

  test('what operators did there can be read, each deed of them', async () => {
    const { server, at, olga } = await started();
    await server.login('bob');
    await server.from('203.0.113.7').login('carol');
    olga.say('/kick bob too loud', '/ban carol for 2h flooding', '/ban 203.0.113.7 for 1d', '/mute bob hush');
    olga.say('/bans', '/unmute bob', '/unban carol', '/unban 203.0.113.7', '/announce all is well', '/ping');
    await olga.sees('* pong');
    expect(olga.lines[1]).toMatch(/^\* banned carol until \S+$/);
    expect(olga.lines[2]).toMatch(/"\/ban 203\.0\.113\.7" keeps out who comes from there$/);
    let audit = '';
    while (!audit.includes('announce')) audit = await told(at, ['audit']);
    const [, ...rows] = audit.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/\s{2,}/).slice(1))).toEqual([
      ['olga', 'announce', 'all is well'],
      ['olga', 'unban', '203.0.113.7'],
      ['olga', 'unban', 'carol'],
      ['olga', 'unmute', 'bob'],
      ['olga', 'bans'],
      ['olga', 'mute', 'bob', 'hush'],
      ['olga', 'ban', '203.0.113.7'],
      ['olga', 'ban', 'carol', 'flooding'],
      ['olga', 'kick', 'bob', 'too loud'],
    ]);
  });

  test('and nothing of what was decided in the chat meanwhile is undone', async () => {
    const { server, at, olga } = await started();
    const alice = await server.login('alice');
    const deeds = told(at, ['ban', 'eve']);
    for (let nth = 0; nth < 50; nth++) olga.say(`/ban troll${String(nth)}`);
    alice.say(`/reserve ${PASSWORD}`);
    await alice.sees(/ is yours; /);
    await deeds;
    await hears(olga, /^\* eve, by admin/m, '/bans');
    expect(olga.lines.filter((line) => line.startsWith('* troll'))).toHaveLength(50);
    alice.say('/catchup');
    await alice.sees('* you missed nothing');
    expect(await told(at, ['bans'])).toContain('troll49');
    expect((await admin(at, ['list'])).stdout).toMatch(/^alice /m);
  });
});
