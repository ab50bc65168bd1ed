import { Objm } from '@nats-io/obj';
import { expect, test } from 'vitest';
import { Chat } from '../../src/chat.ts';
import { EMPTY_LOG } from '../../src/cluster/log-jetstream.ts';
import { read, type State, written } from '../../src/cluster/written.ts';
import { type Client, TestServer, until } from '../support/chat.ts';
import { connected } from '../support/cluster-node.ts';
import { Command } from '../support/command.ts';
import { natsServer } from '../support/nats.ts';
import { LIMITS, Scene } from '../support/turn.ts';

const SLOW = 120_000;

test('what is read of a snapshot is what was written, however many people there are', async () => {
  const people = Object.fromEntries(
    Array.from({ length: 1203 }, (_, nth) => [`a-${String(nth)}`, `n${String(nth)}`]),
  );
  const { chat } = new Scene(people, {
    '#ops': Object.keys(people).slice(0, 700).join(' '),
    '#dev': 'a-1 a-2',
  });
  const state: State = {
    ...{ rules: 1, lineage: ['a log'], log: { ...EMPTY_LOG, turns: 7, parts: [['b', 'eA==']] } },
    chat: chat.snapshot(),
  };
  const again = await read(await written(state));
  expect(again).toEqual(JSON.parse(JSON.stringify(state)));
  expect(Chat.restore(again.chat).snapshot()).toEqual(chat.snapshot());
});

test('a snapshot of nobody is one, too', async () => {
  const state: State = { rules: 1, lineage: [], log: EMPTY_LOG, chat: new Chat(LIMITS).snapshot() };
  expect(await read(await written(state))).toEqual(JSON.parse(JSON.stringify(state)));
});

/** Says so many bytes to somebody, who reads them. */
async function flood(from: Client, name: string, to: Client, bytes: number): Promise<void> {
  const line = `${name}: ${'x'.repeat(8000)}`;
  to.socket.removeAllListeners('data');
  let heard = 0;
  to.socket.on('data', (text) => (heard += String(text).length));
  for (let sent = 0; sent < bytes; sent += line.length) from.say(line);
  await until(() => heard >= bytes, 'it has come', SLOW);
}

test(
  'a node that starts begins with the newest snapshot, though the log of before is gone',
  async () => {
    const nats = await natsServer();
    const one = await TestServer.start({ cluster: nats.url });
    const other = await TestServer.start({ cluster: nats.url });
    const [alice, bob] = [await one.login('alice'), await other.login('bob')];
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    const dora = await other.login('dora');
    dora.say('/join #ops', '/reserve correct horse');
    await dora.sees(/^\* dora is yours/);
    alice.say('#ops: before');
    await dora.sees('from alice in #ops: before');
    dora.say('/quit');
    await dora.end();
    alice.say('dora: a letter');
    await alice.sees('* dora is away; kept for dora');
    await flood(alice, 'bob', bob, 100_000_000);

    const { link, close } = await connected(nats.url);
    const store = await new Objm(link.jetstream).open('rxchat-snapshots');
    const names = async (): Promise<string[]> => (await store.list()).map(({ name }) => name).sort();
    // It is asked of NATS, so it is no condition that could be looked at without waiting.
    const first = async (deadline: number): Promise<string[]> => {
      const all = await names();
      if (all.length > 0) return all;
      if (Date.now() > deadline) throw new Error('there is no snapshot');
      return first(deadline);
    };
    const all = await first(Date.now() + SLOW);
    const place = Number(/ (\d{16}) /.exec(all.at(-1) ?? '')?.[1]);
    expect(place).toBeGreaterThan(1);
    await link.manager.streams.purge('rxchat', { seq: place + 1 });
    close();

    const late = await TestServer.start({ cluster: nats.url });
    const carol = await late.login('carol');
    carol.say('/join #ops', '/who', 'alice: hi');
    await carol.sees('* here: alice, bob, carol');
    await carol.sees('* in #ops: alice');
    await alice.sees('from carol: hi');
    alice.say('#ops: welcome');
    await carol.sees('from alice in #ops: welcome');
    carol.say('/history #ops');
    await carol.sees(/^from alice in #ops at .*: before$/);
    const again = late.connect();
    again.say('dora correct horse');
    await again.sees(/^from alice at .*: a letter$/);
  },
  SLOW,
);

test('where the beginning of the log is gone, and nobody has written a snapshot, a node does not start', async () => {
  const nats = await natsServer();
  const first = await Command.start(['--cluster', nats.url]);
  await first.login('alice');
  await first.kill();
  const { link, close } = await connected(nats.url);
  await link.manager.streams.purge('rxchat');
  close();
  const late = new Command(['--port', '0', '--cluster', nats.url]);
  expect(await late.exits()).toBe(1);
  expect(late.stderr).toMatch(
    /^rxchat: the log of the cluster begins at \d+, and there is no snapshot of what was before: stop all its nodes, remove the stream rxchat of NATS, and start them again\n$/,
  );
});
