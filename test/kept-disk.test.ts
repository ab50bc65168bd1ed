import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fileIn } from '../src/store/schema.ts';
import Database from '../src/store/sqlite.ts';
import { type Client, TestServer, until } from './support/chat.ts';
import { needsBuild } from './support/needs.ts';
import { Operator } from './support/office.ts';

beforeAll(needsBuild);

const MiB = 1024 * 1024;
const PASSWORD = 'correct horse';
const BROKEN = '* what is said is not kept: the disk is full, or broken';

/** A server whose operator is olga, where alice and bob are in #ops; and somebody else who may lock its file. */
async function broken(): Promise<{
  server: TestServer;
  office: Operator;
  clients: readonly [olga: Client, alice: Client, bob: Client];
  lock: () => void;
  unlock: () => void;
}> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rxchat-disk-'));
  onTestFinished(() => {
    rmSync(dataDir, { recursive: true });
  });
  const { server, operator: office } = await Operator.start({ dataDir, operator: 'olga' });
  const [olga, alice, bob] = await Promise.all(['olga', 'alice', 'bob'].map((name) => server.login(name)));
  if (!olga || !alice || !bob) throw new Error('they are not here');
  olga.say(`/reserve ${PASSWORD}`);
  await olga.sees(/^\* olga is yours/);
  alice.say('/join #ops');
  await alice.sees('* nobody else is in #ops');
  bob.say('/join #ops');
  await bob.sees('* in #ops: alice');
  const other = new Database(fileIn(dataDir));
  onTestFinished(() => {
    other.close();
  });
  return {
    ...{ server, office, clients: [olga, alice, bob] },
    lock: () => other.exec('BEGIN IMMEDIATE'),
    unlock: () => other.exec('ROLLBACK'),
  };
}

const metric = async (office: Operator, name: string): Promise<number> =>
  (await office.metrics()).get(name) ?? NaN;

test('while nothing can be written the chat goes on; receipts, operators and metrics say so, and when it is over', async () => {
  const { server, office, clients, lock, unlock } = await broken();
  const [olga, alice, bob] = clients;
  alice.say('/receipts on', '#ops: one');
  await alice.sees('* sent 1 to 1 in #ops; kept');
  expect(await metric(office, 'rxchat_keeping_fails')).toBe(0);
  lock();
  alice.say('#ops: two');
  await alice.sees('* sent 2 to 1 in #ops; not kept');
  await bob.sees('from alice in #ops: two');
  await olga.sees(BROKEN);
  expect(await metric(office, 'rxchat_keeping_fails')).toBe(1);
  expect(server.notices.filter(({ type }) => type === 'storage')).toMatchObject([
    { ok: false, error: expect.stringContaining('locked') as string },
  ]);
  // What was said meanwhile can be read.
  bob.say('/history #ops 1');
  await bob.sees(/^from alice in #ops at \S+: two$/);
  expect([alice.text, bob.text].join()).not.toContain(BROKEN);

  unlock();
  await olga.sees('* what is said is kept again');
  expect(await metric(office, 'rxchat_keeping_fails')).toBe(0);
  expect(await metric(office, 'rxchat_unkept_lines_total')).toBe(0);
  alice.say('#ops: three');
  await alice.sees('* sent 3 to 1 in #ops; kept');
  bob.say('/search two');
  await bob.sees('* 1 line with two');
});

test('a disk that cannot follow holds who says much, and nobody else, until it can; nothing is lost', async () => {
  const { office, clients, lock, unlock } = await broken();
  const [olga, alice, bob] = clients;
  const count = 2000;
  let heard = 0;
  bob.socket.removeAllListeners('data');
  bob.socket.on('data', (chunk) => {
    heard += String(chunk).split('x\n').length - 1;
  });
  const held = 'rxchat_held_clients{reason="recipient behind"}';
  /** Is she held, and not for bob, before the disk counts as broken, which is what it is after a second? */
  const isHeld = async (): Promise<boolean> => {
    while (!olga.text.includes(BROKEN)) {
      const metrics = await office.metrics();
      const isForBob = metrics.get('rxchat_waiting_bytes') !== 0;
      const unwritten = metrics.get('rxchat_unwritten_bytes') ?? 0;
      if (metrics.get(held) === 1 && !isForBob && unwritten > 4 * MiB) return true;
    }
    return false;
  };
  for (let attempt = 1, isDone = false; !isDone; attempt++) {
    olga.forget();
    lock();
    alice.socket.write(`#ops: ${'x'.repeat(16_000)}\n`.repeat(count));
    isDone = await isHeld();
    const before = heard;
    bob.say(`#ops: a word ${String(attempt)}`);
    if (isDone) {
      await alice.sees(`from bob in #ops: a word ${String(attempt)}`);
      expect(before).toBeLessThan(attempt * count);
    }
    unlock();
    await until(() => heard === attempt * count, 'all of it is heard');
    if (olga.text.includes(BROKEN)) await olga.sees('* what is said is kept again');
  }
  expect(await metric(office, held)).toBe(0);
  bob.say('/receipts on', '#ops: and on');
  await alice.sees('from bob in #ops: and on');
  expect(await metric(office, 'rxchat_unkept_lines_total')).toBe(0);
});

test('what is more than may wait is not kept: it is heard all the same, counted, and told', async () => {
  const { office, clients, lock, unlock } = await broken();
  const [olga, alice, bob] = clients;
  const text = 'x'.repeat(16_000);
  const count = 5000;
  let heard = 0;
  bob.socket.removeAllListeners('data');
  bob.socket.on('data', (chunk) => {
    heard += String(chunk).split('\n').length - 1;
  });
  lock();
  alice.say('#ops: one');
  await olga.sees(BROKEN);
  alice.socket.write(`#ops: ${text}\n`.repeat(count));
  await until(() => heard === 1 + count, 'all of it is heard', 45_000);
  expect(await metric(office, 'rxchat_unwritten_bytes')).toBeLessThan(66 * MiB);
  unlock();
  await olga.sees(/^\* what is said is kept again; \d+ lines were lost$/);
  const [, lost = ''] = /again; (\d+) lines/.exec(olga.text) ?? [];
  expect(Number(lost)).toBeGreaterThan(500);
  expect(await metric(office, 'rxchat_unkept_lines_total')).toBe(Number(lost));
  alice.say('/receipts on', '#ops: and on');
  await alice.sees('* sent 1 to 1 in #ops; kept');
});
