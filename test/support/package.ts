/** The package as whoever installs it has it, and programs that use it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';
import { needsBuild, ROOT } from './needs.ts';

/** A project of somebody else, in a folder of its own, that has rxchat among its modules. */
export class Embedder {
  readonly folder = mkdtempSync(join(tmpdir(), 'rxchat-embedder-'));

  constructor() {
    try {
      this.#install();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What `npm pack` makes of the package, and beside it what it depends on. */
  #install(): void {
    needsBuild();
    const modules = join(this.folder, 'node_modules');
    const unpacked = join(modules, 'rxchat');
    mkdirSync(unpacked, { recursive: true });
    const packed = execFileSync(
      'npm',
      ['pack', '--ignore-scripts', '--silent', '--pack-destination', this.folder],
      {
        cwd: ROOT,
        encoding: 'utf8',
        // Nothing of this is to touch what npm keeps for its user.
        env: {
          ...process.env,
          npm_config_cache: join(this.folder, 'npm'),
          npm_config_update_notifier: 'false',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    execFileSync('tar', ['-xzf', join(this.folder, packed.trim()), '-C', unpacked, '--strip-components=1']);
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of [...Object.keys(dependencies), '@types/node']) {
      // One of an organisation has a folder of its own.
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
    }
    this.write('package.json', '{ "type": "module" }');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs an ES module that begins with what every program here needs. */
  run(name: string, body: string): Program {
    return new Program(this.write(`${name}.mjs`, `${PRELUDE}\n${body}`));
  }
}

const PRELUDE = `
import { connect } from 'node:net';
import { once } from 'node:events';
import { Subject } from 'rxjs';
import { ConfigError, serve } from 'rxchat';

const say = (...words) => console.log(...words);

/** Subscribes, says what happens by its type, and calls \`use\` with the port. */
function start(label, options, use) {
  const running = serve({ port: 0, ...options }).subscribe({
    next: (notice) => {
      say(label, notice.type);
      if (notice.type === 'listening') use(notice.port, () => running.unsubscribe());
    },
    error: (error) => say(label, 'error', error instanceof ConfigError, error.message),
    complete: () => say(label, 'complete'),
  });
  return running;
}

/** Logs in, and hears one line that it says to itself. */
async function login(port, name) {
  const socket = connect({ port, host: '127.0.0.1' }).setEncoding('utf8').on('error', () => undefined);
  socket.write(name + '\\n' + name + ': hello\\n');
  const [line] = await once(socket, 'data');
  say(line.trim());
  return socket;
}
`;

export class Program {
  stdout = '';
  stderr = '';
  code: number | null | undefined;
  readonly #child: ChildProcess;

  constructor(path: string) {
    this.#child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child.on('close', (code) => {
      this.code = code;
    });
    onTestFinished(async () => {
      if (this.code !== undefined) return;
      this.#child.kill('SIGKILL');
      await once(this.#child, 'close');
    });
  }

  /** What it said by the time it ended by itself, with exit code 0. */
  async says(): Promise<string[]> {
    await until(() => this.code !== undefined, 'the program ends').catch((error: unknown) => {
      throw new Error(`${String(error)}; it said\n${this.stdout}${this.stderr}`);
    });
    if (this.code !== 0 || this.stderr !== '') throw new Error(`exit ${String(this.code)}: ${this.stderr}`);
    return this.stdout.trim().split('\n');
  }
}
