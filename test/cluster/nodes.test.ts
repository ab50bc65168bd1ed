import { describe, expect, test } from 'vitest';
import { TestServer, stopped, until } from '../support/chat.ts';
import { connected } from '../support/cluster-node.ts';
import { type NatsServer, natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 120_000;

/** So many servers that are one chat. */
async function nodes(count: number, nats?: NatsServer): Promise<TestServer[]> {
  const { url } = nats ?? (await natsServer());
  return Promise.all(Array.from({ length: count }, () => TestServer.start({ cluster: url })));
}

describe('two nodes are one chat', () => {
  test('people on both see each other, write to each other and meet in rooms', async () => {
    const [one, other] = (await nodes(2)) as [TestServer, TestServer];
    const [alice, bob] = [await one.login('alice'), await other.login('bob')];
    alice.say('bob: hello', '/who');
    await bob.hears('from alice: hello');
    await alice.hears('* here: alice, bob');
    alice.forget();
    bob.forget();
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    bob.say('/join #ops', '#ops: here');
    await alice.hears('* nobody else is in #ops', '* bob joined #ops', 'from bob in #ops: here');
    bob.say('/quit');
    await alice.sees('* bob left #ops');
  });

  test('a name that somebody has on one of them is taken on the other', async () => {
    const [one, other] = (await nodes(2)) as [TestServer, TestServer];
    await one.login('alice');
    const late = other.connect();
    late.say('Alice');
    await late.hears('! the name Alice is taken; type another');
    late.say('bob', '/name alice');
    await late.sees('! the name alice is taken; /name takes another');
  });

  test(
    'of two who want the same name at the same moment, one on each, exactly one has it, on both, a thousand times',
    async () => {
      const [one, other] = (await nodes(2)) as [TestServer, TestServer];
      const TAKEN = /^! the name .* is taken/;
      for (let round = 0; round < 1000; round += 50) {
        const pairs = Array.from({ length: 50 }, (_, nth) => ({
          name: `n${String(round + nth)}`,
          clients: [one.connect(), other.connect()] as const,
        }));
        await Promise.all(
          pairs.flatMap(({ clients }) =>
            clients.map((client) => {
              client.say('/ping');
              return client.hears('* pong');
            }),
          ),
        );
        for (const { name, clients } of pairs) for (const client of clients) client.say(name);
        for (const { clients } of pairs) for (const client of clients) client.say('/ping');
        for (const { name, clients } of pairs) {
          await until(
            () => clients.every(({ lines }) => lines.at(-1) === '* pong' && lines.length > 1),
            'both know',
          );
          const holders = clients.filter(({ lines }) => !lines.some((line) => TAKEN.test(line)));
          expect(holders).toHaveLength(1);
          holders[0]?.say(`${name}: it is me`);
          await holders[0]?.sees(`from ${name}: it is me`);
        }
        for (const { clients } of pairs) for (const client of clients) client.socket.end('/quit\n');
        await until(() => pairs.every(({ clients }) => clients.every(({ ended }) => ended)), 'all are gone');
      }
    },
    SLOW,
  );

  test('what somebody reads again is told by its own node, and does not go through the log', async () => {
    const nats = await natsServer();
    const [one, other] = (await nodes(2, nats)) as [TestServer, TestServer];
    const [alice, bob] = [await one.login('alice'), await other.login('bob')];
    for (const client of [alice, bob]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    const long = 'x'.repeat(10_000);
    alice.say(...Array.from({ length: 20 }, (_, nth) => `#ops: ${String(nth)} ${long}`));
    await bob.sees(`from alice in #ops: 19 ${long}`);
    bob.forget();
    const { link, close } = await connected(nats.url);
    const bytesOf = async (): Promise<number> => (await link.manager.streams.info('rxchat')).state.bytes;
    const before = await bytesOf();
    for (let round = 0; round < 10; round++) {
      bob.say('/history #ops 20', '/ping');
      await bob.sees('* pong');
      expect(bob.text).toContain(`: 19 ${long}`);
      bob.forget();
    }
    expect((await bytesOf()) - before).toBeLessThan(50_000);
    close();
    alice.say('bob: as before');
    await bob.hears('from alice: as before');
  });

  test('a receipt counts those on both', async () => {
    const [one, other] = (await nodes(2)) as [TestServer, TestServer];
    const [alice, bob, carol] = [
      await one.login('alice'),
      await other.login('bob'),
      await one.login('carol'),
    ];
    for (const client of [alice, bob, carol]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    await alice.sees('* carol joined #ops');
    alice.forget();
    alice.say('/receipts on', '#ops: hi', 'bob, carol: hi', 'dave, bob: hi');
    await alice.hears(
      '* receipts on',
      '* sent 1 to 2 in #ops; kept',
      '* sent 2 to bob, carol',
      '* sent 3 to bob; not dave',
    );
  });

  test(
    'whoever reads slowly on one of them holds who writes on the other, and gets all of it',
    async () => {
      const [one, other] = (await nodes(2)) as [TestServer, TestServer];
      const [alice, bob] = [await one.login('alice'), await other.login('bob')];
      let bytes = 0;
      bob.socket.removeAllListeners('data');
      bob.socket.on('data', (text) => (bytes += String(text).length));
      bob.socket.pause();
      const line = `bob: ${'x'.repeat(8000)}`;
      const lines = 12_500;
      for (let sent = 0; sent < lines; sent += 100) alice.say(...Array.from({ length: 100 }, () => line));
      await until(() => heldIn(one) > 0, 'alice is held');
      bob.socket.resume();
      await until(() => bytes === lines * ('from alice: \n'.length + 8000), 'all of it has come', SLOW);
      expect(bob.ended).toBe(false);
    },
    SLOW,
  );

  test('what the last one that has started says holds for both', async () => {
    const nats = await natsServer();
    const one = await TestServer.start({ cluster: nats.url, welcome: 'first' });
    const other = await TestServer.start({ cluster: nats.url, welcome: 'second', maxRoomsPerClient: 1 });
    for (const server of [one, other]) {
      const client = server.connect();
      client.say(`p${String(server.port)}`, '/join #a #b');
      await client.sees('* second');
      await client.sees('! you are in 1 rooms already; /leave one first');
    }
  });
});

/** How many of those who have come to it cannot be read any further. */
const heldIn = ({ clients }: TestServer): number =>
  clients.filter(({ socket }) => socket.writableLength > 0).length;

describe('a node that stops', () => {
  test('lets its clients go with a word, and the others hear of it at once', async () => {
    const [one, other] = (await nodes(2)) as [TestServer, TestServer];
    const [alice, bob] = [await one.login('alice'), await other.login('bob')];
    for (const client of [alice, bob]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    alice.say('bob: last words');
    await bob.sees('from alice: last words');
    bob.forget();
    await stopped(one, alice);
    expect(alice.lines.at(-1)).toBe('! the server is stopping');
    await bob.hears('* alice left #ops');
    const again = await other.login('alice');
    again.say('bob: back');
    await bob.sees('from alice: back');
  });

  test(
    'while NATS is away says which of their lines may not have been sent before its time is over',
    async () => {
      const nats = await natsServer();
      const server = await TestServer.start({ cluster: nats.url, stopTimeout: 4 });
      const [alice, bob] = [await server.login('alice'), await server.login('bob')];
      await nats.kill();
      alice.say('bob: one', 'bob: two');
      const waits = '* the cluster is unreachable; your lines wait';
      await alice.sees(waits);
      await stopped(server, alice, bob);
      expect(alice.lines).toEqual([
        waits,
        '! this server is stopping and could not reach the others, and your last 2 lines, from "bob: one" on, may not have been sent; closing',
      ]);
      expect(bob.lines).toEqual([
        '! this server is stopping and could not reach the others, and what you send from now on is not sent; closing',
      ]);
      expect(server.notices.filter(({ type }) => type === 'stuck')).toEqual([]);
      expect(server.notices).toContainEqual({
        ...{ type: 'cluster', ok: false, what: 'cut off' },
        error: 'cut off from the cluster: NATS does not answer, and it is to stop',
      });
    },
    SLOW,
  );
});

describe('while NATS is away', () => {
  test(
    'nobody is let go, what is said waits, and comes once when it is back',
    async () => {
      const nats = await natsServer();
      const [one, other] = (await nodes(2, nats)) as [TestServer, TestServer];
      const [alice, bob] = [await one.login('alice'), await other.login('bob')];
      await nats.kill();
      const lines = Array.from({ length: 500 }, (_, nth) => `line ${String(nth)}`);
      alice.say(...lines.map((line) => `bob: ${line}`));
      bob.say('alice: and back');
      await until(
        () => alice.text.includes('unreachable') && bob.text.includes('unreachable'),
        'both are told',
      );
      expect(alice.lines).toEqual(['* the cluster is unreachable; your lines wait']);
      expect(one.notices.filter(({ type }) => type === 'cluster')).toMatchObject([{ ok: false }]);
      await nats.run();
      await until(() => bob.lines.length === lines.length + 2, 'all has come');
      const back = '* the cluster is back; what waited was sent';
      expect(bob.lines.filter((line) => line.startsWith('from'))).toEqual(
        lines.map((line) => `from alice: ${line}`),
      );
      expect(bob.lines).toContain(back);
      await alice.sees('from bob: and back');
      await alice.sees(back);
    },
    SLOW,
  );
});

describe('a node that is cut off for longer than 15 s', () => {
  test(
    'is gone for the others; its clients hear which of their lines may not have been sent, and it begins anew',
    async () => {
      const nats = await natsServer();
      const proxy = await Proxy.before(nats.port);
      const one = await TestServer.start({ cluster: `nats://127.0.0.1:${String(proxy.port)}` });
      const other = await TestServer.start({ cluster: nats.url });
      const [alice, anna, bob] = [
        await one.login('alice'),
        await one.login('anna'),
        await other.login('bob'),
      ];
      for (const client of [alice, bob]) {
        client.say('/join #ops');
        await client.sees(/#ops/);
      }
      proxy.hold();
      alice.say('bob: are you there?', '#ops: anybody?', '/who');
      await bob.sees('* alice left #ops');
      proxy.release();
      await alice.end();
      await anna.end();
      expect(alice.lines.at(-1)).toBe(
        '! this server was cut off from the others, and your last 3 lines, from "bob: are you there?" on, may not have been sent; closing',
      );
      expect(anna.lines.at(-1)).toBe(
        '! this server was cut off from the others, and what you send from now on is not sent; closing',
      );
      for (const client of [alice, anna]) client.socket.destroy();
      await until(
        () => one.notices.filter(({ type }) => type === 'listening').length === 2,
        'it listens again',
      );
      const again = await one.login('alice');
      again.say('bob: back again');
      await bob.sees('from alice: back again');
      expect(bob.text).not.toContain('are you there?');
    },
    SLOW,
  );
});
