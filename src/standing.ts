/** How a server stands to others: alone, or as a node of a cluster. */
import { EMPTY, NEVER, type Observable, of, type OperatorFunction } from 'rxjs';
import { Chat } from './chat.ts';
import { type Log, localLog } from './log.ts';
import type { Event } from './event.ts';
import type { ClientId, NodeId } from './message.ts';
import type { Notice } from './notice.ts';
import type { ChatSettings } from './settings.ts';
import type { Archive } from './store/archive.ts';
import type { Turnstile } from './turnstile.ts';
import type { Vault } from './vault/vault.ts';

/** Whoever is here. */
interface Resident {
  readonly connection: { readonly id: ClientId; readonly gate: { readonly queued: boolean } };
}

/** What of a server there is to look after. */
export interface Quarters {
  readonly residents: Iterable<Resident>;
  /** Says something to some of them, beside the chat. */
  readonly tell: (event: Event, to: readonly ClientId[]) => void;
  /** Lets one of them go, with an error. */
  readonly fail: (client: ClientId, error: unknown) => void;
  /** Emits, once, when clients may come in and whoever runs the server knows it. */
  readonly open: Observable<unknown>;
}

/** Who the server is. */
export interface Self {
  readonly node: NodeId;
  readonly settings: ChatSettings;
  readonly turnstile: Turnstile;
  readonly vault: Vault;
  readonly archive: Archive;
}

/** What is to be done behind a turn, and before the next one begins; it rests after each portion. */
export interface Errand {
  readonly errand: Iterator<undefined>;
}

export interface Standing {
  readonly log: Log;
  /** As it is before the first turn. */
  readonly chat: Chat;
  /** What there is to be done behind that turn, once what is to be kept of it is on its way. */
  readonly behind: (turn: number) => Errand | undefined;
  /** What it has kept is what the chat begins with. */
  readonly isFirst: boolean;
  /** How many other servers there are in the same chat, as far as it has heard; undefined where there cannot be any. */
  readonly others: number | undefined;
  /** Emits, once, when clients may come in. */
  readonly entered: Observable<unknown>;
  /** Emits, once, when nobody may any more, and all are to go. */
  readonly cutOff: Observable<unknown>;
  /** What comes of turns, until it is cut off. */
  readonly untilCutOff: <T>() => OperatorFunction<T, T>;
  /** Turns come faster than they are handled; or not any more. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** It is to stop, and half of the time for that is over. */
  readonly hurry: () => void;
  /** Tells those who are here what they have to know of it, and emits what whoever runs the server is to know. */
  readonly watch: (quarters: Quarters) => Observable<Notice>;
  /** Behind everything: completes, or errors where a server is to begin anew in place of this one. */
  readonly end: Observable<never>;
}

/** `last` is the sequence of the last turn of before. */
export const alone = (last: number, settings: ChatSettings): Standing => ({
  log: localLog(Date.now, last),
  chat: new Chat(settings),
  behind: () => undefined,
  isFirst: true,
  others: undefined,
  entered: of(true),
  cutOff: NEVER,
  untilCutOff: () => (turns) => turns,
  pause: () => undefined,
  resume: () => undefined,
  hurry: () => undefined,
  watch: () => EMPTY,
  end: EMPTY,
});
