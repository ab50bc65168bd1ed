import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { needsNats } from './support/nats.ts';
import { installed, needs } from './support/needs.ts';

const ROOT = new URL('..', import.meta.url);

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['bench/run.js', ...args], { cwd: ROOT, encoding: 'utf8' });
}

interface Result {
  readonly deliveries: number;
  readonly errors: number;
  readonly cpu: number;
  readonly perSecond: number;
  readonly readPerSecond?: number;
}

interface Results {
  readonly run: Record<string, unknown>;
  readonly cases: Record<string, Record<string, { missing?: string; results: Result[] }>>;
}

const resultsIn = (file: string): Results => JSON.parse(readFileSync(file, 'utf8')) as Results;

test('what the bench and its tools take from rxchat is there', async () => {
  const at = new URL('bench/', ROOT);
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const taken = files.flatMap((file) =>
    [
      ...readFileSync(new URL(file, at), 'utf8').matchAll(
        /import \{([^}]+)\} from '[./]+\/dist\/([\w./-]+)\.js'/g,
      ),
    ].map(([, names = '', path = '']) => ({
      file,
      path,
      names: names.split(',').map((name) => name.trim()),
    })),
  );
  expect(taken.length).toBeGreaterThan(20);
  for (const { file, path, names } of taken) {
    const module = (await import(new URL(`src/${path}.ts`, ROOT).href)) as object;
    for (const name of names) expect(module, `bench/${file}`).toHaveProperty(name.split(' ')[0] as string);
  }
}, 60_000);

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
  const { run, cases } = resultsIn(join(directory, 'direct.json'));
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

test('the bench measures the same over WebSockets and TLS, in one table', (context) => {
  needs('C compiler', installed(process.env['CC'] ?? 'cc'), context);
  const directory = mkdtempSync(join(tmpdir(), 'rxchat-bench-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const only = ['--only', 'carried-room-100', '--only', 'carried-json-1000'];
  const carriers = ['rxchat-websocket', 'rxchat-tls'];
  const { status, stdout } = bench('--quick', ...only, '--peers', carriers.join(','), '--out', directory);
  expect(status).toBe(0);
  expect(stdout).toMatch(/ rxchat-websocket +rxchat-tls\n/);
  const { cases } = resultsIn(join(directory, 'carried.json'));
  for (const name of ['carried-room-100', 'carried-json-1000'])
    for (const peer of carriers) {
      const { missing, results } = cases[name]?.[peer] ?? {};
      expect(missing, `${peer} in ${name}`).toBeUndefined();
      expect(results?.[0]).toMatchObject({ errors: 0 });
      expect(results?.[0]?.deliveries).toBeGreaterThan(0);
    }
}, 240_000);

test('the bench measures a node of a cluster, and the log by itself', () => {
  needsNats();
  const directory = mkdtempSync(join(tmpdir(), 'rxchat-bench-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const only = ['--only', 'cluster-pingpong-1', '--only', 'cluster-log'];
  const peers = ['--peers', 'rxchat-cluster,cluster-log'];
  const { status, stderr } = bench('--quick', ...only, ...peers, '--out', directory);
  expect(stderr).toContain('cluster-log, run 1 of 1: cluster-log');
  expect(status).toBe(0);
  const { cases } = resultsIn(join(directory, 'cluster.json'));
  const [node] = cases['cluster-pingpong-1']?.['rxchat-cluster']?.results ?? [];
  expect(node?.deliveries).toBeGreaterThan(0);
  const [log] = cases['cluster-log']?.['cluster-log']?.results ?? [];
  expect(log?.perSecond).toBeGreaterThan(0);
  expect(log?.readPerSecond).toBeGreaterThan(0);
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
