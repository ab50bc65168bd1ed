/** Who is here, and under which name. */
import { Party, type PartyRecord } from './party.ts';
import type { ClientId, Name } from './message.ts';
import type { Ban, Found, OwnerId, Query } from './past.ts';
import { Receipts, type ReceiptsRecord } from './receipts.ts';

/** Milliseconds for which a line still arrives that was on its way to a name when its holder took another. */
const FORWARDED = 5000;
/** How many such names of one client are known. */
const FORMER = 4;
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

function recordOf(client: Client): ClientRecord {
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

function clientOf({ party, state, choices, ignores, away, receipts }: ClientRecord): Client {
  const client = Object.assign(new Client(party.id), state);
  client.choose({
    ...choices,
    ignores: new Set(ignores),
    away: away && { text: away.text, told: new Set(away.told) },
  });
  if (receipts) client.receipts = Receipts.of(receipts);
  return client;
}

export interface PeopleRecord {
  readonly clients: readonly ClientRecord[];
  /** Who holds which name, in the order in which they took them. */
  readonly names: readonly (readonly [key: string, holder: ClientId])[];
}

export class People {
  readonly #clients = new Map<ClientId, Client>();
  readonly #names = new Map<string, Client>();
  /** Who was called so a moment ago. */
  readonly #former = new Map<string, Client>();

  /** How many have a name. */
  get size(): number {
    return this.#names.size;
  }

  client(id: ClientId): Client | undefined {
    return this.#clients.get(id);
  }

  get all(): Iterable<Client> {
    return this.#clients.values();
  }

  arrive(id: ClientId, address: string): void {
    const client = new Client(id);
    client.address = address;
    this.#clients.set(id, client);
  }

  /** Nothing is known of it any more. */
  forget(client: Client): void {
    this.#clients.delete(client.id);
    for (const id of client.choices.ignores) {
      const other = this.#clients.get(id);
      if (other) other.ignored--;
    }
  }

  /** Whoever holds the name. */
  holder(key: string): Client | undefined {
    return this.#names.get(key);
  }

  /** Whoever held the name a moment before `now`, in milliseconds, and nobody does since. */
  formerHolder(key: string, now: number): Client | undefined {
    const client = this.#former.get(key);
    if (client?.former.some((one) => one.key === key && one.until >= now) === true) return client;
    this.forgetFormer(key);
    return undefined;
  }

  /** Nobody was called so a moment ago. */
  forgetFormer(key: string): void {
    const client = this.#former.get(key);
    if (client) this.#forgetFormer(client, key);
  }

  /** The names that are taken, those first that were taken first. */
  *names(most: number): Generator<string> {
    let left = most;
    for (const { name } of this.#names.values()) {
      if (left-- === 0) return;
      yield (name as Name).shown;
    }
  }

  /** `client` is called `name` from `now` on, in milliseconds; what it was called is for others, but still leads to it for a moment. */
  call(client: Client, name: Name, now: number): void {
    const old = client.name;
    this.forgetFormer(name.key);
    if (old && old.key !== name.key && this.#names.get(old.key) === client) {
      this.#names.delete(old.key);
      const [first] = client.former;
      if (first && client.former.length === FORMER) this.#forgetFormer(client, first.key);
      client.former = [...client.former, { key: old.key, until: now + FORWARDED }];
      this.#former.set(old.key, client);
    }
    client.name = name;
    this.#names.set(name.key, client);
  }

  /** Who ignored `client` ignores `heir`, who has taken its name. */
  passIgnorance(client: Client, heir: Client): void {
    if (client.ignored === 0) return;
    for (const one of this.#clients.values()) {
      const { ignores } = one.choices;
      if (!ignores.has(client.id)) continue;
      if (one === heir || ignores.has(heir.id)) continue;
      one.choose({ ignores: new Set([...ignores, heir.id]) });
      heir.ignored++;
    }
  }

  /** Its name is for others; by the connection, not by the name: somebody else may hold it by now. */
  release(client: Client): void {
    for (const { key } of client.former) this.#former.delete(key);
    client.former = NEVER;
    if (client.name && this.#names.get(client.name.key) === client) this.#names.delete(client.name.key);
  }

  record(): PeopleRecord {
    return {
      clients: [...this.#clients.values()].map(recordOf),
      names: [...this.#names].map(([key, { id }]) => [key, id]),
    };
  }

  /** `archive` is whom some wait for who is no client. */
  become({ clients, names }: PeopleRecord, archive: Party): void {
    for (const record of clients) this.#clients.set(record.party.id, clientOf(record));
    const known = (id: ClientId): Client => this.#clients.get(id) as Client;
    const partyOf = (id: ClientId): Party => (id === archive.id ? archive : known(id));
    for (const { party } of clients) known(party.id).become(party, partyOf);
    for (const [key, holder] of names) this.#names.set(key, known(holder));
    for (const client of this.#clients.values())
      for (const { key } of client.former) this.#former.set(key, client);
  }

  /** `client` used to be called so; that leads to it no longer. */
  #forgetFormer(client: Client, key: string): void {
    this.#former.delete(key);
    client.former = client.former.filter((one) => one.key !== key);
  }
}
