import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../src/index.ts';
import { Pair } from './support/certificate.ts';
import { type Client, TestServer, until } from './support/chat.ts';
import { WebClient } from './support/web.ts';

const endedOf = ({ notices }: TestServer): Extract<Notice, { type: 'ended' }>[] =>
  notices.filter((notice) => notice.type === 'ended');

/** A connection that has asked for a WebSocket, and writes its frames by hand. */
async function upgraded(server: TestServer): Promise<Client> {
  const client = server.connect();
  client.socket.setEncoding('latin1');
  client.socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await until(() => client.text.endsWith('\r\n\r\n'), 'it is upgraded');
  expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
  client.forget();
  return client;
}

/** A frame with a mask of zeros, so that what is masked is as it was. */
const frame = (first: number, text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0xfe, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), bytes]);
};
const TEXT = 0x81;
const PING = 0x89;

describe('a WebSocket', () => {
  test('is in the same rooms as a netcat, with TLS and without', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const alice = await new WebClient(server).login('alice');
    const carol = await new WebClient(server, { secure: true }).login('carol');
    const bob = await server.login('bob');
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    carol.say('/join #ops');
    await carol.hears('* in #ops: alice');
    bob.say('#ops: hello', 'alice, carol: grüße');
    await carol.hears('* in #ops: alice', 'from bob in #ops: hello', 'from bob: grüße');
    await alice.hears(
      '* nobody else is in #ops',
      '* carol joined #ops',
      'from bob in #ops: hello',
      'from bob: grüße',
    );
    carol.say('bob: hi');
    alice.say('bob: hi');
    await until(() => bob.lines.length === 2, 'bob hears both');
    expect(bob.lines.toSorted()).toEqual(['from alice: hi', 'from carol: hi']);
  });

  test('message is a line or several, and the last of them needs no end', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    for (const message of ['alice: 1', 'alice: 2\n', 'alice: 3\r\nalice: 4', 'alice: 5\nalice: 6\n', ''])
      alice.webSocket.send(message);
    alice.webSocket.send(Buffer.from('alice: 7'));
    await alice.hears(
      ...[1, 2, 3, 4, 5, 6].map((each) => `from alice: ${String(each)}`),
      '! say who it is for, like "bob: hello"; /help tells more',
      'from alice: 7',
    );
  });

  test('hears whole lines, as text', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    const messages: string[] = [];
    alice.webSocket.on('message', (message: Buffer, isBinary) => {
      expect(isBinary).toBe(false);
      messages.push(message.toString());
    });
    const bob = await server.login('bob');
    bob.say(...Array.from({ length: 500 }, (_, each) => `alice: ${String(each)} ${'ü'.repeat(each)}`));
    await until(() => alice.lines.length === 500, 'alice hears all');
    expect(messages.every((message) => message.endsWith('\n'))).toBe(true);
    expect(messages.join('')).toBe(alice.text);
    expect(messages.length).toBeLessThan(500);
  });

  test('may come one byte at a time, and with its first frames in one packet with the request', async () => {
    const server = await TestServer.start();
    const slow = server.connect();
    slow.socket.setEncoding('latin1');
    const request =
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
    const all = Buffer.concat([Buffer.from(request), frame(TEXT, 'alice'), frame(TEXT, 'alice: in')]);
    for (const byte of all) {
      slow.socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await until(() => slow.text.endsWith('from alice: in\n'), 'one byte at a time');
    const fast = server.connect();
    fast.socket.setEncoding('latin1');
    fast.socket.write(Buffer.concat([Buffer.from(request), frame(TEXT, 'bob'), frame(TEXT, 'bob: in')]));
    await until(() => fast.text.endsWith('from bob: in\n'), 'all in one packet');
  });

  test('message may come in fragments, but not in a hundred', async () => {
    const server = await TestServer.start();
    const client = await upgraded(server);
    client.socket.write(Buffer.concat([frame(1, 'ali'), frame(0, 'c'), frame(PING, ''), frame(0x80, 'e')]));
    client.socket.write(Buffer.concat([frame(1, 'alice: '), frame(0x80, 'whole')]));
    await until(() => client.text.includes('from alice: whole\n'), 'it is one line');
    client.socket.write(
      Buffer.concat(Array.from({ length: 100 }, () => frame(0, 'x')).with(0, frame(1, 'x'))),
    );
    await until(() => client.text.includes('\x88\x02\x03\xf0'), 'it is closed with 1008');
  });

  test('line that is too long is told so, and nothing else is lost', async () => {
    const server = await TestServer.start({ maxLine: 100 });
    const alice = await new WebClient(server).login('alice');
    alice.say(`alice: ${'x'.repeat(200)}`, 'alice: next');
    alice.webSocket.send(Buffer.from([0x61, 0xff, 0x0a]));
    alice.say('alice: last');
    await alice.hears(
      '! that line is longer than 100 bytes; it was not sent',
      'from alice: next',
      '! that line is not UTF-8; it was not sent',
      'from alice: last',
    );
  });

  test('line as long as any may be is heard', async () => {
    const server = await TestServer.start({ maxLine: 256 * 1024, highWater: 1024 * 1024 });
    const alice = await new WebClient(server).login('alice');
    const text = 'x'.repeat(256 * 1024 - 'alice: '.length);
    alice.say(`alice: ${text}`);
    await alice.hears(`from alice: ${text}`);
  });
});

describe('what no client of good will does', () => {
  test('a frame of 2 GiB is closed at its header', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const client = await upgraded(server);
    client.socket.write(Buffer.from([TEXT, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]));
    client.socket.write('x'.repeat(100_000));
    await until(() => client.text.includes('\x88\x02\x03\xf1'), 'it is closed with 1009');
    bob.say('bob: still here');
    await bob.hears('from bob: still here');
    client.socket.end();
    await until(() => endedOf(server).length === 1, 'it is gone');
  });

  test.each([
    ['without a mask', Buffer.from([TEXT, 3, 0x62, 0x6f, 0x62]), 1002],
    ['of an unknown kind', frame(0x8b, ''), 1002],
    ['with a bit that means nothing here', frame(0xc1, 'bob'), 1002],
    ['that goes on with no message', frame(0x80, 'bob'), 1002],
  ])('a frame %s closes it', async (_what, bytes, code) => {
    const server = await TestServer.start();
    const client = await upgraded(server);
    client.socket.write(bytes);
    await until(
      () => client.text === `\x88\x02${String.fromCharCode(code >> 8, code & 0xff)}`,
      'it is closed',
    );
  });

  test('a flood of pings is one answer a chunk, and then the end', async () => {
    const server = await TestServer.start();
    const alice = await upgraded(server);
    alice.socket.write(frame(TEXT, 'alice'));
    alice.socket.write(Buffer.concat(Array.from({ length: 10_000 }, () => frame(PING, 'x'))));
    await until(() => alice.text.includes('too many pings'), 'it is closed');
    expect(alice.text.split('\x8a').length).toBeLessThan(10);
    const bob = await server.login('bob');
    bob.say('bob: still here');
    await bob.hears('from bob: still here');
  });

  test('who is turned out is gone at once, and nothing said to them counts as sent', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const alice = await upgraded(server);
    alice.socket.write(Buffer.concat([frame(TEXT, 'alice'), frame(TEXT, 'bob: here')]));
    await bob.hears('from alice: here');
    alice.socket.write(Buffer.concat(Array.from({ length: 100 }, () => frame(PING, 'x'))));
    await until(() => alice.text.includes('too many pings'), 'she is turned out');
    bob.say('/receipts on', 'alice: are you here?');
    await until(() => bob.lines.length === 3, 'bob is answered');
    expect(bob.lines[2]).toBe('! not sent 1: alice is not here');
  });

  test('what is inflated to more than anybody says at once is closed where it may not pass', async () => {
    const server = await TestServer.start({ compress: true, rate: 1, burst: 1 });
    const bomb = new WebClient(server, { perMessageDeflate: { threshold: 0 } });
    await bomb.open;
    // What was deflated is held back, so that all of it comes at once.
    const { _socket: socket } = bomb.webSocket as unknown as { _socket: Socket };
    socket.cork();
    bomb.webSocket.send('bomb');
    const sent = Array.from(
      { length: 100 },
      () =>
        new Promise((done) => {
          bomb.webSocket.send('\n'.repeat(60_000), done);
        }),
    );
    await until(() => bomb.webSocket.bufferedAmount < 60_000, 'it is deflated');
    socket.uncork();
    await Promise.all(sent);
    expect(await bomb.closes()).toBe(1008);
  });

  test('a ping now and then is answered', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    let said = '';
    alice.webSocket.on('pong', (text) => (said = text.toString()));
    alice.webSocket.ping('are you there?');
    await until(() => said === 'are you there?', 'it is');
  });
});

describe('flow control is that of any client', () => {
  const LIMITS = { maxLine: 4096, highWater: 64 * 1024, maxQueue: 1024 * 1024, maxMemory: 8 * 1024 * 1024 };

  test('who writes to somebody who does not read is held, and goes on', async () => {
    const server = await TestServer.start(LIMITS);
    const alice = await new WebClient(server).login('alice');
    const bob = await new WebClient(server).login('bob');
    bob.webSocket.pause();
    const count = 6000;
    for (let each = 0; each < count; each++) alice.say(`bob: ${String(each)} ${'x'.repeat(2000)}`);
    await until(() => alice.webSocket.bufferedAmount > 0, 'alice is not read');
    bob.webSocket.resume();
    const lines = Array.from(
      { length: count },
      (_, each) => `from alice: ${String(each)} ${'x'.repeat(2000)}`,
    );
    const { length } = lines.join('\n');
    await until(() => bob.text.length > length, 'bob hears all', 60_000);
    expect(bob.lines).toEqual(lines);
  }, 70_000);

  test('who does not read is let go', async () => {
    const server = await TestServer.start({ ...LIMITS, writeTimeout: 0.5 });
    const alice = await server.login('alice');
    const bob = await new WebClient(server).login('bob');
    bob.webSocket.pause();
    const flood = setInterval(() => {
      if (alice.socket.writableLength < 1024 * 1024) alice.say(`bob: ${'x'.repeat(4000)}`);
    }, 0);
    await until(() => endedOf(server).length === 1, 'bob is let go');
    clearInterval(flood);
    expect(endedOf(server)[0]).toMatchObject({ name: 'bob', reason: 'too slow: took nothing' });
  });
});

describe('the end', () => {
  test('by a close frame is an end: what was said before it counts, and the name is free', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const alice = await new WebClient(server).login('alice');
    alice.say('bob: last words');
    alice.webSocket.close();
    expect(await alice.closes()).toBe(1005);
    await bob.hears('from alice: last words');
    await until(() => endedOf(server).length === 1, 'it is in the log');
    expect(endedOf(server)[0]).toMatchObject({ name: 'alice', reason: 'left' });
    await server.login('alice');
  });

  test('by a close frame is one at once, also where the connection is left open', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const alice = await upgraded(server);
    alice.socket.write(Buffer.concat([frame(TEXT, 'alice'), frame(TEXT, 'bob: bye'), frame(0x88, '')]));
    await bob.hears('from alice: bye');
    bob.say('/receipts on', 'alice: are you here?');
    await until(() => bob.lines.length === 3, 'bob is answered');
    expect(bob.lines[2]).toBe('! not sent 1: alice is not here');
    await server.login('alice');
  });

  test('without a close frame is a loss', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    alice.webSocket.terminate();
    await until(() => endedOf(server).length === 1, 'it is gone');
    const half = await upgraded(server);
    half.socket.end(frame(TEXT, 'bob'));
    await until(() => half.ended && endedOf(server).length === 2, 'it is gone, too');
  });

  test('by /quit is a close frame of the server', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    alice.say('/quit');
    expect(await alice.closes()).toBe(1000);
    expect(endedOf(server)[0]).toMatchObject({ reason: 'quit' });
  });

  test('by no name in time is told', async () => {
    const server = await TestServer.start({ loginTimeout: 0.5 });
    const silent = new WebClient(server);
    expect(await silent.closes()).toBe(1000);
    expect(silent.lines).toEqual(['! no name within 0.5 s; closing']);
  });

  test('by the stop of the server is told, and nobody is waited for who does not answer it for long', async () => {
    const server = await TestServer.start();
    const alice = await new WebClient(server).login('alice');
    const mute = await upgraded(server);
    server.stop.next();
    expect(await alice.closes()).toBe(1000);
    expect(alice.lines).toEqual(['! the server is stopping']);
    await until(() => server.completed, 'the server has stopped');
    expect(mute.text).toContain('! the server is stopping\n');
  });
});

describe('compression', () => {
  const heard = async (server: TestServer): Promise<string> => {
    const alice = await new WebClient(server, { perMessageDeflate: true }).login('alice');
    const bob = await server.login('bob');
    const lines = Array.from({ length: 300 }, (_, each) => `${String(each)} ${'x'.repeat(2000)}`);
    bob.say(...lines.map((line) => `alice: ${line}`));
    await until(() => alice.lines.length === 300, 'alice hears all');
    expect(alice.lines).toEqual(lines.map((line) => `from bob: ${line}`));
    alice.say('/quit');
    await alice.closes();
    return alice.webSocket.extensions;
  };

  test('is off, whoever offers it', async () => {
    expect(await heard(await TestServer.start())).toBe('');
  });

  test('is there with --compress, and fewer bytes go out', async () => {
    const server = await TestServer.start({ compress: true });
    expect(await heard(server)).toContain('permessage-deflate');
    expect(endedOf(server)[0]?.bytesOut).toBeLessThan(60_000);
  });
});
