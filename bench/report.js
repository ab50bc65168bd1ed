// What is kept of a run: every single result, tables, and pictures.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { root } from './build.js';
import { cases, groups } from './cases.js';
import { format, resolveConfig } from 'prettier';
import { pictures } from './charts.js';
import { spread, times, withRange } from './figures.js';
import { overview, rowsOf, verdicts } from './table.js';

function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') === '' ? '' : ' and changes')
    );
  } catch {
    return 'unknown';
  }
}

/** Where, when and how it was measured. */
export function describe({ runs, warm, seconds, pinned }, driver) {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Linux ${release()}`,
    node: `Node ${process.version}`,
    commit: commit(),
    driver: driver.endsWith('.js') ? driver : relative(root, driver),
    ...{ runs, warm, seconds, pinned },
  };
}

/** Where what the README shows is kept, if all of it was measured. */
export const published = 'bench/results';
const README = join(root, 'README.md');
/** What stands between these in the README is made here. */
const MARKS = ['<!-- measured: -->', '<!-- :measured -->'];

/** Writes a file for each group, so that a part may be measured again, and then tables and pictures of all there are. */
export async function save({ run, results }, out) {
  const directory = resolve(root, out);
  mkdirSync(directory, { recursive: true });
  for (const group of Object.keys(groups)) {
    const measured = cases.filter((what) => what.group === group && results[what.name] !== undefined);
    if (measured.length === 0) continue;
    const entries = measured.map(({ name }) => [name, plainOf(results[name])]);
    writeFileSync(
      join(directory, `${group}.json`),
      `${JSON.stringify({ run, cases: Object.fromEntries(entries) }, rounded, 1)}\n`,
    );
  }
  for (const [file, text] of Object.entries(await shown(directory)))
    writeFileSync(join(directory, file), text);
  if (directory === resolve(root, published)) writeFileSync(README, await readme(directory));
}

/** What is shown of a directory's results: tables and pictures, by their names as files. */
export async function shown(directory) {
  const all = load(directory);
  const files = pictures(all.results, all.versions).map(({ file, svg }) => [file, svg]);
  return { 'tables.md': await formatted(markdown(all)), ...Object.fromEntries(files) };
}

/** The README with the pictures and the overview of a directory's results. */
export async function readme(directory) {
  const text = readFileSync(README, 'utf8');
  const [from, to] = [text.indexOf(MARKS[0]) + MARKS[0].length, text.indexOf(MARKS[1])];
  const { results, versions, runs } = load(directory);
  const found = foundIn(results);
  const together = Object.keys(groups).filter((group) => groups[group].together && runs[group] !== undefined);
  const all = cases.filter(({ only }) => only === undefined);
  const measured = [
    ...pictures(results, versions).map(({ file, title }) => `![${title}](${published}/${file})`),
    tableIn(overview(all, found)),
    ...together.flatMap((group) => [
      `${groups[group].title}:`,
      tableIn(overview(groups[group].cases, found)),
    ]),
    whereAndWhen(Object.values(runs)),
  ];
  return formatted(`${text.slice(0, from)}\n\n${measured.join('\n\n')}\n\n${text.slice(to)}`);
}

const tableIn = ([head, ...rows]) =>
  [row(head), row(head.map((_, index) => (index ? '--:' : ':--'))), ...rows.map(row)].join('\n');

const formatted = async (text) => format(text, { ...(await resolveConfig(README)), parser: 'markdown' });

function whereAndWhen(runs) {
  const each = (of, joint = ' and ') => [...new Set(runs.map(of))].join(joint);
  const how = `${each(({ runs: many }) => many, ' or ')} runs of ${each(
    ({ seconds, pinned }) => `${seconds} s${pinned ? ', each server on one core' : ''}`,
  )}`;
  return `Medians of ${how}. ${each(({ date }) => date)}, commit ${each(({ commit }) => commit)}, ${each(({ node }) => node)}, ${each(({ machine }) => machine)}.`;
}

const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
const plainOf = (found) =>
  Object.fromEntries(
    found.map(({ peer, missing, results }) => [peer.name, { ...(missing && { missing }), results }]),
  );

/** All that a directory has of results. */
export function load(directory) {
  const all = { results: {}, versions: {}, runs: {} };
  for (const group of Object.keys(groups)) {
    if (!readdirSync(directory).includes(`${group}.json`)) continue;
    const { run, cases: measured } = JSON.parse(readFileSync(join(directory, `${group}.json`), 'utf8'));
    Object.assign(all.results, measured);
    Object.assign(all.versions, run.versions);
    all.runs[group] = run;
  }
  return all;
}

/** As it was before it was written down. */
const foundOf = (measured) => Object.entries(measured).map(([name, one]) => ({ ...one, peer: { name } }));

const foundIn = (results) =>
  Object.fromEntries(Object.entries(results).map(([name, one]) => [name, foundOf(one)]));

function markdown({ results, versions, runs }) {
  const lines = ['# What was measured', ''];
  const list = Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`);
  lines.push(...list, '');
  for (const [group, { title, cases: own }] of Object.entries(groups)) {
    const run = runs[group];
    if (run === undefined) continue;
    const isPinned = run.pinned && !own.every(({ unpinned }) => unpinned);
    const how = `${run.runs} runs of ${run.seconds} s, ${isPinned ? 'pinned' : 'not pinned'}, ${run.driver}${busyness(own, results)}`;
    lines.push(
      `## ${title}`,
      '',
      `${run.date}, commit ${run.commit}, ${run.node}, ${run.machine}; ${how}.`,
      '',
    );
    if (groups[group].together) lines.push(tableIn(overview(own, foundIn(results))), '');
    for (const what of own) {
      if (results[what.name] === undefined) continue;
      const { head, rows, missing } = rowsOf({ group, ...what }, foundOf(results[what.name]));
      lines.push(`### ${what.name}: ${what.title}`, '');
      if (rows.length > 0) lines.push(tableIn([head, ...rows]), '');
      if (missing.length > 0)
        lines.push(missing.map(({ peer, missing: why }) => `${peer.name}: ${why}`).join('; '), '');
    }
  }
  const aims = verdicts(foundIn(results));
  lines.push(
    '## What rxchat aims for',
    '',
    row(['', 'measured', 'aim', '']),
    row([':--', '--:', '--:', ':--']),
  );
  for (const { what, figure, aim, reached } of aims)
    lines.push(row([what, figure, aim, reached ? 'reached' : 'missed']));
  return `${lines.join('\n')}\n`;
}

/** What else the machine did before each of them, where that was noted. */
function busyness(cases, results) {
  const found = cases.flatMap(({ name }) => Object.values(results[name] ?? {}));
  const loads = found.flatMap((one) => one.results.map(({ loadAverage }) => loadAverage)).filter(Boolean);
  return loads.length > 0 ? `, load average ${withRange(spread(loads), times)}` : '';
}

const row = (cells) => `| ${cells.join(' | ')} |`;
