/** What Prometheus is told of a server in its cluster. */
import type { ClusterTally, Stage } from '../cluster/tally.ts';
import type { Exposition } from './exposition.ts';

/** Then NATS takes what this node says. */
const REACHED: readonly Stage[] = ['catching up', 'there', 'behind'];

export function tellOfCluster(exposition: Exposition, tally: ClusterTally): void {
  const bearings = (): ClusterTally['bearings'] => tally.bearings;
  exposition
    .gauge('rxchat_cluster_reachable', '1 while NATS takes what this node says, else 0.', () =>
      REACHED.includes(bearings().stage) ? 1 : 0,
    )
    .gauge(
      'rxchat_cluster_nodes',
      'Nodes of the cluster, as far as this one has read the log.',
      () => bearings().nodes,
    )
    .gauge(
      'rxchat_cluster_log_position',
      'The message of the log that was read last, by its number in the stream.',
      () => bearings().place,
    )
    .gauge(
      'rxchat_cluster_unread_messages',
      'Messages of the log that are known of, and were not read yet.',
      () => bearings().unread,
    )
    .gauge(
      'rxchat_cluster_lag_seconds',
      'For how long what this node has published, and NATS has, was not read again: so far it is behind the log.',
      () => bearings().lag / 1000,
    )
    .gauge(
      'rxchat_cluster_quiet_seconds',
      'Since when nothing was read of the log; somebody says something every 2 s.',
      () => bearings().quiet / 1000,
    )
    .gauge(
      'rxchat_cluster_unpublished_bytes',
      'Bytes that wait to be published, or were not read again since.',
      () => bearings().waiting,
    )
    .counter(
      'rxchat_cluster_published_total',
      'Messages that this server has published.',
      () => tally.published,
    )
    .histogram(
      'rxchat_cluster_round_trip_seconds',
      'How long it took until a message that was published was read again.',
      tally.roundTrips,
    )
    .counter(
      'rxchat_cluster_turns_total',
      'Turns of the log that were read, of all nodes.',
      () => tally.turns,
    )
    .counter(
      'rxchat_cluster_inputs_total',
      'What was said in them, and what else happened.',
      () => tally.inputs,
    )
    .counter('rxchat_cluster_bytes_total', 'Bytes of the log that were read.', () => tally.bytes)
    .counter(
      'rxchat_cluster_snapshots_total',
      'Snapshots that this server has written.',
      () => tally.snapshots,
    )
    .counter('rxchat_cluster_snapshot_bytes_total', 'Bytes of them.', () => tally.snapshotBytes)
    .counter(
      'rxchat_cluster_cut_off_total',
      'How often this server was cut off from the cluster, and began anew.',
      () => tally.cutOff,
    );
}
