import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../support/chat.ts';
import { Command } from '../support/command.ts';
import { deeds, folder, keep, open, room } from '../support/kept.ts';
import { needsBuild, ROOT } from '../support/needs.ts';
import { exportOf, numbersOf, sendersIn, upTo } from '../support/sender.ts';

beforeAll(needsBuild);

/** `rxchat admin` in a process of its own; gives its exit status. */
async function admin(at: string, ...args: string[]): Promise<number | null> {
  const argv = [join(ROOT, 'bin/rxchat.js'), 'admin', ...args, '--data-dir', at];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'close');
  return child.exitCode;
}

test('a backup of a server under load is whole, has all that was promised before it began, and is in nobody’s way', async () => {
  const [at, other] = [folder(), folder()];
  const store = open(at);
  // Enough that it takes a while.
  for (let turn = 1; turn <= 4000; turn++) store.apply(deeds(keep(room('#old'), turn, ['x'.repeat(10_000)])));
  store.close();
  const server = await Command.start(['--data-dir', at, '--mail-max', '100000', '--keep', '36500d']);
  const bob = await server.login('bob');
  bob.say('/reserve correct horse');
  await bob.sees(/^\* bob is yours/);
  bob.socket.end('/quit\n');
  await bob.end();

  const senders = await sendersIn('#flood', server);
  await until(() => senders.every(({ promised }) => promised > 100), 'the flood runs');
  const before = senders.map(({ promised }) => promised);
  expect(await admin(at, 'backup', join(other, 'rxchat.db'))).toBe(0);
  const after = senders.map(({ promised }) => promised);
  // They went on meanwhile, and all that they said is promised.
  for (const [nth, promised] of after.entries())
    expect(promised).toBeGreaterThan((before[nth] as number) + 100);
  expect(senders.map(({ wrong }) => wrong)).toEqual(senders.map(() => undefined));
  expect(server.entries('storage')).toEqual([]);
  await server.kill();

  expect(await admin(other, 'check')).toBe(0);
  const kept = exportOf(other);
  expect(kept.filter((line) => line.room === '#old')).toHaveLength(4000);
  for (const [nth, sender] of senders.entries()) {
    const there = numbersOf(
      sender,
      kept.filter((line) => line.room === '#flood'),
    );
    expect(there).toEqual(upTo(there.length));
    expect(there.length).toBeGreaterThanOrEqual(before[nth] as number);
    expect(there.length).toBeLessThanOrEqual(sender.sent);
  }
  // A server can begin with it.
  await Command.start(['--data-dir', other]);
});
