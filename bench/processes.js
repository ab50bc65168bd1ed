// Starts and ends what a benchmark needs: servers, the load generator, and nothing that outlives it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { built, root } from './build.js';
import { path } from './peers/version.js';

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

// With one core for the server and another for the load, neither can be measured at the other's cost.
const works = (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0;
export const canPin = works(0) && works(1);
const on = (core, command) => (core === undefined ? command : ['taskset', '-c', String(core), ...command]);

export function fileLimit() {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' ? Infinity : Number(limit);
}

function start(core, command, { stdin = 'ignore', env = {} } = {}) {
  const [program, ...args] = on(core, command);
  const child = spawn(program, args, {
    stdio: [stdin, 'pipe', 'pipe'],
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
  });
  children.add(child);
  const started = { child, stdout: '', stderr: '', ended: undefined };
  child.stdout
    .setEncoding('utf8')
    .on('data', (text) => (started.stdout = (started.stdout + text).slice(-10000)));
  child.stderr
    .setEncoding('utf8')
    .on('data', (text) => (started.stderr = (started.stderr + text).slice(-2000)));
  started.end = new Promise((resolve) => {
    const ended = (how) => {
      children.delete(child);
      started.ended ??= how;
      resolve(how);
    };
    child.once('error', (error) => ended(error.message));
    child.once('close', (code, signal) => ended(signal ?? code));
  });
  return started;
}

async function stop({ child, end }, patience = 5000) {
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), patience);
  await end;
  clearTimeout(last);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(String(port)));
    });
  });
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (whether) => {
      socket.destroy();
      resolve(whether);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

async function listening({ name }, port, server) {
  for (const deadline = Date.now() + 20_000; ; await sleep(20)) {
    if (server.ended !== undefined)
      throw new Error(`did not start: ${server.stderr.trim().split('\n').at(-1) || server.ended}`);
    if (await answers(port)) return;
    if (Date.now() > deadline) throw new Error(`${name} does not listen after 20 s`);
  }
}

/**
 * Calls `work` with a server of its own, so that none inherits another's heap or compiled code, and with those that it
 * works with.
 *
 * @param pinned on one core, with the load on another
 * @param limits its own, or those that would hold a benchmark back turned off
 * @param collects it collects its garbage when it is asked to
 * @param ports of those that it works with, where they run already, by their names
 */
export async function withServer(
  peer,
  { pinned = canPin, limits = false, collects = false, ports = {} },
  work,
) {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const port = await freePort();
  const circumstances = {
    port,
    directory,
    limits,
    pinned,
    collects,
    config: join(directory, 'config'),
    ...ports,
  };
  if (peer.config !== undefined) writeFileSync(circumstances.config, peer.config(circumstances));
  const env = peer.env?.(circumstances);
  const core = pinned ? 0 : undefined;
  const companions = {};
  let server;
  try {
    for (const { name, command } of peer.companions ?? []) {
      if (circumstances[name] !== undefined) continue;
      circumstances[name] = await freePort();
      companions[name] = start(core, command(circumstances));
      await listening({ name }, circumstances[name], companions[name]);
    }
    const begin = performance.now();
    server = start(core, peer.command(circumstances), { env });
    await listening(peer, port, server);
    const ready = (performance.now() - begin) * 1000;
    return await work({ ...circumstances, peer, companions, ready, started: server, pid: server.child.pid });
  } catch (error) {
    if (server?.ended === undefined) throw error;
    throw new Error(`ended (${server.ended}): ${server.stderr.trim().split('\n').at(-1)}`, { cause: error });
  } finally {
    for (const each of [server, ...Object.values(companions).reverse()])
      if (each !== undefined) await stop(each);
    rmSync(directory, { recursive: true, force: true });
  }
}

const status = (pid, field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) *
  1024;
export const residentBytes = ({ pid }) => status(pid, 'VmRSS');
export const peakBytes = ({ pid }) => status(pid, 'VmHWM');

/** Which generator drives: the one in C, or, where it could not be built, the one for Node. */
export const driver = () => built('load') ?? 'bench/load.js';

function startLoad({ peer, port, there, pid, companions, pinned }, audience, scenario, options) {
  const program =
    built('load') === undefined ? [process.execPath, join('bench', 'load.js')] : [built('load')];
  const { carrier, dialects } = peer;
  const all = {
    ...{ port, pid, beside: Object.values(companions).map(({ child }) => child.pid) },
    ...(there && { there }),
    ...(carrier && { carrier }),
    ...options,
    ...dialects[audience],
  };
  const args = Object.entries(all).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [`--${name}`, String(one)]),
  );
  return start(pinned ? 1 : undefined, [...program, scenario, ...args]);
}

function parse({ stdout, stderr, ended }) {
  let result;
  try {
    result = JSON.parse(stdout.trim().split('\n').at(-1));
  } catch {
    throw new Error(`the load generator ended (${ended}) without a result ${stderr.trim()}`);
  }
  if (result.error !== undefined) throw new Error(result.error);
  return result;
}

/** Drives a scenario to its end, and says what came of it. */
export async function runLoad(server, audience, scenario, options) {
  const load = startLoad(server, audience, scenario, options);
  const limit = (options.warm ?? 0) + (options.seconds ?? 0) + 60;
  let late = false;
  const last = setTimeout(() => {
    late = true;
    load.child.kill('SIGKILL');
  }, limit * 1000);
  await load.end;
  clearTimeout(last);
  if (late) throw new Error(`not done after ${Math.round(limit)} s`);
  const result = parse(load);
  const besides = Object.keys(server.companions).map((name, at) => [name, result.besideCpu?.[at]]);
  return { ...result, besideCpu: Object.fromEntries(besides), peak: peakBytes(server) };
}

/**
 * Calls `work` while a scenario runs that ends when it is told to, and gives what both made of it.
 *
 * @param abrupt all its clients go at once: the function that `work` is given does that
 */
export async function beside(server, audience, scenario, options, work) {
  const load = startLoad(server, audience, scenario, options);
  return whileRunning(load, parse, () => work(() => load.child.kill('SIGKILL')));
}

async function whileRunning(started, ready, work) {
  try {
    for (const deadline = Date.now() + 150_000; !started.stdout.endsWith('\n'); await sleep(20))
      if (started.ended !== undefined || Date.now() > deadline) break;
    ready(started);
    const result = await work();
    if (started.ended === undefined) await stop(started, 30_000);
    return { result, beside: started };
  } finally {
    started.child.kill('SIGKILL');
    await started.end;
  }
}

const startLog = ({ pinned }, args) =>
  start(pinned ? 1 : undefined, [process.execPath, join('bench', 'log.js'), ...args.map(String)]);

/** What bench/log.js makes of these arguments. */
export async function runLog(server, args) {
  const log = startLog(server, args);
  await log.end;
  return parse(log);
}

/** Calls `work` while bench/log.js does what these arguments say until it is told to end, and gives what came of it. */
export async function besideLog(server, args, work) {
  return (await whileRunning(startLog(server, args), parse, work)).result;
}

/** Seconds of user and system time that a server has had. */
export function cpuSeconds({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes, resident and of the heap, once a server that `collects` has collected its garbage. */
export async function collectedBytes({ started }) {
  const known = started.stdout.length;
  started.child.kill('SIGUSR2');
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    const told = /^collected: (.*)\n/m.exec(started.stdout.slice(known));
    if (told) return JSON.parse(told[1]);
  }
  throw new Error('it does not collect its garbage');
}

/** What was measured beside a flood, and what the flood itself came to. */
export async function besideFlood(server, audience, flood, work) {
  const { result, beside: flooded } = await beside(server, audience, 'flood', { flood }, work);
  return { ...result, flood: parse(flooded) };
}

/** Calls `work` while a thousand people are on rxchat: in rooms, and asking who is there, or silent. */
export async function withCrowd({ port, pinned }, how, work) {
  const crowd = start(pinned ? 1 : undefined, [process.execPath, join('bench', 'crowd.js'), port, how]);
  const ready = ({ stdout, stderr }) => {
    if (stdout !== 'ready\n') throw new Error(`the crowd did not come: ${stderr.trim()}`);
  };
  return (await whileRunning(crowd, ready, work)).result;
}
