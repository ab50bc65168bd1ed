// How fast what is said is kept, and how late the event loop is meanwhile: node bench/store.js [lines], after a build.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Archive } from '../dist/store/archive.js';
import { openArchive } from '../dist/store/opening.js';
import { runOf } from '../dist/store/deed.js';
import { Store } from '../dist/store/store.js';
import { bytes, duration, short, table } from './figures.js';

const LINES = Number(process.argv[2] ?? 1_000_000);
const RUN = 500;
/** Milliseconds between two looks at the clock; they are taken off. */
const LOOK = 1;
const FOR_EVER = { seconds: Infinity, lines: Infinity, bytes: Infinity };
const room = { key: '#ops', shown: '#ops', private: undefined };

let seed = 1;
const random = (below) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) % below;
const words = Array.from({ length: 20_000 }, (_, index) => `w${index.toString(36)}`);
const line = () =>
  Array.from({ length: 10 }, () => words[Math.floor((random(20_000) * random(1000)) / 1000)]).join(' ');
const texts = Array.from({ length: 4 * RUN }, line);
const said = (sequence, count) => {
  const first = random(3 * RUN);
  return { sequence, index: 0, time: Date.now(), from: 'Alice', texts: texts.slice(first, first + count) };
};
const query = (of, more) => ({
  of,
  room: undefined,
  insights: [],
  owner: undefined,
  count: 20,
  after: 0,
  ...more,
});
const QUESTIONS = [
  ['search, a frequent word', query('words', { words: 'w1a' })],
  ['search, three words', query('words', { words: 'w1a w2b w3c' })],
  ['search, no such word', query('words', { words: 'nothing' })],
  ['search, one letter', query('words', { words: 'w' })],
  ['history, 200 lines', query('room', { room, count: 200 })],
  ['history, 1000 lines', query('room', { room, count: 1000 })],
];

const folder = mkdtempSync(join(tmpdir(), 'rxchat-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

function written(count, rows, batch) {
  const at = mkdtempSync(join(folder, 'rows-'));
  const store = new Store(at);
  let [size, spent] = [0, 0];
  for (let done = 0; done < rows; done += batch) {
    const deeds = Array.from({ length: batch }, (_, nth) => ({
      do: 'keep',
      room,
      run: runOf(said(done + nth + 1, count)),
    }));
    for (const { run } of deeds) size += run.bytes;
    const begin = performance.now();
    store.apply(deeds);
    spent += performance.now() - begin;
  }
  store.close();
  return [
    `written, ${count} line${count > 1 ? 's' : ''} a row`,
    `${short((rows / spent) * 1000)} rows/s`,
    `${short((rows * count * 1000) / spent)} lines/s`,
    `${bytes((size / spent) * 1000)}/s`,
  ];
}

console.log(table(['', 'rows', 'lines', 'bytes'], [written(RUN, 2000, 20), written(1, 200_000, 2000)]));

const turn = () => new Promise((resolve) => setImmediate(resolve));
const delay = monitorEventLoopDelay({ resolution: LOOK });
const late = () => {
  const of = (ns) => duration(Math.max(0, ns / 1000 - LOOK * 1000));
  const found = [of(delay.percentile(50)), of(delay.percentile(99)), of(delay.max)];
  delay.reset();
  return found;
};

// A loop is late where the machine does something else as well; what is done on it for this takes so long.
const calls = createHistogram();
for (const name of ['perform', 'hear']) {
  const { [name]: call } = Archive.prototype;
  Archive.prototype[name] = function (...what) {
    const begin = process.hrtime.bigint();
    call.apply(this, what);
    calls.record(process.hrtime.bigint() - begin);
  };
}

// Trimmed from four fifths on, so that in the last fifth all goes on at once.
const keeping = { ...FOR_EVER, lines: (LINES * 4) / 5 };
openArchive({ folder: join(folder, 'chat'), keeping, history: 200, verifierOf: () => undefined }).subscribe({
  next: (archive) => void measure(archive),
  error: (error) => {
    throw error;
  },
});

async function measure(archive) {
  const waiting = new Map();
  archive.answers.subscribe((answers) => {
    for (const answer of answers) waiting.get(answer.client)?.(answer);
  });
  let asked = 0;
  const ask = (what) =>
    new Promise((resolve) => {
      const client = String(++asked);
      waiting.set(client, resolve);
      archive.perform([{ do: 'recall', client, query: what }]);
    });
  const rows = [];

  delay.enable();
  // What else the machine does makes a loop late, too.
  for (let sequence = 1; sequence <= LINES / RUN; sequence++) {
    said(sequence, RUN).texts.join('\n');
    await turn();
  }
  await new Promise((resolve) => setTimeout(resolve, 3000));
  rows.push(['nothing is kept', ...late()]);
  const begin = performance.now();
  let questions = 0;
  for (let sequence = 1; sequence <= LINES / RUN; sequence++) {
    archive.perform([{ do: 'keep', room, said: said(sequence, RUN) }]);
    if (sequence % 50 === 0) void ask(QUESTIONS[questions++ % QUESTIONS.length][1]);
    await turn();
    while (archive.waiting > 4 * 1024 * 1024) await turn();
  }
  await ask(QUESTIONS[2][1]);
  const rate = LINES / ((performance.now() - begin) / 1000);
  rows.push(['a flood, with questions and trimming', ...late()]);
  const [usual, most] = [calls.percentile(99), calls.max].map((ns) => duration(ns / 1000));
  // Until it is indexed.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  rows.push(['it is indexed', ...late()]);
  const answers = [];
  for (const [what, asking] of QUESTIONS) {
    const times = [];
    for (let time = 0; time < 21; time++) {
      const from = performance.now();
      await ask(asking);
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    answers.push([what, duration(times[10] * 1000), duration(times[20] * 1000)]);
  }
  rows.push(['questions', ...late()]);
  delay.disable();
  const size = statSync(join(folder, 'chat/rxchat.db')).size;
  console.log(`\n${short(rate)} lines/s through the worker; the file has ${bytes(size)}\n`);
  console.log(`what is done for it on the event loop takes ${usual} at 99 %, ${most} at most\n`);
  console.log(table(['event loop late by', 'median', '99 %', 'most'], rows));
  console.log(`\n${table(['answers', 'median', 'most'], answers)}`);
  archive.close();
}
