import { spawnSync } from 'node:child_process';

// Debian puts servers where only root looks.
export const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;

// The line of what a program says of itself that has a version in it; undefined where there is no such program.
export function firstLine(command, args) {
  const { error, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  return `${stdout}\n${stderr}`
    .split('\n')
    .find((line) => /\d/.test(line))
    ?.trim()
    .slice(0, 60);
}
