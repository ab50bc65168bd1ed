import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { descriptorLimit } from '../src/descriptors.ts';
import { type Notice, serve } from '../src/index.ts';
import { Pair } from './support/certificate.ts';
import { Client, TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { knowsMemory, watchMemory } from './support/memory.ts';
import { needs, needsBuild } from './support/needs.ts';

const ofType = <T extends Notice['type']>({ notices }: TestServer, type: T): Extract<Notice, { type: T }>[] =>
  notices.filter((notice): notice is Extract<Notice, { type: T }> => notice.type === type);

describe('a line', () => {
  test('that comes one byte at a time is one all the same', async () => {
    const server = await TestServer.start();
    const alice = server.connect();
    alice.socket.setNoDelay();
    for (const byte of 'GET1\nGET1: hello HTTP/1.1\n') {
      alice.socket.write(byte);
      await new Promise(setImmediate);
    }
    await alice.hears('from GET1: hello HTTP/1.1');
  });

  test('that looks like the first word of a request is a name that is refused', async () => {
    const server = await TestServer.start();
    const stranger = server.connect();
    stranger.say('GET hunter2');
    await stranger.hears('! a name is 1 to 32 letters, digits, "_", "-" or "."; type another');
    stranger.say('alice', 'alice: here');
    await until(() => stranger.lines.at(-1) === 'from alice: here', 'another name is taken');
  });

  test('without an end counts where it is the only one', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const stranger = server.connect();
    stranger.socket.end('bob');
    await stranger.hears('! the name bob is taken; type another');
    bob.say('bob: still here');
    await bob.hears('from bob: still here');
  });
});

describe('who takes its time', () => {
  test('a byte now and then, has as much of it as any', async () => {
    const server = await TestServer.start({ loginTimeout: 0.5 });
    const stranger = server.connect();
    const trickle = setInterval(() => stranger.socket.write('x'), 20);
    await stranger.end();
    clearInterval(trickle);
    expect(stranger.lines).toEqual(['! no name within 0.5 s; closing']);
    await until(() => ofType(server, 'ended').length === 1, 'it is in the log');
    expect(ofType(server, 'ended')[0]).toMatchObject({ reason: 'no name in time', name: undefined });
  });

  test('part of it on the doorstep, does not get it anew behind that', async () => {
    const server = await TestServer.start({ loginTimeout: 0.6 });
    const stranger = server.connect();
    const begun = performance.now();
    await until(() => performance.now() - begun > 400, 'most of it is over');
    stranger.say('no name');
    await stranger.end();
    expect(stranger.lines.at(-1)).toBe('! no name within 0.6 s; closing');
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe('a browser that was tricked into posting here', () => {
  const LINES = 'alice\r\nbob: hello from a web page\r\n/join #ops\r\n';

  test.each([
    [
      'in its body',
      `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${String(LINES.length)}\r\n\r\n${LINES}`,
      'HTTP/1.1 405 Method Not Allowed',
    ],
    ['in its address', `GET /%0aalice%0abob:%20hello HTTP/1.1\r\n${LINES}\r\n`, 'HTTP/1.1 400 Bad Request'],
    [
      'in an address without an end',
      `POST /${'x'.repeat(20_000)} HTTP/1.1\r\n${LINES}`,
      '! this is a chat; a line is a name first',
    ],
    ['in a later packet', 'POST / HTTP/1.1\r\n', 'HTTP/1.1 400 Bad Request'],
    ['behind a version that nobody speaks', `POST / HTTP/9.9\r\n${LINES}`, 'HTTP/1.1 400 Bad Request'],
    [
      'behind the beginning of HTTP/2',
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${LINES}`,
      'HTTP/1.1 400 Bad Request',
    ],
  ])('says nothing with what is %s', async (_where, request, answer) => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const browser = server.connect();
    browser.socket.write(request);
    browser.socket.write(LINES);
    browser.socket.end(LINES);
    await until(() => browser.closed, 'it is closed');
    expect(browser.text.split(/\r?\n/)[0]).toBe(answer);
    bob.say('alice: are you here?', 'bob: no');
    await bob.hears('! alice is not here', 'from bob: no');
  });
});

test('garbage, whatever it begins like and however it comes, ends whoever sends it and nobody else', async () => {
  const server = await TestServer.start((await Pair.made()).options);
  const bob = await server.login('bob');
  const beginnings = [
    '',
    '\x16\x03\x01',
    '\x16\x03\x01\0\x05',
    'GET / HTTP/1.1\r\n',
    'PROXY ',
    '\r\n\r\n\0\r\nQUIT\n',
  ];
  const garbage = fc.tuple(
    fc.constantFrom(...beginnings),
    fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
  );
  // All at once: some are names, and have a second to hear answers.
  await Promise.all(
    fc.sample(garbage, 500).map(async ([beginning, pieces]) => {
      const stranger = server.connect();
      stranger.socket.write(beginning, 'latin1');
      for (const piece of pieces) {
        stranger.socket.write(piece);
        await new Promise(setImmediate);
      }
      stranger.socket.end();
      await until(() => stranger.closed, `closed: ${JSON.stringify([beginning, pieces])}`, 50_000);
    }),
  );
  bob.say('bob: still here');
  await bob.hears('from bob: still here');
  expect(server.notices.filter(({ type }) => type === 'ended' || type === 'refused').length).toBe(500);
}, 60_000);

test('10,000 who send one byte cost their sockets, and others are served', async (context) => {
  needs('/proc', knowsMemory, context);
  needsBuild();
  const many = Math.min(10_000, descriptorLimit() - 500);
  const server = await Command.start(['--max-clients', '20000', '--login-timeout', '30s']);
  const alice = await server.login('alice');
  const growth = watchMemory(server.child.pid);
  const strangers: Socket[] = [];
  onTestFinished(() => {
    for (const socket of strangers) socket.destroy();
  });
  while (strangers.length < many) {
    const some = Array.from({ length: Math.min(500, many - strangers.length) }, () =>
      connect({ port: server.port, host: '127.0.0.1' }).on('error', () => undefined),
    );
    strangers.push(...some);
    for (const socket of some) socket.write(Buffer.of(0x16));
    await until(() => some.every(({ connecting }) => !connecting), 'they are in');
  }
  alice.say('alice: still here');
  await alice.hears('from alice: still here');
  expect(growth.peak / many).toBeLessThan(20_000);
}, 60_000);

test('whoever is on the doorstep when the server stops is told so', async () => {
  const server = await TestServer.start();
  const silent = server.connect();
  const half = server.connect();
  half.socket.write('ali');
  await until(() => half.socket.bytesWritten === 3 && !silent.socket.connecting, 'both are there');
  const other = await server.login('bob'); // behind them in the queue of the kernel
  server.stop.next();
  await Promise.all([silent.end(), half.end(), other.end()]);
  expect([silent, half, other].map(({ lines }) => lines)).toEqual(
    Array(3).fill(['! the server is stopping']),
  );
  for (const { socket } of [silent, half, other]) socket.end();
  await until(() => server.completed, 'the server has stopped');
});

test('unsubscribing closes whoever is on the doorstep', async () => {
  let port = 0;
  const running = serve({ port: 0 }).subscribe((notice) => {
    if (notice.type === 'listening') ({ port } = notice);
  });
  await until(() => port > 0, 'the server listens');
  const client = new Client(connect({ port, host: '127.0.0.1' }));
  client.socket.write('ali');
  await until(() => client.socket.bytesWritten === 3, 'it has said something');
  await new Promise(setImmediate);
  running.unsubscribe();
  await until(() => client.closed, 'it is closed');
  expect(client.text).toBe('');
});
