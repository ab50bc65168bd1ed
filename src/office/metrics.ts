/** The metrics of one server. */
import type { ClusterTally } from '../cluster/tally.ts';
import type { Rota } from '../rota.ts';
import type { Page } from './page.ts';
import { Census } from './census.ts';
import { Exposition } from './exposition.ts';
import { type LoopDelay, PERCENTILES } from './loop-delay.ts';
import type { Premises } from './premises.ts';
import { tellOfCluster } from './cluster.ts';
import { tellOfProcess } from './process.ts';
import type { Tally } from './tally.ts';

/** What only rises, of those who are here and of those who were. */
const TOTALS = ['lines', 'bytesIn', 'bytesOut'] as const;

/** What there is to tell of. */
interface Counted {
  readonly tally: Tally;
  /** Those of now. */
  readonly premises: () => Premises;
  /** In a cluster only. */
  readonly cluster: ClusterTally | undefined;
}

/** The page for Prometheus; who is here is looked at anew each time it is asked for, when `rota` says so. */
export function metricsOf(
  { tally, premises, cluster }: Counted,
  delay: LoopDelay,
  rota: Rota,
): () => Promise<Page> {
  const totals = { lines: 0, bytesIn: 0, bytesOut: 0 };
  let census = new Census();
  const count = async (): Promise<void> => {
    const gone = { ...tally.gone };
    census = await Census.of(premises().residents, rota);
    // Who leaves meanwhile is in neither until the next time, and a counter that falls would count as a restart.
    for (const total of TOTALS) totals[total] = Math.max(totals[total], gone[total] + census[total]);
  };

  const exposition = new Exposition()
    .gauge(
      'rxchat_connections',
      'Connections that count for --max-clients.',
      () => premises().admission.clients,
    )
    .gauge('rxchat_connections_limit', 'How many there may be.', () => premises().admission.maxClients)
    .gauge('rxchat_clients', 'Those of them that have said something.', () => census.carriers, 'carrier')
    .gauge('rxchat_rooms', 'Rooms with somebody in them.', () => premises().chat.rooms)
    .counter('rxchat_lines_total', 'Lines that clients have sent.', () => totals.lines)
    .counter(
      'rxchat_deliveries_total',
      'Lines, for each of those who are to hear them.',
      () => tally.deliveries,
    )
    .counter(
      'rxchat_bytes_total',
      'Bytes from clients (in), and for them (out).',
      () => ({ in: totals.bytesIn, out: totals.bytesOut }),
      'direction',
    )
    .histogram('rxchat_batch_bytes', 'Bytes of what a client is given to hear at once.', tally.batches)
    .histogram(
      'rxchat_turn_seconds',
      'How long what was said in one turn of the event loop took to be handled, handed on to be kept, and routed.',
      tally.turns,
    )
    .gauge(
      'rxchat_event_loop_delay_seconds',
      'How late the event loop is, of the last 30 to 60 s; 100 is the longest of all.',
      () => byPercentile(delay.seconds()),
      'percentile',
    )
    .gauge('rxchat_held_clients', 'Clients that are not read, and why.', () => census.held, 'reason')
    .gauge(
      'rxchat_waiting_bytes',
      'Bytes for clients that kernels have not taken.',
      () => premises().backlogs.total,
    )
    .gauge(
      'rxchat_unwritten_bytes',
      'Bytes of what was said that are not in the file yet.',
      () => premises().archive.waiting,
    )
    .gauge('rxchat_keeping_fails', '1 while nothing that is said can be kept, else 0.', () =>
      tally.isFailing ? 1 : 0,
    )
    .counter('rxchat_unkept_lines_total', 'Lines that were said and not kept.', () => tally.unkept)
    .counter('rxchat_ended_total', 'Connections that have ended, and why.', () => tally.ended, 'reason')
    .counter('rxchat_refused_total', 'Connections turned away, and why.', () => tally.refused, 'reason');
  if (cluster) tellOfCluster(exposition, cluster);
  tellOfProcess(exposition);

  return async () => {
    await count();
    return { status: 200, type: exposition.type, body: await exposition.page() };
  };
}

const byPercentile = (delays: readonly number[]): Record<string, number> =>
  Object.fromEntries(PERCENTILES.map((percentile, index) => [percentile, delays[index] ?? 0]));
