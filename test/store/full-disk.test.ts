import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import { whole } from '../../src/portions.ts';
import { until } from '../support/chat.ts';
import { deeds, folder, keep, open, receipt, room, said, TestArchive, texts } from '../support/kept.ts';
import { needs, needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

const MiB = 1024 * 1024;
const ops = room('#ops');

/** A disk of a few MiB, mounted for the test. */
function disk(context: TestContext): string {
  const at = folder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at]).status === 0;
  needs('right to mount a disk', mounted, context);
  onTestFinished(() => {
    spawnSync('umount', ['-l', at]);
  });
  return at;
}

/** Takes all that is left of the disk. */
function fill(at: string): string {
  const ballast = join(at, 'ballast');
  for (let size = 4 * MiB; size > 512; size /= 2)
    try {
      writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // It is what fits.
    }
  return ballast;
}

const line = (turn: number): Effect =>
  ({ ...keep(ops, turn, [`line ${String(turn)} ${'x'.repeat(5000)}`]), receipt: receipt(turn) }) as Effect;

test('with a full disk the chat goes on: no receipt, one word of it, and all is written when there is room', async (context) => {
  const at = disk(context);
  const kept = await TestArchive.open({ folder: at });
  kept.archive.perform([line(1)]);
  await until(() => kept.receipts('kept').includes(1), 'there is room yet');
  const ballast = fill(at);
  for (let turn = 2; turn <= 400; turn++) {
    kept.archive.perform([line(turn)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  kept.archive.perform([{ do: 'mail', said: said(401, ['mail']), owner: 'o1', receipt: receipt(401) }]);
  await until(() => kept.receipts('lost').includes(401), 'the last line has no promise', 1500);
  expect(kept.receipts('kept').length + kept.receipts('lost').length).toBe(401);
  expect(kept.health).toEqual([{ ok: false, error: 'database or disk is full (SQLITE_FULL)' }]);
  expect(kept.levels).toEqual([]);
  // What is in memory can be read, and so can the file.
  const found = await kept.asks({ of: 'room', room: ops, after: 0, owner: undefined, count: 2 });
  expect(texts(found).map((text) => text.slice(0, 8))).toEqual(['line 399', 'line 400']);
  // The first line is in the file, and not in memory any more; of those between nothing can be read.
  kept.archive.perform(Array.from({ length: 300 }, (_, index) => keep(ops, 402 + index, ['x'])));
  const all = await kept.asks({ of: 'room', room: ops, after: 0, owner: undefined, count: 1000 });
  expect(texts(all)[0]).toMatch(/^line 1 x/);
  expect(texts(all)).toHaveLength(1 + 201);

  rmSync(ballast);
  // All of it does not fit either; what it grows by is freed by who runs it.
  spawnSync('mount', ['-o', 'remount,size=64m', at]);
  await until(() => kept.health.length === 2, 'all is written');
  expect(kept.health[1]).toEqual({ ok: true, lost: 0 });
  kept.archive.perform([line(1000)]);
  await until(() => kept.receipts('kept').includes(1000), 'there is a promise again');
  await kept.close();
  const store = open(at);
  expect(store.database.prepare('SELECT count(*) FROM said').pluck().get()).toBe(701);
  expect(store.database.prepare('SELECT text FROM mail').pluck().all()).toEqual(['mail']);
  store.close();
});

test('a full disk for longer loses what is more than 64 MiB, says how much, and no memory grows past that', async (context) => {
  const at = disk(context);
  const kept = await TestArchive.open({ folder: at });
  const ballast = fill(at);
  const lines = Array<string>(10).fill('x'.repeat(10_000));
  for (let turn = 1; turn <= 900; turn++) {
    kept.archive.perform([keep(ops, turn, lines)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => kept.archive.lost > 0, 'there is too much of it');
  expect(kept.archive.waiting).toBeLessThan(65 * MiB);
  expect(kept.levels.filter((level) => level === 'behind').length).toBeLessThanOrEqual(1);
  const { lost } = kept.archive;
  rmSync(ballast);
  spawnSync('mount', ['-o', 'remount,size=256m', at]);
  await until(() => kept.health.length === 2, 'all is written that was not lost');
  expect(kept.health[1]).toEqual({ ok: true, lost });
  await kept.close();
  const store = open(at);
  expect(store.lines).toBe(9000 - lost);
  store.close();
});

test('what could not be written until the end is told at the end', async (context) => {
  const at = disk(context);
  const kept = await TestArchive.open({ folder: at });
  fill(at);
  for (let turn = 1; turn <= 400; turn++) kept.archive.perform([line(turn)]);
  await until(() => kept.health.length === 1, 'the disk is full');
  await kept.close();
  expect(kept.health[1]).toEqual({
    ok: false,
    error: '400 lines, said since 2023-11-14T22:13:20.001Z, were not kept',
    lost: 400,
  });
});

test('a node of a cluster cannot begin with a full disk, and is told why; once there is room it can', async (context) => {
  const at = disk(context);
  const kept = await TestArchive.open({ folder: at, isNode: true });
  kept.archive.perform([line(1)]);
  await until(() => kept.receipts('kept').includes(1), 'there is room yet');
  const others = open();
  others.apply(deeds(...Array.from({ length: 400 }, (_, index) => line(index + 1))));
  const ballast = fill(at);
  const settlement = {
    ...{ basis: { log: 'a log', turn: 400, state: null }, registry: { names: [], bans: [] } },
    holdings: whole(others.pack()),
  };
  await expect(kept.archive.ask({ ask: 'settle', ...settlement })).rejects.toThrow('disk is full');
  rmSync(ballast);
  await kept.archive.ask({ ask: 'settle', ...settlement });
  const found = await kept.asks({ of: 'room', room: ops, after: 0, owner: undefined, count: 2 });
  expect(texts(found).map((text) => text.slice(0, 8))).toEqual(['line 399', 'line 400']);
});
