/** What a test needs of the machine it runs on. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function installed(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
}

/** Skips the test where something is missing, and says so: what was not tested must not look tested. */
export function needs(what: string, here: boolean, { skip, task }: TestContext): void {
  if (here) return;
  const note = `skipped: no ${what} here`;
  // The reporter for people keeps the reason to itself while all goes well.
  process.stderr.write(`${note} (${task.name})\n`);
  skip(note);
}

/** Fails, and says what to do, where the package is not built. */
export function needsBuild(): void {
  if (!existsSync(new URL('../../dist/index.js', import.meta.url)))
    throw new Error('there is no dist/index.js; "npm run build" makes it');
}
