import { describe, expect, test } from 'vitest';
import type { Ended } from '../src/index.ts';
import { type Client, TestServer, until } from './support/chat.ts';
import { pour, repeated, stalled } from './support/streams.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const LONG = 'x'.repeat(1000);

const endedOf = (server: TestServer, name: string): Ended | undefined =>
  server.notices.find((notice): notice is Ended => notice.type === 'ended' && notice.name === name);

/** Somebody who is in #ops; what was said until then is forgotten. */
async function inOps(server: TestServer, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say('/join #ops', `${name}: in`);
  await until(() => client.lines.includes(`from ${name}: in`), `${name} is in #ops`);
  client.forget();
  return client;
}

describe('a room', () => {
  test('hears who joins, what is said from inside and outside, and who leaves', async () => {
    const server = await TestServer.start();
    const [alice, bob, carol] = [
      await server.login('alice'),
      await server.login('bob'),
      await server.login('carol'),
    ];
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    bob.say('/join #ops');
    await bob.hears('* in #ops: alice');
    carol.say('#ops: from outside');
    bob.say('#ops: from inside');
    await until(() => alice.lines.length >= 4, 'alice hears both');
    expect(alice.lines.toSorted()).toEqual([
      '* bob joined #ops',
      '* nobody else is in #ops',
      'from bob in #ops: from inside',
      'from carol in #ops: from outside',
    ]);
    alice.forget();
    bob.socket.destroy();
    await alice.hears('* bob left #ops');
    expect(carol.text).toBe('');
  });

  test('of 300 of whom 200 are reset at once hears of them in a few lines, each named or counted once', async () => {
    const server = await TestServer.start();
    const alice = await inOps(server, 'alice');
    const others = await Promise.all(
      Array.from({ length: 299 }, (_, index) => inOps(server, `n${String(index)}`)),
    );
    await until(() => alice.lines.length === 299, 'alice hears who joined');
    alice.forget();
    for (const one of others.slice(0, 200)) one.socket.resetAndDestroy();
    const left = (): number =>
      alice.lines
        .map((line) => /^\* (.*?)(?: and (\d+) more)? left #ops$/.exec(line))
        .reduce((sum, match) => sum + (match?.[1]?.split(', ').length ?? 0) + Number(match?.[2] ?? 0), 0);
    await until(() => left() === 200, 'all who left are told');
    expect(alice.lines.length).toBeLessThan(100);
    const bob = others[250];
    bob?.forget();
    alice.say('#ops: still here?');
    await until(() => bob?.lines.includes('from alice in #ops: still here?') === true, 'the rest go on');
  });

  test('with a frozen member loses nothing of what a flood says in it, and lets the frozen one go', async () => {
    const server = await TestServer.start({ writeTimeout: 0.6 });
    const [alice, bob] = [await inOps(server, 'alice'), await inOps(server, 'bob')];
    const frozen = await inOps(server, 'frozen');
    frozen.socket.pause();
    const count = (24 * MiB) / LONG.length;
    await pour(
      alice.socket,
      (function* () {
        for (let index = 0; index < count; index++) yield `#ops: ${String(index)} ${LONG}`;
      })(),
    );
    const said = (): string[] => bob.lines.filter((line) => line.startsWith('from '));
    await until(() => bob.text.includes(` ${String(Math.ceil(count) - 1)} x`), 'bob hears the last', 60_000);
    expect(said().every((line, index) => line === `from alice in #ops: ${String(index)} ${LONG}`)).toBe(true);
    await until(() => endedOf(server, 'frozen') !== undefined, 'the frozen one is let go');
    expect(endedOf(server, 'frozen')?.reason).toBe('too slow: took nothing');
    expect(endedOf(server, 'bob')).toBeUndefined();
  }, 90_000);

  test('of which everybody floods it loses nobody who reads, and nobody anything', async () => {
    const SENDERS = 20;
    const LINES = 300;
    const server = await TestServer.start({ maxQueue: MiB, highWater: 64 * KiB });
    const all = await Promise.all(
      Array.from({ length: SENDERS }, (_, index) => inOps(server, `n${String(index)}`)),
    );
    await Promise.all(
      all.map((one, who) =>
        pour(
          one.socket,
          (function* () {
            for (let index = 0; index < LINES; index++)
              yield `#ops: ${String(who)} ${String(index)} ${LONG.slice(0, 200)}`;
          })(),
        ),
      ),
    );
    const expected = (SENDERS - 1) * LINES;
    const said = (one: Client): string[] => one.lines.filter((line) => line.startsWith('from '));
    await until(
      () => all.every((one) => said(one).length >= expected || one.ended),
      'everybody hears all',
      60_000,
    );
    expect(all.filter((one) => one.ended)).toEqual([]);
    const orders = all.map((one) => {
      const next = new Map<string, number>();
      for (const line of said(one)) {
        const [, who = '', index] = /: (\d+) (\d+) x+$/.exec(line) ?? [];
        expect(Number(index)).toBe(next.get(who) ?? 0);
        next.set(who, Number(index) + 1);
      }
      return next.size;
    });
    expect(orders).toEqual(all.map(() => SENDERS - 1));
    // One order for all: two who hear the same hear it in the same order.
    const common = (one: Client): string[] => said(one).filter((line) => !/^from n[01] /.test(line));
    expect(common(all[0] as Client)).toEqual(common(all[1] as Client));
  }, 90_000);
});

describe('a receipt', () => {
  test('comes once the reader has the line, in order, however late; the half-closed sender gets them all', async () => {
    const server = await TestServer.start({ writeTimeout: 60 });
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.pause();
    // More than the kernel takes of it.
    const count = 12_000;
    alice.say('/receipts on');
    alice.socket.end([...repeated(`bob: ${LONG}`, count)].map((line) => `${line}\n`).join(''));
    await until(() => server.notices.length > 0 && alice.lines.length > 10, 'some are taken');
    const before = alice.lines.length;
    expect(before).toBeLessThan(count);
    bob.socket.resume();
    await alice.end();
    expect(alice.lines).toEqual([
      '* receipts on',
      ...Array.from({ length: count }, (_, index) => `* sent ${String(index + 1)} to bob`),
    ]);
  }, 60_000);

  test('is not given for what a reader who is reset had not taken', async () => {
    const server = await TestServer.start({ writeTimeout: 60 });
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.pause();
    const count = 900;
    alice.say('/receipts on', ...repeated(`bob: ${'x'.repeat(15_000)}`, count));
    const last = { at: 0, lines: -1 };
    await until(() => {
      if (alice.lines.length !== last.lines)
        Object.assign(last, { at: performance.now(), lines: alice.lines.length });
      return alice.lines.length > 1 && performance.now() - last.at > 300;
    }, 'the kernel takes no more');
    const sent = alice.lines.length - 1;
    expect(sent).toBeLessThan(count);
    bob.socket.resetAndDestroy();
    await until(() => alice.lines.length === count + 1, 'every line is answered');
    const answers = alice.lines.slice(1);
    // A write that was under way may have been taken as far as a line or two.
    expect(answers.filter((line) => line.startsWith('* sent')).length).toBeLessThan(sent + 10);
  });

  test('keeps whoever waits for one after its last line, but not once it is reset', async () => {
    const server = await TestServer.start({ writeTimeout: 60 });
    const [ann, bob] = [await server.login('ann'), await server.login('bob')];
    const [carol, dave] = [await server.login('carol'), await server.login('dave')];
    bob.socket.pause();
    void pour(dave.socket, repeated(`bob: ${LONG}`, 20_000));
    await stalled(dave.socket);
    ann.say('/join #r', '/receipts on', 'bob: the last');
    await ann.hears('* nobody else is in #r', '* receipts on');
    carol.say('/join #r');
    await carol.hears('* in #r: ann');
    ann.socket.end();
    await until(() => ann.socket.writableFinished, 'it has ended its side');
    carol.say('/ping');
    await carol.hears('* in #r: ann', '* pong');
    ann.socket.destroy();
    await until(() => {
      carol.say('ann: still there?');
      return server.notices.some((notice) => notice.type === 'ended');
    }, 'it is gone');
  });

  test('says so where the reader was let go before it had the line', async () => {
    const server = await TestServer.start({ writeTimeout: 0.6 });
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    bob.socket.pause();
    const count = 24_000;
    alice.say('/receipts on');
    void pour(alice.socket, repeated(`bob: ${LONG}`, count));
    await until(() => alice.lines.length === count + 1, 'every line is answered', 60_000);
    const answers = alice.lines.slice(1);
    const first = answers.findIndex((line) => line.startsWith('!'));
    expect(first).toBeGreaterThan(0);
    expect(answers).toEqual(
      answers.map((_, index) => {
        const number = String(index + 1);
        if (index < first) return `* sent ${number} to bob`;
        return `! not sent ${number}: bob ${answers[index]?.endsWith('not here') === true ? 'is not here' : 'left before it was delivered'}`;
      }),
    );
  }, 90_000);
});

test('a bot that asks for JSON first gets nothing else, errors and farewells too', async () => {
  const server = await TestServer.start();
  const bob = await server.login('bob');
  const bot = server.connect();
  bot.say('/format json', 'no name', 'bot', '/join #ops', 'nobody: hi');
  await until(() => bot.lines.length >= 4, 'the bot is answered');
  bob.say('#ops: hello');
  await until(() => bot.lines.length >= 5, 'the bot hears bob');
  server.stop.next();
  await bot.end();
  const objects = bot.lines.map((line) => JSON.parse(line) as { type: string; code?: string; from?: string });
  expect(objects.map(({ type, code, from }) => code ?? from ?? type)).toEqual([
    'format',
    'not-a-name',
    'entered',
    'absent',
    'bob',
    'stopping',
  ]);
});

test('a paste beyond --rate arrives late, whole and in order, and others are not held by it', async () => {
  const server = await TestServer.start({ rate: 100, burst: 5 });
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  alice.say(...Array.from({ length: 40 }, (_, index) => `bob: ${String(index)}`));
  bob.say('alice: meanwhile');
  await until(() => alice.lines.length === 1, 'alice hears bob');
  expect(bob.lines.length).toBeLessThan(40);
  await bob.hears(...Array.from({ length: 40 }, (_, index) => `from alice: ${String(index)}`));
});

test('a stop hurries a paste that --rate holds', async () => {
  const server = await TestServer.start({ rate: 0.1, burst: 2, stopTimeout: 60 });
  const bob = await server.login('bob');
  const alice = server.connect();
  alice.say('alice', 'bob: 0', 'bob: 1', 'bob: 2', 'bob: 3');
  await until(() => bob.lines.length === 1, 'the first is there');
  server.stop.next();
  await bob.end();
  expect(bob.lines).toEqual(
    [0, 1, 2, 3].map((index) => `from alice: ${String(index)}`).concat('! the server is stopping'),
  );
});
