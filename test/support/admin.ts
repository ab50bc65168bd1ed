/** `rxchat admin`, as whoever has the file uses it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './needs.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `rxchat admin` in a process of its own. */
export function admin(at: string, args: readonly string[], stdin = ''): Promise<Ran> {
  const argv = [join(ROOT, 'bin/rxchat.js'), 'admin', ...args, '--data-dir', at];
  const child = spawn(process.execPath, argv, { env: { PATH: process.env['PATH'] } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** What it says, where it works. */
export async function told(at: string, args: readonly string[], stdin = ''): Promise<string> {
  const ran = await admin(at, args, stdin);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return ran.stdout;
}
