import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Notice } from '../src/index.ts';
import { Client, TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { needs, needsBuild } from './support/needs.ts';

const FULL = '! the server is full; try again later';

const ofType = <T extends Notice['type']>({ notices }: TestServer, type: T): Extract<Notice, { type: T }>[] =>
  notices.filter((notice): notice is Extract<Notice, { type: T }> => notice.type === type);

describe('where as many are in as may be', () => {
  test('the next one is told so and closed, and those inside go on', async () => {
    const server = await TestServer.start({ maxClients: 2 });
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    const carol = server.connect();
    carol.say('carol', 'bob: hello');
    await carol.end();
    expect(carol.text).toBe(`${FULL}\n`);
    carol.socket.end();
    await until(() => carol.closed, 'it is closed');
    expect(ofType(server, 'refused')).toEqual([
      { type: 'refused', reason: 'server full', address: '127.0.0.1' },
    ]);
    alice.say('bob: hello', 'carol: hello');
    await bob.hears('from alice: hello');
    await alice.hears('! carol is not here');
    expect(ofType(server, 'ended')).toEqual([]);
  });

  test('one who has not logged in yet counts, and so does one who was refused not', async () => {
    const server = await TestServer.start({ maxClients: 2 });
    const silent = server.connect();
    await server.login('alice');
    for (let times = 0; times < 3; times++) {
      const refused = server.connect();
      await refused.hears(FULL);
      refused.socket.end();
      await until(() => refused.closed, 'it is closed');
    }
    silent.socket.end();
    await until(() => ofType(server, 'ended').length === 1, 'the silent one is gone');
    await server.login('bob');
  });

  test('one who is refused and does not leave is closed all the same', async () => {
    const server = await TestServer.start({ maxClients: 1 });
    await server.login('alice');
    const stubborn = server.connect();
    await stubborn.hears(FULL);
    await until(() => {
      stubborn.say('are you sure?');
      return stubborn.closed;
    }, 'the connection is gone');
    expect(stubborn.text).toBe(`${FULL}\n`);
  });

  test('of very many who are refused at once, a few are told and all are closed and counted', async () => {
    const server = await TestServer.start({ maxClients: 1 });
    const alice = await server.login('alice');
    const refused = Array.from({ length: 60 }, () => server.connect());
    await until(() => refused.every(({ closed, ended }) => closed || ended), 'all are turned away');
    const reasons = ofType(server, 'refused').map(({ reason }) => reason);
    expect(reasons).toHaveLength(60);
    expect(reasons.filter((reason) => reason === 'unannounced').length).toBeGreaterThan(20);
    const told = refused.filter(({ text }) => text !== '');
    expect(told.length).toBeGreaterThanOrEqual(15);
    for (const { text } of told) expect(text).toBe(`${FULL}\n`);
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });

  test.each<[string, (client: Client) => Socket]>([
    ['says /quit', ({ socket }) => socket.end('/quit\n')],
    ['ends its side', ({ socket }) => socket.end()],
    ['resets the connection', ({ socket }) => socket.resetAndDestroy()],
  ])('there is room again once somebody %s', async (_, leave) => {
    const server = await TestServer.start({ maxClients: 1 });
    const alice = await server.login('alice');
    leave(alice);
    await until(() => ofType(server, 'ended').length === 1, 'the end is noticed');
    const bob = await server.login('bob');
    bob.say('alice: hello');
    await bob.hears('! alice is not here');
  });
});

describe('the limit for one address', () => {
  /** An address of this machine that is not exempt. */
  const address = Object.values(networkInterfaces())
    .flat()
    .find((it) => it?.family === 'IPv4' && !it.internal)?.address;

  test('holds for an address of the network, each for itself', async (context) => {
    needs('network address', address !== undefined, context);
    const server = await TestServer.start({ host: '0.0.0.0', maxPerAddress: 2 });
    const call = (): Client =>
      new Client(connect({ port: server.port, host: address, localAddress: address, allowHalfOpen: true }));
    const [alice, bob] = [call(), call()];
    alice.say('alice', 'alice: in');
    await alice.hears('from alice: in');
    bob.say('bob', 'bob: in');
    await bob.hears('from bob: in');
    const third = call();
    await third.end();
    expect(third.text).toBe(`${FULL}\n`);
    expect(ofType(server, 'refused')).toEqual([
      { type: 'refused', reason: 'too many from this address', address },
    ]);
    await server.login('carol');
    bob.say('/quit');
    await bob.end();
    bob.socket.end();
    await until(() => ofType(server, 'ended').length === 1, 'bob is gone');
    const fourth = call();
    fourth.say('dave', 'alice: hello');
    await alice.hears('from alice: in', 'from dave: hello');
  });

  test('does not hold for this machine', async () => {
    const server = await TestServer.start({ maxPerAddress: 1 });
    for (const name of ['alice', 'bob', 'carol']) await server.login(name);
    expect(ofType(server, 'refused')).toEqual([]);
  });
});

describe('a list of who may not come in', () => {
  test('is told to whom it is about, in a line, and others are let in', async () => {
    const server = await TestServer.start({ deny: '127.0.0.2/31' });
    const alice = await server.login('alice');
    const refused = new Client(
      connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.3', allowHalfOpen: true }),
    );
    await refused.end();
    expect(refused.text).toBe('! this server is not for where you come from\n');
    expect(ofType(server, 'refused')).toEqual([
      { type: 'refused', reason: 'address not allowed', address: '127.0.0.3' },
    ]);
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });
});

describe('the time for a login', () => {
  test('is told when it is over, and the connection is closed', async () => {
    const server = await TestServer.start({ loginTimeout: 0.3 });
    const silent = server.connect();
    await silent.end();
    expect(silent.text).toBe('! no name within 0.3 s; closing\n');
    silent.socket.end();
    await until(() => ofType(server, 'ended').length === 1, 'the end is noticed');
    expect(ofType(server, 'ended')[0]).toMatchObject({
      reason: 'no name in time',
      name: undefined,
      lines: 0,
    });
  });

  test('is not longer for one who types without end, or who was refused a name', async () => {
    const server = await TestServer.start({ loginTimeout: 0.3 });
    const [alice, typing, refused] = [await server.login('alice'), server.connect(), server.connect()];
    refused.say('alice');
    await until(() => {
      typing.socket.write('x');
      return typing.ended && refused.ended;
    }, 'both are closed');
    expect(typing.text).toBe('! no name within 0.3 s; closing\n');
    expect(refused.lines).toEqual([
      '! the name alice is taken; type another',
      '! no name within 0.3 s; closing',
    ]);
    alice.say('alice: still here, long after');
    await alice.hears('from alice: still here, long after');
  });

  test('begins when the client comes, also right after the server has begun to listen', async () => {
    const server = await TestServer.start({ loginTimeout: 0.6 });
    const since = performance.now();
    const silent = server.connect();
    await silent.end();
    // It is looked at four times a second.
    expect(performance.now() - since).toBeGreaterThan(350);
  });

  test('does not keep one who has ended its side and never said a name', async () => {
    const server = await TestServer.start();
    const silent = server.connect();
    silent.socket.end();
    await until(() => silent.closed, 'it is closed');
    expect(silent.text).toBe('');
    await until(() => ofType(server, 'ended').length === 1, 'the end is noticed');
    expect(ofType(server, 'ended')[0]).toMatchObject({ reason: 'left', name: undefined });
  });
});

describe('a thousand connections and a hundred descriptors', () => {
  const CROWD = 1000;
  const ROOM = 36; // what the descriptor limit leaves

  function crowd(port: number): Socket[] {
    return Array.from({ length: CROWD }, () => {
      const socket = connect({ port, host: '127.0.0.1' });
      onTestFinished(() => {
        socket.destroy();
      });
      return socket.on('error', () => undefined).resume();
    });
  }

  /** Entries of the log of one kind, with those that are only counted there. */
  function counted(command: Command, kind: string): number {
    const omitted = command.entries('omitted').filter((entry) => entry['kind'] === kind);
    return omitted.reduce((sum, { count }) => sum + Number(count), command.entries(kind).length);
  }

  test('those inside chat on, the log has all who were refused, and once they are gone others come in', async () => {
    needsBuild();
    const command = await Command.start([], { descriptors: 100 });
    const [alice, bob] = [await command.login('alice'), await command.login('bob')];
    const sockets = crowd(command.port);
    const refused = CROWD - (ROOM - 2);

    let said = 0;
    await until(() => {
      // One line at a time: the next is said when this one is heard.
      if (bob.lines.length === said) alice.say(`bob: ${String(++said)}`);
      return counted(command, 'refused') === refused;
    }, 'all but those who came in are refused, and the log has it');
    expect(said).toBeGreaterThan(10);
    await until(() => sockets.filter(({ closed }) => closed).length === refused, 'they are closed');
    expect(command.entries('refused').map(({ reason }) => reason)).toContain('server full');
    await until(() => bob.lines.length === said, 'bob has heard all');
    expect(bob.lines).toEqual(Array.from({ length: said }, (_, index) => `from alice: ${String(index + 1)}`));
    expect(counted(command, 'ended')).toBe(0);

    for (const socket of sockets) socket.destroy();
    await until(() => counted(command, 'ended') === ROOM - 2, 'the server knows that they are gone');
    for (let index = 0; index < ROOM - 2; index++) {
      const late = await command.login(`late${String(index)}`);
      alice.say(`late${String(index)}: welcome`);
      await late.hears('from alice: welcome');
    }
    command.child.kill('SIGTERM');
    expect(await command.exits()).toBe(0);
  });
});
