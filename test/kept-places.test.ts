import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Client, stopped, TestServer } from './support/chat.ts';
import { open } from './support/kept.ts';
import { needsBuild } from './support/needs.ts';

beforeAll(needsBuild);

const PASSWORD = 'correct horse';

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-places-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

async function reserved(server: TestServer, name = 'alice'): Promise<Client> {
  const client = await server.login(name);
  client.say(`/reserve ${PASSWORD}`);
  await client.sees(`* ${name} is yours; from now on log in with "${name} PASSWORD"`);
  client.forget();
  return client;
}

async function again(server: TestServer, name = 'alice'): Promise<Client> {
  const client = server.connect();
  client.say(`${name} ${PASSWORD}`, '/ping');
  await client.sees('* pong');
  client.forget();
  return client;
}

async function left(client: Client): Promise<void> {
  client.say('/quit');
  await client.end();
  client.socket.end();
}

/** What somebody hears of what it does, up to the answer of a ping behind it. */
async function answer(client: Client, ...lines: string[]): Promise<string[]> {
  client.forget();
  client.say(...lines, '/ping');
  await client.sees('* pong');
  return client.lines.slice(0, -1);
}

/** What was said, without its time. */
const texts = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith('from ')).map((line) => line.replace(/^from .*?: /, ''));

describe('a private room', () => {
  /** Alice, whose name is her own, and bob have said something in a private #den. */
  async function den(server: TestServer): Promise<[Client, Client]> {
    const alice = await reserved(server);
    const bob = await server.login('bob');
    alice.say('/join #den', '/private #den', '/invite bob #den');
    await bob.sees(/^\* alice invites you/);
    bob.say('/join #den');
    await alice.sees('* bob joined #den');
    alice.say('/receipts on', '#den: the secret of alice', '/receipts off');
    await alice.sees('* sent 1 to 1 in #den; kept');
    bob.say('#den: the secret of bob');
    await alice.sees('from bob in #den: the secret of bob');
    return [alice, bob];
  }

  test('is another one after a restart, whoever opens it and however', async () => {
    const dataDir = place();
    const first = await TestServer.start({ dataDir });
    await stopped(first, ...(await den(first)));

    const second = await TestServer.start({ dataDir });
    const bob = await second.login('bob');
    const open = ['/join #den 20', '/history #den', '/search secret', '/search secret #den'];
    expect(texts(await answer(bob, ...open))).toEqual([]);
    expect(texts(await answer(bob, '/private #den', ...open.slice(1)))).toEqual([]);
    const alice = await again(second);
    await answer(bob, '/invite alice #den');
    expect(texts(await answer(alice, ...open, '/catchup'))).toEqual([]);
  });

  test('that was opened again under its name is another one for those who were in it, too', async () => {
    const server = await TestServer.start();
    const [alice, bob] = await den(server);
    await answer(bob, '/leave #den');
    await answer(alice, '/leave #den');
    await answer(alice, '/join #den', '/private #den');
    expect(texts(await answer(alice, '/history #den', '/search secret', '/search secret #den'))).toEqual([]);
  });

  test('may be looked into by a login that takes the name over, as by the one before it', async () => {
    const server = await TestServer.start();
    const [alice, bob] = await den(server);
    const before = texts(await answer(alice, '/history #den', '/search secret'));
    const heir = await again(server);
    await alice.end();
    expect(texts(await answer(heir, '/history #den', '/search secret'))).toEqual(before);
    expect(before).toEqual([
      'the secret of alice',
      'the secret of bob',
      'the secret of bob',
      'the secret of alice',
    ]);
    bob.say('#den: welcome back');
    await heir.sees('from bob in #den: welcome back');
  });

  test('shows who comes later what is said from then on, and a stranger with its name nothing', async () => {
    const server = await TestServer.start();
    const [alice] = await den(server);
    const carol = await server.login('carol');
    await answer(alice, '/invite carol #den');
    expect(texts(await answer(carol, '/join #den 20', '/search secret'))).toEqual([]);
    alice.say('#den: the secret of all');
    await carol.sees(/of all$/);
    expect(texts(await answer(carol, '/history #den', '/search secret'))).toEqual([
      'the secret of all',
      'the secret of all',
    ]);
    await left(carol);
    const other = await server.login('carol');
    expect(texts(await answer(other, '/history #den', '/join #den 20', '/search secret'))).toEqual([]);
  });
});

describe('/unreserve', () => {
  test('lets all that was kept for the name go: nobody who has it later is told any of it', async () => {
    const dataDir = place();
    const server = await TestServer.start({ dataDir });
    const bob = await server.login('bob');
    const first = await reserved(server);
    await answer(first, '/join #ops', 'bob: a word to bob');
    await answer(bob, '/join #ops', 'alice: a word to alice');
    await left(first);
    bob.say('#ops: nobody is here', 'alice: a letter to alice');
    await bob.sees('* alice is away; kept for alice');
    const owner = server.connect();
    owner.say(`alice ${PASSWORD}`);
    await owner.sees(/^from bob at \S+: a letter to alice$/);
    expect(await answer(owner, '/history bob', '/unreserve', '/history bob')).toEqual([
      expect.stringContaining('a word to bob'),
      expect.stringContaining('a word to alice'),
      expect.stringContaining('a letter to alice'),
      '* that is all with bob',
      "* alice is anybody's again",
      '! that is for a name that is yours; /reserve PASSWORD makes it so',
    ]);
    await left(owner);
    bob.say('alice: are you there?');
    await bob.sees('! alice is not here');

    const heir = await reserved(server);
    expect(await answer(heir, '/history bob', '/catchup', '/search word')).toEqual([
      '* you and bob said nothing',
      '* you missed nothing',
      '* no line has word',
    ]);
    await stopped(server, heir, bob);
    const store = open(dataDir);
    while (store.trim(0));
    const all = (column: string, table: string): unknown[] =>
      store.database.prepare(`SELECT ${column} FROM ${table}`).pluck().all();
    expect(all('text', 'said')).toEqual([]);
    expect(all('text', 'mail')).toEqual([]);
    expect(all('count(DISTINCT owner)', 'seats')).toEqual([0]);
    expect(all('key', 'names')).toEqual(['alice']);
  });
});
