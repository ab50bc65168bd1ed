// Starts and ends what a benchmark needs: the load generator, the servers, and nothing that outlives it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const bench = dirname(fileURLToPath(import.meta.url));
const root = dirname(bench);
const program = join(bench, 'build', 'load');
const sources = join(bench, 'load');

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

// With one core for the server and another for the load, neither can be measured at the other's cost.
const works = (core) => spawnSync('taskset', ['-c', String(core), 'true']).status === 0;
export const pinned = works(0) && works(1);
const on = (core, command, args) =>
  pinned ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];

export function buildLoad() {
  if (process.platform !== 'linux') throw new Error('the load generator needs Linux (epoll, /proc)');
  const names = readdirSync(sources).map((name) => join(sources, name));
  const newest = Math.max(...names.map((name) => statSync(name).mtimeMs));
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return;
  mkdirSync(dirname(program), { recursive: true });
  const compiler = process.env.CC ?? 'cc';
  const inputs = names.filter((name) => name.endsWith('.c'));
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-o', program];
  try {
    execFileSync(compiler, [...flags, ...inputs], { stdio: ['ignore', 2, 2] });
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Error(`${compiler} could not build bench/load`, { cause: error });
    throw new Error(
      `the load generator is written in C and there is no C compiler called ${compiler} here: ` +
        'install one (Debian: apt install gcc libc6-dev) or name it in CC',
      { cause: error },
    );
  }
}

export function checkFileLimit(needed) {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  if (limit !== 'unlimited' && Number(limit) < needed)
    throw new Error(`needs ${needed} open files, the limit here is ${limit} (ulimit -n)`);
}

function start(core, command, args, { stdin = 'ignore', env = process.env } = {}) {
  const child = spawn(...on(core, command, args), { stdio: [stdin, 'pipe', 'pipe'], cwd: root, env });
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

// Debian puts nats-server where only root looks. Go is told of the one core that it is pinned to.
const natsEnv = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, ...(pinned && { GOMAXPROCS: '1' }) };

// `address` finds the port in what the server prints.
const servers = {
  rxchat: {
    command: process.execPath,
    args: [join('bin', 'rxchat.js'), '--port', '0', '--max-clients', '100000'],
    address: /127\.0\.0\.1:(\d+)/,
  },
  plain: {
    command: process.execPath,
    args: [join('bench', 'plain.js'), '0'],
    address: /^listening (\d+)/m,
  },
  nats: {
    command: 'nats-server',
    args: ['--addr', '127.0.0.1', '--port', '-1', '--config', join('bench', 'nats.conf')],
    address: /client connections on 127\.0\.0\.1:(\d+)/,
    env: natsEnv,
  },
};

// Undefined where there is no such server.
export function versionOf(name) {
  const { command, env } = servers[name];
  const { status, stdout } = spawnSync(command, ['--version'], { env, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

async function startServer(name) {
  const { command, args, address, env } = servers[name];
  const server = start(0, command, args, { env });
  const deadline = Date.now() + 20_000;
  for (;;) {
    const port = address.exec(server.stdout + server.stderr)?.[1];
    if (port !== undefined) return { name, port, pid: server.child.pid, server };
    if (server.ended !== undefined)
      throw new Error(`${name} did not start: ${server.stderr.trim() || server.ended}`);
    if (Date.now() > deadline) throw new Error(`${name} printed no address within 20 s`);
    await sleep(20);
  }
}

async function stop({ child, end }) {
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 5000);
  await end;
  clearTimeout(last);
}

// A server of its own for every measurement, so that none inherits another's heap or compiled code.
export async function withServer(name, work) {
  const running = await startServer(name);
  try {
    return await work(running);
  } catch (error) {
    const { ended, stderr } = running.server;
    if (ended === undefined) throw new Error(`${name}: ${error.message}`, { cause: error });
    throw new Error(`${name} ended (${ended}): ${stderr.trim().split('\n').at(-1)}`, { cause: error });
  } finally {
    await stop(running.server);
  }
}

export function residentBytes({ pid }) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

function startLoad({ port, pid }, scenario, options, stdio) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return start(1, program, [scenario, '--port', port, '--pid', String(pid), ...args], stdio);
}

function parse({ stdout, stderr, ended }) {
  let result;
  try {
    result = JSON.parse(stdout);
  } catch {
    throw new Error(`the load generator ended (${ended}) without a result ${stderr.trim()}`);
  }
  if (result.error !== undefined) throw new Error(result.error);
  return result;
}

export async function runLoad(server, scenario, options) {
  const load = startLoad(server, scenario, options);
  const limit = (options.warm ?? 0) + (options.seconds ?? 0) + 150;
  const last = setTimeout(() => load.child.kill('SIGKILL'), limit * 1000);
  await load.end;
  clearTimeout(last);
  return parse(load);
}

// Calls `work` while what was started runs, which says when it is ready and ends with its stdin.
async function whileRunning(started, ready, work) {
  try {
    const deadline = Date.now() + 60_000;
    while (!started.stdout.endsWith('\n') && started.ended === undefined && Date.now() < deadline)
      await sleep(20);
    ready(started);
    return await work();
  } finally {
    started.child.stdin.end();
    const last = setTimeout(() => started.child.kill('SIGKILL'), 10_000);
    await started.end;
    clearTimeout(last);
  }
}

// Calls `work` while that many clients are logged in.
export const withIdleClients = (server, clients, work) =>
  whileRunning(startLoad(server, 'idle', { clients }, { stdin: 'pipe' }), parse, work);

// Calls `work` while a thousand people are there: in rooms, and asking who is there, or silent.
export function withCrowd({ port }, how, work) {
  const crowd = start(1, process.execPath, [join('bench', 'crowd.js'), port, how], { stdin: 'pipe' });
  const ready = ({ stdout, stderr }) => {
    if (stdout !== 'ready\n') throw new Error(`the crowd did not come: ${stderr.trim()}`);
  };
  return whileRunning(crowd, ready, work);
}
