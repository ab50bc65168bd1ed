import { connect } from 'node:net';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { localLog } from '../src/log.ts';
import type { Turn } from '../src/message.ts';
import { from } from 'rxjs';
import { type Client, TestServer, until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { knowsMemory, watchMemory } from './support/memory.ts';
import { Cutter, pour } from './support/streams.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

test('10,000 who connect and close, by an end or by a reset, are gone, and others are served', async () => {
  const TIMES = 10_000;
  const AT_ONCE = 50;
  const server = await TestServer.start();
  const alice = await server.login('alice');
  let toCome = TIMES;
  const comeAndGo = async (): Promise<void> => {
    while (toCome-- > 0) {
      const resets = toCome % 2 === 0;
      await new Promise<void>((resolve) => {
        const socket = connect({ port: server.port, host: '127.0.0.1' }, () => {
          if (resets) socket.resetAndDestroy();
          else socket.destroy();
        });
        socket.on('error', () => undefined);
        socket.once('close', () => {
          resolve();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, comeAndGo));
  // Of the others the kernel forgets those that were reset before they were accepted.
  const left = (): number =>
    server.notices.filter((notice) => notice.type === 'ended' && notice.reason === 'left').length;
  await until(() => left() === TIMES / 2, 'all that ended are gone');
  expect(new Set(server.notices.map(({ type }) => type))).toEqual(new Set(['listening', 'ended']));
  alice.say('alice: still here');
  await alice.hears('from alice: still here');
  server.stop.next();
  expect(server.notices.at(-1)).toEqual({ type: 'stopping', clients: 1 });
}, 60_000);

describe.skipIf(!knowsMemory)('memory', () => {
  test('1 GiB without a newline is one line that is too long, and costs no memory', async () => {
    const server = await Command.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    const growth = watchMemory(server.child.pid);
    const piece = Buffer.alloc(4 * MiB, 'x');
    alice.socket.write('bob: ');
    for (let sent = 0; sent < GiB; sent += piece.length) {
      await new Promise<void>((resolve) => {
        alice.socket.write(piece, () => {
          resolve();
        });
      });
    }
    alice.say('', 'bob: next');
    await bob.hears('from alice: next');
    await alice.hears('! that line is longer than 16384 bytes; it was not sent');
    // What Node reads is garbage at once, 64 KiB each time; it is let gather for some dozen MiB before it is collected.
    expect(growth.peak / MiB).toBeLessThan(128);
  }, 60_000);
});

test('one sender says 200,000 lines at once, and each arrives once and in order', async () => {
  const LINES = 200_000;
  const server = await TestServer.start();
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  bob.socket.removeAllListeners('data');
  let next = 0;
  let wrong = 0;
  const cutter = new Cutter((line) => {
    if (line !== `from alice: ${String(next++)}`) wrong++;
  });
  bob.socket.on('data', (text) => {
    cutter.push(Buffer.from(text));
  });
  await pour(
    alice.socket,
    Array.from({ length: LINES }, (_, index) => `bob: ${String(index)}`),
  );
  await until(() => next >= LINES, 'all of them arrive');
  expect({ next, wrong }).toEqual({ next: LINES, wrong: 0 });
});

describe('a line for very many', () => {
  test('reaches each of 1,000 once', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `r${String(index)}`);
    const server = await TestServer.start({ maxRecipients: 1000 });
    const alice = await server.login('alice');
    const everyone: Client[] = [];
    for (let at = 0; at < names.length; at += 100)
      everyone.push(...(await Promise.all(names.slice(at, at + 100).map((name) => server.login(name)))));
    alice.say(`${names.join(',')}: hello`, `${names.join(', ')}: again`);
    await until(() => everyone.every(({ lines }) => lines.length >= 2), 'everyone hears it');
    const wrong = everyone.filter(({ text }) => text !== 'from alice: hello\nfrom alice: again\n');
    expect(wrong).toEqual([]);
    expect(alice.text).toBe('');
  });

  test('is refused past --max-recipients: 10,000 names cost no more than their line', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `r${String(index)}`);
    const server = await TestServer.start({ maxLine: 128 * 1024 });
    const alice = await server.login('alice');
    alice.say(`${names.join(',')}, alice: hello`, 'alice: next');
    await alice.hears('! that is more than 128 recipients; it was not sent', 'from alice: next');
  });

  test('names each of 10,000 who are not here once, where so many are allowed', async () => {
    const names = Array.from({ length: 9_999 }, (_, index) => `r${String(index)}`);
    const server = await TestServer.start({ maxLine: 128 * 1024, maxRecipients: 10_000 });
    const alice = await server.login('alice');
    alice.say(`${names.join(',')},alice: hello`);
    await until(() => alice.lines.length === 2, 'alice hears both');
    expect(alice.lines).toEqual(['from alice: hello', `! ${names.join(', ')} are not here`]);
  });
});

describe('what is around the server', () => {
  test('a clock that is set back stands still in the log until it has caught up, and one that leaps is followed', () => {
    const clock = [1000, 5, 7, 1001, 9e12, 4];
    const turns: Turn[] = [];
    from(clock.map(() => []))
      .pipe(localLog(() => clock.shift() as number))
      .subscribe((turn) => turns.push(turn));
    expect(turns.map(({ time }) => time)).toEqual([1000, 1000, 1000, 1001, 9e12, 9e12]);
    expect(turns.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a stdout that is closed does not end it', async () => {
    const server = await Command.start([], { stdoutClosed: true });
    const alice = await server.login('alice');
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
    server.child.kill('SIGTERM');
    alice.socket.on('end', () => alice.socket.end());
    await until(() => server.code !== undefined, 'it ends');
    expect(server.code).toBe(0);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk under its log does not end it', async () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => {
      closeSync(full);
    });
    const server = await Command.start([], { stderr: full });
    for (let index = 0; index < 20; index++) {
      const guest = await server.login('guest');
      guest.say('/quit');
      await guest.end();
      guest.socket.end();
    }
    const alice = await server.login('alice');
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
    expect(server.code).toBeUndefined();
  });
});
