/** The rooms: who is in which, since when, and who may come in. */
import type { Crowd, Party } from './party.ts';
import type { ClientId, Name, NodeId } from './message.ts';
import { nodeOf, nodesOf } from './node.ts';
import type { Place } from './past.ts';
import type { Client } from './client.ts';
import { each, type InPortions } from './portions.ts';

/** How many may be invited to a room at a time. */
export const INVITED = 1000;

interface RoomRecord {
  readonly name: Name;
  readonly private: string | undefined;
  readonly insight: readonly (readonly [ClientId, number])[];
  readonly members: readonly ClientId[];
  readonly behind: readonly ClientId[];
  readonly invited: readonly ClientId[];
}

/** Which rooms somebody is in, by their keys, in the order in which they were joined. */
type Seat = readonly [client: ClientId, rooms: readonly string[]];

export interface RoomsRecord {
  /** In the order in which they were opened. */
  readonly rooms: readonly RoomRecord[];
  readonly seats: readonly Seat[];
}

export class Room implements Crowd {
  readonly name: Name;
  readonly behind = new Set<Party>();
  /** As what is said in it is kept. */
  place: Place;
  /** Of those in a private room, in which turn they came, or it became private: they may look into what was said since. */
  readonly insight = new Map<ClientId, number>();
  /** Connections, not names: whoever takes the name of somebody invited is not. */
  readonly invited = new Set<ClientId>();
  /** Those first who are here for longest. */
  readonly #members = new Map<ClientId, Client>();
  #ids: readonly ClientId[] | undefined;
  #nodes: { readonly of: readonly ClientId[]; readonly counts: ReadonlyMap<NodeId, number> } | undefined;

  constructor(name: Name) {
    this.name = name;
    this.place = { ...name, private: undefined };
  }

  /** Only who is in it or invited may join, hear or post, and others do not see it. */
  get isPrivate(): boolean {
    return this.place.private !== undefined;
  }

  get size(): number {
    return this.#members.size;
  }

  get members(): Iterable<Client> {
    return this.#members.values();
  }

  /** The ids of its members: the same array until somebody joins or leaves. */
  get ids(): readonly ClientId[] {
    return (this.#ids ??= [...this.#members.keys()]);
  }

  /** How many of its members have come to which node; without one of them, if it is in it. */
  nodesWithout(client: Client): Map<NodeId, number> {
    const { ids } = this;
    if (this.#nodes?.of !== ids) this.#nodes = { of: ids, counts: nodesOf(ids) };
    const counts = new Map(this.#nodes.counts);
    const node = nodeOf(client.id);
    if (this.has(client)) counts.set(node, (counts.get(node) ?? 0) - 1);
    return counts;
  }

  /** Whoever opened it, or else is in it for longest since: the opener is the first, until it leaves. */
  get opener(): Client | undefined {
    const [first] = this.#members.values();
    return first;
  }

  has(client: Client): boolean {
    return this.#members.has(client.id);
  }

  /** May `client` join it, or say something in it? */
  admits(client: Client): boolean {
    return !this.isPrivate || this.has(client) || this.invited.has(client.id);
  }

  /** In the turn of that `sequence`. */
  enter(client: Client, sequence: number): void {
    this.#members.set(client.id, client);
    if (this.isPrivate) this.insight.set(client.id, sequence);
    this.#ids = undefined;
    client.enter(this);
  }

  /** It is private from the turn of that `sequence` on. */
  hide(sequence: number): void {
    this.place = { ...this.place, private: `${String(sequence)} ${this.name.key}` };
    for (const id of this.#members.keys()) this.insight.set(id, sequence);
  }

  /** `heir` takes the place of `client`. */
  pass(client: Client, heir: Client): void {
    const members = [...this.#members.values()];
    this.#members.clear();
    for (const one of members) {
      const member = one === client ? heir : one;
      this.#members.set(member.id, member);
    }
    const since = this.insight.get(client.id);
    this.insight.delete(client.id);
    if (since !== undefined) this.insight.set(heir.id, since);
    this.#ids = undefined;
    client.leave(this);
    heir.enter(this);
  }

  leave(client: Client): void {
    this.#members.delete(client.id);
    this.insight.delete(client.id);
    this.#ids = undefined;
    client.leave(this);
  }

  /** The first of its people, and how many more there are; without one of them, if there is an exception. */
  people(most: number, except?: Client): { names: string[]; more: number } {
    const names: string[] = [];
    for (const member of this.#members.values()) {
      if (names.length === most) break;
      if (member.name && member !== except) names.push(member.name.shown);
    }
    const people = this.size - (except && this.has(except) ? 1 : 0);
    return { names, more: people - names.length };
  }

  record(): RoomRecord {
    const { name, place, invited, insight } = this;
    const behind = [...this.behind].map(({ id }) => id);
    const members = [...this.#members.keys()];
    return { name, private: place.private, insight: [...insight], members, behind, invited: [...invited] };
  }
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  /** Those that everybody may see. */
  readonly #open = new Set<Room>();

  get size(): number {
    return this.#rooms.size;
  }

  get(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  /** The rooms that `client` is in, in the order in which it joined them. */
  of(client: Client): ReadonlySet<Room> {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- there are no other crowds
    return client.crowds as ReadonlySet<Room>;
  }

  /** The room of that name; it is opened if there is none. */
  open(name: Name): Room {
    const room = this.#rooms.get(name.key) ?? new Room(name);
    if (room.size === 0) {
      this.#rooms.set(name.key, room);
      this.#open.add(room);
    }
    return room;
  }

  /** The room is for its people and whom they invite from now on. */
  hide(room: Room, sequence: number): void {
    if (!room.isPrivate) room.hide(sequence);
    this.#open.delete(room);
  }

  /** `client` is not in the room any more; a room without anybody is none. */
  leave(room: Room, client: Client): void {
    room.leave(client);
    if (room.size > 0) return;
    this.#rooms.delete(room.name.key);
    this.#open.delete(room);
  }

  /** The first of the rooms that everybody may see and `client` is not in, and how many more of these there are. */
  others(client: Client, most: number): { rooms: Room[]; more: number } {
    const rooms: Room[] = [];
    let mine = 0;
    for (const room of this.of(client)) if (!room.isPrivate) mine++;
    for (const room of this.#open) {
      if (rooms.length === most) break;
      if (!room.has(client)) rooms.push(room);
    }
    return { rooms, more: this.#open.size - mine - rooms.length };
  }

  /** Nothing may change until it is over. */
  *record(): InPortions<RoomsRecord> {
    const people = new Set<Client>();
    const rooms = yield* each(this.#rooms.values(), (room) => {
      for (const member of room.members) people.add(member);
      return room.record();
    });
    const seats = yield* each(people, (client): Seat => [
      client.id,
      [...this.of(client)].map(({ name }) => name.key),
    ]);
    return { rooms, seats };
  }

  become({ rooms, seats }: RoomsRecord, client: (id: ClientId) => Client): void {
    for (const { name, private: incarnation, insight, members, behind, invited } of rooms) {
      const room = this.open(name);
      for (const id of members) room.enter(client(id), 0);
      if (incarnation !== undefined) {
        room.place = { ...room.place, private: incarnation };
        this.#open.delete(room);
      }
      for (const [id, since] of insight) room.insight.set(id, since);
      room.behind.clear();
      for (const id of behind) room.behind.add(client(id));
      for (const id of invited) room.invited.add(id);
    }
    for (const [id, keys] of seats)
      client(id).crowds = new Set(keys.map((key) => this.#rooms.get(key) as Room));
  }
}
