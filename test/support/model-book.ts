/** Whose names are whose, who is banned and what is kept, in the model of the chat. */
import type { Ban, Decision, Found, OwnerId, Query } from '../../src/past.ts';
import { type Person, type Place, type Room, same } from './model-place.ts';

/** The one who keeps order, if the name is its own. */
export const OPERATOR = 'ann';
/** Small enough to be reached. */
export const MOST_NAMES = 3;
export const MOST_BANS = 2;
export const MOST_MAIL = 2;
export const MOST_MAIL_BYTES = 16 + 6 * 64;
/** What a line costs besides its text. */
const LINE = 64;

export const NOT_YOURS = '! that is for a name that is yours; /reserve PASSWORD makes it so';
export const NOT_NOW = '! that cannot be looked up now';

/** A name that is somebody's, and what waits for it. */
export interface Owned {
  readonly name: string;
  readonly owner: OwnerId;
  readonly version: string;
  mail: number;
  bytes: number;
}

/** Who may read a line again. */
interface Readers {
  everybody: boolean;
  /** Connections that were in the room. */
  readonly people: Set<string>;
  readonly owners: Set<OwnerId | undefined>;
}

export class Book {
  names: Owned[] = [];
  bans: Ban[] = [];
  /** What is to be kept of what was said in rooms, line by line. */
  kept: string[] = [];
  /** What else is to be kept or looked up. */
  done: unknown[] = [];
  /** In which rooms owners are, as far as it was to be kept. */
  readonly #seats = new Set<string>();
  /** Owners whose mail is under way. */
  readonly underWay = new Set<OwnerId>();
  /** The number of the last letter that each owner has taken. */
  readonly taken = new Map<OwnerId, number>();
  /** What was told again to somebody whom it was not for. */
  readonly leaks: string[] = [];
  /** Those of each text that was kept. */
  readonly readers = new Map<string, Readers>();

  of(name: string): Owned | undefined {
    return this.names.find((one) => same(one.name, name));
  }

  ban(kind: Ban['kind'], of: string): Ban | undefined {
    return this.bans.find((one) => one.kind === kind && one.of === of.toLowerCase());
  }

  get bytes(): number {
    return this.names.reduce((sum, { bytes, mail }) => sum + bytes + LINE * mail, 0);
  }

  hasRoomFor({ mail, bytes }: Owned, text: string): boolean {
    const cost = text.length + LINE;
    return mail < MOST_MAIL && bytes + LINE * mail + cost <= MOST_MAIL_BYTES - this.bytes - cost;
  }

  /** `person` said it in the room, in which these are. */
  keep(person: Person, room: Room, text: string): void {
    this.kept.push(`${person.name} in ${idOf(room)}: ${text}`);
    const readers = this.#readersOf(text);
    if (room.which === undefined) readers.everybody = true;
    for (const { id, owner } of room.members) {
      readers.people.add(id);
      readers.owners.add(owner);
    }
  }

  /** `person` said it to somebody, or somebody to it: that is for the owner of its name. */
  talk(owner: OwnerId | undefined, isMine: boolean, peer: string, text: string): void {
    if (owner === undefined) return;
    this.done.push(`talk of ${owner} ${isMine ? 'to' : 'from'} ${peer}: ${text}`);
    this.#readersOf(text).owners.add(owner);
  }

  mail(person: Person, to: Owned, text: string): void {
    to.mail++;
    to.bytes += text.length;
    this.done.push(`mail for ${to.owner} from ${person.name}: ${text}`);
    this.#readersOf(text).owners.add(to.owner);
    this.talk(to.owner, false, person.name, text);
    this.talk(person.owner, true, to.name, text);
  }

  seat(what: 'enter' | 'leave', { owner }: Person, room: Room): void {
    if (owner === undefined) return;
    this.done.push(`${what} ${owner} ${idOf(room)}`);
    const key = `${owner} ${room.name.toLowerCase()}`;
    if (what === 'enter') this.#seats.add(key);
    else this.#seats.delete(key);
  }

  /** The name of `person` is not its own any more. */
  disown(person: Person): void {
    const { owner } = person;
    person.owner = undefined;
    const seats = [...this.#seats].filter((seat) => seat.split(' ')[0] === owner);
    // Who is nowhere leaves nothing.
    if (seats.length > 0) this.done.push(`gone ${String(owner)}`);
    for (const seat of seats) this.#seats.delete(seat);
  }

  recall(person: Person, query: Query): void {
    this.done.push({ who: person.id, query });
  }

  /** Was it said to, or before, whoever that is? */
  mayRead(text: string, { owner, lineage }: Person): boolean {
    const readers = this.readers.get(text);
    if (!readers || readers.everybody) return true;
    return (owner !== undefined && readers.owners.has(owner)) || lineage.some((id) => readers.people.has(id));
  }

  #readersOf(text: string): Readers {
    let readers = this.readers.get(text);
    if (!readers)
      this.readers.set(text, (readers = { everybody: false, people: new Set(), owners: new Set() }));
    return readers;
  }
}

/** Which room it is, of those of its name. */
export const idOf = ({ name, which }: Pick<Room, 'name' | 'which'>): string =>
  which === undefined ? name.toLowerCase() : `${name.toLowerCase()} (${which})`;

export const isOperator = ({ owner, name }: Person): boolean => owner !== undefined && same(name, OPERATOR);

/** `person`, whose name it is, has it as its own. */
export function own(place: Place, person: Person, { owner, mail }: Owned): void {
  if (person.owner !== owner) {
    person.owner = owner;
    for (const room of person.rooms) place.book.seat('enter', person, room);
  }
  if (mail > 0) fetchMail(place, person, owner);
}

/** What waits for `owner`, whose name `person` has, behind what was taken before. */
export function fetchMail({ book }: Place, person: Person, owner: OwnerId): void {
  if (book.underWay.has(owner)) return;
  book.underWay.add(owner);
  book.recall(person, { of: 'mail', owner, after: book.taken.get(owner) ?? 0, count: 100 });
}

/** `heir` is where `person` was, as if it had been there all the time. */
export function takeOver(place: Place, person: Person, heir: Person, mostRooms: number): void {
  place.hurry(person);
  if (person.over !== '') return;
  const { owner } = person;
  const rooms = [...person.rooms];
  for (const room of rooms) {
    if (room.members.includes(heir)) continue;
    if (heir.rooms.length >= mostRooms) {
      place.slip(person, room);
      continue;
    }
    room.members = room.members.map((one) => (one === person ? heir : one));
    person.rooms = person.rooms.filter((one) => one !== room);
    heir.rooms.push(room);
    const since = room.since.get(person);
    room.since.delete(person);
    if (since !== undefined) room.since.set(heir, since);
    const others = room.members.filter((one) => one !== heir).map(({ name }) => name);
    heir.hears.push(enteredLine(room.name, others));
  }
  heir.lineage.push(...person.lineage);
  for (const one of place.people)
    if (one !== heir && one.ignores.includes(person) && !one.ignores.includes(heir)) one.ignores.push(heir);
  // Its owner has stayed.
  for (const room of heir.rooms)
    if (!rooms.includes(room)) place.book.seat('enter', { ...heir, owner }, room);
  [heir.owner, person.owner] = [owner, undefined];
  person.hears.push(`! somebody has logged in as ${person.name} with its password; closing`);
  place.end(person, 'taken over');
}

export const enteredLine = (room: string, others: readonly string[]): string =>
  others.length === 0 ? `* nobody else is in ${room}` : `* in ${room}: ${others.join(', ')}`;

/** `person` wants its name to be its own, with another password. */
export function reserve(place: Place, person: Person, version: string): void {
  const { book } = place;
  const { name } = person;
  const old = book.of(name);
  if (!old && book.names.length >= MOST_NAMES) {
    person.hears.push(`! ${String(MOST_NAMES)} names are reserved, and no more can be`);
    return;
  }
  const { owner, mail, bytes } = old ?? { owner: version, mail: 0, bytes: 0 };
  const owned = { name, owner, version, mail, bytes };
  book.names = old ? book.names.map((one) => (one === old ? owned : one)) : [...book.names, owned];
  book.done.push(`reserve ${name} ${owner} ${version}`);
  if (!old) own(place, person, owned);
  person.hears.push(
    old
      ? `* the password of ${name} is another one now`
      : `* ${name} is yours; from now on log in with "${name} PASSWORD"`,
  );
}

/** Somebody else has decided that. */
export function decide(place: Place, decision: Decision): void {
  const { book } = place;
  if (decision.do === 'ban') {
    impose(place, decision.ban);
    return;
  }
  if (decision.do === 'unban') {
    lift(place, decision.kind, decision.of);
    return;
  }
  const { key, owner } = decision;
  book.names = book.names.filter((one) => !same(one.name, key));
  if (decision.do === 'reserve') {
    book.names.push({ name: decision.shown, owner, version: decision.version, mail: 0, bytes: 0 });
    place.forgetFormer(key);
  }
  const holder = place.holder(key);
  if (!holder || holder.owner === book.of(key)?.owner) return;
  book.disown(holder);
  if (decision.do === 'release') return;
  holder.hears.push(nameReserved(holder.name));
  place.end(holder, 'taken over');
}

/** A ban holds from now on. */
export function impose(place: Place, ban: Ban): void {
  const { book } = place;
  const old = book.ban(ban.kind, ban.of);
  book.bans = old ? book.bans.map((one) => (one === old ? ban : one)) : [...book.bans, ban];
  const guest = place.holder(ban.of);
  if (guest && ban.kind === 'mute') guest.mute = ban;
  if (!guest || ban.kind !== 'name') return;
  guest.hears.push(banned(ban));
  place.end(guest, 'banned');
}

/** It does not any more; false where there is none. */
export function lift(place: Place, kind: Ban['kind'], of: string): boolean {
  const { book } = place;
  const ban = book.ban(kind, of);
  const guest = place.holder(of);
  if (guest && kind === 'mute') guest.mute = undefined;
  book.bans = book.bans.filter((one) => one !== ban);
  return ban !== undefined;
}

export const nameReserved = (name: string, command = ''): string =>
  `! the name ${name} is somebody's own; type "${command}${name} PASSWORD", or another`;
export const banned = ({ why }: Ban): string => `! you are banned${why === '' ? '' : ` (${why})`}; closing`;

const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** Lines that are told again, as they are read. */
export function retell({ book }: Place, person: Person, found: Found): void {
  for (const { from, room, to, time, texts } of found.lines) {
    const where = room !== undefined ? ` in ${room}` : to !== undefined ? ` to ${to}` : '';
    for (const text of texts) {
      person.hears.push(`from ${from}${where} at ${timeOf(time)}: ${text}`);
      if (!book.mayRead(text, person)) book.leaks.push(`${person.name} (${person.id}) reads ${text}`);
    }
  }
}
