// Makes the file that a version of rxchat leaves: node test/support/filed.js > test/fixtures/store-VERSION.db
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOf } from '../../dist/store/deed.js';
import { Store } from '../../dist/store/store.js';

const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
const store = new Store(folder);
const owner = 'o1';
const ops = { key: '#ops', shown: '#ops', private: undefined };
const den = { key: '#den', shown: '#den', private: 'p1' };
const run = (sequence, ...texts) =>
  runOf({ sequence, index: 0, time: 1_700_000_000_000, from: 'Alice', texts });

store.apply([
  { do: 'reserve', key: 'bob', shown: 'Bob', owner, version: 'v1', verifier: 'a verifier' },
  { do: 'ban', ban: { of: 'eve', kind: 'name', until: undefined, by: 'Op', since: 5, why: 'spam' } },
  { do: 'audit', sequence: 1, time: 1, by: 'Op', deed: 'ban', of: 'eve', why: 'spam' },
  { do: 'keep', room: ops, run: run(1, 'one', 'two') },
  { do: 'keep', room: den, run: run(1, 'without bob') },
  { do: 'enter', owner, room: ops, sequence: 2 },
  { do: 'enter', owner, room: den, sequence: 2 },
  { do: 'keep', room: den, run: run(3, 'with bob') },
  { do: 'keep-talk', owner, mine: false, peer: { key: 'alice', shown: 'Alice' }, run: run(4, 'hi') },
  { do: 'leave', owner, room: den, sequence: 4 },
]);
while (store.index());
store.apply([
  { do: 'gone', owner, sequence: 5 },
  { do: 'keep', room: ops, run: run(6, 'three') },
  { do: 'mail', owner, run: run(7, 'for', 'you!') },
]);
store.database.exec('VACUUM');
store.database.pragma('journal_mode = DELETE');
store.close();
process.stdout.write(readFileSync(join(folder, 'rxchat.db')));
rmSync(folder, { recursive: true });
