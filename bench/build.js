// What is written in C, built where it is older than its source.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = dirname(fileURLToPath(import.meta.url));
export const root = dirname(bench);
const programs = {
  load: { sources: join(bench, 'load'), libraries: ['-lssl', '-lcrypto'] },
  chat: { sources: join(bench, 'servers'), libraries: [] },
};
const compiler = process.env.CC ?? 'cc';
const at = {};

function build(name, { sources, libraries }) {
  const program = join(bench, 'build', name);
  const names = readdirSync(sources).filter((file) => /\.[ch]$/.test(file));
  const files = names.map((file) => join(sources, file));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return program;
  mkdirSync(dirname(program), { recursive: true });
  const inputs = files.filter((file) => file.endsWith('.c'));
  execFileSync(compiler, ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-o', program, ...inputs, ...libraries], {
    stdio: ['ignore', 2, 2],
  });
  return program;
}

/** Builds all there is; says why not, where there is no C compiler or no Linux. */
export function buildAll() {
  if (process.platform !== 'linux') return 'epoll and /proc are Linux';
  try {
    for (const [name, program] of Object.entries(programs)) at[name] = build(name, program);
    return undefined;
  } catch (error) {
    if (error.code === 'ENOENT')
      return `there is no C compiler called ${compiler} (Debian: apt install gcc libc6-dev libssl-dev)`;
    throw new Error(
      `${compiler} could not build bench/load and bench/servers, which takes libc6-dev and libssl-dev`,
      { cause: error },
    );
  }
}

/** Where a program is; undefined where it could not be built. */
export const built = (name) => at[name];
