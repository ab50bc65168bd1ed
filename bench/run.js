// Measures rxchat beside bench/plain.js, the same chat on bare node:net, and its rooms beside nats-server. See
// bench/README.md.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { duration, times, withRange } from './figures.js';
import { buildLoad, pinned } from './processes.js';
import { scenarios } from './scenarios.js';

const usage = `usage: node bench/run.js [--runs N] [--only NAME] [--quick] [--json FILE]
  --runs N     measurements of every kind (5, with --quick 2)
  --only NAME  one of ${Object.keys(scenarios).join(', ')}; may be repeated
  --quick      short runs, to see that all works
  --json FILE  also writes every single result there`;

function complain(message) {
  console.error(message);
  process.exit(2);
}

function readOptions() {
  let given;
  try {
    given = parseArgs({
      options: {
        runs: { type: 'string' },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
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
  const runs = Number(given.runs ?? (given.quick ? 2 : 5));
  if (!Number.isInteger(runs) || runs < 1 || runs > 1000)
    complain('--runs takes a whole number from 1 to 1000');
  const names = given.only ?? Object.keys(scenarios);
  const unknown = names.find((name) => !Object.hasOwn(scenarios, name));
  if (unknown !== undefined) complain(`no scenario is called ${unknown}\n${usage}`);
  const [warm, seconds] = given.quick ? [1, 1.5] : [2, 4];
  return { runs, names, warm, seconds, quick: given.quick, json: given.json };
}

function describe({ what, median, min, max, unit, target, reached }) {
  const write = unit === 'us' ? duration : times;
  const figure = median === undefined ? 'no figure' : withRange({ median, min, max }, write);
  const aim = target === undefined ? '' : `   target ${target}   reached: ${reached ? 'yes' : 'no'}`;
  return `  ${what}: ${figure}${aim}`;
}

const options = readOptions();
try {
  buildLoad();
} catch (error) {
  complain(`bench: ${error.message}`);
}

const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
console.log(
  `${machine}, ${pinned ? 'server on core 0, load on core 1' : 'not pinned (needs taskset and two cores)'}`,
);
console.log(
  `median (min–max) of ${options.runs} runs, ${options.seconds} s each after ${options.warm} s of warm-up`,
);

const report = { date: new Date().toISOString(), machine, pinned, ...options, scenarios: {} };
for (const name of options.names) {
  const { title, run } = scenarios[name];
  console.log(`\n${name}: ${title}`);
  try {
    const { text, checks, results, notes = [], failed = false } = await run(options);
    console.log([text, ...checks.map(describe)].join('\n'));
    report.scenarios[name] = { checks, notes, results };
    if (failed) process.exitCode = 1;
  } catch (error) {
    console.log(`  could not run: ${error.message}`);
    report.scenarios[name] = { error: error.message };
    process.exitCode = 1;
  }
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
