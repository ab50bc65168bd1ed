/**
 * What is kept of what was said, and how one asks for it; names that are somebody's, and bans. All of it is plain data: the
 * chat knows no file, thread or password.
 */

/** Whose a reserved name is: the same one for as long as it is reserved, whatever its password is by then. */
export type OwnerId = string;

/** A room, as what is said in it is kept. */
export interface Place {
  readonly key: string;
  readonly shown: string;
  /** Which room of that name it is, where it is private; undefined where what is said in it is everybody's. */
  readonly private: string | undefined;
}

/** Lines of the same one to the same, one behind the other. */
export interface Said {
  /** Of the turn they were said in: in everybody's order, also across restarts. */
  readonly sequence: number;
  /** Which of the lines of that turn the first of them is. */
  readonly index: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly from: string;
  /** At least one. */
  readonly texts: readonly string[];
}

/** Lines that are read again. */
export interface Past extends Said {
  /** As it was shown; undefined where they were said to somebody. */
  readonly room: string | undefined;
  /** To whom, where the one who asks has said them. */
  readonly to: string | undefined;
}

/** Which private rooms somebody may look into, and what of each: what was said in later turns than `after`. */
export interface Insight {
  readonly private: string;
  readonly after: number;
}

/** What somebody wants to read again, `count` lines at most: the last ones, but in the order in which they were said. */
export type Query =
  /** What was said in a room; where it is private, in later turns than `after`, or while `owner` was in it. */
  | {
      readonly of: 'room';
      readonly room: Place;
      readonly after: number;
      readonly owner: OwnerId | undefined;
      readonly count: number;
    }
  /** What `owner` and whoever was called `peer` (a key) said to each other. */
  | { readonly of: 'talk'; readonly owner: OwnerId; readonly peer: string; readonly count: number }
  /** Lines with all of the words, the newest first, in one room or in all that everybody may see, those of `insights`, and the talks of `owner`. */
  | {
      readonly of: 'words';
      readonly words: string;
      readonly room: Place | undefined;
      readonly insights: readonly Insight[];
      readonly owner: OwnerId | undefined;
      readonly count: number;
    }
  /** What was said, since `owner` was last here, in the rooms it was in then. */
  | { readonly of: 'absence'; readonly owner: OwnerId; readonly count: number }
  /** What was said to `owner` while it was not here, the oldest first, behind the one of that number. */
  | { readonly of: 'mail'; readonly owner: OwnerId; readonly after: number; readonly count: number };

/** The answer. */
export interface Found {
  readonly lines: readonly Past[];
  /** There are more than were asked for. */
  readonly more: boolean;
  /** Of mail: the number of the last one; undefined where there is none. */
  readonly last?: number;
}

/** A name that is somebody's. Who has the password is checked elsewhere: of it there is only which one it is. */
export interface Reservation {
  readonly key: string;
  readonly shown: string;
  readonly owner: OwnerId;
  /** Another one with each new password. */
  readonly version: string;
  /** What waits for it: how many, and how many bytes. */
  readonly mail: number;
  readonly mailBytes: number;
}

/** What is decided about a name, or about who may not come in or not speak. */
export type Decision =
  /** The name is `owner`'s, with the password that was given under `version`. */
  | ({ readonly do: 'reserve' } & Pick<Reservation, 'key' | 'shown' | 'owner' | 'version'>)
  /** The name is nobody's any more, and what was kept for it is gone. */
  | { readonly do: 'release'; readonly key: string; readonly owner: OwnerId }
  | { readonly do: 'ban'; readonly ban: Ban }
  | { readonly do: 'unban'; readonly of: string; readonly kind: Ban['kind'] };

/** Mail that somebody is told: once the kernel has it, it is nobody's any more. */
export interface MailPart {
  readonly key: string;
  readonly owner: OwnerId;
  /** The number of the last of it. */
  readonly last: number;
  /** Lines. */
  readonly count: number;
  readonly bytes: number;
  /** There is more behind it. */
  readonly more: boolean;
}

/** Who may not come in, or not speak. */
export interface Ban {
  /** The key of a name, or an address or a network in the one way to write it. */
  readonly of: string;
  readonly kind: 'name' | 'address' | 'mute';
  /** Milliseconds since 1970; undefined if it has no end. */
  readonly until: number | undefined;
  readonly by: string;
  readonly since: number;
  readonly why: string;
}
