/** Who is here, and under which name. */
import { Client, type ClientRecord, clientOf, recordOf } from './client.ts';
import type { ClientId, Name, NodeId } from './message.ts';
import { nodeOf } from './node.ts';
import type { Party } from './party.ts';
import { each, type InPortions } from './portions.ts';

/** Milliseconds for which a line still arrives that was on its way to a name when its holder took another. */
const FORWARDED = 5000;
/** How many such names of one client are known. */
const FORMER = 4;

export interface PeopleRecord {
  readonly clients: readonly ClientRecord[];
  /** Who holds which name, in the order in which they took them. */
  readonly names: readonly (readonly [key: string, holder: ClientId])[];
  readonly lost: readonly (readonly [NodeId, clients: number])[];
}

export class People {
  readonly #clients = new Map<ClientId, Client>();
  readonly #names = new Map<string, Client>();
  /** Who was called so a moment ago. */
  readonly #former = new Map<string, Client>();
  /** How many are still known of each node that is gone. */
  readonly #lost = new Map<NodeId, number>();

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

  get ids(): Iterable<ClientId> {
    return this.#clients.keys();
  }

  arrive(id: ClientId, address: string): void {
    const client = new Client(id);
    client.address = address;
    this.#clients.set(id, client);
  }

  /** That node is gone; gives those who have come to it, who go with it. */
  lose(node: NodeId): ClientId[] {
    const clients = [...this.#clients.keys()].filter((id) => nodeOf(id) === node);
    if (clients.length > 0) this.#lost.set(node, clients.length);
    return clients;
  }

  /** Nodes that are gone, as long as not all that was said by those who had come to them is handled. */
  get lostNodes(): Iterable<NodeId> {
    return this.#lost.keys();
  }

  /** Is there nobody any more who could do something for that client? */
  isLost(client: ClientId): boolean {
    return this.#lost.size > 0 && this.#lost.has(nodeOf(client));
  }

  /** Whoever can ask for another turn in the place of `client`: it, as long as its node is there. */
  somebodyFor(client: ClientId): ClientId {
    if (!this.isLost(client)) return client;
    for (const id of this.#clients.keys()) if (!this.isLost(id)) return id;
    return client;
  }

  /** Nothing is known of it any more. */
  forget(client: Client): void {
    this.#clients.delete(client.id);
    if (this.#lost.size > 0) this.#forgetOneOf(nodeOf(client.id));
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
    client.former = [];
    if (client.name && this.#names.get(client.name.key) === client) this.#names.delete(client.name.key);
  }

  /** Nothing may change until it is over. */
  *record(): InPortions<PeopleRecord> {
    return {
      clients: yield* each(this.#clients.values(), recordOf),
      names: [...this.#names].map(([key, { id }]) => [key, id]),
      lost: [...this.#lost],
    };
  }

  /** `archive` is whom some wait for who is no client. */
  become({ clients, names, lost }: PeopleRecord, archive: Party): void {
    for (const record of clients) this.#clients.set(record.party.id, clientOf(record));
    const known = (id: ClientId): Client => this.#clients.get(id) as Client;
    const partyOf = (id: ClientId): Party => (id === archive.id ? archive : known(id));
    for (const { party } of clients) known(party.id).become(party, partyOf);
    for (const [key, holder] of names) this.#names.set(key, known(holder));
    for (const [node, clients] of lost) this.#lost.set(node, clients);
    for (const client of this.#clients.values())
      for (const { key } of client.former) this.#former.set(key, client);
  }

  #forgetOneOf(node: NodeId): void {
    const left = (this.#lost.get(node) ?? 0) - 1;
    if (left > 0) this.#lost.set(node, left);
    else this.#lost.delete(node);
  }

  /** `client` used to be called so; that leads to it no longer. */
  #forgetFormer(client: Client, key: string): void {
    this.#former.delete(key);
    client.former = client.former.filter((one) => one.key !== key);
  }
}
