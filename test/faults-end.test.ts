import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../src/index.ts';
import { TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { pour, repeated, stalled } from './support/streams.ts';

const MiB = 1024 * 1024;
const LONG = 'x'.repeat(1000);

const endsOf = (server: TestServer): Extract<Notice, { type: 'ended' }>[] =>
  server.notices.filter((notice) => notice.type === 'ended');

describe('a client that ends its side', () => {
  test('right after its name is a client that left', async () => {
    const server = await TestServer.start();
    const pipe = server.connect();
    pipe.socket.end('ci\n');
    await pipe.end();
    await until(() => endsOf(server).length === 1, 'the end is noticed');
    expect(pipe.text).toBe('');
    expect(endsOf(server)[0]).toMatchObject({ reason: 'left', name: 'ci', lines: 1 });
  });

  test('is written to for about a second, which what it hears does not make longer', async () => {
    const server = await TestServer.start();
    const alice = await server.login('alice');
    const bob = await server.login('bob');
    const start = performance.now();
    bob.socket.end();
    let sent = 0;
    await until(() => {
      alice.say(`bob: ${String(++sent)}`);
      return bob.ended;
    }, 'the server ends its side');
    const stayed = performance.now() - start;
    expect(stayed).toBeGreaterThan(700);
    expect(stayed).toBeLessThan(2500);
    // All that came before the end was heard, and all that came later was answered.
    await until(() => bob.lines.length + alice.lines.length === sent, 'each line is heard or answered');
    expect(bob.lines.at(-1)).toBe(`from alice: ${String(bob.lines.length)}`);
    expect(new Set(alice.lines)).toEqual(new Set(['! bob is not here']));
  });

  test.each([
    ['with', '\n'],
    ['without', ''],
  ])(
    'while megabytes wait for it loses none of them, and its last line, %s an end, counts',
    async (_, end) => {
      const WRITERS = 40;
      const text = 'y'.repeat(9000);
      const server = await TestServer.start();
      const [alice, bob] = [await server.login('alice'), await server.login('bob')];
      bob.socket.pause();
      for (let index = 0; index < WRITERS; index++) {
        const writer = await server.login(`writer${String(index)}`);
        writer.say(...Array.from({ length: 14 }, () => `bob: ${text}`));
        // All that was said before is handled, or waits for bob.
        alice.say(`alice: ${String(index)}`);
        await until(() => alice.lines.length === index + 1, 'alice hears herself');
      }
      alice.forget();
      bob.socket.end(`alice: bye${end}`);
      bob.socket.resume();
      await alice.hears('from bob: bye');
      await bob.end();
      expect(bob.lines.length).toBe(WRITERS * 14);
      expect(bob.lines.every((line) => line.endsWith(`: ${text}`))).toBe(true);
    },
  );

  test('yields its name at once to whoever asks for it', async () => {
    const server = await TestServer.start();
    const first = await server.login('bob');
    first.socket.end();
    // Once the server has seen the end; before, the name is taken.
    await until(() => first.ended || first.socket.writableFinished, 'the first has ended its side');
    const second = await server.login('bob');
    const alice = await server.login('alice');
    alice.say('bob: hello');
    await second.hears('from alice: hello');
    expect(first.text).toBe('');
    // And keeps it when the first one is gone for good.
    await first.end();
    await until(() => endsOf(server).length === 1, 'the first is gone');
    alice.say('bob: again');
    await second.hears('from alice: hello', 'from alice: again');
  });
});

test('a reset in the middle of a line: the rest is not delivered, the name is free, others are unaffected', async () => {
  const server = await TestServer.start();
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  alice.socket.write('bob: whole\nbob: torn');
  await bob.hears('from alice: whole');
  alice.socket.resetAndDestroy();
  await until(() => endsOf(server).length === 1, 'the reset is noticed');
  expect(endsOf(server)[0]).toMatchObject({ reason: 'lost', name: 'alice' });
  const again = await server.login('alice');
  again.say('bob: back');
  await bob.hears('from alice: whole', 'from alice: back');
});

describe('a close after a "!"', () => {
  test('is an end, and not a reset, even where input is on its way', async () => {
    const server = await TestServer.start();
    const stranger = server.connect();
    let reset: Error | undefined;
    stranger.socket.on('error', (error) => (reset = error));
    stranger.socket.write(`not a name\nnor this\n${'more\n'.repeat(5000)}`);
    await stranger.end();
    stranger.socket.end();
    await until(() => stranger.closed, 'the connection is closed');
    expect(reset).toBeUndefined();
    expect(stranger.lines).toHaveLength(2);
    expect(stranger.lines[1]).toBe('! you have no name, so nothing was sent; closing');
  });

  test('arrives whole while the client keeps sending', async () => {
    const server = await TestServer.start();
    const stranger = server.connect();
    stranger.say('not a name', 'nor this');
    // Some lines each time round: less than 64 KiB until the server has ended its side.
    let sent = 0;
    await until(() => {
      if (sent++ < 500) stranger.say('and on and on');
      return stranger.ended;
    }, 'the server ends its side');
    expect(stranger.lines).toHaveLength(2);
    expect(stranger.text).toMatch(/\n! you have no name, so nothing was sent; closing\n$/);
  });

  test('is whole for each that a full server turns away', async () => {
    const server = await TestServer.start({ maxClients: 1 });
    await server.login('alice');
    for (let index = 0; index < 3; index++) {
      const stranger = server.connect();
      stranger.say('bob', 'alice: hello');
      await stranger.end();
      expect(stranger.text).toBe('! the server is full; try again later\n');
      stranger.socket.end();
      await until(() => stranger.closed, 'it is closed');
    }
    expect(server.notices.filter(({ type }) => type === 'refused')).toHaveLength(3);
  });
});

describe('when the server stops', () => {
  test('under load, every line that was read is delivered, and it ends with 0', async () => {
    const server = await Command.start();
    const bob = await server.login('bob');
    const names = ['s0', 's1', 's2', 's3', 's4'];
    const senders = await Promise.all(names.map((name) => server.login(name)));
    const pouring = senders.map(({ socket }) =>
      pour(
        socket,
        (function* () {
          for (let index = 0; index < 2e6; index++) yield `bob: ${String(index)}`;
        })(),
      ),
    );
    await until(() => bob.text.length > 5 * MiB, 'the load is there');
    server.child.kill('SIGTERM');
    await bob.end();
    for (const { socket } of senders) socket.destroy();
    bob.socket.end();
    await until(() => server.code !== undefined, 'the process ends');
    expect(server.code).toBe(0);
    await Promise.all(pouring);
    const heard = new Map(names.map((name) => [name, 0]));
    let wrong = 0;
    for (const line of bob.lines.slice(0, -1)) {
      const [, name = '', number] = /^from (s\d): (\d+)$/.exec(line) ?? [];
      if (Number(number) !== heard.get(name)) wrong++;
      heard.set(name, Number(number) + 1);
    }
    expect(wrong).toBe(0);
    expect(bob.lines.at(-1)).toBe('! the server is stopping');
    // The log says how many lines were read of each; two of them were its name and what it said to itself.
    const read = server.entries('ended').filter(({ name }) => name !== 'bob');
    expect(Object.fromEntries(heard)).toEqual(
      Object.fromEntries(read.map(({ name, lines }) => [String(name), Number(lines) - 2])),
    );
  });

  test('a frozen peer does not stop it for longer than --stop-timeout, and is named with what it did not take', async () => {
    const server = await TestServer.start({ stopTimeout: 1, writeTimeout: 60, lagTimeout: 60 });
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.pause();
    void pour(alice.socket, repeated(`bob: ${LONG}`, 24_000));
    await stalled(alice.socket);
    const start = performance.now();
    server.stop.next();
    await until(() => server.completed, 'serve completes');
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(2500);
    const stuck = server.notices.filter((notice) => notice.type === 'stuck');
    expect(stuck.map(({ name }) => name)).toContain('bob');
    expect(stuck.find(({ name }) => name === 'bob')?.bytes).toBeGreaterThan(0);
  });

  test('a frozen peer, and somebody held for it, do not keep the others from being told in time', async () => {
    const server = await TestServer.start({ stopTimeout: 3, writeTimeout: 60, lagTimeout: 60 });
    const [alice, bob, carol] = [
      await server.login('alice'),
      await server.login('bob'),
      await server.login('carol'),
    ];
    bob.socket.pause();
    void pour(alice.socket, repeated(`bob: ${LONG}`, 24_000));
    await stalled(alice.socket);
    const start = performance.now();
    server.stop.next();
    await carol.end();
    expect(carol.lines).toEqual(['! the server is stopping']);
    expect(performance.now() - start).toBeLessThan(2500);
  });

  test('a slow reader who goes on talking gets all that was on its way to it', async () => {
    const LINES = 1500;
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.pause();
    await pour(alice.socket, repeated(`bob: ${LONG}`, LINES));
    alice.say('alice: done');
    await alice.hears('from alice: done');
    server.stop.next();
    await alice.end();
    // It reads 64 KiB at a time and says something in between, for longer than a second.
    const since = performance.now();
    const talking = setInterval(() => {
      bob.socket.write('alice: are you there?\n');
      bob.socket.resume();
      bob.socket.once('data', () => bob.socket.pause());
    }, 50);
    await until(() => bob.ended || bob.closed, 'bob has heard everything');
    clearInterval(talking);
    expect(performance.now() - since).toBeGreaterThan(1000);
    expect(bob.lines.length).toBe(LINES + 1);
    expect(bob.lines.at(-1)).toBe('! the server is stopping');
    expect(bob.error).toBeUndefined();
  });

  test('who is in the middle of a login is told, and is not logged in', async () => {
    const server = await TestServer.start();
    const alice = await server.login('alice');
    const [typing, silent] = [server.connect(), server.connect()];
    typing.socket.write('bo');
    await until(() => !silent.socket.connecting && typing.socket.bytesWritten === 2, 'both are there');
    alice.say('alice: a turn later');
    await alice.hears('from alice: a turn later');
    server.stop.next();
    for (const client of [typing, silent]) {
      await client.end();
      expect(client.lines).toEqual(['! the server is stopping']);
      client.socket.end();
    }
    alice.socket.end();
    await until(() => server.completed, 'serve completes');
    expect(endsOf(server).map(({ name }) => name)).toEqual(
      expect.arrayContaining([undefined, undefined, 'alice']),
    );
  });

  test('a line without its end is discarded', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.socket.write('bob: whole\nbob: unfinished');
    await bob.hears('from alice: whole');
    server.stop.next();
    await bob.end();
    await alice.end();
    expect(bob.lines).toEqual(['from alice: whole', '! the server is stopping']);
    expect(alice.lines).toEqual(['! the server is stopping']);
  });
});

test('a server that is killed leaves whole lines and the start of one, and another binds its port at once', async () => {
  const server = await Command.start();
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  void pour(alice.socket, repeated(`bob: ${LONG}`, 100_000));
  await until(() => bob.text.length > MiB, 'bob hears a lot');
  await server.kill();
  await until(() => bob.closed || bob.ended, 'bob notices');
  const line = `from alice: ${LONG}`;
  expect(new Set(bob.lines)).toEqual(new Set([line]));
  expect(line.startsWith(bob.text.split('\n').at(-1) as string)).toBe(true);
  const next = await Command.start(['--port', String(server.port)]);
  expect(next.port).toBe(server.port);
  await next.login('alice');
  // What is left of the old connections does not disturb it.
  const late = connect({ port: next.port, host: '127.0.0.1' });
  await until(() => !late.connecting, 'it takes others');
  late.destroy();
});
