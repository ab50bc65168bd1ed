/** What the event loop and the worker say to each other. */
import type { Recall } from '../effect.ts';
import type { Found, Query } from '../past.ts';
import type { ClientId } from '../message.ts';
import type { Parcel } from './parcel.ts';
import type { KeptRegistry } from './registry.ts';
import type { Keeping } from './trim.ts';
import type { Decided } from './watch.ts';

/** How the worker begins. */
export interface Beginning {
  /** Undefined is in memory. */
  readonly folder: string | undefined;
  readonly keeping: Keeping;
}

/** To the worker; each batch is answered by a `done`. */
export type Task =
  | {
      readonly type: 'batch';
      readonly parcel: Parcel;
      /** What takes long, and is looked for behind all of that and its `done`. */
      readonly search?: Recall | undefined;
    }
  /** Nothing follows; answered by a `closed`. */
  | { readonly type: 'close' };

/** What was found, or why nothing can be. */
export type Outcome = { readonly query: Query } & ({ readonly found: Found } | { readonly fault: string });

/** From the worker. */
export type Reply =
  | { readonly type: 'opened'; readonly registry: KeptRegistry }
  /** It does not begin, and ends. */
  | { readonly type: 'refused'; readonly problem: string }
  | ({ readonly type: 'recalled'; readonly client: ClientId } & Outcome)
  /** A batch is committed, or, if not `kept`, waits; so do so many bytes in all. */
  | { readonly type: 'done'; readonly kept: boolean; readonly owed: number }
  /** Nothing can be written, for now. */
  | { readonly type: 'failing'; readonly error: string }
  /** What waited is committed. */
  | { readonly type: 'mended' }
  /** Somebody else has changed names or bans; to be answered by a `heard` of that number. */
  | ({ readonly type: 'decided' } & Decided)
  /** All that was written is in the file but for what is `lost`: so many lines. */
  | { readonly type: 'closed'; readonly lost: number };
