/** The command as a process of its own, as its users start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Client, until } from './chat.ts';

const BIN = fileURLToPath(new URL('../../bin/rxchat.js', import.meta.url));

export interface Entry {
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  /** The descriptor limit. */
  readonly descriptors?: number;
  /** Whoever started it has closed its stdout. */
  readonly stdoutClosed?: boolean;
  /** Where its stderr goes, in place of `stderr` here. */
  readonly stderr?: number;
  /** What the shell does before it becomes the command. */
  readonly before?: string;
  /** The program, with arguments, that becomes the command. */
  readonly through?: readonly string[];
  /** Descriptors that are passed on, from 3. */
  readonly descriptorsFrom3?: readonly number[];
}

export class Command {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** Once it listens, unless it is at no address. */
  port = 0;
  code: number | null | undefined;

  constructor(
    args: readonly string[],
    {
      environment = {},
      descriptors,
      stdoutClosed,
      stderr,
      before = '',
      through = [],
      descriptorsFrom3 = [],
    }: Surroundings = {},
  ) {
    const limit = descriptors === undefined ? '' : `ulimit -n ${String(descriptors)};`;
    const argv = [...through, process.execPath, BIN, ...args];
    this.child = spawn('sh', ['-c', `${limit} ${before} exec "$@"`, 'sh', ...argv], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', stderr ?? 'pipe', ...descriptorsFrom3],
    });
    if (stdoutClosed) this.child.stdout?.destroy();
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.on('close', (code) => {
      this.code = code;
    });
    onTestFinished(() => this.kill());
  }

  /** Starts it on a free port, and waits until it listens. */
  static async start(args: readonly string[] = [], surroundings: Surroundings = {}): Promise<Command> {
    const command = new Command(['--port', '0', ...args], surroundings);
    await command.listens();
    return command;
  }

  /** Waits for the line at the start, or the first entry of the log. */
  async listens(): Promise<void> {
    const told = (): boolean => this.stdout.includes('\n') || this.entries('listening').length > 0;
    await until(() => told() || this.code !== undefined, 'the command says where it listens');
    if (!told()) throw new Error(`did not start: ${this.stderr}`);
    this.port = Number(/:(\d+)/.exec(this.stdout)?.[1] ?? this.entries('listening')[0]?.['port'] ?? 0);
  }

  /** Opens a connection and says nothing. */
  connect(): Client {
    return new Client(connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true }));
  }

  login(name: string): Promise<Client> {
    return this.connect().login(name);
  }

  /** Ends it at once, whatever it does. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  async exits(): Promise<number | null> {
    await until(() => this.code !== undefined, `the command ends; it said ${this.stderr}`);
    return this.code ?? null;
  }

  /** The entries of its log, of one kind. */
  entries(kind: string): Entry[] {
    return this.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Entry)
      .filter(({ msg }) => msg === kind);
  }
}

/** The last line at the start, where there is no --data-dir. */
export const MEMORY =
  'What is said is kept in memory only; --data-dir DIR keeps it, and names and mail, for longer\n';
