/** What a process has in memory. */
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const SAMPLE = 50;

/** Only where there is a /proc can it be told. */
export const knowsMemory = process.platform === 'linux';

export interface Growth {
  /** Bytes more than at the beginning, the most that was seen. */
  readonly peak: number;
}

/** Looks again and again from now on, until the test is over. */
export function watchMemory(pid: number | undefined): Growth {
  const before = resident(pid);
  const growth = { peak: 0 };
  const timer = setInterval(() => {
    growth.peak = Math.max(growth.peak, resident(pid) - before);
  }, SAMPLE);
  onTestFinished(() => {
    clearInterval(timer);
  });
  return growth;
}

function resident(pid: number | undefined): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  // A process that is over, and not waited for yet, has no such line.
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
