import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { through, until } from './support/chat.ts';
import { needs, ROOT } from './support/needs.ts';
import { nc, Pipe } from './support/netcat.ts';

/** A registry may be slow, and SQLite may have to be compiled. */
const LONG = { timeout: 900_000 };

const folder = mkdtempSync(join(tmpdir(), 'rxchat-package-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
}, LONG.timeout);

function made(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function npm(at: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--no-audit', '--no-fund'], {
    cwd: at,
    encoding: 'utf8',
    // As from a shell, and not from "npm test".
    env: { ...outside(), npm_config_update_notifier: 'false', npm_config_prefer_offline: 'true' },
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} needs the registry, and failed:\n${stderr}`);
  return stdout;
}

const outside = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?:lifecycle|package|command)/.test(name)),
  ),
  npm_config_better_sqlite3_local_prebuilds: prebuilds,
});

/**
 * SQLite is fetched as it was compiled for this Node, or else is compiled, which takes minutes, each time. Here it is fetched,
 * from a folder: as it was compiled for this clone.
 */
const prebuilds = join(folder, 'prebuilds');

function compiled(): void {
  mkdirSync(prebuilds);
  const sqlite = join(ROOT, 'node_modules/better-sqlite3');
  const { version } = JSON.parse(readFileSync(join(sqlite, 'package.json'), 'utf8')) as { version: string };
  const target = `node-v${process.versions.modules}-${process.platform}-${process.arch}`;
  const archive = join(prebuilds, `better-sqlite3-v${version}-${target}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', sqlite, 'build/Release/better_sqlite3.node']);
}

/** A clone as it is behind "npm install", but for what a build has left, and a file of an older one. */
function cloned(): string {
  const clone = made('clone');
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  mkdirSync(join(clone, 'dist'));
  writeFileSync(join(clone, 'dist/older.js'), '');
  return clone;
}

let tarball = '';
let packed: string[] = [];

beforeAll(() => {
  compiled();
  npm(cloned(), 'pack', '--pack-destination', folder);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
}, LONG.timeout);

/** A program that starts the server. It has a process group of its own, as behind a terminal. */
class Started {
  said = '';
  code: number | null | undefined;
  readonly #child;

  constructor(at: string, argv: readonly [string, ...string[]]) {
    const [program, ...args] = argv;
    this.#child = spawn(program, args, {
      cwd: at,
      env: outside(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.#child.on('close', (code) => {
      this.code = code;
    });
    onTestFinished(async () => {
      if (this.code !== undefined || this.#child.pid === undefined) return;
      process.kill(-this.#child.pid, 'SIGKILL');
      await once(this.#child, 'close');
    });
  }

  async port(deadline = 60_000): Promise<number> {
    const port = (): string | undefined => /listens on 127\.0\.0\.1:(\d+)/.exec(this.said)?.[1];
    await until(() => port() !== undefined, `it listens; it said ${this.said}`, deadline);
    return Number(port());
  }

  /** To it alone, or, as ctrl-c is sent, to all that it has started, too. */
  kill(signal: NodeJS.Signals, whom: 'it' | 'all' = 'it'): void {
    const { pid } = this.#child;
    if (pid !== undefined) process.kill(whom === 'it' ? pid : -pid, signal);
  }

  /** Also its streams are closed: nobody has them any more. */
  async ends(): Promise<void> {
    await until(() => this.code !== undefined, `it ends; it said ${this.said}`);
  }
}

/** Somebody with netcat says something to themself, and hears it. */
async function talks(port: number): Promise<void> {
  const pipe = Pipe.printf('ci\nci: hello\n', nc.argv(port));
  expect(await pipe.exits()).toBe(0);
  expect(pipe).toMatchObject({ stdout: 'from ci: hello\n', stderr: '' });
}

const needsNetcat = (context: TestContext): void => {
  needs(nc.program, nc.here, context);
};

describe('npm pack', () => {
  test('in a clone that was not built builds it, and leaves nothing of an older build in', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const built = sources
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => ['.d.ts', '.js', '.js.map'].map((end) => `dist/${name.replace(/\.ts$/, end)}`));
    expect(packed.filter((name) => name.startsWith('dist/')).sort()).toEqual(built.sort());
  });

  test('has what package.json says, and no sources, tests or measurements', () => {
    const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
    const mine = (name: string): boolean =>
      files.some((file) => name === file || name.startsWith(`${file}/`));
    expect(packed.filter((name) => !mine(name)).sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(packed).toContain('bin/rxchat.js');
    expect(packed).toContain('docs/systemd/rxchat.service');
    expect(packed.filter((name) => /^(?:src|test|bench|node_modules|\.)/.test(name))).toEqual([]);
  });
});

describe('the package, in a folder that was empty', LONG, () => {
  let home = '';
  beforeAll(() => {
    home = made('home');
    npm(home, 'install', tarball);
  }, LONG.timeout);

  test('runs by its name in node_modules/.bin, and SIGTERM ends it with 0', async (context) => {
    needsNetcat(context);
    const server = new Started(home, ['node_modules/.bin/rxchat', '--port', '0']);
    await talks(await server.port());
    server.kill('SIGTERM');
    await server.ends();
    expect(server.code).toBe(0);
    expect(server.said).toContain('"msg":"stopping"');
  });

  test('runs by npx, and what ctrl-c sends ends it gently', async (context) => {
    needsNetcat(context);
    const path = join(home, 'chat.sock');
    const server = new Started(home, ['npx', '--no-install', 'rxchat', '--port', '0', '--unix', path]);
    await talks(await server.port());
    const alice = await through(path).login('alice');
    server.kill('SIGINT', 'all');
    await alice.end();
    expect(alice.lines).toEqual(['! the server is stopping']);
    alice.socket.end();
    await server.ends();
    expect(existsSync(path)).toBe(false);
  });

  test('is a module, too', () => {
    const program = "import { serve } from 'rxchat'; console.log(typeof serve().subscribe)";
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: home,
      encoding: 'utf8',
    });
    expect(said).toBe('function\n');
  });
});

test('npx runs the file of the package, in a folder that stays empty', LONG, async (context) => {
  needsNetcat(context);
  const empty = made('empty');
  // What npx unpacks is kept by npm for its user; here it goes with the test.
  const argv = [
    'npx',
    '--yes',
    `--cache=${join(folder, 'cache')}`,
    `../${basename(tarball)}`,
    '--port',
    '0',
  ] as const;
  const server = new Started(empty, [...argv]);
  await talks(await server.port(LONG.timeout - 30_000));
  server.kill('SIGINT', 'all');
  await server.ends();
  expect(server.said).toContain('"msg":"stopping"');
  expect(readdirSync(empty)).toEqual([]);
});

test('a global install is a command', LONG, async (context) => {
  needsNetcat(context);
  const prefix = made('prefix');
  npm(folder, 'install', '--global', '--prefix', prefix, tarball);
  const server = new Started(folder, [join(prefix, 'bin/rxchat'), '--port', '0']);
  await talks(await server.port());
  server.kill('SIGTERM');
  await server.ends();
  expect(server.code).toBe(0);
});
