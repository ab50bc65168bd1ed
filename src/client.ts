/** Somebody who is connected, as the chat knows them: their name, what they have set, what is outstanding. */
import { Party, type PartyRecord } from './party.ts';
import type { ClientId, Name } from './message.ts';
import type { Ban, Found, OwnerId, Query } from './past.ts';
import { Receipts, type ReceiptsRecord } from './receipts.ts';

/** How many are remembered as having been told that somebody is away; past it the first of them is told again. */
const TOLD = 1000;

/** What a client has set for itself; never changed, only replaced. */
export interface Choices {
  /** Where whole lines go; nobody, if lines name whom they are for. */
  readonly to: readonly Name[];
  readonly format: 'text' | 'json';
  readonly times: boolean;
  readonly ignores: ReadonlySet<ClientId>;
  readonly away: Away | undefined;
}

interface Away {
  readonly text: string;
  readonly told: Set<ClientId>;
}

// Shared by all who have set nothing, which are nearly all.
const NEVER: readonly Former[] = [];
const NOTHING: Choices = { to: [], format: 'text', times: false, ignores: new Set(), away: undefined };

/** What a snapshot holds of a client. */
export interface ClientRecord {
  readonly party: PartyRecord;
  readonly state: Pick<Client, (typeof STATE)[number]>;
  readonly choices: Omit<Choices, 'away' | 'ignores'>;
  readonly ignores: readonly ClientId[];
  readonly away: { readonly text: string; readonly told: readonly ClientId[] } | undefined;
  readonly receipts: ReceiptsRecord | undefined;
}

/** What of a client is plain data already. */
const STATE = [
  'name',
  'refusals',
  'yields',
  'ended',
  'gone',
  'stops',
  'departs',
  'since',
  'saidAt',
  'helpedAt',
  'ignored',
  'former',
  'owner',
  'question',
  'unanswered',
  'mute',
  'address',
] as const;

/** What was found; `unknown` where it cannot be, undefined until it is known. */
interface Question {
  readonly query: Query;
  readonly found: Found | 'unknown' | undefined;
}

interface Former {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export class Client extends Party {
  name: Name | undefined;
  choices = NOTHING;
  refusals = 0;
  /** It has ended its side: its name is for whoever asks for it. */
  yields = false;
  /** It has ended its side, and all that it said is handled. */
  ended = false;
  /** Its connection is closed, and not all that it said is handled: until then its name is its own. */
  gone = false;
  /** Its server stops: what it said is for nobody to wait with, since those of that server go behind it. */
  stops = false;
  /** Why it goes, once it has its receipts. */
  departs: 'quit' | 'server stopping' | undefined;
  /** The last line that named it, so that one line reaches it once. */
  named = 0;
  /** Seconds since 1970 at which it logged in, and at which it last said something. */
  since = 0;
  saidAt = 0;
  /** Milliseconds since 1970 at which it was last told whom it may have meant. */
  helpedAt = 0;
  /** How many ignore it. */
  ignored = 0;
  /** What it used to be called, the last few of them. */
  former = NEVER;
  receipts: Receipts | undefined;
  /** Whose name it has, where it has proven that the name is its own. */
  owner: OwnerId | undefined;
  /** What it wants to read again, and waits for. */
  question: Question | undefined;
  /** Lines of which it is to hear whether they are kept for those who are away. */
  unanswered = 0;
  /** It may not speak; undefined if it may. */
  mute: Ban | undefined;
  /** Where it comes from, for those who keep order. */
  address = '';

  /** It has heard what became of all of its lines of which it is to hear that. */
  get isSettled(): boolean {
    return this.unanswered === 0 && this.receipts?.settled !== false;
  }

  choose(choices: Partial<Choices>): void {
    this.choices = { ...this.choices, ...choices };
  }

  /** Does it not want to hear `other`? */
  ignores(other: Client): boolean {
    return other.ignored > 0 && this.choices.ignores.has(other.id);
  }

  /** Why it may not speak at `now`, in milliseconds. */
  muteAt(now: number): Ban | undefined {
    if (this.mute?.until !== undefined && this.mute.until <= now) this.mute = undefined;
    return this.mute;
  }

  /** Is `sender` to be told that this one is away? Once is enough. */
  tellsAway(sender: Client): boolean {
    const { away } = this.choices;
    if (!away || away.told.has(sender.id)) return false;
    const [first] = away.told;
    if (away.told.size === TOLD && first !== undefined) away.told.delete(first);
    away.told.add(sender.id);
    return true;
  }
}

/** What a snapshot holds of `client`. */
export function recordOf(client: Client): ClientRecord {
  const { away, ignores, ...choices } = client.choices;
  return {
    party: client.record(),
    state: Object.fromEntries(STATE.map((key) => [key, client[key]])) as ClientRecord['state'],
    choices,
    ignores: [...ignores],
    away: away && { text: away.text, told: [...away.told] },
    receipts: client.receipts?.record(),
  };
}

/** The client that was recorded; links to others are not there yet. */
export function clientOf({ party, state, choices, ignores, away, receipts }: ClientRecord): Client {
  const client = Object.assign(new Client(party.id), state);
  client.choose({
    ...choices,
    ignores: new Set(ignores),
    away: away && { text: away.text, told: new Set(away.told) },
  });
  if (receipts) client.receipts = Receipts.of(receipts);
  return client;
}
