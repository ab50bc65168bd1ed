/**
 * What somebody is told, as plain data. A codec makes lines of it: text.ts for people, json.ts for programs. A room
 * is written with its `#`. Lists are cut where they would be long; `more` says how many are not in them.
 */

/** When something was said: the sequence of its turn, and milliseconds since 1970. One for a whole turn. */
export interface Stamp {
  readonly sequence: number;
  readonly time: number;
}

/** What a person wrote to the same people, one line behind the other. */
export interface Message {
  readonly type: 'message';
  readonly from: string;
  readonly room: string | undefined;
  /** At least one. */
  readonly texts: readonly string[];
  /** Undefined for what was simply said; else what it belongs to. */
  readonly about: 'away' | 'kick' | 'announcement' | undefined;
  readonly stamp: Stamp;
  /** Which of the lines of its turn the first of them is; with the sequence it is the line's id. */
  readonly index: number;
  /** It was said before, and is told again; undefined for what is said now. */
  readonly past?: Retold | undefined;
}

/** Why a line is told again. */
export interface Retold {
  readonly why: 'history' | 'search' | 'catchup' | 'mail';
  /** To whom, where the one who hears it has said it. */
  readonly to: string | undefined;
}

/** News of a room one is in, or of somebody in it. */
export type News =
  | { readonly type: 'joined'; readonly room: string; readonly name: string }
  | { readonly type: 'left'; readonly room: string; readonly names: readonly string[]; readonly more: number }
  | { readonly type: 'renamed'; readonly was: string; readonly name: string }
  | { readonly type: 'removed'; readonly room: string; readonly name: string; readonly by: string }
  | { readonly type: 'private'; readonly room: string; readonly by: string }
  /** `by` invites you. */
  | { readonly type: 'invitation'; readonly room: string; readonly by: string };

/** The format of one's lines, and whether people's lines tell the time. */
export interface Format {
  readonly format: 'text' | 'json';
  readonly time: boolean;
}

export interface RoomEntry {
  readonly room: string;
  readonly people: number;
  readonly mine: boolean;
  readonly private: boolean;
}

/** Somebody, or all from somewhere, who may not come in, or may not speak. */
export interface BanEntry {
  readonly of: string;
  readonly kind: 'name' | 'address' | 'mute';
  /** Milliseconds since 1970; undefined if it has no end. */
  readonly until: number | undefined;
  readonly by: string;
  readonly why: string;
}

/** What `/help` says of a command. */
export interface CommandHelp {
  readonly word: string;
  /** What stands behind it, as one would write it down; empty where nothing does. */
  readonly args: string;
  readonly help: string;
  readonly example: string;
  /** A screen has no room for it in the list: it is only named there. */
  readonly minor?: true;
}

/** The answer to a command. */
export type Answer =
  | { readonly type: 'help'; readonly commands: readonly CommandHelp[] }
  | ({ readonly type: 'command' } & CommandHelp)
  /** Who is here; in `room`, if there is one. */
  | {
      readonly type: 'people';
      readonly room: string | undefined;
      readonly names: readonly string[];
      readonly more: number;
    }
  /** You are in the room now, as you asked, and these are in it, too. */
  | {
      readonly type: 'entered';
      readonly room: string;
      readonly names: readonly string[];
      readonly more: number;
    }
  | {
      readonly type: 'person';
      readonly name: string;
      /** Milliseconds since 1970. */
      readonly since: number;
      /** Seconds. */
      readonly idle: number;
      readonly away: boolean;
      /** Those that both are in. */
      readonly rooms: readonly string[];
      readonly more: number;
      /** From where, for those who keep order. */
      readonly address?: string;
    }
  /** You invited `name`. */
  | { readonly type: 'invited'; readonly room: string; readonly name: string }
  | { readonly type: 'rooms'; readonly rooms: readonly RoomEntry[]; readonly more: number }
  /** Where whole lines go; nowhere if it is empty. */
  | { readonly type: 'target'; readonly to: readonly string[] }
  | { readonly type: 'ignoring'; readonly names: readonly string[] }
  | { readonly type: 'away'; readonly away: boolean }
  /** Written in the format that it is about. */
  | ({ readonly type: 'format' } & Format)
  | { readonly type: 'receipts'; readonly on: boolean }
  /** Line `number` is in the kernels of all of these; `missed` were named, and did not get it. */
  | {
      readonly type: 'receipt';
      readonly number: number;
      readonly to: readonly string[];
      readonly rooms: readonly { readonly room: string; readonly people: number }[];
      readonly missed: readonly string[];
      /** Those for whom it waits. */
      readonly mailed: readonly string[];
      /** What was said in a room, and what waits for `mailed`, is in the file; undefined where there is nothing to keep. */
      readonly kept: boolean | undefined;
    }
  /** Those lines are told that were asked for: of `what`, a room, a name or words. */
  | {
      readonly type: 'past';
      readonly of: 'room' | 'talk' | 'words' | 'absence';
      readonly what: string;
      readonly lines: number;
      readonly more: boolean;
      /** `/history` with this count would show more of it; undefined where none would. */
      readonly further?: number;
    }
  /** They are not here; what was said to them waits for them. */
  | { readonly type: 'kept'; readonly names: readonly string[] }
  /** The name is yours, `again` if only the password is another one. */
  | { readonly type: 'reserved'; readonly name: string; readonly again: boolean }
  | { readonly type: 'unreserved'; readonly name: string }
  | { readonly type: 'bans'; readonly bans: readonly BanEntry[]; readonly more: number }
  /** An operator's wish is done; `until` in milliseconds since 1970. */
  | {
      readonly type: 'ordered';
      readonly deed: 'kick' | 'ban' | 'unban' | 'mute' | 'unmute';
      readonly of: string;
      readonly until: number | undefined;
      /** From where whoever is banned by a name may come back under another one. */
      readonly address?: string;
    }
  /** For operators: what is said is not kept, or is again, but for so many lines; there, if it is another node of the cluster than theirs. */
  | { readonly type: 'storage'; readonly ok: boolean; readonly lost: number; readonly node?: string }
  /** What you say waits, since NATS cannot be reached; or, if `ok`, it does not any more. */
  | { readonly type: 'cluster'; readonly ok: boolean }
  | { readonly type: 'pong' }
  | { readonly type: 'welcome'; readonly text: string };

/** What was not done and why, or why the connection is about to close. The codes do not change. */
export type Trouble =
  /** `command` where it is not the answer to a login. */
  | { readonly code: NameCode; readonly name: string; readonly command?: 'name' }
  | { readonly code: PasswordCode; readonly command?: SecretCommand }
  | { readonly code: 'password-wait'; readonly seconds: number; readonly command?: SecretCommand }
  /** Somebody has logged in with your name and its password. */
  | { readonly code: 'taken-over'; readonly name: string }
  /** So much waits for them that no more is kept. */
  | { readonly code: 'mail-full'; readonly names: readonly string[] }
  /** They are away, and what was said to them may not wait for them. */
  | { readonly code: 'not-kept'; readonly names: readonly string[] }
  /** `until` in milliseconds since 1970; undefined if it has no end. */
  | { readonly code: 'banned' | 'muted'; readonly why: string; readonly until: number | undefined }
  /** What would keep out somebody who keeps order. */
  | { readonly code: 'keeps-order'; readonly name: string }
  /** Whoever makes it its own keeps order, so that is not for somebody from elsewhere. */
  | { readonly code: 'operators-name'; readonly name: string }
  | { readonly code: 'put-out'; readonly by: string; readonly why: string }
  /** `command` where it is not the answer to a login. */
  | { readonly code: 'name-taken'; readonly name: string; readonly command?: 'name' }
  | { readonly code: 'not-a-name'; readonly command?: 'name' }
  /** Not here; `meant` is somebody who is, and whose name is nearly that. */
  | { readonly code: 'absent'; readonly names: readonly string[]; readonly meant?: string | undefined }
  /** They were here, and went before they had taken it. */
  | { readonly code: 'lost'; readonly names: readonly string[] }
  | { readonly code: RoomCode; readonly rooms: readonly string[] }
  | { readonly code: 'not-opener'; readonly room: string; readonly opener: string }
  | { readonly code: 'not-in-room'; readonly room: string; readonly name: string | undefined }
  | { readonly code: 'unknown-command'; readonly word: string; readonly meant?: string | undefined }
  | { readonly code: 'usage'; readonly word: string; readonly example: string }
  | { readonly code: LimitCode; readonly limit: number }
  /**
   * The other nodes have given this one up: so many of your lines were not heard of again, of which `first` is the first, where
   * it may be told. Or, if `stopping`, this one is to stop, and cannot reach them. Or it has not heard the same as they for so many `seconds`.
   */
  | {
      readonly code: 'cut-off';
      readonly lines: number;
      readonly first?: string;
      readonly stopping?: true;
      readonly seconds?: number;
    }
  | { readonly code: PlainCode };

export type Problem = { readonly type: 'problem' } & Trouble;

export type RoomCode = 'empty-room' | 'alone' | 'private-room';
/** About a name that somebody may have reserved. */
export type NameCode = 'name-reserved' | 'wrong-password' | 'not-reserved';
export type PasswordCode = 'plain-password' | 'bad-password' | 'password-busy';
/** What the password was for; undefined for a login. */
export type SecretCommand = 'name' | 'reserve';
export type LimitCode =
  | 'too-many-reserved'
  | 'too-many-bans'
  | 'line-too-long'
  | 'too-many-recipients'
  | 'login-timeout'
  | 'too-many-rooms'
  | 'too-many-ignored'
  | 'too-many-invited';
export type PlainCode =
  | 'not-yours'
  | 'not-found-now'
  | 'nothing-kept'
  | 'not-operator'
  | 'own-machine'
  | 'no-such-ban'
  | 'not-a-room'
  | 'no-target'
  | 'no-name'
  | 'not-a-chat-client'
  | 'no-recipient'
  | 'not-utf8'
  | 'full'
  | 'not-allowed'
  | 'tls-only'
  | 'no-tls'
  | 'no-proxy-header'
  | 'proxy-not-trusted'
  | 'too-slow'
  | 'stopping'
  | 'fault';

/** A line that was not sent at all, and whose sender wants to know of each line what became of it. */
export interface Unsent {
  readonly type: 'unsent';
  readonly number: number;
  readonly problems: readonly Problem[];
  readonly missed: readonly string[];
}

export type Event = Message | News | Answer | Unsent | Problem;
