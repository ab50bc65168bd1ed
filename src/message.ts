/**
 * The vocabulary: what comes in (Command, Input, Turn) and what goes out (Delivery, Order); what somebody is told is
 * in event.ts. All of it is plain data, so that a turn can be written down, sent to another machine and replayed.
 */
import type { Event } from './event.ts';
import type { ChatSettings } from './settings.ts';
import type { Ban, Decision, Found, MailPart, OwnerId, Query, Reservation } from './past.ts';

/** One run of a server: another one with each start. */
export type NodeId = string;

/** A connection's id, unique across machines and restarts: its node, a dash, and which of that node's it is. */
export type ClientId = string;

/** A name, or a room with its `#`, as people see it; and the key that makes two of them the same one. */
export interface Name {
  readonly shown: string;
  /** Empty where `shown` is neither: such a recipient is never here. Of a room it begins with `#`, too. */
  readonly key: string;
}

/**
 * What a line asks for, as far as can be told without knowing who said it, or what several do that are for the same. Names were read where the line came in;
 * `to` is undefined where they are too many.
 */
export type Command =
  /**
   * A line with a colon, or several that follow each other: `head`, up to it, names `to`, and is the same for all of them;
   * for who writes to a room all of it may be the text. `rests` is what is behind it.
   */
  | {
      readonly kind: 'say';
      readonly head: string;
      readonly to: readonly Name[] | undefined;
      readonly rests: readonly string[];
    }
  /** A word behind a `/`, in lower case; the names and the text behind it are what that command takes. */
  | {
      readonly kind: 'word';
      readonly word: string;
      readonly to: readonly Name[] | undefined;
      readonly text: string;
    }
  /** A line that is neither; `name` where it would do as one. It may be a password: never tell it, never log it. */
  | { readonly kind: 'bare'; readonly name: Name | undefined; readonly text: string }
  /** A line of nothing, or of spaces. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'fault'; readonly fault: 'line-too-long' | 'not-utf8' };

/** How far behind a recipient is; see the table of flow control in docs/architecture.md. */
export type Level = 'caught-up' | 'behind' | 'full';

/** Why a connection ended, as the log says it. */
export type EndReason =
  | 'left'
  | 'quit'
  | 'lost'
  | 'no name'
  | 'no name in time'
  | 'too slow: took nothing'
  | 'too slow: behind for too long'
  | 'too slow: queue full'
  | 'too slow: memory full'
  | 'server stopping'
  /** Somebody logged in with its name and the password of it. */
  | 'taken over'
  | 'banned'
  /** The other nodes of the cluster have given this one up. */
  | 'cut off'
  /** An operator has put it out. */
  | 'put out'
  /** It asked for pages, and never spoke WebSocket. */
  | 'web page'
  | 'fault';

/** Everything the chat can be told. */
export type Input =
  /** `address` is where it comes from, for those who keep order; empty where nobody knows. */
  | { readonly type: 'arrived'; readonly client: ClientId; readonly address: string }
  /** It knows the password of that version of a reserved name, which it wants to have. */
  | {
      readonly type: 'proved';
      readonly client: ClientId;
      readonly use: 'login' | 'name';
      readonly name: Name;
      readonly owner: OwnerId;
      readonly version: string;
    }
  /** It gave a password that does not do. */
  | {
      readonly type: 'unproved';
      readonly client: ClientId;
      readonly use: 'login' | 'name' | 'reserve';
      readonly name: Name | undefined;
      readonly why: Unproved;
      /** To wait until the next attempt. */
      readonly seconds?: number;
    }
  /** It wants its name to be its own, with the password that was given under that version. */
  | { readonly type: 'reserve'; readonly client: ClientId; readonly version: string }
  /** What was asked for, or undefined where it cannot be found now. */
  | {
      readonly type: 'recalled';
      readonly client: ClientId;
      readonly query: Query;
      readonly found: Found | undefined;
    }
  /** It came from an address that is banned by now. */
  | { readonly type: 'banned'; readonly client: ClientId; readonly ban: Ban }
  | { readonly type: 'line'; readonly client: ClientId; readonly command: Command }
  /** The client ended its side; it still listens. */
  | { readonly type: 'ended'; readonly client: ClientId }
  /** The time for a login is over. */
  | { readonly type: 'overdue'; readonly client: ClientId }
  | { readonly type: 'level'; readonly client: ClientId; readonly level: Level }
  /** Another turn has come, as the client was ordered to ask for. */
  | { readonly type: 'next'; readonly client: ClientId }
  /** Of those of `node` whom a delivery of what `client` said was for, `taken` have it in their kernel and `lost` never will. */
  | {
      readonly type: 'taken';
      readonly client: ClientId;
      readonly node: NodeId;
      readonly receipt: ReceiptPart;
      readonly taken: number;
      readonly lost: readonly ClientId[];
    }
  /** The server stops: what this client said is to be handled now, whoever is behind, and whatever it costs. */
  | { readonly type: 'stopping'; readonly client: ClientId }
  /** Everything said before the server stopped is handled. */
  | { readonly type: 'stopped'; readonly client: ClientId }
  | { readonly type: 'gone'; readonly client: ClientId }
  /** Of nobody: a node of the cluster is gone, and all clients that have come to it. */
  | { readonly type: 'node-lost'; readonly node: NodeId }
  /** Of nobody: what the chat goes by from now on, as a node that has come says. */
  | { readonly type: 'settings'; readonly settings: ChatSettings }
  /** Of nobody: these names are reserved, and these are banned, as whoever keeps it says at the start. */
  | {
      readonly type: 'registry';
      readonly reservations: readonly Reservation[];
      readonly bans: readonly Ban[];
    }
  /** Somebody else has decided that, beside the chat: `rxchat admin`, in the file of `node`. Each has a number there, and is answered by a `heard`. */
  | {
      readonly type: 'decided';
      readonly node: NodeId;
      readonly number: number;
      readonly decisions: readonly Decision[];
    }
  /** How far behind whoever keeps what is said on that node is. */
  | { readonly type: 'storage-level'; readonly node: NodeId; readonly level: Level }
  /** It cannot keep anything, or can again, with so many lines lost. */
  | { readonly type: 'storage'; readonly node: NodeId; readonly ok: boolean; readonly lost: number };

/** Why a password does not do. */
export type Unproved =
  'wrong-password' | 'not-reserved' | 'plain-password' | 'bad-password' | 'password-busy' | 'password-wait';

/** What was published in one turn of the event loop, in everybody's order. */
export interface Turn {
  readonly sequence: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly time: number;
  readonly inputs: readonly Input[];
  /** The index of the first of `inputs` in the turn as it was logged: more than 0 in a later slice. */
  readonly first: number;
}

/** A delivery of a line whose sender wants to know when all have taken it. */
export interface ReceiptPart {
  /** The sender. */
  readonly client: ClientId;
  /** Which of its lines, and which of the deliveries that the line makes. */
  readonly line: number;
  readonly part: number;
  /** It is no line of its own, but its mail. */
  readonly mail?: MailPart;
  /** It is what waits for those, who are away, and their names: its sender hears of it once it is kept. */
  readonly away?: readonly string[];
}

/** One event and everyone it is for. */
export interface Delivery {
  readonly event: Event;
  readonly to: readonly ClientId[];
  /** They are all of a room: it is the same array as long as nobody joins or leaves it. */
  readonly crowd?: true;
  /** One of `to` whom it is not for. */
  readonly except?: ClientId | undefined;
  /** To be published as `taken` when all have taken it. */
  readonly receipt?: ReceiptPart | undefined;
  /** They do not hear it, and are asked all the same whether they have taken what they hear. */
  readonly deaf?: readonly ClientId[] | undefined;
}

/** What a client's session is to do; never shown to the client. */
export type Order =
  /** Do not read this client until `release`. */
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  /** Something waits for another turn: the router publishes `next`. */
  | { readonly do: 'next' }
  /** Its last line was handled and it has ended its side: close a moment from now. */
  | { readonly do: 'linger' }
  /** Its name was refused, or the password that it wants is decided about: what comes next is another attempt. */
  | { readonly do: 'again' }
  /** The client is known by this name from now on. */
  | { readonly do: 'name'; readonly name: string }
  /** Nothing follows: drain, then close. */
  | { readonly do: 'end'; readonly reason: EndReason; readonly error?: unknown };

/** An order and whose session it is for. */
export interface Instruction {
  readonly to: ClientId;
  readonly order: Order;
}
