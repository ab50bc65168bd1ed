/** What the chat has done beside deliveries and orders: what is to be kept, and what is to be looked up. Plain data. */
import type { ClientId, NodeId, ReceiptPart } from './message.ts';
import type { Decision, OwnerId, Place, Query, Said } from './past.ts';

/** What somebody wants to read again. */
export type Recall = Extract<Effect, { do: 'recall' }>;
/** What somebody else has decided is heard. */
export type Heard = Extract<Effect, { do: 'heard' }>;

/** What the chat has done beside deliveries and orders. */
export type Effect =
  /** Said in a room; `receipt` is answered once it is kept. */
  | {
      readonly do: 'keep';
      readonly said: Said;
      readonly room: Place;
      readonly receipt?: ReceiptPart | undefined;
    }
  /** Said to somebody, or by somebody, whose name is `owner`'s; `peer` is the other one. */
  | {
      readonly do: 'keep-talk';
      readonly said: Said;
      readonly owner: OwnerId;
      /** `owner` has said it. */
      readonly mine: boolean;
      readonly peer: { readonly key: string; readonly shown: string };
    }
  /** Said to `owner`, who is not here; `receipt` is answered once it is kept. */
  | {
      readonly do: 'mail';
      readonly said: Said;
      readonly owner: OwnerId;
      readonly receipt?: ReceiptPart | undefined;
    }
  /** The kernel of `owner` has taken its mail up to that number. */
  | { readonly do: 'collected'; readonly owner: OwnerId; readonly last: number }
  /** `owner` is in the room from this turn on. */
  | { readonly do: 'enter'; readonly owner: OwnerId; readonly room: Place; readonly sequence: number }
  /** It has left it, or, if `gone`, the server, with all its rooms. */
  | { readonly do: 'leave'; readonly owner: OwnerId; readonly room: Place; readonly sequence: number }
  | { readonly do: 'gone'; readonly owner: OwnerId; readonly sequence: number }
  /** To be answered by a `recalled`. */
  | { readonly do: 'recall'; readonly client: ClientId; readonly query: Query }
  | Decision
  /** What somebody else has decided is part of the chat from here on: what it decided itself before that was before it. */
  | {
      readonly do: 'heard';
      readonly node: NodeId;
      readonly number: number;
      readonly decisions: readonly Decision[];
    }
  /** What an operator did. */
  | {
      readonly do: 'audit';
      readonly sequence: number;
      readonly time: number;
      readonly by: string;
      readonly deed: string;
      readonly of: string;
      readonly why: string;
    };
