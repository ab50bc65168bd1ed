/** The real netcats: how each is called, how it ends, and one at the end of a shell's pipe. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';
import { installed } from './needs.ts';

const HOST = '127.0.0.1';

export interface Netcat {
  /** As people write it, without the address. */
  readonly name: string;
  readonly program: string;
  /** Is it installed on this machine? */
  readonly here: boolean;
  readonly argv: (port: number) => readonly string[];
  /**
   * When its input is over: `half` ends its side and goes on listening, `whole` closes the connection and hears no
   * answer, `never` leaves the end to the server.
   */
  readonly ends: 'half' | 'whole' | 'never';
}

/** What a program prints, wherever to; empty where it is not installed. */
function says(program: string, ...args: string[]): string {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return error ? '' : stdout + stderr;
}

/** `nc` is another program on every other system. */
const OPENBSD = installed('nc.openbsd')
  ? 'nc.openbsd'
  : says('nc', '-h').includes('OpenBSD')
    ? 'nc'
    : undefined;

function openbsd(ends: Netcat['ends'], ...flags: string[]): Netcat {
  return {
    name: ['nc', ...flags].join(' '),
    program: 'nc',
    here: OPENBSD !== undefined,
    argv: (port) => [OPENBSD ?? 'nc', ...flags, HOST, String(port)],
    ends,
  };
}

function named(program: string, ends: Netcat['ends'], ...flags: string[]): Netcat {
  return {
    name: [program, ...flags].join(' '),
    program,
    here: installed(program),
    argv: (port) => [program, ...flags, HOST, String(port)],
    ends,
  };
}

export const nc = openbsd('half', '-N');
export const ncat = named('ncat', 'half');
export const telnet = named('telnet', 'whole');

/** Every one that sends what it is fed. */
export const NETCATS: readonly Netcat[] = [
  nc,
  openbsd('half', '-q', '0'),
  openbsd('half', '-q', '1'),
  openbsd('never'),
  named('nc.traditional', 'half', '-q', '1'),
  named('nc.traditional', 'never'),
  ncat,
  named('ncat', 'whole', '--send-only'),
  {
    ...named('busybox', 'half', 'nc'),
    here: says('busybox', '--list').split('\n').includes('nc'),
  },
  {
    ...named('socat', 'half'),
    name: 'socat - TCP:',
    argv: (port) => ['socat', '-', `TCP:${HOST}:${String(port)}`],
  },
  {
    ...named('bash', 'whole'),
    name: 'bash /dev/tcp',
    argv: (port) => ['bash', '-c', `exec 3<>/dev/tcp/${HOST}/${String(port)} && cat >&3`],
  },
];

/** Those that can come through a Unix socket, and end their side. */
export const unix: readonly (Pick<Netcat, 'name' | 'program' | 'here'> & {
  readonly argv: (path: string) => readonly string[];
})[] = [
  { ...nc, name: 'nc -N -U', argv: (path) => [OPENBSD ?? 'nc', '-N', '-U', path] },
  { ...ncat, name: 'ncat -U', argv: (path) => ['ncat', '-U', path] },
  {
    ...named('socat', 'half'),
    name: 'socat - UNIX-CONNECT:',
    argv: (path) => ['socat', '-', `UNIX-CONNECT:${path}`],
  },
];

/** A pipeline of a shell: a netcat's input is a pipe then, as it is for people, and not a socket of Node's. */
export class Pipe {
  stdout = '';
  stderr = '';
  /** The exit code of the last program in it, once all of them have ended. */
  code: number | null | undefined;
  /** How long it took, once all have ended. */
  seconds = 0;
  readonly #child: ChildProcess;

  private constructor(script: string, args: readonly string[]) {
    const since = performance.now();
    // A process group of its own, so that all of the pipeline can be ended.
    this.#child = spawn('sh', ['-c', script, 'sh', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child.on('close', (code) => {
      this.code = code;
      this.seconds = (performance.now() - since) / 1000;
    });
    onTestFinished(async () => {
      const { pid } = this.#child;
      if (this.code !== undefined || pid === undefined) return;
      process.kill(-pid, 'SIGKILL');
      await once(this.#child, 'close');
    });
  }

  /** `printf text | argv` */
  static printf(text: string, argv: readonly string[]): Pipe {
    return new Pipe('text=$1; shift; printf %s "$text" | "$@"', [text, ...argv]);
  }

  /** `tail -f file | argv`, and what appends lines to the file. */
  static tail(argv: readonly string[]): { pipe: Pipe; append: (...lines: string[]) => void } {
    const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
    const file = join(folder, 'log');
    const append = (...lines: string[]): void => {
      appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
    };
    append();
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    return { pipe: new Pipe('file=$1; shift; tail -n +1 -f "$file" | "$@"', [file, ...argv]), append };
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  async prints(...lines: string[]): Promise<void> {
    await this.#until(
      () => JSON.stringify(this.lines) === JSON.stringify(lines),
      `prints ${lines.join(' | ')}`,
    );
  }

  async exits(): Promise<number | null> {
    await this.#until(() => this.code !== undefined, 'ends by itself');
    return this.code ?? null;
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    await until(condition, what).catch((error: unknown) => {
      throw new Error(`${String(error)}; it printed ${JSON.stringify(this.stdout + this.stderr)}`);
    });
  }
}
