/** The server as a process of its own, for what it does to its memory, and what is left when it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Client, until } from './chat.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/rxchat.js', import.meta.url));
const SAMPLE = 50;

/** A line of the log. */
export interface Entry {
  readonly msg: string;
  readonly name?: string;
  readonly reason?: string;
  readonly lines?: number;
  readonly bytesIn?: number;
  readonly bytes?: number;
  readonly port?: number;
}

/** Where the process writes to; an open file's descriptor in place of a pipe. */
export interface Outputs {
  readonly stdout?: 'pipe' | 'closed' | number;
  readonly stderr?: 'pipe' | number;
}

export class ServerProcess {
  readonly log: Entry[] = [];
  port = 0;
  /** Bytes, the most that was seen since `watchMemory`. */
  peak = 0;
  /** Exit code or signal, once it is over. */
  over: number | string | undefined;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.once('exit', (code, signal) => {
      this.over = code ?? signal ?? 'unknown';
    });
    if (child.stdout) {
      createInterface(child.stdout).on('line', (line) => {
        this.port ||= Number(/:(\d+)(,|$)/.exec(line)?.[1] ?? 0);
      });
    }
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        const entry = JSON.parse(line) as Entry;
        this.log.push(entry);
        if (entry.msg === 'listening') this.port = entry.port ?? 0;
      });
    }
  }

  /** Runs what was built, on a free port where `flags` name none, until the test is over. */
  static async start(flags: readonly string[] = [], outputs: Outputs = {}): Promise<ServerProcess> {
    const { stdout = 'pipe', stderr = 'pipe' } = outputs;
    const port = flags.includes('--port') ? [] : ['--port', '0'];
    const child = spawn(process.execPath, [PROGRAM, ...port, ...flags], {
      stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, stderr],
    });
    if (stdout === 'closed') child.stdout?.destroy();
    const server = new ServerProcess(child);
    onTestFinished(() => server.kill());
    await until(() => server.port > 0 || server.over !== undefined, 'the process listens');
    if (server.over !== undefined) throw new Error(`the process ended at once: ${String(server.over)}`);
    return server;
  }

  /** Opens a connection and says nothing. */
  connect(): Client {
    return new Client(connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true }));
  }

  /** Logs in, and knows that it worked by hearing itself. */
  async login(name: string): Promise<Client> {
    const client = this.connect();
    client.say(name, `${name}: here`);
    await client.hears(`from ${name}: here`);
    client.forget();
    return client;
  }

  /** Bytes that the process has in memory. */
  get memory(): number {
    const status = readFileSync(`/proc/${String(this.#child.pid)}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Looks again and again from now on, until the test is over; gives the bytes to begin with. */
  watchMemory(): number {
    const before = this.memory;
    this.peak = before;
    const timer = setInterval(() => {
      if (this.over === undefined) this.peak = Math.max(this.peak, this.memory);
    }, SAMPLE);
    onTestFinished(() => {
      clearInterval(timer);
    });
    return before;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, whatever it does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** Loads differ from machine to machine, but every one of them can tell its memory only where there is a /proc. */
export const knowsMemory = process.platform === 'linux';
