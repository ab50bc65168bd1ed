import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { lastValueFrom, of, Subject, toArray } from 'rxjs';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Notice, serve } from '../../src/index.ts';
import { admin } from '../../src/office/admin.ts';
import { textPage } from '../../src/office/page.ts';
import { officeOf } from '../../src/office/office.ts';
import { HostList } from '../../src/web/host.ts';
import { Client, TestServer, until } from '../support/chat.ts';
import { Command } from '../support/command.ts';
import { freePort } from '../support/nats.ts';
import { needsBuild } from '../support/needs.ts';
import { Operator } from '../support/office.ts';

const PATHS = ['/metrics', '/healthz', '/readyz', '/clients', '/closed'];

describe('the admin port', () => {
  test('is off by default', async () => {
    const server = await TestServer.start();
    expect(server.notices[0]).not.toHaveProperty('admin');
  });

  test('is for this machine only unless told', async () => {
    const { server } = await Operator.start();
    expect(server.notices[0]).toMatchObject({ admin: { host: '127.0.0.1' } });
    const { server: other } = await Operator.start({ adminHost: '::1' });
    expect(other.notices[0]).toMatchObject({ admin: { host: '::1' } });
    expect((await Operator.of(other).ask('/healthz')).status).toBe(200);
  });

  test('says of each answer what it is, and that it is not to be kept', async () => {
    const { operator } = await Operator.start();
    for (const path of PATHS) {
      const { status, headers } = await operator.ask(path);
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    }
    expect((await operator.ask('/metrics')).headers['content-type']).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    expect((await operator.ask('/clients?pretty=1')).headers['content-type']).toBe('application/json');
  });

  test('answers HEAD with nothing but that', async () => {
    const { operator } = await Operator.start();
    for (const path of PATHS)
      expect(await operator.ask(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test('says what there is to whoever asks for something else, and takes nothing', async () => {
    const { operator } = await Operator.start();
    for (const path of ['/', '/metric', '/metrics/', '/toString', '/..%2f..%2fetc/passwd', '*'])
      expect(await operator.ask(path)).toMatchObject({
        status: 404,
        text: `there is ${PATHS.join(', ')}\n`,
      });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
      expect(await operator.ask('/clients', { method })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      });
  });

  test('answers no page of a stranger that had its own name lead here', async () => {
    const { operator } = await Operator.start({ allowHost: 'chat.example' });
    for (const host of ['evil.example', 'evil.example:9090', 'localhost.evil.example', '*'])
      for (const path of PATHS)
        expect(await operator.ask(path, { host })).toMatchObject({
          status: 421,
          text: 'ask for an IP address, for localhost, or for a name that --allow-host has\n',
        });
    for (const host of ['localhost', `127.0.0.1:${String(operator.port)}`, '[::1]:1', 'Chat.Example:80'])
      expect(await operator.ask('/healthz', { host })).toMatchObject({ status: 200, text: 'ok\n' });
  });

  test('answers no request that names no host, or that is too long', async () => {
    const { operator } = await Operator.start();
    expect(await raw(operator, 'GET /clients HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(operator, 'GET /clients HTTP/1.1\r\nHost:\r\n\r\n')).toMatch(/^HTTP\/1.1 421 /);
    expect(await raw(operator, 'GET /clients HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(
      await raw(operator, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 431 /);
  });

  test('has 16 connections at most, and the chat goes on', async () => {
    const { server, operator } = await Operator.start();
    const strangers = Array.from(
      { length: 40 },
      () => new Client(connect({ port: operator.port, host: '127.0.0.1' })),
    );
    await until(() => strangers.filter(({ closed }) => closed).length === 24, 'all others are closed');
    const alice = await server.login('alice');
    for (const { socket } of strangers) socket.destroy();
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });

  test.each(['Expect: more\r\nHost: localhost\r\n', 'Expect: 100-continue\r\nHost: localhost\r\n', ''])(
    'closes who does not wait for an answer: %j',
    async (headers) => {
      const { operator } = await Operator.start();
      const asker = new Client(connect({ port: operator.port, host: '127.0.0.1' }));
      asker.socket.write(`GET /clients HTTP/1.1\r\n${headers}\r\n`.repeat(1000));
      await until(() => asker.closed, 'it is closed');
      expect(asker.text.split('HTTP/1.1 ').length).toBeLessThan(3);
    },
  );

  test('lets whoever goes in the middle of an answer go', async () => {
    const { server, operator } = await Operator.start();
    const alice = await server.login('alice');
    for (let time = 0; time < 20; time++) {
      const reader = connect({ port: operator.port, host: '127.0.0.1' });
      reader.on('error', () => undefined);
      reader.write('GET /clients HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20));
      await once(reader, 'connect');
      reader.resetAndDestroy();
    }
    expect((await operator.ask('/healthz')).status).toBe(200);
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
    expect(server.notices.filter(({ type }) => type === 'trouble')).toEqual([]);
  });

  test('says so where something goes wrong in it, tells the log, and goes on', async () => {
    const trouble: unknown[] = [];
    let port = 0;
    const pages = {
      '/fault': () => {
        throw new Error('a fault');
      },
      '/half': () => ({ status: 200, type: 'text/plain', body: half() }),
      '/whole': () => textPage(200, 'all of it'),
    };
    // eslint-disable-next-line @typescript-eslint/require-await -- a body is asked for piece by piece
    async function* half(): AsyncGenerator<string> {
      yield 'a half\n';
      throw new Error('no other half');
    }
    const running = admin({ host: '127.0.0.1', port: 0, hosts: new HostList('', ''), pages }).subscribe(
      (what) => {
        if ('port' in what) ({ port } = what);
        else trouble.push(what);
      },
    );
    onTestFinished(() => {
      running.unsubscribe();
    });
    await until(() => port > 0, 'it listens');
    const operator = new Operator(port);
    expect(await operator.ask('/fault')).toMatchObject({
      status: 500,
      text: 'something went wrong here; the log says what\n',
    });
    await expect(operator.ask('/half')).rejects.toThrow('aborted');
    expect(await operator.ask('/whole')).toMatchObject({ status: 200, text: 'all of it\n' });
    expect(trouble).toMatchObject([
      { type: 'trouble', error: { message: 'a fault' } },
      { type: 'trouble', error: { message: 'no other half' } },
    ]);
  });

  test('has the paths that the README says', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const section = readme.split('\n## What an operator sees\n')[1]?.split('\n## ')[0] ?? '';
    expect([...section.matchAll(/^\| `(\/\w+)`/gm)].map(([, path]) => path)).toEqual([...PATHS, '/nodes']);
  });

  test('is closed with the server', async () => {
    const { server, operator } = await Operator.start();
    const waiting = new Client(connect({ port: operator.port, host: '127.0.0.1' }));
    await once(waiting.socket, 'connect');
    server.stop.next();
    await until(() => server.completed, 'the server has stopped');
    await until(() => waiting.closed, 'whoever was connected is not any more');
    await expect(operator.ask('/healthz')).rejects.toThrow('ECONNREFUSED');
  });

  test('does not keep a server that is told to stop as it starts', async () => {
    const notices = await lastValueFrom(
      serve({ port: 0, adminPort: 0, stop: of('now'), stopTimeout: 9 }).pipe(toArray()),
    );
    expect(notices).toEqual([{ type: 'stopping', clients: 0 }]);
  });

  test('that is in use, or no address, is an error, and nobody comes in', async () => {
    const { operator } = await Operator.start();
    const notices: unknown[] = [];
    const start = async (adminPort: number, adminHost: string): Promise<void> => {
      await serve({ port: 0, adminPort, adminHost }).forEach((notice) => notices.push(notice));
    };
    await expect(start(operator.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(start(0, '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(notices).toEqual([]);
  });
});

describe('readiness', () => {
  test('is there once the chat listens', async () => {
    const adminPort = await freePort();
    const office = officeOf({ adminHost: '127.0.0.1', adminPort }, new HostList('', ''));
    const listening: Notice = { type: 'listening', host: '127.0.0.1', port: 1, at: [], maxClients: 1 };
    const server = new Subject<Notice>();
    const running = office?.around(server).subscribe();
    onTestFinished(() => running?.unsubscribe());
    await until(() => server.observed, 'the admin port is there');
    const operator = new Operator(adminPort);
    expect(await operator.ask('/readyz')).toMatchObject({ status: 503, text: 'starting\n' });
    expect((await operator.metrics()).get('rxchat_connections')).toBe(0);
    server.next(listening);
    expect(await operator.ask('/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
    server.complete();
    await expect(operator.ask('/readyz')).rejects.toThrow('ECONNREFUSED');
  });

  test('is over as soon as the server stops, and health is not', async () => {
    const { server, operator } = await Operator.start({ stopTimeout: 60 });
    expect(await operator.ask('/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
    const frozen = await server.login('frozen');
    frozen.socket.pause();
    const alice = await server.login('alice');
    // More than the kernel takes: it keeps the server for as long as it has time.
    for (let line = 0; line < 1500; line++) alice.say(`frozen: ${'x'.repeat(10_000)}`);
    const waiting = async (): Promise<number> => (await operator.metrics()).get('rxchat_waiting_bytes') ?? 0;
    await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
    server.stop.next();
    expect(await operator.ask('/readyz')).toMatchObject({ status: 503, text: 'stopping\n' });
    expect(await operator.ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(server.completed).toBe(false);
    frozen.socket.destroy();
    alice.socket.destroy();
    await until(() => server.completed, 'the server has stopped');
  });
});

describe('the command', () => {
  beforeEach(needsBuild);

  const adminOf = (command: Command): unknown => command.entries('listening')[0]?.['admin'];

  test('says where its admin port is, and whom it is for', async () => {
    const closed = await Command.start(['--admin-port', '0']);
    expect(closed.stdout).toMatch(
      /^rxchat listens .*\n(?:.*\n)?Its admin port is 127\.0\.0\.1:\d+, for this machine only\n$/,
    );
    await until(() => closed.entries('listening').length > 0, 'the log has it');
    const [, port] = /admin port is 127\.0\.0\.1:(\d+)/.exec(closed.stdout) ?? [];
    expect(adminOf(closed)).toEqual({ host: '127.0.0.1', port: Number(port) });
    expect((await new Operator(Number(port)).ask('/healthz')).text).toBe('ok\n');
    const open = await Command.start(['--admin-port=0', '--admin-host=::']);
    expect(open.stdout).toMatch(
      /\n(?:.*\n)?Its admin port is \[::\]:\d+; it tells who is here and from where to whoever can reach it\n$/,
    );
  });

  test('has none where none is asked for', async () => {
    const command = await Command.start(['--admin-port', 'none']);
    expect(command.stdout).not.toContain('admin');
  });

  test('does not start where its admin port is in use, and says so in a line', async () => {
    const { operator } = await Operator.start();
    const command = new Command(['--port', '0', '--admin-port', String(operator.port)]);
    expect(await command.exits()).toBe(1);
    expect(command.stderr).toBe(
      `rxchat: --admin-port ${String(operator.port)} is in use on 127.0.0.1; stop what uses it, or take another (0 takes a free one)\n`,
    );
    expect(command.stdout).toBe('');
  });

  test.each([
    [
      ['--admin-port', '0', '--admin-host', '192.0.2.1'],
      1,
      '--admin-host 192.0.2.1 is no address to listen on',
    ],
    [['--admin-port', 'x'], 2, '--admin-port must be a whole number from 0 to 65535, or none, not "x"'],
    [
      ['--admin-port', '70000'],
      2,
      '--admin-port must be a whole number from 0 to 65535, or none, not "70000"',
    ],
    [['--admin-port', '8080'], 2, '--admin-port (8080) must be another one than --port (8080, the default)'],
    [
      ['--allow-host', '*'],
      2,
      'allow-host has "*", which is no host name, like chat.example (without a port)',
    ],
  ])('%j exits %i', async (args, code, message) => {
    const command = new Command(args);
    expect(await command.exits()).toBe(code);
    expect(command.stderr).toContain(`rxchat: ${message}`);
    expect(command.stderr.split('\n')).toHaveLength(2);
    expect(command.stdout).toBe('');
  });
});

/** What is answered to a request that no client of HTTP would make. */
async function raw({ port }: Operator, request: string): Promise<string> {
  const client = new Client(connect({ port, host: '127.0.0.1' }));
  onTestFinished(() => {
    client.socket.destroy();
  });
  client.socket.write(request);
  await until(() => client.text !== '', 'there is an answer');
  return client.text;
}
