// Measures rxchat beside every peer that is found on this machine. See bench/README.md.
import { parseArgs } from 'node:util';
import { buildAll } from './build.js';
import { cases, groups, obstacle } from './cases.js';
import { check } from './check.js';
import { table } from './figures.js';
import { take } from './measures.js';
import { peers } from './peers/index.js';
import { canPin, driver, fileLimit } from './processes.js';
import { Progress } from './progress.js';
import { describe, published, save } from './report.js';
import { overview, tableOf, verdicts } from './table.js';

const names = cases.map(({ name }) => name);
const usage = `usage: npm run bench -- [--only CASE] [--peers PEER,...] [--runs N] [--quick] [--out DIR]
       npm run bench -- --check [--quick] [--accept]
  --only CASE    one of ${Object.keys(groups).join(', ')},
                 or a part of one: ${names.slice(0, 3).join(', ')}, ...; may be repeated
  --peers PEERS  of ${peers.map(({ name }) => name).join(', ')}
  --runs N       measurements of each (5, with --quick 1)
  --quick        short ones, to see that all works
  --out DIR      where the results go (bench/results for all of it in full, otherwise bench/build/results)
  --check        compares CPU for a delivery with the baseline, and fails past 20 %
  --accept       makes what was measured the baseline`;

function complain(message) {
  console.error(message);
  process.exit(2);
}

function readOptions() {
  let given;
  try {
    given = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        peers: { type: 'string', multiple: true },
        runs: { type: 'string' },
        out: { type: 'string' },
        quick: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        accept: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    complain(`${error.message}\n${usage}`);
  }
  if (given.help) {
    console.log(usage);
    process.exit(0);
  }
  const runs = Number(given.runs ?? (given.quick ? 1 : 5));
  if (!Number.isInteger(runs) || runs < 1 || runs > 1000)
    complain('--runs takes a whole number from 1 to 1000');
  const asked = given.peers?.flatMap((list) => list.split(','));
  for (const name of asked ?? [])
    if (!peers.some((peer) => peer.name === name)) complain(`no peer is called ${name}\n${usage}`);
  for (const name of given.only ?? [])
    if (!names.includes(name) && groups[name] === undefined) complain(`nothing is called ${name}\n${usage}`);
  const timing = given.quick ? { warm: 1.2, seconds: 0.8, settle: 1 } : { warm: 2.5, seconds: 2, settle: 3 };
  return { ...given, runs, asked, ...timing, pinned: canPin };
}

/** Runs each server once, then each again: what drifts on the machine meets all of them alike. */
async function measure(what, here, options, progress) {
  const found = here.map((peer) => ({ peer, missing: obstacle(peer, what), results: [] }));
  for (let run = 1; run <= options.runs; run++) {
    for (const one of found) {
      if (one.missing !== undefined) continue;
      progress.show(`${what.name}, run ${run} of ${options.runs}: ${one.peer.name}`);
      try {
        one.results.push(await take(one.peer, what, options));
      } catch (error) {
        one.missing = error.message;
      }
      progress.done();
    }
  }
  return found;
}

const options = readOptions();
const withoutC = buildAll();
if (options.check) process.exit(await check({ ...options, withoutC }));

const versions = Object.fromEntries(peers.map((peer) => [peer.name, peer.version()]));
const here = peers.filter(
  ({ name }) => versions[name] !== undefined && (options.asked?.includes(name) ?? true),
);
const absent = peers.filter(({ name }) => versions[name] === undefined).map(({ name }) => name);
const selected = cases.filter(
  ({ name, group }) =>
    options.only === undefined || options.only.includes(name) || options.only.includes(group),
);
const run = {
  ...describe(options, driver()),
  versions: Object.fromEntries(here.map(({ name }) => [name, versions[name]])),
};

console.log(`${run.machine}, ${run.node}, commit ${run.commit}`);
console.log(
  options.pinned
    ? 'servers on core 0, load on core 1'
    : 'nothing kept to a core: there is no taskset, or one core',
);
console.log(`load generator: ${run.driver}${withoutC ? `, since ${withoutC}` : ''}`);
console.log(`${options.runs} runs of ${options.seconds} s each, after a warm-up: median (min-max)`);
if (absent.length > 0) console.log(`not on this machine: ${absent.join(', ')}`);
if (fileLimit() < 20_000) console.log('ulimit -n is below 20,000: what needs many clients cannot run');

const progress = new Progress(
  selected.reduce((sum, what) => sum + options.runs * here.filter((peer) => !obstacle(peer, what)).length, 0),
);
const isAll =
  options.only === undefined && options.asked === undefined && options.runs >= 5 && !options.quick;
const out = options.out ?? (isAll ? published : 'bench/build/results');
const results = {};
for (const [at, what] of selected.entries()) {
  results[what.name] = await measure(what, here, options, progress);
  progress.clear();
  console.log(`\n${what.name}: ${what.title}`);
  console.log(tableOf(what, results[what.name]));
  const isLast = selected[at + 1]?.group !== what.group;
  const { title, together } = groups[what.group];
  if (isLast && together) {
    const [head, ...rows] = overview(groups[what.group].cases, results);
    console.log(`\n${title}\n${table(head, rows)}`);
  }
  // A group at a time: what an hour has measured is not lost with the terminal.
  if (isLast) await save({ run, results }, out);
}
const reached = verdicts(results);
if (reached.length > 0) console.log(`\n${reached.map(({ text }) => text).join('\n')}`);
console.log(`\nwritten to ${out}`);
const failed = Object.values(results).some((found) =>
  found.some(
    ({ peer, missing, results: some }) => peer.name === 'rxchat' && missing && some.length < options.runs,
  ),
);
process.exitCode = failed && selected.some(({ only }) => only === undefined) ? 1 : 0;
