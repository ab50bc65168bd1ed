import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileIn, VERSION } from '../../src/store/schema.ts';
import { folder, open, texts } from '../support/kept.ts';
import { ROOT } from '../support/needs.ts';

/** A file as that version left it; made by `node test/support/filed.js`, once for each version. */
const stored = (version: number): string => join(ROOT, `test/fixtures/store-${String(version)}.db`);

const VERSIONS = Array.from({ length: VERSION }, (_, at) => at + 1);

test.each(VERSIONS)('a file of version %i becomes one of today, with all that was in it', (version) => {
  expect(existsSync(stored(version)), 'there is one').toBe(true);
  const at = folder();
  copyFileSync(stored(version), fileIn(at));
  const store = open(at);
  store.begin();
  expect(store.database.pragma('user_version', { simple: true })).toBe(VERSION);
  expect(store.database.pragma('integrity_check', { simple: true })).toBe('ok');
  const fresh = open();
  const tables = (of: typeof store): unknown[] =>
    of.database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
      .all();
  expect(tables(store)).toEqual(tables(fresh));

  expect(store.registry()).toMatchObject({
    sequence: 7,
    reservations: [{ key: 'bob', shown: 'Bob', owner: 'o1', version: 'v1', mail: 2, mailBytes: 7 }],
    bans: [{ of: 'eve', kind: 'name', until: undefined, by: 'Op', since: 5, why: 'spam' }],
  });
  const room = { key: '#ops', shown: '#ops', private: undefined };
  const den = { key: '#den', shown: '#den', private: 'p1' };
  const count = 10;
  const find = (query: Parameters<typeof store.find>[0]): string[] => texts(store.find(query));
  expect(find({ of: 'room', room, after: 0, owner: undefined, count })).toEqual(['one', 'two', 'three']);
  expect(find({ of: 'room', room: den, after: 99, owner: 'o1', count })).toEqual(['with bob']);
  expect(find({ of: 'talk', owner: 'o1', peer: 'alice', count })).toEqual(['hi']);
  expect(find({ of: 'mail', owner: 'o1', after: 0, count })).toEqual(['for', 'you!']);
  expect(find({ of: 'absence', owner: 'o1', count })).toEqual(['three']);
  expect(find({ of: 'words', words: 'one', room: undefined, insights: [], owner: undefined, count })).toEqual(
    ['one'],
  );
  expect(store.tables.deeds(10)).toEqual([{ time: 1, by: 'Op', deed: 'ban', of: 'eve', why: 'spam' }]);
});

test('only its owner may read the file', () => {
  const at = join(folder(), 'made');
  const store = open(at);
  store.begin();
  for (const file of [fileIn(at), `${fileIn(at)}-wal`]) expect(statSync(file).mode & 0o077, file).toBe(0);
  expect(statSync(at).mode & 0o077).toBe(0);
});
