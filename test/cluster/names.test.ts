import { expect, test } from 'vitest';
import { type Client, TestServer, until } from '../support/chat.ts';
import { natsServer } from '../support/nats.ts';

/** Two nodes of one chat. */
async function two(): Promise<[TestServer, TestServer]> {
  const { url } = await natsServer();
  return [await TestServer.start({ cluster: url }), await TestServer.start({ cluster: url })];
}

const PASSWORD = 'correct horse';

/** Somebody who has reserved a name there. */
async function owner(server: TestServer, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`);
  await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
  client.forget();
  return client;
}

test('a name that is reserved on one node has its password on all, and a new one at once', async () => {
  const [one, other] = await two();
  const alice = await owner(one, 'alice');
  const stranger = other.connect();
  stranger.say('alice', 'alice wrong horse');
  await stranger.sees(/^! the name alice is somebody's own/);
  await stranger.sees(/^! that is not the password of alice/);
  alice.say('/reserve better horse');
  await alice.sees('* the password of alice is another one now');
  const again = other.connect();
  again.say(`alice ${PASSWORD}`, 'alice better horse', '/ping');
  await again.sees('* pong');
  await alice.end();
  expect(alice.lines.at(-1)).toBe('! somebody has logged in as alice with its password; closing');
});

test('a node that starts later knows the passwords, too', async () => {
  const { url } = await natsServer();
  const first = await TestServer.start({ cluster: url });
  const alice = await owner(first, 'alice');
  const late = await TestServer.start({ cluster: url });
  const again = late.connect();
  again.say(`alice ${PASSWORD}`, '/ping');
  await again.sees('* pong');
  await alice.end();
});

test('mail said on one node is told at a login on another, once', async () => {
  const [one, other] = await two();
  const bob = await owner(one, 'bob');
  bob.say('/quit');
  await bob.end();
  const alice = await other.login('alice');
  alice.say('bob: first', 'bob: second');
  await alice.sees('* bob is away; kept for bob');
  const again = one.connect();
  again.say(`bob ${PASSWORD}`, '/ping');
  await until(
    () => again.lines.filter((line) => /alice.*: (first|second)$/.test(line)).length === 2,
    'both are told',
  );
  again.say('/quit');
  await again.end();
  const third = other.connect();
  third.say(`bob ${PASSWORD}`, '/ping');
  await third.sees('* pong');
  expect(third.lines).toEqual(['* pong']);
});

test('history is the same on all nodes', async () => {
  const [one, other] = await two();
  const [alice, bob] = [await one.login('alice'), await other.login('bob')];
  alice.say('/join #ops');
  await alice.sees('* nobody else is in #ops');
  bob.say('/join #ops');
  await alice.sees('* bob joined #ops');
  alice.say('#ops: one');
  await bob.sees('from alice in #ops: one');
  bob.say('#ops: two');
  await alice.sees('from bob in #ops: two');
  const told = async (client: Client): Promise<string[]> => {
    client.forget();
    client.say('/history #ops', '/ping');
    await client.sees('* pong');
    return client.lines;
  };
  const history = await told(alice);
  expect(history.filter((line) => line.includes('one') || line.includes('two'))).toHaveLength(2);
  expect(await told(bob)).toEqual(history);
});

test('a ban said on one node keeps out on all', async () => {
  const { url } = await natsServer();
  const options = { cluster: url, operator: 'olga', trustProxy: '127.0.0.2' };
  const [one, other] = [await TestServer.start(options), await TestServer.start(options)];
  const olga = await owner(one, 'olga');
  const bob = other.from('203.0.113.7');
  bob.say('bob', '/ping');
  await bob.sees('* pong');
  olga.say('/ban 203.0.113.7 for 1h flooding');
  await bob.end();
  expect(bob.lines.at(-1)).toMatch(/^! you are banned until .* \(flooding\); closing$/);
  const again = other.from('203.0.113.7');
  await again.end();
  expect(again.lines).toEqual(['! this server is not for where you come from']);
});
