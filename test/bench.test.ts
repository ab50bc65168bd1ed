import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = new URL('..', import.meta.url);

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['bench/run.js', ...args], { cwd: ROOT, encoding: 'utf8' });
}

interface Result {
  readonly deliveries: number;
  readonly errors: number;
  readonly cpu: number;
}

test('the bench measures rxchat beside another server, and leaves every result, and a table', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rxchat-bench-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const only = ['--only', 'direct-1', '--only', 'room-10', '--peers', 'rxchat,plain'];
  const { status, stdout, stderr } = bench('--quick', ...only, '--out', directory);
  expect(status).toBe(0);
  expect(stdout).toContain('direct-1: one pair');
  expect(stderr).toContain('room-10, run 1 of 1: plain');
  expect(readdirSync(directory).sort()).toEqual(['direct.json', 'room.json', 'tables.md']);
  const { run, cases } = JSON.parse(readFileSync(join(directory, 'direct.json'), 'utf8')) as {
    run: Record<string, unknown>;
    cases: Record<string, Record<string, { results: Result[] }>>;
  };
  expect(run).toMatchObject({ runs: 1, node: `Node ${process.version}` });
  expect(Object.keys(run)).toEqual(
    expect.arrayContaining(['date', 'machine', 'commit', 'driver', 'versions', 'pinned']),
  );
  for (const peer of ['rxchat', 'plain']) {
    const [result] = cases['direct-1']?.[peer]?.results ?? [];
    expect(result?.errors).toBe(0);
    expect(result?.deliveries).toBeGreaterThan(0);
  }
  expect(readFileSync(join(directory, 'tables.md'), 'utf8')).toMatch(/\| rxchat +\|[^]*\| plain +\|/);
}, 120_000);

test.each([
  [['--only', 'nothing'], 'nothing is called nothing'],
  [['--peers', 'nobody'], 'no peer is called nobody'],
  [['--runs', '0'], '--runs takes a whole number'],
  [['--fast'], "Unknown option '--fast'"],
])('the bench says what is wrong with %j', (args, why) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(why);
});
