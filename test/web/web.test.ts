import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { promisify } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Options, serve } from '../../src/index.ts';
import { Pair } from '../support/certificate.ts';
import { type Client, TestServer, until } from '../support/chat.ts';
import { installed, needs } from '../support/needs.ts';
import { Operator } from '../support/office.ts';
import { answerOf, ask, WebClient } from '../support/web.ts';

const run = promisify(execFile);

const refusals = ({ notices }: TestServer): string[] =>
  notices.flatMap((notice) => (notice.type === 'refused' ? [notice.reason] : []));

/** Counts requests that Node has read, whatever became of them. */
function requestsRead(): { read: () => number } {
  let requests = 0;
  const count = (): void => {
    requests++;
  };
  subscribe('http.server.request.start', count);
  onTestFinished(() => {
    unsubscribe('http.server.request.start', count);
  });
  return { read: () => requests };
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
};

describe('the page', () => {
  test('is served on the port of the chat, with TLS and without', async (context) => {
    needs('curl', installed('curl'), context);
    const server = await TestServer.start((await Pair.made()).options);
    for (const scheme of ['http', 'https']) {
      const { stdout } = await run('curl', ['-sSk', `${scheme}://127.0.0.1:${String(server.port)}/`]);
      expect(stdout).toMatch(/^<!doctype html>/);
    }
  });

  test('may use nothing but what comes from here, and nobody may put it into a page of theirs', async () => {
    const { status, headers } = await ask(await TestServer.start());
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  test('is sent again only where it is another', async () => {
    const server = await TestServer.start();
    const { headers } = await ask(server);
    const again = await ask(server, '/', { 'If-None-Match': headers['etag'] ?? '' });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(await ask(server, '/', { 'If-None-Match': '"other"' })).toMatchObject({ status: 200 });
  });

  test('takes nobody’s place: while a browser has it open, a client may still come', async () => {
    const server = await TestServer.start({ maxClients: 1 });
    const request = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const browser: Client[] = [];
    for (let connection = 0; connection < 6; connection++) {
      const one = server.connect();
      browser.push(one);
      one.socket.write(request);
      await until(() => one.text.startsWith('HTTP/1.1 200 OK'), 'the page');
    }
    const alice = await server.login('alice');
    expect(browser.map(({ ended }) => ended)).toEqual(browser.map(() => false));
    const [asking] = browser;
    const head = Object.entries({ Host: '127.0.0.1', ...UPGRADE }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    asking?.socket.write(`GET / HTTP/1.1\r\n${head.join('')}\r\n`);
    await until(() => asking?.text.includes('HTTP/1.1 503') === true, 'it is refused');
    expect(asking?.text).toContain('the server is full; try again later');
    alice.socket.destroy();
  });

  test('has a head', async () => {
    const answer = await ask(await TestServer.start(), '/?from=a-bookmark', {}, 'HEAD');
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(100);
  });

  test.each(['/nothing', '/../package.json', '/%2e%2e/package.json', '//etc/passwd', '/tsconfig.json'])(
    'is all there is: %s is not',
    async (path) => {
      const answer = await ask(await TestServer.start(), path);
      expect(answer).toMatchObject({ status: 404, body: 'there is no such page; the chat is at /\n' });
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])('takes no %s', async (method) => {
    const answer = await ask(await TestServer.start(), '/', {}, method);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test.each([
    ['a page', 'Host: 127.0.0.1\r\n'],
    ['what is not expected', 'Host: 127.0.0.1\r\nExpect: more\r\n'],
    ['to go on', 'Host: 127.0.0.1\r\nExpect: 100-continue\r\n'],
    ['for no host', ''],
  ])('is one answer at a time: who asks %s, and does not wait for it, is closed', async (_what, headers) => {
    const { read } = requestsRead();
    const server = await TestServer.start();
    const client = server.connect();
    client.socket.write(`GET / HTTP/1.1\r\n${headers}\r\n`.repeat(10_000));
    await until(() => client.closed || client.ended, 'it is closed');
    expect(client.text.split('HTTP/1.1 ').length).toBeLessThan(3);
    // What came in one read, and nothing behind it.
    expect(read()).toBeLessThan(300);
  });

  test('has no use for a body', async () => {
    const server = await TestServer.start();
    const client = server.connect();
    client.socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\nbob: hello\r\n`,
    );
    await client.end();
    expect(answerOf(client.text)).toMatchObject({ status: 400, body: 'a GET has no body here\n' });
  });

  test('is not for headers without an end', async () => {
    const server = await TestServer.start();
    expect(await ask(server, '/', { 'X-Long': 'x'.repeat(20_000) })).toMatchObject({
      status: 431,
      body: 'that is more than 16 KiB of headers\n',
    });
  });

  test('is there for each of 300 who ask at once', async () => {
    const server = await TestServer.start();
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask(server)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('costs one entry in the log for each connection', async () => {
    const server = await TestServer.start();
    await ask(server);
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'it is there');
    expect(server.notices.at(-1)).toMatchObject({ type: 'ended', reason: 'web page', name: undefined });
  });

  test('may be asked for as long as a login may take', async () => {
    const server = await TestServer.start({ loginTimeout: 0.5 });
    const client = server.connect();
    client.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    const trickle = setInterval(() => client.socket.write('x'), 20);
    await until(() => client.closed || client.ended, 'it is closed');
    clearInterval(trickle);
    await until(() => server.notices.length === 2, 'it is in the log');
    expect(server.notices[1]).toMatchObject({ type: 'ended', reason: 'no name in time' });
  });

  test('connection that is kept is closed when the server stops', async () => {
    const server = await TestServer.start();
    const client = server.connect();
    client.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await until(() => client.text.includes('</html>'), 'it has the page');
    server.stop.next();
    await until(() => server.completed, 'the server has stopped');
  });
});

describe('a page of somebody else', () => {
  test('that leads its own name here gets nothing', async () => {
    const server = await TestServer.start();
    const headers = { Host: `evil.example:${String(server.port)}` };
    expect(await ask(server, '/', headers)).toMatchObject({ status: 403 });
    const answer = await ask(server, '/', { ...headers, ...UPGRADE, Origin: 'http://evil.example' });
    expect(answer).toMatchObject({
      status: 403,
      body: 'this server does not go by that name; --allow-host is how whoever runs it adds one\n',
    });
    await until(() => refusals(server).length === 2, 'both are in the log');
    expect(refusals(server)).toEqual(['Host not allowed', 'Host not allowed']);
  });

  test('that opens a WebSocket here may not, unless it is allowed', async () => {
    const server = await TestServer.start({ allowOrigin: 'https://intranet.example' });
    const answer = await ask(server, '/', { ...UPGRADE, Origin: 'https://evil.example' });
    expect(answer).toMatchObject({
      status: 403,
      body: 'a page from elsewhere may not speak here; --allow-origin is how whoever runs this server lets it\n',
    });
    await until(() => refusals(server).length === 1, 'it is in the log');
    expect(refusals(server)).toEqual(['Origin not allowed']);
    const alice = await new WebClient(server, { origin: 'https://intranet.example' }).login('alice');
    const bob = await new WebClient(server, { origin: `http://127.0.0.1:${String(server.port)}` }).login(
      'bob',
    );
    bob.say('alice: hello');
    await alice.hears('from bob: hello');
  });
});

test('a server goes by the names of --allow-host', async () => {
  const server = await TestServer.start({ allowHost: 'chat.example' });
  expect(await ask(server, '/', { Host: 'chat.example' })).toMatchObject({ status: 200 });
  const client = new WebClient(server, {
    headers: { Host: 'chat.example:8080' },
    origin: 'http://chat.example:8080',
  });
  await client.login('alice');
});

test.each<[string, Options, string]>([
  ['allow-host', { allowHost: '*' }, 'allow-host has "*"'],
  ['allow-origin', { allowOrigin: 'chat.example' }, 'allow-origin has "chat.example"'],
])('what is no %s is said at the start', async (_option, options, message) => {
  await expect(lastValueFrom(serve({ port: 0, ...options }))).rejects.toThrow(message);
});

test('WebSockets that are asked for at once are opened some in each turn', async () => {
  const { server, operator } = await Operator.start();
  const clients = Array.from({ length: 200 }, () => server.connect());
  while ((await operator.metrics()).get('rxchat_connections') !== clients.length);
  const headers = Object.entries({ Host: '127.0.0.1', ...UPGRADE }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  for (const { socket } of clients) socket.write(`GET / HTTP/1.1\r\n${headers.join('')}\r\n`);
  let open = 0;
  let most = 0;
  while (open < clients.length) {
    await new Promise(setImmediate);
    const before = open;
    open = clients.filter(({ text }) => text.startsWith('HTTP/1.1 101 ')).length;
    most = Math.max(most, open - before);
  }
  expect(most).toBeLessThan(20);
});

test('a WebSocket is at / only, and nothing else is spoken after an upgrade', async () => {
  const server = await TestServer.start();
  const nothing = {
    status: 426,
    headers: { upgrade: 'websocket' },
    body: 'there is a WebSocket here, at /, and nothing else to upgrade to\n',
  };
  expect(await ask(server, '/chat', UPGRADE)).toMatchObject(nothing);
  expect(await ask(server, '/', { ...UPGRADE, Upgrade: 'h2c' })).toMatchObject(nothing);
  expect(await ask(server, '/', { ...UPGRADE, 'Sec-WebSocket-Version': '7' })).toMatchObject({ status: 400 });
});

test('with --tls-only a browser from elsewhere is sent to https', async () => {
  const pair = await Pair.made();
  const proxied = { ...pair.options, tlsOnly: true, trustProxy: '127.0.0.1' };
  const server = await TestServer.start(proxied);
  const client = server.connect();
  client.socket.write(
    'PROXY TCP4 192.0.2.7 192.0.2.1 4711 8080\r\nGET /chat.css HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n\r\n',
  );
  await client.end();
  expect(answerOf(client.text)).toMatchObject({
    status: 308,
    headers: { location: 'https://192.0.2.1:8080/chat.css' },
  });
  client.socket.end();
  await until(() => refusals(server).length === 1, 'it is in the log');
  expect(server.notices.at(-1)).toMatchObject({ reason: 'TLS only', address: '192.0.2.7' });
});
