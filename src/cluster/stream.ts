/** The stream that is the log: made where it is missing, and looked at where it is there. */
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { ClusterUnusable } from './unusable.ts';

/** For how long the log is kept, and how much of it; undefined is for as long as it is now, or as long as a new one is. */
export interface StreamLimits {
  /** Milliseconds. */
  readonly age: number | undefined;
  readonly bytes: number | undefined;
  /** How many servers of NATS keep it. */
  readonly replicas: number | undefined;
}

/** What one reads who looks at it with the tools of NATS; another one where what is in it has another form. */
const DESCRIPTION = 'rxchat: the log, form 2';
const DAY = 86_400_000;
const NEW: Required<{ [limit in keyof StreamLimits]: number }> = {
  age: 7 * DAY,
  bytes: 1024 ** 3,
  replicas: 1,
};
/**
 * The least of both: a node that starts needs all of the log from a snapshot on, which is ten minutes or 64 MiB apart from the
 * next, and takes its time to be written and to be read.
 */
export const LEAST = { age: 30 * 60_000, bytes: 256 * 1024 ** 2 } as const;
/** Milliseconds in which NATS itself knows a message that comes again; what comes later, the roll knows. */
const AGAIN = 120_000;

/** Where the messages of the stream are published. */
export const subjectOf = (stream: string): string => `${stream}.log`;

/** What NATS says where it is one server by itself, for more than one copy; the client does not have it. */
const NOT_CLUSTERED = 10_074;

/**
 * The stream of that name, with these limits; `nats` is what NATS is called where it is told of. Rejects with a ClusterUnusable where
 * there is one that is not like this, or NATS does not keep as many copies.
 */
export async function streamOf(
  manager: JetStreamManager,
  name: string,
  limits: StreamLimits,
  nats = 'NATS',
): Promise<StreamInfo> {
  const known = await manager.streams.info(name).catch(ignoreMissing);
  try {
    // Others may make it at the same moment: the same is no error to NATS.
    if (!known) return await manager.streams.add(shapeOf(name, limits));
    refuseOther(known.config, name);
    // It would take that, and could not bring the stream back at its next start (2.9).
    if ((limits.replicas ?? 1) > 1 && known.cluster?.name === undefined) throw lone(nats);
    const wanted = changed(known.config, limits);
    refuseShort({ ...known.config, ...wanted });
    return wanted ? await manager.streams.update(name, wanted) : known;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NOT_CLUSTERED) throw lone(nats);
    throw error instanceof JetStreamApiError
      ? new ClusterUnusable(`NATS does not make the stream ${name}: ${error.message}`, { cause: error })
      : error;
  }
}

const lone = (nats: string): ClusterUnusable =>
  new ClusterUnusable(
    `${nats} is one server by itself, and keeps one copy of the log: leave out --cluster-replicas, or let three servers of NATS be one first`,
  );

function shapeOf(name: string, limits: StreamLimits): Partial<StreamConfig> & { name: string } {
  return {
    name,
    description: DESCRIPTION,
    subjects: [subjectOf(name)],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    duplicate_window: nanos(AGAIN),
    num_replicas: limits.replicas ?? NEW.replicas,
    max_age: nanos(limits.age ?? NEW.age),
    max_bytes: limits.bytes ?? NEW.bytes,
  };
}

/** What is to be another than it is; undefined if nothing is. */
function changed(
  config: StreamConfig,
  { age, bytes, replicas }: StreamLimits,
): Partial<StreamConfig> | undefined {
  const wanted = {
    ...(age !== undefined && nanos(age) !== config.max_age && { max_age: nanos(age) }),
    ...(bytes !== undefined && bytes !== config.max_bytes && { max_bytes: bytes }),
    ...(replicas !== undefined && replicas !== config.num_replicas && { num_replicas: replicas }),
  };
  return Object.keys(wanted).length > 0 ? wanted : undefined;
}

function refuseOther(config: StreamConfig, name: string): void {
  const ought = {
    ...{ description: DESCRIPTION, subjects: [subjectOf(name)] },
    ...{ retention: RetentionPolicy.Limits, storage: StorageType.File, discard: DiscardPolicy.Old },
    // Without a limit of these kinds.
    ...{ max_msgs: -1, max_msg_size: -1, max_msgs_per_subject: -1 },
  };
  for (const [what, value] of Object.entries(ought)) {
    const found: unknown = config[what as keyof typeof ought];
    if (JSON.stringify(found) !== JSON.stringify(value))
      throw new ClusterUnusable(
        `the stream ${name} of NATS is not the log of an rxchat like this one: its ${what} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}; take another with --cluster-name`,
      );
  }
}

/** To NATS, no age is 0, and no number of bytes is negative. */
function refuseShort({ name, max_age: age, max_bytes: bytes }: StreamConfig): void {
  if ((age > 0 && age < nanos(LEAST.age)) || (bytes >= 0 && bytes < LEAST.bytes))
    throw new ClusterUnusable(
      `the stream ${name} of NATS keeps less of the log than a node needs that starts: give --cluster-keep, with 30m and 256MiB at the least`,
    );
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return;
  throw error;
}
