/** What is counted of a server in its cluster, as whichever node; plain numbers, as in `office/tally.ts`. */
import type { NodeId } from '../message.ts';
import { Buckets } from '../office/buckets.ts';

/** How it stands to the cluster, from its start on; `cut off` until it is another node. */
export type Stage = 'waiting' | 'catching up' | 'there' | 'away' | 'behind' | 'cut off';

/** The node that it is now. */
export interface Bearings {
  readonly stage: Stage;
  /** Nodes that there are, as far as it has read. */
  readonly nodes: number;
  /** The message of the log that it has read last. */
  readonly place: number;
  /** Messages of the log that it has not read, of those that it knows of. */
  readonly unread: number;
  /** Milliseconds for which what it has said, and NATS has, has not come back. */
  readonly lag: number;
  /** Milliseconds since it has read something. */
  readonly quiet: number;
  /** Bytes of what it has said that have not come back, or are not sent yet. */
  readonly waiting: number;
}

/** A node that there is. */
export interface Present {
  readonly node: NodeId;
  readonly isSelf: boolean;
  /** Milliseconds of the log's time for which nothing was heard of it. */
  readonly silence: number;
}

const NOWHERE: Bearings = { stage: 'waiting', nodes: 0, place: 0, unread: 0, lag: 0, quiet: 0, waiting: 0 };

const WAITS = 'waits for NATS';

/** Seconds. */
const ROUND_TRIPS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export class ClusterTally {
  /** Undefined before it is one. */
  node: { readonly bearings: Bearings; readonly present: readonly Present[] } | undefined;
  /** Why NATS does not let it become part of the cluster, for which it waits, in one line; empty where nobody knows, or it does. */
  why = '';
  /** Messages. */
  published = 0;
  /** Seconds from when a message is published first until it comes back. */
  readonly roundTrips = new Buckets(ROUND_TRIPS);
  /** What was read of the log. */
  bytes = 0;
  turns = 0;
  inputs = 0;
  /** Snapshots that this server has written, and their bytes. */
  snapshots = 0;
  snapshotBytes = 0;
  /** How often it was cut off, and began anew. */
  cutOff = 0;

  get bearings(): Bearings {
    return this.node?.bearings ?? NOWHERE;
  }

  /** Nodes that there are, as far as it has read. */
  get present(): readonly Present[] {
    return this.node?.present ?? [];
  }

  /** Why nobody is to be sent here, in one line; undefined where all is well. */
  get obstacle(): string | undefined {
    const { stage, unread } = this.bearings;
    switch (stage) {
      case 'waiting':
        return this.why === '' ? WAITS : `${WAITS}: ${this.why}`;
      case 'catching up':
        return this.why !== ''
          ? `${WAITS}: ${this.why}`
          : `catches up with the log of the cluster: ${String(unread)} messages to go`;
      case 'away':
        return 'the cluster is unreachable';
      case 'behind':
        return `cannot follow the log of the cluster: ${String(unread)} messages behind`;
      case 'cut off':
        return 'was cut off from the cluster, and begins anew';
      case 'there':
        return undefined;
    }
  }

  wrote(bytes: number): void {
    this.snapshots++;
    this.snapshotBytes += bytes;
  }
}
