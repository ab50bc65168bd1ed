// What many people at many nodes cost one of these, after a build:
//   node --expose-gc --max-old-space-size=8192 bench/simulate.js [people] [nodes] [seconds] [lines a minute, ...]
// It has no sockets: the real chat and the real router of one node, with mailboxes for its own people, read from a real NATS
// what all nodes publish, at the pace at which they would. Times are CPU, which others on the machine hardly change. What is assumed of people is in town.js.
import { fork } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { connect, headers } from '@nats-io/transport-node';
import { firstValueFrom, NEVER, ReplaySubject } from 'rxjs';
import { Chat } from '../dist/chat.js';
import { EMPTY_LOG } from '../dist/cluster/chronicle.js';
import { RULES } from '../dist/cluster/cluster-node.js';
import { idOf } from '../dist/cluster/identity.js';
import { link } from '../dist/cluster/link.js';
import { JetStreamLog } from '../dist/cluster/log-jetstream.js';
import { streamOf, subjectOf } from '../dist/cluster/stream.js';
import { hello, jsonOf, turnOf } from '../dist/cluster/wire.js';
import { read, written } from '../dist/cluster/written.js';
import { configure, fromOptions } from '../dist/config.js';
import { nodeOf } from '../dist/node.js';
import { Router } from '../dist/router.js';
import { settingsOf } from '../dist/settings.js';
import { slices } from '../dist/slices.js';
import { text } from '../dist/text.js';
import { bytes, duration, short, table } from './figures.js';
import { clusterLog } from './peers/rxchat.js';
import { withServer } from './processes.js';
import { ASSUMED, Town } from './town.js';

const [people, nodes, seconds] = [2, 3, 4].map((at) => Number(process.argv[at] ?? [1e6, 20, 10][at - 2]));
const paces = process.argv.length > 5 ? process.argv.slice(5).map(Number) : [0.2, 1, 5];
const SPEAK = 'SIMULATE_SPEAKS';
const TURN = 500;
/** Nobody has read what it says, so nobody compares. */
const NOTHING = { since: 0, turn: 0, digest: 0 };
const inSeconds = (value) => duration(value * 1e6);
const cpuSince = (begin) => {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
};

/** The other process: publishes what the nodes do, each message when its time has come. */
async function speak(port, stream, perMinute, story) {
  const nats = await connect({ servers: `nats://127.0.0.1:${port}`, noAsyncTraces: true });
  const town = new Town(people, nodes);
  const numbers = new Map(town.nodes.map((node) => [node, 0]));
  const publish = (node, bytes) => {
    const number = numbers.get(node) + 1;
    numbers.set(node, number);
    const head = headers();
    head.set('Nats-Msg-Id', idOf({ node, number }));
    nats.publish(subjectOf(stream), bytes, { headers: head });
  };
  let inputs = 0;
  const letters = town.messages(seconds, perMinute, story).flatMap(({ node, time, inputs: some }) => {
    inputs += some.length;
    return [...turnOf(jsonOf(some), NOTHING)].map((letter) => ({ node, time, letter }));
  });
  const size = letters.reduce((sum, { letter }) => sum + letter.length, 0);
  for (const node of town.nodes) publish(node, hello(RULES, '[]'));
  await nats.flush();
  process.send({ inputs, messages: letters.length, size });
  await new Promise((resolve) => process.once('message', resolve));
  const begin = performance.now();
  for (let at = 0; at < letters.length;) {
    const now = (performance.now() - begin) / 1000;
    for (; letters[at]?.time <= now; at++) publish(letters[at].node, letters[at].letter);
    await new Promise(setImmediate);
  }
  await nats.close();
  process.disconnect();
}

/** A chat that all of them have come to, and what that took. */
function gathered(town) {
  const settings = { ...configure(fromOptions({})), keeps: true, operators: [], welcome: [] };
  const chat = new Chat(settingsOf(settings));
  const begin = process.cpuUsage();
  let [inputs, turn, sequence] = [0, [], 0];
  const handle = () => {
    let left = { sequence: ++sequence, time: 1e12 + sequence, inputs: turn, first: 0 };
    turn = [];
    while (left) {
      const { rest, instructions } = chat.handle(left);
      // Who has to wait for another turn asks for one.
      for (const { to, order } of instructions)
        if (order.do === 'next') turn.push({ type: 'next', client: to });
      left = rest;
    }
  };
  for (const some of town.everybody()) {
    turn.push(...some);
    inputs += some.length;
    if (turn.length < TURN) continue;
    // Nobody waits for those who come later: a million do not come at once.
    while (turn.length > 0) handle();
  }
  while (turn.length > 0) handle();
  return { chat, inputs, sequence, cpu: cpuSince(begin) };
}

/** A router with a mailbox for each of those who have come to `node`; `heard` is counted. */
function routerOf(town, node, heard) {
  const router = new Router(node, () => undefined);
  const owner = { codec: text, obey: () => undefined, confirm: () => undefined };
  for (const [{ client }] of town.everybody()) {
    if (nodeOf(client) !== node) continue;
    router.mailbox(client, owner).subscribe((batch) => {
      heard.writes++;
      heard.bytes += batch.bytes.length;
    });
  }
  router.emptying.subscribe();
  return router;
}

/** What one node spends while the others say so much, in seconds of CPU for each second. */
async function spends({ port, town, chat, router, heard, before }, perMinute, story) {
  const stream = `simulated-${String(perMinute).replace('.', '-')}`;
  const links = new ReplaySubject(1);
  const servers = `nats://127.0.0.1:${port}`;
  const open = link({ servers, creds: '', ca: '', cert: '', key: '' }).subscribe(links);
  const on = await firstValueFrom(links);
  await streamOf(on.manager, stream, { age: undefined, bytes: undefined, replicas: undefined });
  const speaker = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
    env: { ...process.env, [SPEAK]: JSON.stringify([port, stream, perMinute, story]) },
  });
  const [{ inputs, messages, size }] = await new Promise((resolve, reject) => {
    speaker.once('message', (...all) => resolve(all)).once('exit', reject);
  });
  const log = new JetStreamLog({
    ...{
      link: on,
      stream,
      node: 'simulate',
      rules: RULES,
      greeting: [],
      from: { ...EMPTY_LOG, turns: before },
    },
  });
  let [come, resolve] = [0, undefined];
  const over = new Promise((done) => (resolve = done));
  const counted = (turn) => {
    if (turn.first === 0) come += turn.inputs.length;
    if (come >= inputs) resolve();
    return chat.handle(turn);
  };
  const busy = (is) => (is ? log.pause() : log.resume());
  const reading = NEVER.pipe(log.log, slices(counted, busy)).subscribe((handled) => {
    router.route(handled);
  });
  await new Promise((wake) => setTimeout(wake, 1000));
  Object.assign(heard, { writes: 0, bytes: 0 });
  const [begin, from] = [process.cpuUsage(), performance.now()];
  speaker.send('go');
  await over;
  const [cpu, time] = [cpuSince(begin), (performance.now() - from) / 1000];
  reading.unsubscribe();
  open.unsubscribe();
  return [
    `${perMinute} lines a minute each`,
    ...[inputs, messages].map((many) => short(many / seconds)),
    `${bytes(size / seconds)}`,
    (cpu / seconds).toFixed(2),
    (acts(town, chat, perMinute, story + 1) / seconds).toFixed(2),
    short(heard.writes / seconds),
    `${time.toFixed(1)} s`,
  ];
}

/** Seconds of CPU in which the chat alone acts on as much again. */
function acts(town, chat, perMinute, story) {
  const messages = town.messages(seconds, perMinute, story);
  const begin = process.cpuUsage();
  for (const [at, { inputs }] of messages.entries()) {
    let left = { sequence: 1e9 + at, time: Date.now(), inputs, first: 0 };
    while (left) left = chat.handle(left).rest;
  }
  return cpuSince(begin);
}

async function simulate({ port }) {
  const town = new Town(people, nodes);
  console.log(
    `${short(people)} people at ${nodes} nodes, ${JSON.stringify(ASSUMED)}; load average ${loadavg()[0].toFixed(2)}`,
  );
  globalThis.gc();
  const empty = process.memoryUsage();
  const { chat, inputs, sequence, cpu } = gathered(town);
  globalThis.gc();
  const full = process.memoryUsage();
  console.log(
    `they have come with ${short(inputs)} inputs, which took ${cpu.toFixed(1)} s of CPU; of all of them each node has ` +
      `${bytes(full.heapUsed - empty.heapUsed)} of heap, ${bytes(full.rss - empty.rss)} resident`,
  );
  const heard = { writes: 0, bytes: 0 };
  const router = routerOf(town, town.nodes[0], heard);
  const rows = [];
  for (const [at, pace] of paces.entries())
    rows.push(await spends({ port, town, chat, router, heard, before: sequence }, pace, 1 + 2 * at));
  const head = [
    'each second, at one node',
    'inputs',
    'messages',
    'of',
    'CPU s',
    'of the chat',
    'own writes',
    'in',
  ];
  console.log(table(head, rows));

  let begin = process.cpuUsage();
  const snapshot = chat.snapshot();
  const taken = cpuSince(begin);
  begin = process.cpuUsage();
  const file = await written({ log: EMPTY_LOG, chat: snapshot });
  console.log(
    `a snapshot is ${inSeconds(taken)} in which the node does nothing else, and ${inSeconds(cpuSince(begin))} beside it, for ${bytes(file.length)}`,
  );
  begin = process.cpuUsage();
  Chat.restore((await read(file)).chat);
  console.log(`a node that starts reads it in ${inSeconds(cpuSince(begin))}`);

  let left = {
    sequence: 2e9,
    time: Date.now(),
    inputs: [{ type: 'node-lost', node: town.nodes[1] }],
    first: 0,
  };
  const times = [];
  while (left) {
    const from = process.cpuUsage();
    left = chat.handle(left).rest;
    times.push(cpuSince(from));
  }
  const all = times.reduce((sum, time) => sum + time, 0);
  console.log(
    `a node that is lost, with its ${short(people / nodes)} people, is ${inSeconds(all)} in ${times.length} slices, ${inSeconds(Math.max(...times))} the longest`,
  );
}

if (process.env[SPEAK]) await speak(...JSON.parse(process.env[SPEAK]));
else {
  if (!globalThis.gc) throw new Error('node --expose-gc, please: see the top of this file');
  await withServer(clusterLog, { pinned: false }, simulate);
  process.exit(0);
}
