/** Who is where, in the model of the chat: what there is, and what several of its rules do with it. */
import type { Ban, OwnerId } from '../../src/past.ts';
import { Book } from './model-book.ts';
import type { Question } from './model-recall.ts';

export interface Person {
  readonly id: string;
  name: string;
  refusals: number;
  halfClosed: boolean;
  /** It has ended its side before it was to go. */
  ended: boolean;
  /** Why it goes, once it has heard of all of its lines. */
  departs: 'quit' | 'server stopping' | undefined;
  /** Lines of which it is to hear that they are kept. */
  unanswered: number;
  /** Why it was let go, or empty. */
  over: string;
  /** Its connection is no more. */
  gone: boolean;
  /** In the order in which it joined them. */
  rooms: Room[];
  /** Where its whole lines go; nobody, if lines name whom they are for. */
  to: string[];
  ignores: Person[];
  away: { readonly text: string; readonly told: Person[] } | undefined;
  /** What it was called before, which leads to it for a moment; the last one last. */
  former: { readonly name: string; readonly until: number }[];
  since: number;
  spokeAt: number;
  /** Whose the name is, where it has proven that it is its own. */
  owner: OwnerId | undefined;
  mute: Ban | undefined;
  /** What it waits for; what it does meanwhile is done when that is known. */
  question: Question | undefined;
  /** It waits for nothing any more. */
  leaving: boolean;
  /** The connections whose place it has taken, and itself. */
  readonly lineage: string[];
  /** What it heard in this turn. */
  hears: string[];
}

export interface Room {
  readonly name: string;
  /** Those first who are here for longest. */
  members: Person[];
  invited: Person[];
  isPrivate: boolean;
  /** Which private room of its name it is. */
  which: string | undefined;
  /** In which turn those in a private room came, or it became private. */
  readonly since: Map<Person, number>;
  /** The names of those who ended their connections, and are not told of yet. */
  left: string[];
}

const FORWARDED = 5000;
const MOST_FORMER = 4;

export const isName = (text: string): boolean => /^[a-z]+$/i.test(text);
export const isRoom = (text: string): boolean => /^#[a-z]+$/i.test(text);
export const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const without = <T>(all: readonly T[], one: T): T[] => all.filter((other) => other !== one);

export class Place {
  /** Milliseconds since 1970. */
  now = 0;
  /** The number of the turn. */
  turn = 0;
  readonly book = new Book();
  /** What somebody has said who waits is done now. */
  hurry: (person: Person) => void = () => undefined;
  /** Those whose connection is not gone. */
  people: Person[] = [];
  /** Those who hold a name, whatever was taken first first. */
  named: Person[] = [];
  /** In the order in which they were opened. */
  rooms: Room[] = [];
  /** Those that somebody left without a word, in that order. */
  #departed: Room[] = [];

  arrive(id: string): void {
    this.people.push({
      ...{ id, name: '', refusals: 0, halfClosed: false, ended: false, over: '', gone: false },
      ...{ departs: undefined, unanswered: 0 },
      ...{ rooms: [], to: [], ignores: [], away: undefined, former: [] },
      ...{ since: 0, spokeAt: 0, hears: [] },
      ...{ owner: undefined, mute: undefined, question: undefined, leaving: false, lineage: [id] },
    });
  }

  holder(name: string): Person | undefined {
    return this.named.find((one) => same(one.name, name));
  }

  /** Whoever hears what is said to `name`: its holder, or else who was called so a moment ago. */
  reachedAs(name: string): Person | undefined {
    const wasCalledSo = ({ former }: Person): boolean =>
      former.some((one) => same(one.name, name) && this.now <= one.until);
    return this.holder(name) ?? this.people.find(wasCalledSo);
  }

  room(name: string): Room | undefined {
    return this.rooms.find((one) => same(one.name, name));
  }

  /** May `person` join it, say something in it, or see who is there? */
  admits(room: Room, person: Person): boolean {
    return !room.isPrivate || room.members.includes(person) || room.invited.includes(person);
  }

  /** Nobody is reached any more as who was called so. */
  forgetFormer(name: string): void {
    for (const one of this.people) one.former = one.former.filter((former) => !same(former.name, name));
  }

  /** `person` takes `name`, which is free, or which its holder yields, who is in no room any more. */
  call(person: Person, name: string, rooms: readonly Room[] = person.rooms): void {
    const holder = this.holder(name);
    this.disown(person, name);
    if (holder && holder !== person) this.depart(holder);
    if (person.name !== '') this.#tellRenamed(person, name, rooms);
    this.forgetFormer(name);
    if (person.name !== '' && !same(person.name, name)) {
      this.named = without(this.named, person);
      const former = { name: person.name, until: this.now + FORWARDED };
      person.former = [...person.former, former].slice(-MOST_FORMER);
    }
    person.name = name;
    if (holder) this.named = this.named.map((one) => (one === holder ? person : one));
    else this.named.push(person);
  }

  /** Its name is not its own any more where it takes another, unless that is. */
  disown(person: Person, name: string): void {
    if (!same(person.name, name) && person.owner !== this.book.of(name)?.owner) this.book.disown(person);
  }

  enter(person: Person, room: Room): void {
    if (!this.rooms.includes(room)) this.rooms.push(room);
    room.members.push(person);
    person.rooms.push(room);
    if (room.isPrivate) room.since.set(person, this.turn);
    this.book.seat('enter', person, room);
  }

  /** Only who is in the room, or invited, may see it from now on. */
  hide(room: Room): void {
    if (room.isPrivate) return;
    const was = { ...room };
    room.isPrivate = true;
    room.which = `${String(this.turn)} ${room.name.toLowerCase()}`;
    for (const person of room.members) {
      room.since.set(person, this.turn);
      this.book.seat('leave', person, was);
      this.book.seat('enter', person, room);
    }
  }

  leave(person: Person, room: Room): void {
    this.book.seat('leave', person, room);
    room.since.delete(person);
    room.members = without(room.members, person);
    person.rooms = without(person.rooms, room);
    if (room.members.length === 0) this.rooms = without(this.rooms, room);
  }

  /** Whoever is in the room hears `line`, and before it who is not there any more. */
  tell(room: Room, line: string): void {
    this.#tellDeparted(room);
    for (const { hears } of room.members) hears.push(line);
  }

  /** What `person` says in the room is heard by whoever is in it, but for itself and those who have heard it. */
  say(person: Person, room: Room, text: string, heard: readonly Person[] = []): void {
    this.#tellDeparted(room);
    for (const one of without(room.members, person))
      if (!heard.includes(one) && !one.ignores.includes(person))
        one.hears.push(`from ${person.name} in ${room.name}: ${text}`);
  }

  /** `person` is told to go. */
  end(person: Person, why: string): void {
    if (person.over !== '') return;
    this.hurry(person);
    // By what it had said before.
    if (isOver(person)) return;
    this.book.disown(person);
    person.over = why;
    person.former = [];
    this.named = without(this.named, person);
    this.depart(person);
  }

  /** `person` leaves its rooms without a word. */
  depart(person: Person): void {
    for (const room of person.rooms) this.slip(person, room);
  }

  slip(person: Person, room: Room): void {
    this.leave(person, room);
    room.left.push(person.name);
    if (!this.#departed.includes(room)) this.#departed.push(room);
  }

  /** `person` goes once it has heard what became of its lines. */
  quit(person: Person, why: 'quit' | 'server stopping'): void {
    if (person.unanswered > 0) {
      person.departs = why;
      return;
    }
    if (why === 'server stopping') person.hears.push('! the server is stopping');
    this.end(person, why);
  }

  endTurn(): void {
    for (const room of this.#departed) this.#tellDeparted(room);
  }

  /** Whoever shares a room with `person` hears of its new name, each once; if it is another one. */
  #tellRenamed(person: Person, name: string, among: readonly Room[]): void {
    const rooms = person.name === name ? [] : among;
    for (const room of rooms) this.#tellDeparted(room);
    const hearers = new Set([person, ...rooms.flatMap(({ members }) => members)]);
    for (const { hears } of hearers) hears.push(`* ${person.name} is now ${name}`);
  }

  #tellDeparted(room: Room): void {
    for (const { hears } of room.members)
      if (room.left.length > 0) hears.push(`* ${room.left.join(', ')} left ${room.name}`);
    room.left = [];
    this.#departed = without(this.#departed, room);
  }
}

// A function, for the compiler does not see that what was said may have changed it.
const isOver = ({ over }: Person): boolean => over !== '';
