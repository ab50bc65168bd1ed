// What is measured, in turn on rxchat and on a yardstick, and what rxchat aims for.
import { setTimeout as sleep } from 'node:timers/promises';
import { duration, pairedRatio, spread, table, times, whole, withRange } from './figures.js';
import {
  checkFileLimit,
  residentBytes,
  runLoad,
  versionOf,
  withCrowd,
  withIdleClients,
  withServer,
} from './processes.js';

const both = ['rxchat', 'plain'];

const measure = (server, scenario, options) =>
  withServer(server, (running) => runLoad(running, scenario, options));

// Runs every part once, then every part again: what drifts on the machine meets all of them alike.
async function inTurn(runs, parts) {
  const results = Object.fromEntries(Object.keys(parts).map((name) => [name, []]));
  for (let run = 1; run <= runs; run++) {
    for (const [name, part] of Object.entries(parts)) {
      process.stderr.write(`  run ${run} of ${runs}: ${name}\n`);
      results[name].push(await part());
    }
  }
  return results;
}

const timed = ({ warm, seconds }, options) => ({ warm, seconds, ...options });
const values = (results, name) => results.map((result) => result[name]);
const median = (results, name) => spread(values(results, name)).median;
const atLeast = (what, ratio, target) => ({
  what,
  ...ratio,
  target: `≥ ${target}`,
  reached: ratio.median >= target,
});
const atMost = (what, ratio, target) => ({
  what,
  ...ratio,
  target: `≤ ${target}`,
  reached: ratio.median <= target,
});

function rateTable(results) {
  const rows = Object.entries(results).map(([name, runs]) => {
    const cpu = runs.map(({ serverCpu, deliveries }) => (serverCpu / deliveries) * 1e6);
    const busy = spread(runs.map(({ loadCpu, seconds }) => loadCpu / seconds)).median;
    return [
      name,
      withRange(spread(values(runs, 'perSecond')), whole),
      duration(median(runs, 'p50')),
      duration(median(runs, 'p99')),
      withRange(spread(cpu), times),
      `${Math.round(busy * 100)} %`,
    ];
  });
  return table(['', 'deliveries/s', 'p50', 'p99', 'server CPU s/million', 'generator busy'], rows);
}

async function direct(options) {
  const load = timed(options, { pairs: 100, window: 256, text: 64 });
  const results = await inTurn(options.runs, {
    rxchat: () => measure('rxchat', 'direct', load),
    plain: () => measure('plain', 'direct', load),
  });
  const ratio = pairedRatio(values(results.rxchat, 'perSecond'), values(results.plain, 'perSecond'));
  return { results, text: rateTable(results), checks: [atLeast('rate, rxchat / plain', ratio, 5)] };
}

async function pingpong(options) {
  const load = timed(options, { pairs: 50, text: 64 });
  const results = await inTurn(options.runs, {
    rxchat: () => measure('rxchat', 'pingpong', load),
    plain: () => measure('plain', 'pingpong', load),
  });
  const ratio = pairedRatio(values(results.rxchat, 'perSecond'), values(results.plain, 'perSecond'));
  return { results, text: rateTable(results), checks: [atLeast('rate, rxchat / plain', ratio, 0.95)] };
}

async function fan(options) {
  const load = timed(options, { recipients: 100, senders: 1, window: 256, text: 64 });
  const results = await inTurn(options.runs, {
    rxchat: () => measure('rxchat', 'fan', load),
    'rxchat, direct': () =>
      measure('rxchat', 'direct', timed(options, { pairs: 100, window: 256, text: 64 })),
    plain: () => measure('plain', 'fan', load),
  });
  const rate = (name) => values(results[name], 'perSecond');
  return {
    results,
    text: rateTable(results),
    checks: [
      atLeast('rate of rxchat, fan / direct', pairedRatio(rate('rxchat'), rate('rxchat, direct')), 3),
      { what: 'rate, rxchat / plain', ...pairedRatio(rate('rxchat'), rate('plain')) },
    ],
  };
}

async function room(options) {
  const sizes = [100, 1000];
  checkFileLimit(1500);
  const version = versionOf('nats');
  const peers = version === undefined ? ['rxchat'] : ['rxchat', 'nats'];
  const part = (peer, size) => `${peer}, ${whole(size)}`;
  const parts = {};
  for (const size of sizes)
    for (const peer of peers)
      parts[part(peer, size)] = () =>
        measure(peer, 'room', timed(options, { peer, recipients: size, window: 256, text: 64 }));
  const results = await inTurn(options.runs, parts);
  const rate = (peer, size) => values(results[part(peer, size)], 'perSecond');
  const ratio = (size) => pairedRatio(rate('rxchat', size), rate('nats', size));
  const note = version ?? 'skipped: no nats-server here';
  return {
    results,
    text: `${rateTable(results)}\n  ${note}`,
    checks:
      version === undefined
        ? []
        : sizes.map((size) => atLeast(`rate in a room of ${whole(size)}, rxchat / nats`, ratio(size), 2.5)),
    notes: [note],
  };
}

async function crowd(options) {
  checkFileLimit(1500);
  const load = timed(options, { pairs: 100, window: 256, text: 64 });
  const beside = (how) => () =>
    withServer('rxchat', (server) => withCrowd(server, how, () => runLoad(server, 'direct', load)));
  const results = await inTurn(options.runs, {
    'beside 1,000 who are silent': beside('silent'),
    'beside 1,000 in rooms': beside('asking'),
  });
  const rate = (name) => values(results[name], 'perSecond');
  const ratio = pairedRatio(rate('beside 1,000 in rooms'), rate('beside 1,000 who are silent'));
  return {
    results,
    text: rateTable(results),
    checks: [atLeast('rate of rxchat, beside people in rooms / beside silent ones', ratio, 0.9)],
  };
}

async function idle({ runs, quick }) {
  const clients = 10_000;
  checkFileLimit(clients + 500);
  const settle = quick ? 1000 : 3000;
  const weigh = (name) => () =>
    withServer(name, async (server) => {
      await sleep(settle);
      const empty = residentBytes(server);
      return withIdleClients(server, clients, async () => {
        await sleep(settle);
        const full = residentBytes(server);
        return { empty, full, perClient: (full - empty) / clients };
      });
    });
  const results = await inTurn(runs, { rxchat: weigh('rxchat'), plain: weigh('plain') });
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const rows = both.map((name) => [
    name,
    withRange(spread(values(results[name], 'perClient')), whole),
    megabytes(median(results[name], 'empty')),
    megabytes(median(results[name], 'full')),
  ]);
  const ratio = pairedRatio(values(results.rxchat, 'perClient'), values(results.plain, 'perClient'));
  return {
    results,
    text: table(['', 'bytes per client', 'with none', `with ${whole(clients)}`], rows),
    checks: [atMost('memory per client, rxchat / plain', ratio, 2.5)],
  };
}

async function leave({ runs, quick }) {
  const few = 1000;
  const many = 15_000;
  checkFileLimit(many + 4900);
  const leavers = quick ? 1000 : 5000;
  const parts = {};
  for (const clients of [few, many])
    for (const name of both)
      parts[`${name}, ${whole(clients)}`] = () => measure(name, 'leave', { clients, leavers });
  const results = await inTurn(runs, parts);
  const rows = Object.entries(results).map(([name, part]) => [
    name,
    withRange(spread(values(part, 'mean')), duration),
    duration(median(part, 'p50')),
    duration(median(part, 'p99')),
  ]);
  const growth = (name) =>
    pairedRatio(
      values(results[`${name}, ${whole(many)}`], 'mean'),
      values(results[`${name}, ${whole(few)}`], 'mean'),
    );
  return {
    results,
    text: table(['clients present', 'mean', 'p50', 'p99'], rows),
    checks: [
      atMost('mean of rxchat, 15,000 / 1,000 present', growth('rxchat'), 1.5),
      { what: 'mean of plain, 15,000 / 1,000 present', ...growth('plain') },
    ],
  };
}

async function bystander(options) {
  const floods = ['none', 'frozen', 'fan100', 'many'];
  const notes = [];
  const results = {};
  let failed = false;
  // One flood the server does not survive must not hide what the others do.
  const beside = async (name, flood, runs) => {
    const part = `${name}, ${flood}`;
    try {
      const load = timed(options, { text: 64, flood });
      Object.assign(results, await inTurn(runs, { [part]: () => measure(name, 'bystander', load) }));
    } catch (error) {
      notes.push(`${part}: could not run: ${error.message}`);
      failed ||= name === 'rxchat';
    }
  };
  for (const flood of floods) await beside('rxchat', flood, options.runs);
  // Plain has no defence against a flood, and one run each is enough to see what that means.
  for (const flood of floods) await beside('plain', flood, 1);
  const rows = Object.entries(results).map(([name, runs]) => {
    const perSecond = (what) => whole(spread(runs.map((run) => (run[what] ?? 0) / run.seconds)).median);
    return [
      name,
      duration(median(runs, 'p50')),
      withRange(spread(values(runs, 'p99')), duration),
      duration(median(runs, 'p999')),
      duration(median(runs, 'max')),
      perSecond('deliveries'),
      perSecond('floodLines'),
      perSecond('floodDeliveries'),
      whole(median(runs, 'replaced') || 0),
    ];
  });
  const head = [
    '',
    'p50',
    'p99',
    'p999',
    'max',
    'lines/s',
    'flood lines/s',
    'flood deliveries/s',
    'replaced',
  ];
  return {
    results,
    text: [table(head, rows), ...notes.map((note) => `  ${note}`)].join('\n'),
    checks: bystanderChecks(results, floods.slice(1)),
    notes,
    failed,
  };
}

function bystanderChecks(results, floods) {
  if (results['rxchat, none'] === undefined) return [];
  const alone = median(results['rxchat, none'], 'p99');
  const limit = Math.max(2 * alone, 5000);
  const target = `≤ ${duration(limit)} (twice ${duration(alone)}, or 5 ms)`;
  return floods.map((flood) => {
    const what = `p99 of rxchat beside ${flood}`;
    const runs = results[`rxchat, ${flood}`];
    if (runs === undefined) return { what, target, reached: false };
    const p99 = spread(values(runs, 'p99'));
    return { what, ...p99, unit: 'us', target, reached: p99.median <= limit };
  });
}

export const scenarios = {
  direct: { title: '100 pairs, 256 lines in flight each, 64-byte texts', run: direct },
  pingpong: { title: '50 pairs, one line in flight each, 64-byte texts', run: pingpong },
  fan: { title: 'one sender, 100 recipients, 256 lines in flight, 64-byte texts', run: fan },
  room: { title: 'one sender, a room of 100 and of 1,000, 256 lines in flight, 64-byte texts', run: room },
  crowd: { title: '100 pairs, beside 1,000 people in rooms who ask /who and /rooms', run: crowd },
  idle: { title: 'memory for 10,000 clients who say nothing', run: idle },
  leave: { title: 'one client leaves, another comes, beside 1,000 and 15,000 others', run: leave },
  bystander: { title: 'one pair, one line in flight, beside a flood', run: bystander },
};
