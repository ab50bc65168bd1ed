/** What the event loop and the worker say to each other. */
import type { Recall } from '../effect.ts';
import type { Found, Query } from '../past.ts';
import type { ClientId } from '../message.ts';
import type { Missing } from './missing.ts';
import type { Parcel } from './parcel.ts';
import type { KeptRegistry } from './registry.ts';
import type { Basis } from './basis.ts';
import type { Settlement } from './store.ts';
import type { Keeping } from './trim.ts';
import type { Decided } from './watch.ts';

/** What a node of a cluster asks before anything is written, and says. */
export type Question =
  /** What does it go on from, and is there anything? */
  | { readonly ask: 'basis' }
  /** It is to be what others begin with, and is called so until there is a log; nobody is here. */
  | { readonly ask: 'found'; readonly log: string }
  | ({ readonly ask: 'settle' } & Settlement);

export interface Answers {
  readonly basis: { readonly basis: Basis | undefined; readonly isEmpty: boolean };
  readonly found: { readonly registry: KeptRegistry; readonly holdings: Uint8Array };
  readonly settle: undefined;
}

/** How the worker begins. */
export interface Beginning {
  /** Undefined is in memory. */
  readonly folder: string | undefined;
  readonly keeping: Keeping;
  /** It is for a node of a cluster, which will settle. */
  readonly isNode?: boolean;
}

/** To the worker; each batch is answered by a `done`. */
export type Task =
  | {
      readonly type: 'batch';
      readonly parcel: Parcel;
      /** What takes long, and is looked for behind all of that and its `done`. */
      readonly search?: Recall | undefined;
    }
  /** Answered by a `told`. */
  | { readonly type: 'ask'; readonly question: Question }
  /** Nothing follows; answered by a `closed`. */
  | { readonly type: 'close' };

/** What was found, or why nothing can be. */
export type Outcome = { readonly query: Query } & ({ readonly found: Found } | { readonly fault: string });

/** From the worker. */
export type Reply =
  /** `hasLeft`: it was a node's, and is not any more. */
  | { readonly type: 'opened'; readonly registry: KeptRegistry; readonly hasLeft: boolean }
  /** It does not begin, and ends. */
  | { readonly type: 'refused'; readonly problem: string }
  | ({ readonly type: 'recalled'; readonly client: ClientId } & Outcome)
  /** A batch is committed, or, if not `kept`, waits; so do so many bytes in all, and these lines. */
  | { readonly type: 'done'; readonly kept: boolean; readonly owed: number; readonly missing: Missing }
  | { readonly type: 'told'; readonly answer: Answers[Question['ask']] }
  /** What was asked cannot be answered, or done. */
  | { readonly type: 'untold'; readonly error: string }
  /** What others need; undefined where not all is written that was to be. */
  | { readonly type: 'packed'; readonly holdings: Uint8Array | undefined }
  /** Nothing can be written, for now. */
  | { readonly type: 'failing'; readonly error: string }
  /** What waited is committed. */
  | { readonly type: 'mended' }
  /** Something that is in the file cannot be read any more; said once. */
  | { readonly type: 'damaged'; readonly error: string }
  /** Somebody else has changed names or bans; to be answered by a `heard` of that number. */
  | ({ readonly type: 'decided' } & Decided)
  /** All that was to be written is in the file, but for what is `missing`. */
  | { readonly type: 'closed'; readonly missing: Missing };
