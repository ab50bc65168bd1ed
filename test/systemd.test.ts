import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OPTIONS } from '../src/options.ts';
import { installed, needs, ROOT } from './support/needs.ts';

const UNITS = join(ROOT, 'docs/systemd');
const START = '/usr/bin/node /opt/rxchat/bin/rxchat.js';

const service = readFileSync(join(UNITS, 'rxchat.service'), 'utf8');

/** The units in a folder of their own, with what is started where it is on this machine. */
function units(change = (text: string): string => text): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  cpSync(join(UNITS, 'rxchat.socket'), join(folder, 'rxchat.socket'));
  const here = service.replace(START, `${process.execPath} ${join(ROOT, 'bin/rxchat.js')}`);
  expect(here).not.toBe(service);
  writeFileSync(join(folder, 'rxchat.service'), change(here));
  return [join(folder, 'rxchat.service'), join(folder, 'rxchat.socket')];
}

/** What systemd-analyze has to complain about; it exits with 0 for much of it. */
function complaints(paths: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
  // Of units of this machine's own it may have something to say, too.
  const ours = (stdout + stderr).split('\n').filter((line) => line.includes('rxchat'));
  return ours.join('\n') + (status === 0 ? '' : `exit ${String(status)}: ${stderr}`);
}

test('the unit files are as systemd wants them', (context) => {
  needs('systemd-analyze', installed('systemd-analyze'), context);
  expect(complaints(units())).toBe('');
});

test('a mistake in them would have been told', (context) => {
  needs('systemd-analyze', installed('systemd-analyze'), context);
  expect(complaints(units((text) => text.replace('Restart=', 'Restrat=')))).toContain('Restrat');
  expect(
    complaints(
      units((text) => text.replace('rxchat.js', 'nowhere.js').replace(process.execPath, '/nowhere')),
    ),
  ).toContain('/nowhere');
});

test('systemd waits for longer than the server takes to stop', () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(service) ?? [];
  expect(Number(seconds)).toBeGreaterThan(OPTIONS.stopTimeout.default + 2);
});
