import { gzipSync } from 'node:zlib';
import type { StoredMsg } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Chat } from '../../src/chat.ts';
import { EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import { stands } from '../../src/cluster/mark.ts';
import { Snapshots } from '../../src/cluster/snapshots.ts';
import { read, type State, written } from '../../src/cluster/written.ts';
import { type Client, TestServer, until } from '../support/chat.ts';
import { connected } from '../support/cluster-node.ts';
import { Command } from '../support/command.ts';
import { natsServer } from '../support/nats.ts';
import { Operator } from '../support/office.ts';
import { LIMITS, Scene } from '../support/turn.ts';
import { writtenLog } from '../support/written-log.ts';

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

test('a snapshot by a chat of another version is none', async () => {
  const chat = { ...new Chat(LIMITS).snapshot(), version: 4 };
  await expect(read(await written({ rules: 1, lineage: [], log: EMPTY_LOG, chat }))).rejects.toThrow(
    'a snapshot of version 4',
  );
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
    const { server: one, operator } = await Operator.start({ cluster: nats.url });
    const { server: other, operator: another } = await Operator.start({ cluster: nats.url });
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
    const written = async (what: string): Promise<number> => {
      const counts = [await operator.metrics(), await another.metrics()];
      return counts.reduce((sum, of) => sum + (of.get(`rxchat_cluster_${what}_total`) ?? NaN), 0);
    };
    await expect.poll(() => written('snapshots'), { timeout: 10_000 }).toBeGreaterThanOrEqual(all.length);
    expect(await written('snapshot_bytes')).toBeGreaterThan(100);

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

describe('of the snapshots that there are', () => {
  /** Three messages in the log, and snapshots of the chat as it was behind some of them; who can read the log from one of these. */
  async function prepared(...places: number[]) {
    const nats = await natsServer();
    await writtenLog(nats.url, 'a', 3);
    const { link, close } = await connected(nats.url);
    onTestFinished(close);
    const options = { stream: 'rxchat', log: 'a log', replicas: 1, rules: 1 };
    const snapshots = await Snapshots.of(link, options);
    const chat = new Chat(LIMITS).snapshot();
    for (const place of places) {
      const mark = { place, id: place > 3 ? 'b.1' : `a.${String(place)}` };
      const state = { rules: 1, lineage: [], log: { ...EMPTY_LOG, mark }, chat };
      await snapshots.add({ mark, written: await written(state), holdings: gzipSync('[]') });
    }
    const store = await new Objm(link.jetstream).open('rxchat-snapshots');
    const nameOf = (place: number): string =>
      `a log rules-1 ${String(place).padStart(16, '0')} a.${String(place)}`;
    /** Where a node begins that starts now. */
    const begins = async (): Promise<number | undefined> => {
      const info = await link.manager.streams.info('rxchat');
      const newest = await snapshots.newest((mark) => stands(link.manager, info, mark));
      return newest?.state.log.mark.place;
    };
    return { nats, link, store, nameOf, begins };
  }

  test('one is not taken whose message was lost, and said again at the same place', async () => {
    const { link, nats, begins } = await prepared(2);
    const { time } = (await link.manager.streams.getMessage('rxchat', { seq: 2 })) as StoredMsg;
    const info = await link.manager.streams.info('rxchat');
    const mark = { place: 2, id: 'a.2', time: time.getTime() };
    expect(await stands(link.manager, info, mark)).toBe(true);
    await link.manager.streams.delete('rxchat');
    await writtenLog(nats.url, 'a', 3);
    expect(await begins()).toBe(2);
    expect(await stands(link.manager, info, mark)).toBe(false);
  });

  test('the newest is taken', async () => {
    const { begins } = await prepared(1, 2, 3);
    expect(await begins()).toBe(3);
  });

  test('one that is damaged is not taken, but the one before it', async () => {
    const { store, nameOf, begins } = await prepared(1, 2, 3);
    await store.putBlob({ name: nameOf(3) }, Buffer.from('this was a snapshot'));
    expect(await begins()).toBe(2);
    const whole = await store.getBlob(nameOf(2));
    await store.putBlob({ name: nameOf(2) }, (whole as Uint8Array).subarray(0, -20));
    expect(await begins()).toBe(1);
  });

  test('one of which a part is missing is not taken, but the one before it', async () => {
    const { link, store, nameOf, begins } = await prepared(1, 2);
    const info = await store.info(nameOf(2));
    await link.manager.streams.purge('OBJ_rxchat-snapshots', {
      filter: `$O.rxchat-snapshots.C.${String(info?.nuid)}`,
    });
    expect(await begins()).toBe(1);
  });

  test('one of what is not in the log any more, since that was rolled back, or is another one, is not taken', async () => {
    const { link, nats, begins } = await prepared(1, 2, 4);
    expect(await begins()).toBe(2);
    await writtenLog(nats.url, 'b', 3);
    expect(await begins()).toBe(2);
    await link.manager.streams.delete('rxchat');
    await writtenLog(nats.url, 'c', 3);
    expect(await begins()).toBeUndefined();
  });

  test('one is kept, however many there are of what was behind it before the log was rolled back', async () => {
    const { begins } = await prepared(4, 5, 6, 2);
    expect(await begins()).toBe(2);
  });

  test('only some are kept, and the first one', async () => {
    const { store } = await prepared(1, 2, 3, 4, 5, 6);
    const places = (await store.list()).map(({ name }) => Number(name.split(' ')[3]));
    expect(places.sort()).toEqual([1, 4, 5, 6]);
  });

  test('a node that finds the log removed begins anew without them', async () => {
    const { nats, link } = await prepared(1, 2, 3);
    await link.manager.streams.delete('rxchat');
    const server = await TestServer.start({ cluster: nats.url });
    await server.login('alice');
    expect(server.notices).toMatchObject([{ type: 'listening' }]);
  });
});
