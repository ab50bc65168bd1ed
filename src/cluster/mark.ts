/** A place in the log, and whether the log still goes on from there. */
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
  type StreamState,
} from '@nats-io/jetstream';
import { ID } from './identity.ts';

/** A place in the log, and what stands there. */
export interface Mark {
  /** 0 is before the first one. */
  readonly place: number;
  readonly id: string;
  /** Milliseconds since 1970, by the clock of NATS: one that was lost and said again has the same id. Undefined where it is not known. */
  readonly time?: number | undefined;
}

/** Does the log go on from `mark`: is that there, and what follows? */
export async function stands(
  manager: JetStreamManager,
  { config, state }: StreamInfo,
  mark: Mark,
): Promise<boolean> {
  return (await changeOf(manager, config.name, state, mark)) === undefined;
}

/** Why the log does not go on from some place. */
export interface Change {
  readonly why: string;
  /** It will not do so later either. */
  readonly isSure: boolean;
}

/** Milliseconds by which a time may be another one: nanoseconds since 1970 are more than a number of JavaScript tells apart. */
const ROUNDED = 1;

/** Undefined where it does. */
export async function changeOf(
  manager: JetStreamManager,
  stream: string,
  { first_seq: first, last_seq: last }: Pick<StreamState, 'first_seq' | 'last_seq'>,
  { place, id, time }: Mark,
): Promise<Change | undefined> {
  // A server that has come to lead it knows of the last messages only once it knows that others have them, too.
  if (last < place)
    return { why: `the log ends at ${String(last)}, and was read up to ${String(place)}`, isSure: false };
  if (first > place + 1)
    return {
      why: `the log begins at ${String(first)}, and was read up to ${String(place)} only`,
      isSure: true,
    };
  if (place === 0 || first > place) return undefined;
  const found = await manager.streams.getMessage(stream, { seq: place });
  const other = found?.header.get(ID);
  if (other !== id)
    return {
      why: `at ${String(place)} of the log stands ${String(other)}, and stood ${id}`,
      isSure: found !== null,
    };
  return time === undefined || !found || Math.abs(found.time.getTime() - time) <= ROUNDED
    ? undefined
    : { why: `what stands at ${String(place)} of the log was said there once more`, isSure: true };
}

/** NATS does not know the log at all. */
export const UNKNOWN: Change = { why: 'NATS does not know the log any more', isSure: false };

/** Undefined where NATS does not know the log. */
export async function stateOf(manager: JetStreamManager, stream: string): Promise<StreamState | undefined> {
  try {
    return (await manager.streams.info(stream)).state;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}
