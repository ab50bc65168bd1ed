import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Watchdog } from '../../src/store/watchdog.ts';
import { until } from '../support/chat.ts';

const PATIENCE = 30;

function watched(): { watchdog: Watchdog; barks: number[] } {
  const barks: number[] = [];
  const watchdog = new Watchdog(PATIENCE, () => barks.push(performance.now()));
  return { watchdog, barks };
}

test('a task without an answer is told once', async () => {
  const { watchdog, barks } = watched();
  const begun = performance.now();
  watchdog.posted();
  await until(() => barks.length > 0, 'it is told');
  expect((barks[0] as number) - begun).toBeGreaterThanOrEqual(PATIENCE - 1);
  const other = watched();
  other.watchdog.posted();
  await until(() => other.barks.length > 0, 'as long again has passed');
  expect(barks).toHaveLength(1);
});

test('an answer in time is no news, and each task has all of the time', async () => {
  const { watchdog, barks } = watched();
  const end = performance.now() + 4 * PATIENCE;
  while (performance.now() < end) {
    watchdog.posted();
    watchdog.answered();
    await setImmediate();
  }
  expect(barks).toEqual([]);
  const last = performance.now();
  watchdog.posted();
  await until(() => barks.length > 0, 'the last one is told');
  expect((barks[0] as number) - last).toBeGreaterThanOrEqual(PATIENCE - 1);
});

test('while nothing could be heard nothing is told: the task has all of the time once more', async () => {
  const { watchdog, barks } = watched();
  watchdog.posted();
  const end = performance.now() + 1100;
  while (performance.now() < end);
  await until(() => barks.length > 0, 'it is told');
  expect((barks[0] as number) - end).toBeGreaterThanOrEqual(PATIENCE - 1);
});
