import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Buckets } from '../../src/office/buckets.ts';
import { Client, TestServer, until } from '../support/chat.ts';
import { installed, needs } from '../support/needs.ts';
import { natsServer } from '../support/nats.ts';
import { Operator } from '../support/office.ts';

const metricOf = (sample: string): string =>
  sample
    .replace(/\{.*/, '')
    .replace(/(rxchat_(?:batch_bytes|turn_seconds|cluster_round_trip_seconds))_(?:bucket|sum|count)$/, '$1');

/** A server that has all metrics that there are. */
const inCluster = async (): ReturnType<typeof Operator.start> =>
  Operator.start({ cluster: (await natsServer()).url });

/** Waits until so many connections have ended. */
const gone = (server: TestServer, count: number): Promise<void> =>
  until(
    () => server.notices.filter(({ type }) => type === 'ended').length === count,
    `${String(count)} are gone`,
  );

describe('/metrics', () => {
  test('counts who is here, rooms, lines, deliveries, bytes and batches', async () => {
    const { server, operator } = await Operator.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    bob.say('/join #ops', '#ops: one', '#ops: two');
    await bob.hears('* in #ops: alice');
    await until(() => alice.text.endsWith('two\n'), 'alice has heard all of it');
    const silent = server.connect();
    await until(() => !silent.socket.connecting, 'somebody says nothing');
    const counts = await operator.metrics();
    const written =
      'from alice: here\nfrom bob: here\n'.length + Buffer.byteLength(alice.text) + bob.text.length;
    expect(Object.fromEntries(counts)).toMatchObject({
      rxchat_connections: 3,
      'rxchat_clients{carrier="tcp"}': 2,
      'rxchat_clients{carrier="tls"}': 0,
      rxchat_rooms: 1,
      rxchat_lines_total: 8,
      // Each to itself, two who joined and are told who is there, one who is told of it, and two lines.
      rxchat_deliveries_total: 7,
      'rxchat_bytes_total{direction="in"}':
        'alice\nalice: here\n/join #ops\nbob\nbob: here\n/join #ops\n#ops: one\n#ops: two\n'.length,
      'rxchat_bytes_total{direction="out"}': written,
      rxchat_batch_bytes_sum: written,
      'rxchat_held_clients{reason="recipient behind"}': 0,
      rxchat_waiting_bytes: 0,
    });
    expect(counts.get('rxchat_batch_bytes_count')).toBeGreaterThan(3);
    expect(counts.get('rxchat_batch_bytes_bucket{le="64"}')).toBeGreaterThan(2);
    expect(counts.get('rxchat_connections_limit')).toBeGreaterThan(3);
  });

  test('measures turns, and how late the event loop is', async () => {
    const { server, operator } = await Operator.start();
    await server.login('alice');
    const before = await operator.metrics();
    expect(before.get('rxchat_turn_seconds_count')).toBeGreaterThan(0);
    expect(before.get('rxchat_turn_seconds_sum')).toBeGreaterThan(0);
    const longest = 'rxchat_event_loop_delay_seconds{percentile="100"}';
    expect(before.get('rxchat_event_loop_delay_seconds{percentile="50"}')).toBeLessThanOrEqual(
      before.get(longest) ?? 0,
    );
    const late = async (): Promise<number> => (await operator.metrics()).get(longest) ?? 0;
    // More than once, for the first look has nothing to compare with.
    await expect
      .poll(
        () => {
          const end = performance.now() + 400;
          while (performance.now() < end);
          return late();
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0.25);
    // Whoever asks takes nothing from who asks next.
    expect(await late()).toBeGreaterThan(0.25);
  });

  test('counts ends and refusals by reason, every reason from 0', async () => {
    const { server, operator } = await Operator.start({ deny: '127.0.0.3' });
    const reasons = [...(await operator.metrics())].filter(([name]) => /_(ended|refused)_total/.test(name));
    expect(reasons).toHaveLength(16 + 11);
    expect(reasons.every(([, count]) => count === 0)).toBe(true);
    const alice = await server.login('alice');
    alice.say('/quit');
    await gone(server, 1);
    const bob = await server.login('bob');
    bob.socket.resetAndDestroy();
    await gone(server, 2);
    const browser = server.connect();
    browser.socket.end('GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n');
    await until(() => browser.closed, 'the browser is closed');
    const denied = new Client(connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.3' }));
    await denied.end();
    const after = [...(await operator.metrics())].filter(
      ([name, count]) => /_(ended|refused)_total/.test(name) && count > 0,
    );
    expect(Object.fromEntries(after)).toEqual({
      'rxchat_ended_total{reason="quit"}': 1,
      'rxchat_ended_total{reason="lost"}': 1,
      'rxchat_refused_total{reason="Host not allowed"}': 1,
      'rxchat_refused_total{reason="address not allowed"}': 1,
    });
  });

  test('never counts down, also where somebody is let go with what was never sent', async () => {
    const { server, operator } = await Operator.start({ writeTimeout: 0.5 });
    const frozen = await server.login('frozen');
    frozen.socket.pause();
    const alice = await server.login('alice');
    for (let line = 0; line < 1500; line++) alice.say(`frozen: ${'x'.repeat(10_000)}`);
    const totals = async (): Promise<number[]> => {
      const counts = await operator.metrics();
      return [
        'rxchat_lines_total',
        'rxchat_bytes_total{direction="in"}',
        'rxchat_bytes_total{direction="out"}',
      ].map((name) => counts.get(name) ?? NaN);
    };
    let before = await totals();
    do {
      const now = await totals();
      expect(now.every((count, index) => count >= (before[index] ?? NaN))).toBe(true);
      before = now;
    } while (!server.notices.some(({ type }) => type === 'ended'));
    alice.say('/quit');
    await until(() => alice.ended, 'alice is gone, too');
    const after = await totals();
    expect(after.every((count, index) => count >= (before[index] ?? NaN))).toBe(true);
  });

  test('of two servers in one process are of each its own', async () => {
    const [one, other] = [await Operator.start(), await Operator.start()];
    await one.server.login('alice');
    expect((await one.operator.metrics()).get('rxchat_lines_total')).toBe(2);
    expect((await other.operator.metrics()).get('rxchat_lines_total')).toBe(0);
  });

  test('says of each metric what it is, and has no name or address in it', async () => {
    const { server, operator } = await inCluster();
    await server.login('alice');
    const { text } = await operator.ask('/metrics');
    expect(text).not.toMatch(/alice|127\.0\.0\.1/);
    const names = new Set([...(await operator.metrics()).keys()].map(metricOf));
    for (const name of names) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, 'm'));
      expect(text).toMatch(
        new RegExp(`^# TYPE ${name} ${name.endsWith('_total') ? 'counter' : '(gauge|histogram)'}$`, 'm'),
      );
    }
  });

  test('is what promtool accepts', async (context) => {
    needs('promtool', installed('promtool'), context);
    const { server, operator } = await inCluster();
    await server.login('alice');
    const { text: input } = await operator.ask('/metrics');
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    expect({ status, told: stdout + stderr }).toEqual({ status: 0, told: '' });
  });
});

test('buckets have what is at most their bound, and the last one what is above all', () => {
  const buckets = new Buckets([1, 10, 100]);
  for (const size of [0, 1, 1.5, 10, 11, 100, 101, 1e9]) buckets.count(size);
  expect(buckets.counts).toEqual([2, 2, 2, 2]);
  expect(buckets.sum).toBe(1e9 + 224.5);
});

describe('the dashboard', () => {
  interface Panel {
    readonly type: string;
    readonly title: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly datasource?: unknown;
    readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[];
  }
  const dashboard = JSON.parse(readFileSync(new URL('../../docs/grafana.json', import.meta.url), 'utf8')) as {
    readonly schemaVersion: number;
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  };
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  test('is one for Grafana 10 and later, and asks for its data source', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(38);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['instance', 'query'],
    ]);
    const source = { type: 'prometheus', uid: '${datasource}' };
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const { title, datasource, targets = [] } of panels) {
      expect([datasource, ...targets.map((target) => target.datasource)], title).toEqual(
        Array(targets.length + 1).fill(source),
      );
      expect(targets.length, title).toBeGreaterThan(0);
    }
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${String(x)},${String(y)}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test('shows every metric that there is, and none that there is not', async () => {
    const { operator } = await inCluster();
    const exposed = [...(await operator.metrics()).keys()].map((sample) => sample.replace(/\{.*/, ''));
    const shown = queries.flatMap((query) => query.match(/\b(?:rxchat|process|nodejs)_\w+/g) ?? []);
    expect(shown.filter((name) => !exposed.includes(name))).toEqual([]);
    expect(new Set(shown.map(metricOf))).toEqual(new Set(exposed.map(metricOf)));
  });

  test('has queries that Prometheus understands', (context) => {
    needs('promtool', installed('promtool'), context);
    const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const rules = queries.map((query, index) => ({
      record: `query:${String(index)}`,
      expr: query.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
    }));
    const file = join(folder, 'rules.json');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect({ status, told: stderr }).toEqual({ status: 0, told: '' });
    expect(stdout).toContain(`${String(queries.length)} rules found`);
  });
});
