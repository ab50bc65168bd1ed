/** Whom a line reaches, and whom it does not. */
import type { Problem, RoomCode } from './event.ts';
import type { Reach } from './flow.ts';
import type { Hall } from './hall.ts';
import type { Name } from './message.ts';
import { isRoom } from './name.ts';
import { nearly } from './nearly.ts';
import type { Reservation } from './past.ts';
import type { Client } from './client.ts';
import type { Room } from './rooms.ts';

/** Names that are compared with one that nobody has, and milliseconds between two such comparisons for one client. */
const COMPARED = 1000;
const COMPARE_EVERY = 1000;
/** What it costs to say that somebody is absent, or why a room is, in deliveries. */
const ABSENT = 16;

const NONE: readonly Problem[] = [];

export class Audience implements Reach {
  /** How many hear it at most. */
  size = 0;
  /** Those whom it names, each once; undefined, like the others, as long as there is none. */
  named: Client[] | undefined;
  crowds: Room[] | undefined;
  /** Those who are not here, and whose names are their own: it waits for them. */
  away: Reservation[] | undefined;
  readonly line: number;
  readonly #hall: Hall;
  readonly #speaker: Client;
  /** Is the name of one of those its own? */
  #namesOwner = false;
  /** Keys, and names as they were written. */
  #absent: Map<string, string> | undefined;
  #barred: Map<RoomCode, Map<string, string>> | undefined;

  /** Of what `speaker` says to all of `to`. */
  constructor(hall: Hall, speaker: Client, to: readonly Name[]) {
    this.#hall = hall;
    this.#speaker = speaker;
    this.line = hall.nextLine();
    for (const name of to) {
      if (isRoom(name)) this.#addRoom(name);
      else this.#addPerson(name);
    }
  }

  get isKept(): boolean {
    if (this.away !== undefined) return true;
    if (!this.#hall.ledger.keeps) return false;
    if (this.crowds !== undefined) return true;
    return this.named !== undefined && (this.#namesOwner || this.#speaker.owner !== undefined);
  }

  /** What it costs to say it: whom it names and does not reach is told, too. */
  get cost(): number {
    let missed = this.#absent?.size ?? 0;
    for (const rooms of this.#barred?.values() ?? []) missed += rooms.size;
    return this.size + ABSENT * missed;
  }

  /** Those whom it does not reach, by their names as they were written. */
  get missed(): string[] {
    const barred = [...(this.#barred?.values() ?? [])].flatMap((rooms) => [...rooms.values()]);
    return [...(this.#absent?.values() ?? []), ...barred];
  }

  /** Is there anybody whom it does not reach? */
  get missesSome(): boolean {
    return this.#absent !== undefined || this.#barred !== undefined;
  }

  /** Why it does not reach them. */
  get problems(): readonly Problem[] {
    if (!this.missesSome) return NONE;
    const problems: Problem[] = [];
    if (this.#absent) {
      const names = [...this.#absent.values()];
      problems.push({ type: 'problem', code: 'absent', names, meant: this.#meant() });
    }
    for (const [code, rooms] of this.#barred ?? [])
      problems.push({ type: 'problem', code, rooms: [...rooms.values()] });
    return problems;
  }

  #addPerson({ key, shown }: Name): void {
    const { people, now } = this.#hall;
    const person = people.holder(key) ?? people.formerHolder(key, now);
    if (!person || person.gone) {
      const owner = this.#hall.ledger.registry.get(key);
      if (owner) {
        this.#addAway(owner);
        return;
      }
      const which = key || shown;
      this.#absent ??= new Map();
      if (!this.#absent.has(which)) this.#absent.set(which, shown);
    } else if (person.named !== this.line) {
      person.named = this.line;
      this.size++;
      if (person.owner !== undefined) this.#namesOwner = true;
      if (this.named) this.named.push(person);
      else this.named = [person]; // nearly always the only one, and an empty array makes room for many
    }
  }

  #addAway(owner: Reservation): void {
    if (this.away?.includes(owner) === true) return;
    this.size++;
    if (this.away) this.away.push(owner);
    else this.away = [owner];
  }

  #addRoom(name: Name): void {
    const room = this.#hall.rooms.get(name.key);
    if (!room) this.#bar('empty-room', name);
    else if (!room.admits(this.#speaker)) this.#bar('private-room', name);
    else if (room.size === 1 && room.has(this.#speaker)) this.#bar('alone', name);
    else if (!this.crowds?.includes(room)) {
      this.size += room.size;
      if (this.crowds) this.crowds.push(room);
      else this.crowds = [room];
    }
  }

  #bar(code: RoomCode, { key, shown }: Name): void {
    this.#barred ??= new Map();
    const rooms = this.#barred.get(code);
    if (!rooms) this.#barred.set(code, new Map([[key, shown]]));
    else if (!rooms.has(key)) rooms.set(key, shown);
  }

  /** Somebody in the speaker's rooms who is called nearly like the only one who is absent. */
  #meant(): string | undefined {
    const [key = '', more] = this.#absent?.keys() ?? [];
    const hall = this.#hall;
    const speaker = this.#speaker;
    const rooms = hall.rooms.of(speaker);
    if (more !== undefined || rooms.size === 0 || hall.now < speaker.helpedAt + COMPARE_EVERY)
      return undefined;
    if (!hall.mayCompare()) return undefined;
    speaker.helpedAt = hall.now;
    const names = new Map<string, string>();
    let looks = 0;
    for (const room of rooms) {
      for (const { name } of room.members) {
        if (looks === COMPARED) break;
        if (!name || name === speaker.name) continue;
        looks++;
        names.set(name.key, name.shown);
      }
    }
    return names.get(nearly(key, [...names.keys()]) ?? '');
  }
}
