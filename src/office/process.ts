/** What Prometheus is told of the process, under the names that its clients have for it. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { descriptorLimit } from '../descriptors.ts';
import type { Exposition } from './exposition.ts';

/** On Linux. */
const DESCRIPTORS = '/proc/self/fd';

/**
 * Not by prom-client's `collectDefaultMetrics`: among ten thousand clients that stalls the event loop for 30 ms at each
 * scrape, since it lists all handles and reads a folder synchronously; it starts two observers that nothing stops; and
 * `promtool check metrics` refuses three of its names.
 */
export function tellOfProcess(exposition: Exposition): void {
  const { timeOrigin } = performance;
  const limit = descriptorLimit();
  const memory = process.memoryUsage;
  exposition
    .counter('process_cpu_seconds_total', 'CPU time of the process, of user and system.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    })
    .gauge('process_start_time_seconds', 'When the process started, since 1970.', () => timeOrigin / 1000)
    .gauge('process_resident_memory_bytes', 'Memory that is resident.', () => memory.rss())
    .gauge('nodejs_heap_size_used_bytes', "What of V8's heap is in use.", () => memory().heapUsed)
    .gauge('nodejs_heap_size_total_bytes', "V8's heap.", () => memory().heapTotal)
    .gauge(
      'nodejs_external_memory_bytes',
      'Memory outside of it, above all buffers.',
      () => memory().external,
    );
  if (Number.isFinite(limit)) exposition.gauge('process_max_fds', 'The descriptor limit.', () => limit);
  if (existsSync(DESCRIPTORS))
    exposition.gauge(
      'process_open_fds',
      'Open descriptors, one for each connection among them.',
      async () => (await readdir(DESCRIPTORS)).length,
    );
}
