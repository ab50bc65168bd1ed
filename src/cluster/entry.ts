/** One message of the log. */
import type { JsMsg } from '@nats-io/jetstream';
import { ID, type Identity, identityOf } from './identity.ts';
import type { Mark } from './mark.ts';

export interface Entry extends Mark, Identity {
  /** Milliseconds since 1970, by the clock of NATS. */
  readonly time: number;
  readonly bytes: Uint8Array;
}

/** What is to be known of it by whoever goes on behind it. */
export const markOf = ({ place, id, time }: Entry): Mark => ({ place, id, time });

export function entryOf({ info, headers, data }: JsMsg): Entry {
  const id = headers?.get(ID) ?? '';
  return {
    ...identityOf(id),
    ...{ id, place: info.streamSequence, time: Math.floor(info.timestampNanos / 1e6), bytes: data },
  };
}
