import { cpSync, rmSync } from 'node:fs';
import { from, ReplaySubject, switchMap, takeWhile } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import type { Link } from '../../src/cluster/link.ts';
import { CutOff, JetStreamLog } from '../../src/cluster/log-jetstream.ts';
import { stands } from '../../src/cluster/mark.ts';
import { streamOf } from '../../src/cluster/stream.ts';
import { ClusterUnusable } from '../../src/cluster/unusable.ts';
import type { Log } from '../../src/log.ts';
import type { Input } from '../../src/message.ts';
import { until } from '../support/chat.ts';
import { AS_USUAL, ClusterNode, connected, of, saidBy } from '../support/cluster-node.ts';
import { logContract } from '../support/log-contract.ts';
import { NatsServer, natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';
import { writtenLog } from '../support/written-log.ts';

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 90_000;

let nats: NatsServer;
let shared: { link: Link; close: () => void };
let streams = 0;

beforeAll(async () => {
  nats = await NatsServer.start();
  shared = await connected(nats.url);
});

afterAll(async () => {
  shared.close();
  await nats.end();
});

/** On a stream that nobody has published to. */
const anew = (): Log => (turns) => {
  const stream = `test-${String(++streams)}`;
  // What is published before the stream is there waits.
  const published = new ReplaySubject<readonly Input[]>(Infinity);
  turns.subscribe(published);
  return from(streamOf(shared.link.manager, stream, AS_USUAL)).pipe(
    switchMap(() => {
      const options = { link: shared.link, stream, node: 'a', rules: 1, greeting: [], from: EMPTY_LOG };
      const jetstream = new JetStreamLog(options);
      // Its last word is a turn of its own, as it is for all others.
      return published.pipe(
        jetstream.log,
        takeWhile(({ sequence }) => sequence !== jetstream.end?.turn),
      );
    }),
  );
};

logContract('the log of several machines', anew);

/** All have heard all that they have said. */
async function settled(...nodes: ClusterNode[]): Promise<void> {
  const all = nodes.reduce((sum, { said }) => sum + said, 0);
  await until(() => nodes.every(({ heard }) => heard.length >= all), `all of ${String(all)} lines are heard`);
  for (const node of nodes) {
    expect(node.error).toBeUndefined();
    expect(node.heard).toEqual(nodes[0]?.heard);
    expect(node.turns.map(({ sequence, time }) => [sequence, time])).toEqual(
      nodes[0]?.turns.map(({ sequence, time }) => [sequence, time]),
    );
    expect(of(node, node.heard)).toEqual(saidBy(node));
  }
}

test('all nodes hear the same turns in the same order, and each its own lines in their order', async () => {
  const { url } = await natsServer();
  const nodes = [await ClusterNode.start(url, 'a'), await ClusterNode.start(url, 'b')];
  for (let round = 0; round < 200; round++) {
    for (const node of nodes) node.say(1 + (round % 5));
    await new Promise(setImmediate);
  }
  await settled(...nodes);
});

test(
  'what NATS did not acknowledge since it was killed is there once, when it is back',
  async () => {
    const nats = await natsServer();
    const nodes = [await ClusterNode.entered(nats.url, 'a'), await ClusterNode.entered(nats.url, 'b')];
    for (let round = 0; round < 5; round++) {
      for (const node of nodes) node.say(50, 2000);
      await until(() => nodes.some(({ said, heard }) => heard.length > said), 'some of it is heard');
      await nats.kill();
      for (const node of nodes) node.say(50);
      await nats.run();
    }
    await settled(...nodes);
  },
  SLOW,
);

test(
  'a connection that breaks again and again doubles nothing and loses nothing',
  async () => {
    const nats = await natsServer();
    const proxy = await Proxy.before(nats.port);
    const shaky = await ClusterNode.entered(`nats://127.0.0.1:${String(proxy.port)}`, 'a');
    const steady = await ClusterNode.entered(nats.url, 'b');
    for (let round = 0; round < 8; round++) {
      shaky.say(20, 20_000);
      steady.say(20);
      const before = shaky.heard.length;
      await until(() => shaky.heard.length > before, 'something is heard again');
      proxy.cut();
    }
    await settled(shaky, steady);
  },
  SLOW,
);

test(
  'while NATS is away whoever says much is told to wait, and goes on once it is back',
  async () => {
    const nats = await natsServer();
    const node = await ClusterNode.entered(nats.url, 'a');
    await nats.kill();
    node.say(40, 10_000);
    expect(node.pressed).toEqual([]);
    node.say(40, 10_000);
    expect(node.pressed).toEqual([true]);
    await nats.run();
    await settled(node);
    expect(node.pressed).toEqual([true, false]);
  },
  SLOW,
);

test('a node that says its last word is gone for the others at once, and its log completes behind all that it said', async () => {
  const { url } = await natsServer();
  const [a, b] = [await ClusterNode.entered(url, 'a'), await ClusterNode.entered(url, 'b')];
  a.say(100);
  a.end();
  await until(() => a.completed && b.lost.length > 0, 'it is gone');
  expect(of(a, a.heard)).toEqual(saidBy(a));
  expect(b.heard).toEqual(a.heard);
  expect(b.lost).toEqual(['a']);
  expect(a.lost).toEqual(['a']);
});

test('who begins with a record of the log hears what is behind it, as all do', async () => {
  const { url } = await natsServer();
  const first = await ClusterNode.entered(url, 'a');
  first.say(30);
  await settled(first);
  const record = JSON.parse(JSON.stringify(first.log.record())) as ReturnType<JetStreamLog['record']>;
  const before = first.turns.length;
  first.say(30);
  const second = await ClusterNode.entered(url, 'b', { from: record });
  second.say(5);
  await until(() => second.heard.length === 35 && first.heard.length === 65, 'all is heard');
  expect(second.turns.map(({ sequence }) => sequence)).toEqual(
    first.turns.slice(before).map(({ sequence }) => sequence),
  );
  expect(second.heard).toEqual(first.heard.slice(30));
});

test('a node that acts by other rules is not let in, and the others do not notice', async () => {
  const { url } = await natsServer();
  const first = await ClusterNode.entered(url, 'a');
  const other = await ClusterNode.start(url, 'b', { rules: 2 });
  await until(() => other.error !== undefined, 'it is told');
  expect(other.error).toBeInstanceOf(ClusterUnusable);
  expect(String(other.error)).toContain('act by the rules 1, and this one by 2');
  first.say(3);
  await settled(first);
});

test(
  'a node of which nothing is heard for 15 s is given up by all at the same turn, and hears which of its lines were not sent',
  async () => {
    const nats = await natsServer();
    const proxy = await Proxy.before(nats.port);
    const away = await ClusterNode.entered(`nats://127.0.0.1:${String(proxy.port)}`, 'a');
    const [b, c] = [await ClusterNode.entered(nats.url, 'b'), await ClusterNode.entered(nats.url, 'c')];
    away.say(2);
    await settled(away, b, c);
    proxy.hold();
    away.say(3);
    await until(() => b.lost.length > 0 && c.lost.length > 0, 'it is given up');
    expect(b.lost).toEqual(['a']);
    b.say(1);
    proxy.release();
    await until(() => away.error !== undefined, 'it knows', SLOW);
    expect(away.error).toBeInstanceOf(CutOff);
    const { unsent } = away.error as CutOff;
    expect(unsent.map((input) => (input as { command: { text: string } }).command.text)).toEqual([
      'a 3',
      'a 4',
      'a 5',
    ]);
    await until(() => c.heard.length === 3, 'the others go on');
    expect(c.heard).toEqual(['a 1', 'a 2', 'b 1']);
    expect(b.turns).toEqual(c.turns.slice(-b.turns.length));
  },
  SLOW,
);

test(
  'a log that is not any more what was read of it cuts a node off',
  async () => {
    const nats = await natsServer();
    const node = await ClusterNode.entered(nats.url, 'a');
    node.say(5);
    await settled(node);
    await nats.kill();
    cpSync(nats.folder, `${nats.folder}.before`, { recursive: true });
    await nats.run();
    node.say(5);
    await settled(node);
    await nats.kill();
    // As if what was acknowledged had not been on the disk when the power failed.
    rmSync(nats.folder, { recursive: true });
    cpSync(`${nats.folder}.before`, nats.folder, { recursive: true });
    rmSync(`${nats.folder}.before`, { recursive: true });
    await nats.run();
    await until(() => node.error !== undefined, 'it knows');
    expect(node.error).toBeInstanceOf(CutOff);
    expect(String(node.error)).toMatch(/the log ends at|of the log stands/);
  },
  SLOW,
);

test(
  'a node that does not come to read the log knows how far it is behind, and what its own clients may add is bounded',
  async () => {
    const { url } = await natsServer();
    const [slow, other] = [await ClusterNode.entered(url, 'a'), await ClusterNode.entered(url, 'b')];
    slow.log.pause();
    const before = slow.log.place;
    // Each a message of its own, since the one before it has come back.
    for (let line = 0; line < 100; line++) {
      other.say(1);
      await until(() => other.heard.length > line, 'it is heard');
    }
    slow.say(1);
    await until(() => slow.log.lag > 1000, 'what it has said, and NATS has, does not come back');
    expect(slow.log.silence).toBeLessThan(1000);
    await until(() => slow.log.unread >= 100, 'it knows how much it has not read');
    expect(slow.log.place).toBeLessThanOrEqual(before + 1);
    expect(slow.pressed).toEqual([]);
    slow.say(60, 10_000);
    expect(slow.pressed).toEqual([true]);
    slow.log.resume();
    await settled(slow, other);
    await until(() => slow.log.unread === 0, 'it has read all');
    expect(slow.log.lag).toBeLessThan(1000);
    expect(slow.pressed).toEqual([true, false]);
  },
  SLOW,
);

test('a mark stands also where its time is another millisecond, since it was rounded, and not where it was said again later', async () => {
  const { url } = await natsServer();
  const node = await ClusterNode.entered(url, 'a');
  const { mark } = node.log.record();
  const { link, close } = await connected(url);
  const info = await link.manager.streams.info('rxchat');
  const standing = (late: number): Promise<boolean> =>
    stands(link.manager, info, { ...mark, time: (mark.time ?? 0) + late });
  expect(await Promise.all([-1, 0, 1, 3].map(standing))).toEqual([true, true, true, false]);
  close();
});

test('a message that is not in the log any more, though those around it are, stops nobody who has not read it', async () => {
  const { url } = await natsServer();
  await writtenLog(url, 'before', 20);
  const { link, close } = await connected(url);
  await link.manager.streams.deleteMessage('rxchat', 7);
  await link.manager.streams.deleteMessage('rxchat', 8);
  const node = await ClusterNode.entered(url, 'a');
  expect(node.turns).toHaveLength(20 - 2);
  const record = node.log.record();
  node.say(3);
  await until(() => node.heard.includes('a 3'), 'it is heard');
  await link.manager.streams.deleteMessage('rxchat', record.mark.place + 1);
  close();
  const late = await ClusterNode.entered(url, 'b', { from: record });
  late.say(1);
  await until(() => late.heard.includes('b 1'), 'it hears itself');
  expect(late.error).toBeUndefined();
});

test('a reader that is sent another message than the next one, which the log has, asks anew, and misses nothing', async () => {
  const nats = await natsServer();
  const proxy = await Proxy.before(nats.port);
  const a = await ClusterNode.entered(nats.url, 'a');
  const b = await ClusterNode.entered(`nats://127.0.0.1:${String(proxy.port)}`, 'b');
  a.say(5);
  await settled(a, b);
  // The first message that the next reader is sent says that it stands a place further on.
  proxy.lie(/(?<=\$JS\.ACK\.rxchat\.[\w-]+\.1\.)\d+(?=\.1\.)/, (place) => String(Number(place) + 1));
  proxy.cut();
  a.say(5);
  await until(() => !proxy.isToLie, 'it is sent that');
  a.say(5);
  await settled(a, b);
});

test(
  'a connection that is lost while the reader opens, again and again, is opened anew, and nothing is missing',
  async () => {
    const nats = await natsServer();
    const steady = await ClusterNode.entered(nats.url, 'b');
    const proxy = await Proxy.before(nats.port);
    const shaky = await ClusterNode.entered(`nats://127.0.0.1:${String(proxy.port)}`, 'a');
    // As NATS says who it is, what stands in the log, that there is a reader, or the first messages that this one is to be sent.
    for (let answers = 0; answers < 12; answers++) {
      steady.say(20, 2000);
      proxy.cut();
      proxy.cutAfter(answers);
      await until(() => !proxy.isToBreak, 'it has broken once more');
    }
    shaky.say(5);
    await settled(shaky, steady);
  },
  SLOW,
);
