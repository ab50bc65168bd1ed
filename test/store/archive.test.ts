import Database from '../../src/store/sqlite.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import type { Decision, Query } from '../../src/past.ts';
import { Archive } from '../../src/store/archive.ts';
import { lockFolder } from '../../src/store/lock.ts';
import { openArchive } from '../../src/store/opening.ts';
import { Ring } from '../../src/store/ring.ts';
import { fileIn } from '../../src/store/schema.ts';
import { StoreUnusable } from '../../src/store/unusable.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../support/chat.ts';
import {
  deeds,
  folder,
  FOR_EVER,
  keep,
  open,
  receipt,
  room,
  said,
  TestArchive,
  texts,
} from '../support/kept.ts';
import { needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

const ops = room('#ops');
const last = (count: number, where = ops): Query => ({
  of: 'room',
  ...{ room: where, after: 0, owner: undefined, count },
});
const words = (typed: string): Query => ({
  of: 'words',
  ...{ words: typed, room: undefined, insights: [], owner: undefined, count: 10 },
});
const reserve: Effect = { do: 'reserve', key: 'bob', shown: 'Bob', owner: 'o1', version: 'v1' };
const count = (at: string): number =>
  Number(open(at).database.prepare('SELECT coalesce(sum(count), 0) FROM said').pluck().get());

describe('what a turn has brought', () => {
  test('is kept once its receipt says so', async () => {
    const at = folder();
    const kept = await TestArchive.open({ folder: at });
    kept.archive.perform([
      { ...keep(ops, 1, ['one']), receipt: receipt(1) } as Effect,
      { do: 'mail', said: said(1, ['two']), owner: 'o1', receipt: receipt(2) },
    ]);
    expect(kept.answers).toEqual([]);
    await until(() => kept.receipts('kept').length === 2, 'both are kept');
    expect(kept.receipts('kept')).toEqual([1, 2]);
    expect(count(at)).toBe(1);
  });

  test('is there for who asks behind it, and not for who asks before it', async () => {
    const kept = await TestArchive.open({ history: 0 });
    const ask = (client: string): Effect => ({ do: 'recall', client, query: last(10) });
    kept.archive.perform([
      ask('a'),
      keep(ops, 1, ['a needle']),
      ask('b'),
      keep(ops, 1, ['another needle'], 'Bob', 1),
      ask('c'),
    ]);
    await until(() => kept.answers.length === 3, 'all are answered');
    expect(kept.answers.map((answer) => ('found' in answer ? texts(answer.found) : []))).toEqual([
      [],
      ['a needle'],
      ['a needle', 'another needle'],
    ]);
  });

  test('does not wait for searches: they come one by one, behind what is written', async () => {
    const kept = await TestArchive.open();
    const lines = Array.from({ length: 500 }, (_, nth) => `a${String(nth)} b c`);
    for (let turn = 1; turn <= 200; turn++) kept.archive.perform([keep(ops, turn, lines)]);
    await kept.asks(words('nothing'));
    kept.answers.length = 0;
    for (let asked = 1; asked <= 5; asked++)
      kept.archive.perform([{ do: 'recall', client: 'x', query: words('c b') }]);
    kept.archive.perform([{ ...keep(ops, 201, ['one']), receipt: receipt(1) } as Effect]);
    await until(() => kept.answers.length === 6, 'all is answered');
    expect(kept.answers.findIndex(({ type }) => type === 'kept')).toBeLessThan(3);
  });

  test('is all written when it is closed, and all that is known is there at the next start', async () => {
    const at = folder();
    const first = await TestArchive.open({ folder: at });
    for (let turn = 1; turn <= 2000; turn++)
      first.archive.perform([keep(ops, turn, Array<string>(50).fill('x'))]);
    first.archive.perform([reserve]);
    await first.close();
    expect(count(at)).toBe(100_000);
    const second = await TestArchive.open({ folder: at });
    expect(second.archive.registry).toMatchObject({
      sequence: 2000,
      reservations: [{ key: 'bob', version: 'v1' }],
    });
    expect(second.archive.registry.verifiers.get('v1')).toBe('verifier of v1');
  });

  test('is there for a node that asks behind it from where it goes on', async () => {
    const { archive } = await TestArchive.open({ isNode: true });
    archive.perform([keep(ops, 1, ['a line'])]);
    expect(await archive.ask({ ask: 'basis' })).toEqual({ basis: undefined, isEmpty: false });
  });

  test('without a folder is gone when it is closed', async () => {
    const first = await TestArchive.open();
    first.archive.perform([reserve]);
    await first.close();
    expect((await TestArchive.open()).archive.registry.reservations).toEqual([]);
  });
});

describe('the last lines of a room', () => {
  test('come from memory, later, and never in the call that asks for them', async () => {
    const kept = await TestArchive.open({ history: 3 });
    kept.archive.perform([
      keep(ops, 1, ['a', 'b', 'c', 'd', 'e']),
      { do: 'recall', client: 'x', query: last(3) },
    ]);
    expect(kept.answers).toEqual([]);
    await until(() => kept.answers.length > 0, 'it is answered');
    expect(kept.answers).toEqual([
      {
        type: 'recalled',
        client: 'x',
        query: last(3),
        found: {
          lines: [{ ...said(1, ['c', 'd', 'e'], 'Alice', 2), room: '#ops', to: undefined }],
          more: true,
        },
      },
    ]);
  });

  test('are the same from memory and from the file', async () => {
    const kept = await TestArchive.open({ history: 50 });
    for (let turn = 1; turn <= 300; turn++)
      kept.archive.perform([
        keep(
          ops,
          turn,
          Array.from({ length: turn % 7 || 1 }, (_, nth) => `${String(turn)}.${String(nth)}`),
        ),
      ]);
    const far = await kept.asks(last(400));
    for (const size of [1, 7, 49, 50, 51, 200])
      expect(texts(await kept.asks(last(size))), String(size)).toEqual(texts(far).slice(-size));
  });

  test('of a private room are for that one, and for later turns only', async () => {
    const kept = await TestArchive.open();
    const den = room('#den', '1');
    kept.archive.perform([
      keep(den, 1, ['old']),
      keep(room('#den', '2'), 2, ['other']),
      keep(den, 3, ['new']),
    ]);
    const of = async (after: number, owner?: string): Promise<string[]> =>
      texts(await kept.asks({ of: 'room', room: den, after, owner, count: 10 }));
    expect(await of(2)).toEqual(['new']);
    expect(await of(2, 'o1')).toEqual(['new']);
    expect(await of(0)).toEqual(['old', 'new']);
    expect(await of(3)).toEqual([]);
  });
});

describe('what cannot be used is told in one line', () => {
  const refused = async (at: string): Promise<string> => {
    const { error } = await TestArchive.open({ folder: at });
    expect(error).toBeInstanceOf(StoreUnusable);
    return error?.message ?? '';
  };

  test('a folder that another server has', async () => {
    const at = folder();
    const first = await TestArchive.open({ folder: at });
    expect(await refused(at)).toBe(
      `data-dir ${at} is in use by another server; stop it, or take another folder`,
    );
    await first.close();
    expect((await TestArchive.open({ folder: at })).error).toBeUndefined();
  });

  test('a folder is free in the moment in which its server is over', async () => {
    const at = folder();
    const options = { folder: at, keeping: FOR_EVER, history: 0, verifierOf: () => undefined };
    for (let round = 0; round < 20; round++) {
      await openArchive(options).forEach((archive) => {
        archive.close();
      });
      lockFolder(at).close();
    }
  });

  test('a file of a newer version', async () => {
    const at = folder();
    const newer = new Database(fileIn(at));
    newer.pragma('user_version = 99');
    newer.close();
    expect(await refused(at)).toMatch(
      /rxchat\.db was written by a newer rxchat \(its version is 99, this one knows 3\)/,
    );
  });

  test('a file that is none', async () => {
    const at = folder();
    writeFileSync(
      fileIn(at),
      'a letter to my mother, and quite a long one at that; it is no database at all',
    );
    expect(await refused(at)).toMatch(/rxchat\.db cannot be used: it is no database$/);
  });

  test('a folder that is a file', async () => {
    const at = join(folder(), 'file');
    writeFileSync(at, '');
    expect(await refused(at)).toMatch(/^data-dir .* cannot be used: it is no folder$/);
  });
});

test('a disk that never answers what a node asks does not keep a server that is closed', async () => {
  let isOver = false;
  const registry = { reservations: [], bans: [], verifiers: new Map<string, string>(), sequence: 0 };
  const archive = new Archive(registry, new Ring(1, 1), {
    verifierOf: () => undefined,
    post: () => undefined,
    over: () => {
      isOver = true;
    },
  });
  void archive.ask({ ask: 'basis' });
  archive.close();
  await until(() => isOver, 'it is over');
});

test('more than the disk can take makes senders wait, and then go on; nothing is lost', async () => {
  const at = folder();
  const kept = await TestArchive.open({ folder: at });
  const line = 'x'.repeat(1000);
  for (let turn = 1; turn <= 10_000; turn++) kept.archive.perform([keep(ops, turn, [line])]);
  expect(kept.levels).toEqual(['behind']);
  await until(() => kept.levels.length === 2, 'it has caught up');
  expect(kept.levels).toEqual(['behind', 'caught-up']);
  await kept.close();
  expect(count(at)).toBe(10_000);
  expect(kept.health).toEqual([]);
});

test('past 64 MiB that wait history is dropped and counted, and mail is not', async () => {
  const at = folder();
  const kept = await TestArchive.open({ folder: at });
  const lines = Array<string>(10).fill('x'.repeat(10_000));
  for (let turn = 1; turn <= 1000; turn++)
    kept.archive.perform([{ ...keep(ops, turn, lines), receipt: receipt(turn) } as Effect]);
  kept.archive.perform([{ do: 'mail', said: said(1001, ['mail']), owner: 'o1', receipt: receipt(1001) }]);
  expect(kept.health).toEqual([{ ok: false, error: 'the disk cannot follow' }]);
  expect(kept.archive.waiting).toBeLessThan(65 * 1024 * 1024);
  await until(() => kept.health.length === 2, 'all is well again');
  await until(() => kept.receipts('kept').includes(1001), 'the mail is kept');
  const lost = kept.receipts('lost').length;
  expect(lost).toBeGreaterThan(300);
  expect(kept.health[1]).toEqual({ ok: true, lost: 10 * lost });
  await kept.close();
  expect(count(at)).toBe(10_000 - 10 * lost);
});

describe('a change by somebody else', () => {
  const ban = (of: string, until?: number): Decision => ({
    do: 'ban',
    ban: { of, kind: 'name', until, by: 'op', since: 1, why: '' },
  });
  const mine: Effect = { do: 'reserve', key: 'carol', shown: 'Carol', owner: 'mine', version: 'm1' };
  const theirs: Effect = { do: 'reserve', key: 'carol', shown: 'Carol', owner: 'theirs', version: 't1' };
  const decisions = (kept: TestArchive): Decision[] => kept.decided.flatMap((each) => each.decisions);
  /** Until it has looked once more. */
  const looked = async (kept: TestArchive, other: Store): Promise<void> => {
    other.apply([ban('marker')]);
    await until(
      () => decisions(kept).some((each) => each.do === 'ban' && each.ban.of === 'marker'),
      'it has looked',
    );
  };

  test('is told within a second, with what tells whether a password is right', async () => {
    const at = folder();
    const kept = await TestArchive.open({ folder: at });
    open(at).apply([{ ...reserve, verifier: 'secret' }]);
    await until(() => kept.decided.length > 0, 'it is told');
    expect(kept.decided).toEqual([
      { type: 'decided', number: 1, decisions: [reserve], verifiers: new Map([['v1', 'secret']]) },
    ]);
  });

  test('is told, and nothing else: neither what was there, nor what was decided here in the same second', async () => {
    const at = folder();
    open(at).apply([{ ...reserve, verifier: 'secret' }]);
    const kept = await TestArchive.open({ folder: at });
    kept.archive.perform([mine, ban('frank'), ban('grace'), { do: 'unban', kind: 'name', of: 'grace' }]);
    await kept.asks(words('x'));
    const other = open(at);
    other.apply([{ do: 'audit', sequence: 0, time: 1, by: 'op', deed: 'look', of: '', why: '' }]);
    other.apply([ban('eve')]);
    await until(() => kept.decided.length > 0, 'the ban is told');
    other.apply([
      { do: 'unban', of: 'eve', kind: 'name' },
      { do: 'release', key: 'bob', owner: 'o1' },
    ]);
    await until(() => kept.decided.length > 1, 'what followed is told');
    expect(decisions(kept)).toEqual([
      ban('eve'),
      { do: 'release', key: 'bob', owner: 'o1' },
      { do: 'unban', of: 'eve', kind: 'name' },
    ]);
  });

  test('about the same name that was decided here before that was known, stands', async () => {
    const at = folder();
    const kept = await TestArchive.open({ folder: at });
    kept.hears = false;
    const other = open(at);
    other.apply([{ ...theirs, verifier: 'their secret' }]);
    await until(() => kept.decided.length > 0, 'it is told');
    // Decided behind that, but before the chat has heard of it.
    kept.archive.perform([mine, { do: 'heard', node: '', number: 1, decisions: [theirs] }]);
    await kept.asks(words('x'));
    expect(other.registry().reservations).toMatchObject([{ key: 'carol', owner: 'theirs' }]);
    // And this one knew.
    kept.archive.perform([{ ...mine, owner: 'theirs', version: 'm2' }]);
    await kept.asks(words('x'));
    expect(other.registry().reservations).toMatchObject([{ key: 'carol', version: 'm2' }]);
    await looked(kept, other);
    expect(kept.decided).toHaveLength(2);
  });

  test('undoes nothing that was decided here and waits for the disk', async () => {
    const at = folder();
    const kept = await TestArchive.open({ folder: at });
    const other = open(at);
    other.database.exec('BEGIN IMMEDIATE');
    kept.archive.perform([mine, ban('frank')]);
    await until(() => kept.health.length === 1, 'it cannot be written');
    const { of, kind } = { of: 'eve', kind: 'name' };
    other.database.prepare(`INSERT INTO bans VALUES (?, ?, NULL, 'op', 1, '')`).run(kind, of);
    other.database.exec('COMMIT');
    await until(() => kept.decided.length > 0, 'it is told');
    expect(kept.health.at(-1)).toMatchObject({ ok: true, lost: 0 });
    expect(decisions(kept)).toEqual([ban('eve')]);
    expect(other.registry()).toMatchObject({
      reservations: [{ key: 'carol', owner: 'mine' }],
      bans: [{ of: 'eve' }, { of: 'frank' }],
    });
  });

  test('comes in portions, each when the one before is heard', async () => {
    const at = folder();
    const kept = await TestArchive.open({ folder: at });
    kept.hears = false;
    const all = Array.from({ length: 1000 }, (_, nth) => ban(`name${String(nth).padStart(4, '0')}`));
    open(at).apply(all);
    await until(() => kept.decided.length > 0, 'the first are told');
    expect(kept.decided[0]?.decisions).toHaveLength(256);
    kept.hears = true;
    kept.archive.perform([{ do: 'heard', node: '', number: 1, decisions: [] }]);
    await until(() => decisions(kept).length === 1000, 'all are told');
    expect(decisions(kept)).toEqual(all);
  });

  test('is not told where it is a ban that has ended, which goes from the file', async () => {
    const at = folder();
    const other = open(at);
    other.apply([ban('ended', 77)]);
    const kept = await TestArchive.open({ folder: at });
    const rows = (): unknown[] => other.database.prepare('SELECT of FROM bans').pluck().all();
    expect([kept.archive.registry.bans, rows()]).toEqual([[], []]);
    kept.archive.perform([ban('ends', Date.now() + 10)]);
    await kept.asks(words('x'));
    expect(rows()).toEqual(['ends']);
    await until(() => rows().length === 0, 'it is gone');
    expect(kept.decided).toEqual([]);
  });
});

/** Milliseconds: the longest time for which the event loop did not turn until `work` was done. */
async function longestHold(work: Promise<unknown>): Promise<number> {
  let [longest, last, isOver] = [0, performance.now(), false];
  const over = work.finally(() => (isOver = true));
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await over;
  return longest;
}

test('the event loop goes on while something is looked for', async () => {
  // In each row there are both words, and in no line: all of it has to be looked at, whatever is indexed.
  const lines = Array.from({ length: 5000 }, (_, nth) => `${nth % 2 ? 'quick' : 'brown'} fox ${String(nth)}`);
  const vain = words('quick brown');
  const at = folder();
  const store = open(at);
  for (let turn = 1; turn <= 80; turn++) store.apply(deeds(keep(ops, turn, lines)));
  const begin = performance.now();
  expect(store.find(vain).lines).toEqual([]);
  const alone = performance.now() - begin;
  const kept = await TestArchive.open({ folder: at });
  // Once in a few times is enough: what else the machine does may hold it, too.
  let shortest = Infinity;
  for (let time = 0; shortest >= alone / 4 && time < 50; time++)
    shortest = Math.min(shortest, await longestHold(kept.asks(vain)));
  expect(shortest).toBeLessThan(alone / 4);
});
