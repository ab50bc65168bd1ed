/**
 * The vocabulary: what comes in (Command, Input, Turn) and what goes out (Event, Delivery, Order).
 * All of it is plain data, so that a turn can be written down, sent to another machine and replayed.
 */

/** A connection's id, unique across machines and restarts. */
export type ClientId = string;

/** A name as people see it, and the key that makes two names the same one. */
export interface Name {
  readonly shown: string;
  /** Empty where `shown` is not a name at all: such a recipient is never here. */
  readonly key: string;
}

/** What a line asks for, as far as can be told without knowing who said it. */
export type Command =
  | { readonly kind: 'say'; readonly to: readonly Name[]; readonly text: string }
  | { readonly kind: 'word'; readonly word: string; readonly rest: string }
  /** A line that is neither; `name` where it would do as one. Its text is not kept: it may be a password. */
  | { readonly kind: 'bare'; readonly name: Name | undefined }
  /** A line of nothing, or of spaces. */
  | { readonly kind: 'blank' }
  /** A first line that begins a request (RFC 9112): whoever sends it is a browser, or a scanner. */
  | { readonly kind: 'http' }
  | { readonly kind: 'fault'; readonly fault: 'line-too-long' | 'not-utf8' | 'too-many-recipients' };

/** How far behind a recipient is; see the table of flow control in docs/architecture.md. */
export type Level = 'caught-up' | 'behind' | 'full';

/** Why a connection ended, as the log says it. */
export type EndReason =
  | 'left'
  | 'quit'
  | 'lost'
  | 'no name'
  | 'no name in time'
  | 'not a chat client'
  | 'too slow: took nothing'
  | 'too slow: behind for too long'
  | 'too slow: queue full'
  | 'too slow: memory full'
  | 'server stopping'
  | 'fault';

/** Everything the chat can be told. */
export type Input =
  | { readonly type: 'arrived'; readonly client: ClientId }
  | { readonly type: 'line'; readonly client: ClientId; readonly command: Command }
  /** The client ended its side; it still listens. */
  | { readonly type: 'ended'; readonly client: ClientId }
  /** The time for a login is over. */
  | { readonly type: 'overdue'; readonly client: ClientId }
  | { readonly type: 'level'; readonly client: ClientId; readonly level: Level }
  /** The server stops: what this client said is to be handled now, whoever is behind. */
  | { readonly type: 'stopping'; readonly client: ClientId }
  /** Everything said before the server stopped is handled. */
  | { readonly type: 'stopped'; readonly client: ClientId }
  | { readonly type: 'gone'; readonly client: ClientId };

/** What was published in one turn of the event loop, in everybody's order. */
export interface Turn {
  readonly sequence: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly time: number;
  readonly inputs: readonly Input[];
  /** The index of the first of `inputs` in the turn as it was logged: more than 0 in a later slice. */
  readonly first: number;
}

/** What somebody is told. */
export type Event =
  | { readonly type: 'message'; readonly from: string; readonly text: string }
  | { readonly type: 'help' }
  | Problem;

/** What was not done and why, or why the connection is about to close. */
export type Problem =
  | { readonly type: 'problem'; readonly code: 'name-taken'; readonly name: string }
  | { readonly type: 'problem'; readonly code: 'absent'; readonly names: readonly string[] }
  | { readonly type: 'problem'; readonly code: 'unknown-command'; readonly word: string }
  | { readonly type: 'problem'; readonly code: LimitCode; readonly limit: number }
  | { readonly type: 'problem'; readonly code: PlainCode };

export type LimitCode = 'line-too-long' | 'too-many-recipients' | 'login-timeout';
export type PlainCode =
  | 'not-a-name'
  | 'no-name'
  | 'not-a-chat-client'
  | 'no-recipient'
  | 'not-utf8'
  | 'full'
  | 'too-slow'
  | 'stopping'
  | 'fault';

/** One event and everyone it is for. */
export interface Delivery {
  readonly event: Event;
  readonly to: readonly ClientId[];
}

/** What a client's session is to do; never shown to the client. */
export type Order =
  /** Do not read this client until `release`. */
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  /** Publish `caught-up` as soon as it is true, also if it is now; if it is not, that it is behind. */
  | { readonly do: 'report' }
  /** Its last line was handled and it has ended its side: close a moment from now. */
  | { readonly do: 'linger' }
  /** The client is known by this name from now on. */
  | { readonly do: 'name'; readonly name: string }
  /** Nothing follows: drain, then close. */
  | { readonly do: 'end'; readonly reason: EndReason; readonly error?: unknown };

/** An order and whose session it is for. */
export interface Instruction {
  readonly to: ClientId;
  readonly order: Order;
}
