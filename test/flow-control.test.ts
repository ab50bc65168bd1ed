import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Ended } from '../src/index.ts';
import { type Client, TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { knowsMemory, watchMemory } from './support/memory.ts';
import { connectShort, Cutter, hearSlowly, pour, repeated, stalled } from './support/streams.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** More than the kernel takes for somebody who does not read: send and receive buffers of some MiB each. */
const FLOOD = 24 * MiB;
const LONG = 'x'.repeat(1000);

const endedOf = (server: TestServer, name: string): Ended | undefined =>
  server.notices.find((notice): notice is Ended => notice.type === 'ended' && notice.name === name);

/** Somebody who is there and never reads again. */
async function frozen(server: TestServer | Command, name: string): Promise<Client> {
  const client = await server.login(name);
  client.socket.pause();
  return client;
}

const flood = (from: Client, to: string, bytes = FLOOD): Promise<void> =>
  pour(from.socket, repeated(`${to}: ${LONG}`, bytes / LONG.length));

describe.skipIf(!knowsMemory)('memory', () => {
  test('100 MB for somebody who reads 5 MB/s arrive whole and in order, and wait with their sender', async () => {
    const TOTAL = 100e6;
    const server = await Command.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.removeAllListeners('data');
    const growth = watchMemory(server.child.pid);
    const count = TOTAL / LONG.length;
    let next = 0;
    let wrong = 0;
    const all = new Promise<void>((resolve) => {
      hearSlowly(bob.socket, 5e6, (line) => {
        if (line !== `from alice: ${String(next)} ${LONG}`) wrong++;
        if (++next === count) resolve();
      });
    });
    await pour(
      alice.socket,
      (function* () {
        for (let index = 0; index < count; index++) yield `bob: ${String(index)} ${LONG}`;
      })(),
    );
    await all;
    expect({ next, wrong }).toEqual({ next: count, wrong: 0 });
    // The queue is at most some 300 KiB here; the rest is what a new process takes for itself once it has work.
    expect(growth.peak / MiB).toBeLessThan(32);
  }, 60_000);

  test('1,000 senders to one: every line arrives, in the order of its sender, and they wait in the kernel', async () => {
    const SENDERS = 1000;
    const LINES = 60;
    const text = 'y'.repeat(16_000);
    // To say all that takes this process some seconds, many where the cores are busy, and it does not read meanwhile.
    const server = await Command.start(['--write-timeout', '80s', '--lag-timeout', '80s']);
    const bob = await server.login('bob');
    bob.socket.removeAllListeners('data');
    const next = new Map<string, number>();
    let heard = 0;
    let wrong = 0;
    const cutter = new Cutter((line) => {
      const [, from = '', tag = '', rest = ''] = /^from (s\d+): (\d+) ?(.*)$/.exec(line) ?? [];
      if (Number(tag) !== (next.get(from) ?? 0) || (rest !== text && rest !== 'short')) wrong++;
      next.set(from, Number(tag) + 1);
      heard++;
    });
    bob.socket.on('data', (piece: string) => {
      cutter.push(Buffer.from(piece));
    });
    const senders: Client[] = [];
    for (let at = 0; at < SENDERS; at += 100) {
      const some = Array.from({ length: 100 }, (_, index) => server.login(`s${String(at + index)}`));
      senders.push(...(await Promise.all(some)));
    }
    const growth = watchMemory(server.child.pid);
    for (const sender of senders) {
      // In one write, so that all of it comes at once: 720 MB from all together.
      sender.say(
        ...Array.from({ length: LINES }, (_, seq) => `bob: ${String(seq)} ${seq % 4 === 3 ? 'short' : text}`),
      );
    }
    // 720 MB: some seconds, and several times that where all cores are busy.
    await until(() => heard >= SENDERS * LINES || bob.ended, 'all lines arrive', 60_000);
    expect({ heard, wrong, senders: next.size }).toEqual({
      heard: SENDERS * LINES,
      wrong: 0,
      senders: SENDERS,
    });
    // In hand for each sender are at most a chunk of 64 KiB and what it published in one turn, 32 KiB. Three times that
    // again is garbage that is not collected yet, and what a younger Node's heap takes for itself.
    // For the recipient there is less than max-queue, 4 MiB. A server that took what comes would hold 720 MB.
    expect(growth.peak / MiB).toBeLessThan((4 * SENDERS * 96) / KiB + 8);
  }, 90_000);
});

describe('somebody who does not read', () => {
  test('is let go when nothing was taken for --write-timeout, and who was held for it goes on', async () => {
    const server = await TestServer.start({ writeTimeout: 0.6, lagTimeout: 60 });
    const [alice, carol] = [await server.login('alice'), await server.login('carol')];
    await frozen(server, 'bob');
    const flooding = flood(alice, 'bob').then(() => {
      alice.say('carol: done');
    });
    await carol.hears('from alice: done');
    await flooding;
    await until(() => endedOf(server, 'bob') !== undefined, 'the end of bob is noticed');
    expect(endedOf(server, 'bob')?.reason).toBe('too slow: took nothing');
    // Nothing is dropped in silence: there was more to come for bob, and alice knows that it did not arrive.
    expect(new Set(alice.lines)).toEqual(new Set(['! bob is not here']));
  });

  test('does not come to --max-queue, however many flood it: they are held before; nor does somebody who reads', async () => {
    const server = await TestServer.start({ maxQueue: MiB, highWater: 64 * KiB, writeTimeout: 0.6 });
    await frozen(server, 'bob');
    const carol = await server.login('carol');
    carol.socket.removeAllListeners('data');
    let done = 0;
    const cutter = new Cutter((line) => {
      if (line.endsWith(': done')) done++;
    });
    carol.socket.on('data', (piece: string) => {
      cutter.push(Buffer.from(piece));
    });
    const floods = await Promise.all(
      Array.from({ length: 100 }, (_, index) => server.login(`f${String(index)}`)),
    );
    await Promise.all(floods.map((one) => flood(one, 'bob, carol', FLOOD / 100)));
    for (const one of floods) one.say(`carol: done`);
    // 24 MiB: a second or two, and several times that where all cores are busy.
    await until(() => done === floods.length, 'carol hears everyone', 60_000);
    await until(() => endedOf(server, 'bob') !== undefined, 'bob is let go');
    expect(endedOf(server, 'bob')?.reason).toBe('too slow: took nothing');
    expect(endedOf(server, 'carol')).toBeUndefined();
  }, 90_000);

  test('is told so behind whole lines, where it reads again in time', async () => {
    const server = await TestServer.start({ writeTimeout: 0.6 });
    const alice = await server.login('alice');
    const bob = await frozen(server, 'bob');
    void flood(alice, 'bob');
    await until(() => alice.text !== '', 'bob is let go');
    bob.socket.resume();
    await bob.end();
    const last = bob.lines.at(-1);
    const others = new Set(bob.lines.slice(0, -1));
    expect({ last, others, torn: bob.text.endsWith('\n') ? '' : 'torn' }).toEqual({
      last: '! you read too slowly; closing',
      others: new Set([`from alice: ${LONG}`]),
      torn: '',
    });
  });

  test('holds each of many senders, and none for ever', async () => {
    const server = await TestServer.start({ writeTimeout: 1 });
    const senders = await Promise.all(
      Array.from({ length: 50 }, (_, index) => server.login(`s${String(index)}`)),
    );
    const carol = await server.login('carol');
    await frozen(server, 'bob');
    for (const sender of senders) {
      void flood(sender, 'bob', MiB).then(() => {
        sender.say('carol: done');
      });
    }
    await until(() => carol.lines.length === senders.length, 'everyone goes on');
    expect(new Set(carol.lines).size).toBe(senders.length);
    await until(() => endedOf(server, 'bob') !== undefined, 'the end of bob is noticed');
    expect(endedOf(server, 'bob')?.reason).toMatch(/^too slow/);
  });

  test('holds nobody but those who write to it: others talk as if nothing were', async () => {
    const server = await TestServer.start({ writeTimeout: 5 });
    const [alice, carol, dave] = [
      await server.login('alice'),
      await server.login('carol'),
      await server.login('dave'),
    ];
    await frozen(server, 'bob');
    void flood(alice, 'bob');
    let round = 1;
    for (; endedOf(server, 'bob') === undefined; round++) {
      carol.say(`dave: ${String(round)}`);
      await until(() => dave.lines.length === round, 'dave hears carol');
    }
    // Were she held, there would be one.
    expect(round).toBeGreaterThan(4);
  });

  test('holds an ordinary talker only when it is nearly let go itself', async () => {
    const server = await TestServer.start({ maxQueue: 8 * MiB });
    const [alice, carol] = [await server.login('alice'), await server.login('carol')];
    const bob = await frozen(server, 'bob');
    void flood(alice, 'bob');
    await stalled(alice.socket);
    carol.say('bob: a word', 'carol: I go on');
    await carol.hears('from carol: I go on');
    bob.socket.resume();
    await until(() => bob.text.includes('from carol: a word\n'), 'bob hears carol');
  });
});

test('two who do not read and flood each other are both let go, and others do not notice', async () => {
  const server = await TestServer.start({ writeTimeout: 2 });
  const [carol, dave] = [await server.login('carol'), await server.login('dave')];
  const [alice, bob] = [await frozen(server, 'alice'), await frozen(server, 'bob')];
  void flood(alice, 'bob');
  void flood(bob, 'alice');
  const gone = (): boolean => endedOf(server, 'alice') !== undefined && endedOf(server, 'bob') !== undefined;
  let rounds = 0;
  while (!gone()) {
    carol.say(`dave: ${String(++rounds)}`);
    await until(() => dave.lines.length === rounds, 'dave hears carol');
  }
  // Were they held, there would be one, or two.
  expect(rounds).toBeGreaterThan(4);
  // The one that goes first may be reported as gone while the other is still looked at: both for the same reason.
  expect([endedOf(server, 'alice')?.reason, endedOf(server, 'bob')?.reason]).toEqual([
    expect.stringMatching(/^too slow/),
    expect.stringMatching(/^too slow/),
  ]);
  await server.login('alice');
  await server.login('bob');
});

test('who reads a byte now and then holds nobody for longer than --lag-timeout', async () => {
  const server = await TestServer.start({ writeTimeout: 60, lagTimeout: 1 });
  const [alice, carol] = [await server.login('alice'), await server.login('carol')];
  let taken = 0;
  let nibbling = false;
  // The byte is read when the timer says so, and no other.
  const bob = connectShort(server.port, 1, () => {
    taken++;
    return !nibbling;
  });
  bob.write('bob\nbob: here\n');
  await until(() => taken === 'from bob: here\n'.length, 'bob is logged in');
  nibbling = true;
  const timer = setInterval(() => {
    bob.resume();
  }, 20);
  await flood(alice, 'bob');
  alice.say('carol: done');
  await carol.hears('from alice: done');
  clearInterval(timer);
  await until(() => endedOf(server, 'bob') !== undefined, 'the end of bob is noticed');
  expect(endedOf(server, 'bob')?.reason).toBe('too slow: behind for too long');
  expect(taken).toBeGreaterThan('from bob: here\n'.length + 10);
});

test('who asks and never reads is not read any further, and is let go', async () => {
  const server = await TestServer.start({ writeTimeout: 1 });
  const asker = connect({ port: server.port, host: '127.0.0.1' });
  asker.on('error', () => undefined);
  asker.pause();
  asker.write('asker\n');
  // Each of these is answered by some 200 bytes, so 8 MiB of them would be 250 MiB of answers.
  const asking = pour(asker, repeated('/help', (8 * MiB) / 6));
  await until(() => endedOf(server, 'asker') !== undefined, 'the asker is let go');
  // Were it read on, its answers would fill the queue first.
  expect(endedOf(server, 'asker')?.reason).toBe('too slow: took nothing');
  expect(endedOf(server, 'asker')?.bytesIn).toBeLessThan(MiB);
  asker.destroy();
  await asking;
});

test('past --max-memory for all together the one furthest behind goes, and the others keep what is theirs', async () => {
  const server = await TestServer.start({ maxMemory: MiB, maxQueue: MiB, highWater: 256 * KiB });
  const [alice, carol, dave] = [
    await server.login('alice'),
    await server.login('carol'),
    await server.login('dave'),
  ];
  const [, near, next] = [
    await frozen(server, 'far'),
    await frozen(server, 'near'),
    await frozen(server, 'next'),
  ];
  const sent = 12 * MiB - ((12 * MiB) % LONG.length);
  void flood(alice, 'far');
  await stalled(alice.socket);
  for (const [sender, to] of [
    [carol, 'near'],
    [dave, 'next'],
  ] as const) {
    void flood(sender, to, sent).then(() => {
      sender.say(`${to}: the last`);
    });
    await stalled(sender.socket);
  }
  // Some 200, 160 and 130 KiB wait. Ordinary talkers are not held by who is behind, only by who is at half of max-queue,
  // which are 512 KiB: so there will be more than 1 MiB in all.
  const TALKERS = 5;
  const SAID = 60;
  for (const to of ['far', 'near'])
    for (let index = 0; index < TALKERS; index++) {
      const talker = await server.login(`${to}-${String(index)}`);
      talker.say(...repeated(`${to}: ${LONG}`, SAID));
    }
  await until(() => endedOf(server, 'far') !== undefined, 'the one furthest behind is let go');
  expect(endedOf(server, 'far')?.reason).toBe('too slow: memory full');
  for (const [one, more] of [
    [near, TALKERS * SAID],
    [next, 0],
  ] as const) {
    one.socket.resume();
    const all = sent / LONG.length + 1 + more;
    await until(() => one.lines.length >= all, 'the others hear everything');
    expect(one.lines.length).toBe(all);
  }
  expect(server.notices.filter((notice) => notice.type === 'ended')).toHaveLength(1);
});
