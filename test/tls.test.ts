import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { lastValueFrom, Subject } from 'rxjs';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../src/index.ts';
import { folder, Pair } from './support/certificate.ts';
import { Client, TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { installed, needs, needsBuild } from './support/needs.ts';
import { Pipe } from './support/netcat.ts';
import { Operator } from './support/office.ts';
import { CIPHER, Records } from './support/records.ts';

/** Somebody who speaks TLS, whatever the server shows. */
function secured(
  { port }: { port: number },
  options: ConnectionOptions = {},
): { client: Client; socket: TLSSocket } {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  return { client: new Client(socket), socket };
}

const subjectOf = async (server: { port: number }): Promise<string> => {
  const { socket } = secured(server);
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
};

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

describe('TLS on the port of the chat', () => {
  test('and plain text are in the same rooms', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const { client: alice } = secured(server);
    await alice.login('alice');
    const bob = await server.login('bob');
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    bob.say('#ops: hello', 'alice: grüße');
    await alice.hears('* nobody else is in #ops', 'from bob in #ops: hello', 'from bob: grüße');
    alice.say('bob: hi');
    await bob.hears('from alice: hi');
  });

  test('is 1.2 or later', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { client, socket } = secured(server, { minVersion: version, maxVersion: version });
      await client.login('alice');
      expect(socket.getProtocol()).toBe(version);
      client.say('/quit');
      await client.end();
      socket.destroy();
      await until(() => server.notices.some(({ type }) => type === 'ended'), 'it is gone');
      server.notices.length = 0;
    }
    const { client } = secured(server, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    await until(() => client.closed, 'an old one is closed');
    expect(client.error).toBeDefined();
  });

  test('carries what is long, both ways, with back-pressure', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const { client: alice } = secured(server);
    const { client: bob, socket } = secured(server);
    await alice.login('alice');
    await bob.login('bob');
    socket.pause();
    const line = 'x'.repeat(10_000);
    for (let each = 0; each < 800; each++) alice.say(`bob: ${String(each)} ${line}`);
    alice.say('bob: all said');
    socket.resume();
    await until(() => bob.text.endsWith('all said\n'), 'bob has all of it');
    expect(bob.lines.slice(0, -1).map((each) => Number(each.split(' ')[2]))).toEqual(
      Array.from({ length: 800 }, (_, each) => each),
    );
  });

  test('half closed, still hears its answers', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const { client, socket } = secured(server, { allowHalfOpen: true } as ConnectionOptions);
    socket.end('alice\nalice: to me\n/ping');
    await client.end();
    expect(client.lines).toEqual(['from alice: to me', '* pong']);
  });

  test('a login that never comes is over in time, in the handshake and behind it', async () => {
    const server = await TestServer.start({ ...(await Pair.made()).options, loginTimeout: 0.5 });
    const { client } = secured(server);
    await client.end();
    expect(client.lines).toEqual(['! no name within 0.5 s; closing']);
    const half = server.connect();
    half.socket.write(Buffer.from('1603010200', 'hex'));
    await until(() => half.ended, 'half a record is over, too');
    const mute = await clientHello(server.port);
    await until(() => mute.destroyed || mute.readableEnded, 'and half a handshake');
    await until(
      () => server.notices.filter(({ type }) => type === 'ended').length === 3,
      'all are in the log',
    );
  });

  test('stopping tells everybody', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const { client: alice } = secured(server);
    await alice.login('alice');
    // In TLS 1.3 the server may not know yet that the handshake is over.
    const { client: silent, socket } = secured(server, { maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    server.stop.next();
    await Promise.all([alice.end(), silent.end()]);
    expect([alice.lines, silent.lines]).toEqual([['! the server is stopping'], ['! the server is stopping']]);
    alice.socket.end();
    silent.socket.end();
    await until(() => server.completed, 'the server has stopped');
  });
});

describe('real clients', () => {
  test.for<[string, (port: number) => string[]]>([
    ['ncat', (port: number) => ['ncat', '--ssl', '127.0.0.1', String(port)]],
    [
      'openssl',
      (port: number) => [
        'openssl',
        's_client',
        '-quiet',
        '-no_ign_eof',
        '-connect',
        `127.0.0.1:${String(port)}`,
      ],
    ],
    ['socat', (port: number) => ['socat', '-', `OPENSSL:127.0.0.1:${String(port)},verify=0`]],
  ])('%s posts a line', async ([program, argv], context) => {
    needs(program, installed(program), context);
    const server = await TestServer.start((await Pair.made()).options);
    const bob = await server.login('bob');
    Pipe.printf('ci\nbob: build failed\n/quit\n', argv(server.port));
    await bob.hears('from ci: build failed');
  });
});

describe('who may speak what', () => {
  test('plain text from elsewhere is refused where there is TLS only, and from this machine it is not', async () => {
    const options = { ...(await Pair.made()).options, tlsOnly: true, trustProxy: '127.0.0.2' };
    const server = await TestServer.start(options);
    await server.login('alice');
    const proxied = from('127.0.0.2', server);
    proxied.socket.write('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\nbob\nalice: hello\n');
    await proxied.end();
    expect(proxied.text).toBe(
      '! this server takes TLS only, like "ncat --ssl HOST PORT"; nothing was sent\n',
    );
    expect(server.notices.at(-1)).toEqual({ type: 'refused', reason: 'TLS only', address: '192.0.2.7' });
    const short = from('127.0.0.2', server);
    short.socket.end('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\nbob');
    await short.end();
    expect(short.lines[0]).toMatch(/^! this server takes TLS only/);
    const headless = from('127.0.0.2', server);
    headless.socket.end('PROXY');
    await headless.hears('! a proxy has to say first whom it speaks for (the PROXY protocol)');
  });

  test('whose time is over before the first line is refused as at it', async () => {
    const options = {
      ...(await Pair.made()).options,
      tlsOnly: true,
      trustProxy: '127.0.0.2',
      loginTimeout: 0.3,
    };
    const server = await TestServer.start(options);
    const [silent, headless] = [from('127.0.0.2', server), from('127.0.0.2', server)];
    silent.socket.write('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n');
    await Promise.all([silent.end(), headless.end()]);
    expect(silent.lines[0]).toMatch(/^! this server takes TLS only/);
    expect(headless.lines[0]).toMatch(/^! a proxy has to say first/);
  });

  test('a proxy has to say whom it speaks for, in plain text and before TLS, and limits go by that', async () => {
    const options = {
      ...(await Pair.made()).options,
      trustProxy: '127.0.0.2',
      maxPerAddress: 1,
      deny: '198.51.100.0/24',
    };
    const server = await TestServer.start(options);
    const silent = from('127.0.0.2', server);
    silent.say('alice');
    await silent.hears('! a proxy has to say first whom it speaks for (the PROXY protocol)');
    const raw = connectTcp({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    raw.write('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n');
    const alice = new Client(connectTls({ socket: raw, rejectUnauthorized: false }));
    await alice.login('alice');
    const second = from('127.0.0.2', server);
    second.socket.write('PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n');
    await second.hears('! the server is full; try again later');
    const denied = from('127.0.0.2', server);
    denied.socket.write('PROXY TCP4 198.51.100.9 127.0.0.1 1 2\r\n');
    await denied.hears('! this server is not for where you come from');
    const other = from('127.0.0.2', server);
    other.socket.write('PROXY TCP6 2001:db8::1 ::1 1 2\r\nbob\nalice: hello\n');
    await alice.hears('from bob: hello');
    alice.say('/quit');
    await until(
      () => server.notices.some((it) => it.type === 'ended' && it.address === '192.0.2.7'),
      'alice is logged',
    );
  });
});

describe('the certificate', () => {
  test('is read anew when it is told so, nobody is dropped, and a broken pair is refused', async () => {
    const pair = await Pair.made();
    const reload = new Subject<void>();
    const server = await TestServer.start({ ...pair.options, reload });
    const { client: alice } = secured(server);
    await alice.login('alice');
    expect(await subjectOf(server)).toBe('chat-1.example');
    await pair.renew();
    reload.next();
    expect(await subjectOf(server)).toBe('chat-2.example');
    const told = server.notices.findLast(({ type }) => type === 'reloaded');
    expect(told).toMatchObject({
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
    });
    writeFileSync(pair.cert, 'half a certif');
    reload.next();
    expect(server.notices.findLast(({ type }) => type === 'reloaded')).toMatchObject({
      error: { message: expect.stringContaining('tls-cert and tls-key are no pair') as string },
    });
    expect(await subjectOf(server)).toBe('chat-2.example');
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });

  test.each([
    [
      { tlsCert: '/nowhere/cert.pem' },
      'the tls-cert /nowhere/cert.pem cannot be read: there is no such file',
    ],
    [{ tlsKey: '/nowhere/key.pem' }, 'tls-key needs a tls-cert'],
    [{ tlsOnly: true }, 'tls-only needs tls-cert and tls-key, or tls-self-signed'],
    [
      { tlsSelfSigned: true, tlsCert: 'x' },
      'there is both tls-self-signed and a tls-cert; only one can be shown',
    ],
  ])('%j is a ConfigError', async (options, why) => {
    await expect(lastValueFrom(serve({ port: 0, ...options }))).rejects.toThrow(why);
  });

  describe('that is made for trying out', () => {
    beforeEach(needsBuild);

    test('is kept, its fingerprint printed, and SIGHUP ends nobody', async () => {
      const data = join(folder(), 'data');
      const first = await Command.start(['--tls-self-signed', '--data-dir', data]);
      const printed = /fingerprint is\n(\S+)\n/.exec(first.stdout)?.[1];
      const { client, socket } = secured(first);
      await client.login('alice');
      expect(socket.getPeerCertificate().fingerprint256).toBe(printed);
      expect(statSync(join(data, 'self-signed.pem')).mode & 0o777).toBe(0o600);
      first.child.kill('SIGHUP');
      await until(() => first.entries('reloaded').length === 1, 'it is in the log');
      client.say('alice: still here');
      await client.hears('from alice: still here');
      await first.kill();
      const kept = readFileSync(join(data, 'self-signed.pem'), 'utf8');
      const second = await Command.start(['--tls-self-signed', '--data-dir', data]);
      expect(second.stdout).toContain(printed);
      expect(readFileSync(join(data, 'self-signed.pem'), 'utf8')).toBe(kept);
    });
  });
});

describe('who attacks', () => {
  test('with garbage behind a handshake is closed, and others go on', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const alice = await server.login('alice');
    const raw = connectTcp({ port: server.port, host: '127.0.0.1' });
    const { client, socket } = secured(server, { socket: raw });
    await client.login('mallory');
    raw.write(Buffer.concat([Buffer.from([0x17, 3, 3, 0, 64]), Buffer.alloc(64, 7)]));
    await until(() => client.closed || socket.destroyed, 'a record that was tampered with is the end');
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'it is in the log');
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });

  test('by renegotiating has it refused', async (context) => {
    needs('openssl', installed('openssl'), context);
    const server = await TestServer.start((await Pair.made()).options);
    const openssl = spawn('openssl', ['s_client', '-tls1_2', '-connect', `127.0.0.1:${String(server.port)}`]);
    onTestFinished(() => {
      openssl.kill();
    });
    let output = '';
    for (const stream of [openssl.stdout, openssl.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await until(() => output.includes('Verify return code'), 'the handshake is over');
    openssl.stdin.write('R\n');
    await until(() => output.includes('RENEGOTIATING') && openssl.exitCode !== null, 'it is refused');
    expect(output).toMatch(/no renegotiation|unexpected|alert/i);
  });

  test('by a record for each byte has lines all the same', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const { client, records, tcp } = await byHand(server);
    const text = 'one byte after the other '.repeat(800).trim();
    const lines = `alice\nalice: ${text}\n`;
    tcp.write(Buffer.concat(Array.from(lines, (byte) => records.text(byte))));
    const bob = await server.login('bob');
    bob.say('bob: still here');
    await bob.hears('from bob: still here');
    await client.hears('! that line is longer than 16384 bytes; it was not sent');
    tcp.write(Buffer.concat(Array.from('alice: short\n', (byte) => records.text(byte))));
    await until(() => client.lines.at(-1) === 'from alice: short', 'what is short is heard');
  });

  test.each([
    ['lines', 'alice\n'],
    ['a request', 'GET / HTTP/1.1\r\nX-Never: '],
  ])('by sending new keys instead of %s is closed, and now and then is not', async (_what, beginning) => {
    const server = await TestServer.start((await Pair.made()).options);
    const { records, tcp } = await byHand(server);
    const keys = (count: number): Buffer =>
      Buffer.concat(Array.from({ length: count }, () => records.keyUpdate()));
    tcp.write(Buffer.concat([records.text(beginning), keys(100)]));
    const { client: other } = secured(server);
    await other.login('other');
    expect(server.notices.filter(({ type }) => type === 'ended')).toEqual([]);
    tcp.write(keys(6000));
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'it is closed');
  });

  test('by sending new keys between lines is closed, whatever carries them', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    for (const beginning of ['alice\n', UPGRADE]) {
      const { records, tcp } = await byHand(server);
      const line = beginning === UPGRADE ? '\x81\x80\0\0\0\0' : '/ping\n';
      const some = (): Buffer =>
        Buffer.concat([...Array.from({ length: 30 }, () => records.keyUpdate()), records.text(line)]);
      server.notices.length = 0;
      tcp.write(Buffer.concat([records.text(beginning), ...Array.from({ length: 300 }, some)]));
      await until(() => server.notices.some(({ type }) => type === 'ended'), 'it is closed');
    }
  });

  test('with a group of a finite field is refused, since each greeting would cost as much as a thousand lines', async (context) => {
    needs('openssl', installed('openssl'), context);
    const server = await TestServer.start((await Pair.made()).options);
    const tries = (group: string): Pipe => {
      const options = ['-tls1_3', '-groups', group, '-connect', `127.0.0.1:${String(server.port)}`];
      return Pipe.printf('', ['openssl', 's_client', ...options]);
    };
    const [good, bad] = [tries('X25519'), tries('ffdhe8192')];
    expect(await good.exits()).toBe(0);
    expect(await bad.exits()).not.toBe(0);
    expect(bad.stderr).toMatch(/handshake failure/);
  });

  test('with the beginnings of 500 handshakes costs those who talk little', async () => {
    const server = await TestServer.start((await Pair.made()).options);
    const alice = await server.login('alice');
    const before = cpu();
    const strangers = await Promise.all(Array.from({ length: 500 }, () => clientHello(server.port)));
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
    expect(cpu() - before).toBeLessThan(10);
    for (const stranger of strangers) stranger.destroy();
    await until(() => server.notices.filter(({ type }) => type === 'ended').length === 500, 'all are gone');
  }, 60_000);

  test('by going while it waits for its handshake is gone at once', async () => {
    const { server, operator } = await Operator.start((await Pair.made()).options);
    const hello = await HELLO;
    const strangers = Array.from({ length: 100 }, () => server.connect());
    while ((await operator.metrics()).get('rxchat_connections') !== strangers.length);
    for (const { socket } of strangers) socket.write(hello);
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    for (const { socket } of strangers) socket.destroy();
    const ends = (): string[] =>
      server.notices.flatMap((notice) => (notice.type === 'ended' ? [notice.reason] : []));
    await until(() => ends().length === strangers.length, 'all are gone', 10_000);
    expect(new Set(ends())).toEqual(new Set(['lost']));
  });
});

const UPGRADE =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** Somebody whose handshake is over, and who writes their records by hand. */
async function byHand({ port }: TestServer): Promise<{ client: Client; records: Records; tcp: Socket }> {
  const tcp = connectTcp({ port, host: '127.0.0.1' });
  // Not the socket itself: it would not be ours any more.
  const pipe = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => tcp.write(bytes, done),
  });
  tcp.on('data', (bytes) => pipe.push(bytes)).on('error', () => undefined);
  const tls = connectTls({ socket: pipe, rejectUnauthorized: false, minVersion: 'TLSv1.3', ciphers: CIPHER });
  onTestFinished(() => {
    tcp.destroy();
  });
  const client = new Client(tls);
  let keylog = '';
  tls.on('keylog', (line: Buffer) => {
    if (line.toString().startsWith('CLIENT_TRAFFIC_SECRET_0')) keylog = line.toString();
  });
  await once(tls, 'secureConnect');
  return { client, records: new Records(keylog), tcp };
}

/** Somebody from another address of this machine. */
const from = (localAddress: string, { port }: TestServer): Client =>
  new Client(connectTcp({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }));

/** A client that says hello, and nothing behind it. */
async function clientHello(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined).resume();
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write(await HELLO);
  return socket;
}

/** The first flight of a real client. */
const HELLO: Promise<Buffer> = (async () => {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({ port: (server.address() as { port: number }).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
})();
