import { lastValueFrom, of, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { serve } from '../src/index.ts';
import { TestServer, until } from './support/chat.ts';

describe('direct messages', () => {
  test('a line reaches each recipient once, and its sender hears nothing', async () => {
    const server = await TestServer.start();
    const [alice, bob, carol] = [
      await server.login('alice'),
      await server.login('bob'),
      await server.login('carol'),
    ];
    alice.say('bob, carol, bob: hello: all', 'alice: done');
    await bob.hears('from alice: hello: all');
    await carol.hears('from alice: hello: all');
    await alice.hears('from alice: done');
  });

  test('each missing recipient is named once, and the others got it', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.say('dave, bob, erin, dave: hello', 'dave: hello');
    await bob.hears('from alice: hello');
    await alice.hears('! dave, erin are not here', '! dave is not here');
  });
});

describe('login', () => {
  test('a name that is taken is refused, and another can be typed', async () => {
    const server = await TestServer.start();
    await server.login('alice');
    const second = server.connect();
    second.say('ALICE');
    await second.hears('! the name ALICE is taken; type another');
    second.say('bob', 'bob: me');
    await second.hears('! the name ALICE is taken; type another', 'from bob: me');
  });

  test('after a refusal a line that is not a name is the end, and is sent to nobody', async () => {
    const server = await TestServer.start();
    const alice = await server.login('alice');
    const second = server.connect();
    second.say('alice', 'alice: hello');
    await second.end();
    expect(second.lines).toEqual([
      '! the name alice is taken; type another',
      '! you have no name, so nothing was sent; closing',
    ]);
    expect(alice.text).toBe('');
  });

  test('a name is free once its connection is gone', async () => {
    const server = await TestServer.start();
    const first = await server.login('alice');
    first.socket.resetAndDestroy();
    await until(() => server.notices.some((notice) => notice.type === 'ended'), 'the end is noticed');
    await server.login('alice');
  });
});

test('all lines before the end of a pipe count, answers come, and the connection ends by itself', async () => {
  const server = await TestServer.start();
  const bob = await server.login('bob');
  const pipe = server.connect();
  pipe.socket.end('ci\nbob: one\ndave: two\nbob: three');
  await bob.hears('from ci: one', 'from ci: three');
  await pipe.end();
  expect(pipe.lines).toEqual(['! dave is not here']);
});

test('when the server stops, what was said is delivered, everyone is told, and it completes', async () => {
  const server = await TestServer.start();
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  alice.say('bob: last words');
  await bob.hears('from alice: last words');
  server.stop.next();
  await alice.end();
  await bob.end();
  expect(alice.lines).toEqual(['! the server is stopping']);
  expect(bob.lines).toEqual(['from alice: last words', '! the server is stopping']);
  alice.socket.end();
  bob.socket.end();
  await until(() => server.completed, 'serve completes');
});

test('a server that is told to stop as it starts completes at once, and not at --stop-timeout', async () => {
  const since = performance.now();
  const notices = await lastValueFrom(serve({ port: 0, stop: of('now'), stopTimeout: 9 }).pipe(toArray()));
  expect(notices).toEqual([{ type: 'stopping', clients: 0 }]);
  expect(performance.now() - since).toBeLessThan(3000);
});

test('a client that was told to go, and still sends when the server stops, does not delay its end', async () => {
  const server = await TestServer.start({ stopTimeout: 9 });
  const alice = await server.login('alice');
  alice.say('/quit');
  await alice.end();
  server.stop.next();
  await until(() => server.notices.some(({ type }) => type === 'stopping'), 'it stops');
  alice.say('did you hear that?');
  alice.socket.end();
  await until(() => alice.closed, 'it is closed');
  await until(() => server.completed, 'serve completes');
  // What came was read: closing with unread input would have been a reset.
  expect(alice.error).toBeUndefined();
});
