import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/chat.ts';
import { deeds, folder, keep, open, room } from '../support/kept.ts';
import { installed, needs, needsBuild, ROOT } from '../support/needs.ts';
import { PROMPT, Tmux } from '../support/tmux.ts';

beforeEach((context) => {
  needs('tmux', installed('tmux'), context);
  needsBuild();
});

const LINES = 2000;

/** A folder with lines, and how to export them. */
function filled(): { at: string; command: string } {
  const at = folder();
  const store = open(at);
  for (let turn = 1; turn <= LINES; turn++) store.apply(deeds(keep(room('#ops'), turn, ['x'.repeat(1000)])));
  store.close();
  return { at, command: `'${process.execPath}' '${ROOT}/bin/rxchat.js' admin export --data-dir '${at}'` };
}

test('an export says at a terminal how far it is', async () => {
  const { at, command } = filled();
  const pipe = join(at, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => {
    closeSync(reader);
  });
  const terminal = await new Tmux().open();
  await terminal.type(`clear; ${command} > '${pipe}'`);
  // Nobody reads it yet.
  const [first = ''] = await terminal.shows(/^\d+ of 2000 lines$/);
  expect(Number(first.split(' ')[0])).toBeLessThan(LINES);

  let lines = 0;
  const chunk = Buffer.alloc(65_536);
  await until(() => {
    try {
      for (let size = readSync(reader, chunk); size > 0; size = readSync(reader, chunk))
        for (const byte of chunk.subarray(0, size)) if (byte === 10) lines++;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return lines === LINES;
  }, 'all of it is written');
  // In one line, all the time.
  await terminal.shows('2000 of 2000 lines', PROMPT);
  expect((await terminal.screen()).filter((line) => line.includes('lines'))).toHaveLength(1);
});

test('an export into a pipe is JSON lines, and nothing else', async () => {
  const { at, command } = filled();
  const file = join(at, 'exported');
  const terminal = await new Tmux().open();
  await terminal.type(`clear; ${command} 2>&1 | cat > '${file}'; echo done`);
  await terminal.shows('done', PROMPT);
  expect(existsSync(file)).toBe(true);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(LINES);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: 'said', room: '#ops' });
  expect(await terminal.screen()).toEqual(['done', PROMPT]);
});
