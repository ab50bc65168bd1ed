import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../support/chat.ts';
import { folder, open } from '../support/kept.ts';
import { needsBuild, ROOT } from '../support/needs.ts';

beforeAll(needsBuild);

const TIMES = 50;

/** Lets somebody write to the folder until some receipts came, and ends it with SIGKILL; gives the last turn that was promised. */
async function killedWhileWriting(at: string, receipts: number): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'test/support/flooder.js'), at], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  await until(() => told.split('\n').length > receipts || child.exitCode !== null, 'some of it is kept');
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(told.split('\n').at(-2));
}

test(`a SIGKILL in the middle of a flood, ${String(TIMES)} times, loses nothing that a receipt has promised`, async () => {
  const at = folder();
  for (let time = 1; time <= TIMES; time++) {
    const promised = await killedWhileWriting(at, 1 + (time % 10));
    expect(promised).toBeGreaterThan(0);
    const store = open(at);
    const one = (query: string): unknown => store.database.prepare(query).raw().get();
    const { sequence } = store.registry();
    // Each turn once, in order, whole, and the last of them is not before what was promised.
    expect(sequence).toBeGreaterThanOrEqual(promised);
    expect(one('SELECT count(*), min(sequence), max(sequence), count(DISTINCT sequence) FROM said')).toEqual([
      ...[sequence, 1, sequence, sequence],
    ]);
    expect(
      one(
        "SELECT count(*) FROM said WHERE id != sequence OR text != sequence || '.0' || char(10) || sequence || '.1'",
      ),
    ).toEqual([0]);
    expect(one('SELECT count(*), min(sequence), max(sequence) FROM mail')).toEqual([
      2 * sequence,
      1,
      sequence,
    ]);
    expect(
      one("SELECT count(*) FROM mail WHERE text != sequence || '.' || nth OR (number + 1) / 2 != sequence"),
    ).toEqual([0]);
    expect(store.lines).toBe(2 * sequence);
    if (time % 10 === 0) expect(store.database.pragma('integrity_check', { simple: true })).toBe('ok');
    store.close();
  }
}, 180_000);
