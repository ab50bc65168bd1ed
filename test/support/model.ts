/** The rules of the chat once more, as plainly as they can be said: arrays, no flow control, names of ASCII letters. */
import type { Decision, Found, Query } from '../../src/past.ts';
import {
  banned,
  decide,
  fetchMail,
  nameReserved,
  type Owned,
  own,
  reserve,
  retell,
  takeOver,
} from './model-book.ts';
import { COMMANDS, isTaken, MOST_ROOMS, NOT_A_NAME } from './model-commands.ts';
import { isName, type Person, Place } from './model-place.ts';
import { listOf, namesIn, say } from './model-talk.ts';

export type Step =
  | { readonly do: 'arrive' | 'end' | 'overdue' | 'stop' | 'go'; readonly who: string }
  | { readonly do: 'type'; readonly who: string; readonly line: string }
  /** Its name is to be its own, with a password that is kept under that version. */
  | { readonly do: 'reserve'; readonly who: string; readonly version: string }
  /** It has told the password of the name, the one of today or another one. */
  | {
      readonly do: 'prove';
      readonly who: string;
      readonly name: string;
      readonly use: 'login' | 'name';
      readonly owned: Owned | undefined;
    }
  /** What it asked for is found. */
  | { readonly do: 'answer'; readonly who: string; readonly query: Query; readonly found: Found }
  /** Its kernel has its mail. */
  | { readonly do: 'take'; readonly who: string; readonly mail: Found; readonly owner: string }
  /** What it said to those who are away is kept. */
  | { readonly do: 'kept'; readonly who: string; readonly names: readonly string[] }
  /** Somebody else has decided that. */
  | { readonly do: 'decide'; readonly decision: Decision };

/** What became of somebody in a turn: what it heard, how it is called, and why it was let go, if it was. */
export interface Story {
  readonly hears: readonly string[];
  readonly name: string;
  readonly over: string;
}

/** What works without a name. */
const NAMELESS = ['/ping', '/quit'];
/** What waits as long as it waits for an answer. */
const PARKED: ReadonlySet<Step['do']> = new Set(['type', 'reserve', 'prove', 'end']);

export class Model {
  readonly place = new Place();
  /** How many have ever come, and how many passwords and texts were made. */
  arrivals = 0;
  passwords = 0;
  texts = 0;
  /** What those do who wait, once they do not any more. */
  readonly #parked = new Map<Person, Step[]>();

  constructor() {
    this.place.hurry = (person) => {
      person.leaving = true;
      if (person.question) this.#answered(person, undefined);
    };
  }

  /** A turn begins at `now`, in milliseconds since 1970. */
  begin(now: number): void {
    this.place.now = now;
    this.place.turn++;
  }

  /** The turn is over: what it was for everybody whose connection has not been gone for longer. */
  end(): Record<string, Story> {
    const { place } = this;
    place.endTurn();
    const { people } = place;
    const stories = people.map(({ id, hears, name, over }): [string, Story] => [id, { hears, name, over }]);
    for (const person of people) person.hears = [];
    place.people = people.filter(({ gone }) => !gone);
    return Object.fromEntries(stories);
  }

  step(step: Step): void {
    if (step.do === 'arrive') {
      this.place.arrive(step.who);
      this.arrivals++;
      return;
    }
    if (step.do === 'decide') {
      decide(this.place, step.decision);
      return;
    }
    const person = this.place.people.find(({ id }) => id === step.who);
    if (step.do === 'take') this.#take(person, step.owner, step.mail);
    if (step.do === 'kept' && person) this.#kept(person, step.names);
    if (step.do === 'go' && person) person.gone = true;
    if (person?.over !== '') return;
    if (step.do === 'end') {
      person.halfClosed = true;
      person.ended ||= person.departs === undefined;
    }
    if (person.question && PARKED.has(step.do)) this.#park(person, step);
    else if (!person.departs || !PARKED.has(step.do)) this.#do(person, step);
  }

  #do(person: Person, step: Step): void {
    switch (step.do) {
      case 'reserve':
        if (person.name !== '') reserve(this.place, person, step.version);
        return;
      case 'prove':
        this.#prove(person, step.name, step.owned);
        return;
      case 'answer':
        if (step.query.of === 'mail') this.#tellMail(person, step.query.owner, step.found);
        else if (person.question) this.#answered(person, step.found);
        return;
      case 'type':
        if (person.name === '') this.#login(person, step.line);
        else this.#type(person, step.line);
        return;
      case 'overdue':
        if (person.ended) this.place.end(person, 'left');
        else if (person.name === '') {
          person.hears.push('! no name within 60 s; closing');
          this.place.end(person, 'no name in time');
        }
        return;
      case 'stop':
        this.place.hurry(person);
        if (!isOver(person)) this.place.quit(person, person.departs ?? 'server stopping');
        return;
      case 'go':
        this.place.end(person, person.ended ? 'left' : 'lost');
        return;
      default:
    }
  }

  #park(person: Person, step: Step): void {
    this.#parked.set(person, [...(this.#parked.get(person) ?? []), step]);
  }

  /** It goes on with what was found, and with what it did meanwhile. */
  #answered(person: Person, found: Found | undefined): void {
    const { question } = person;
    const steps = this.#parked.get(person) ?? [];
    this.#parked.delete(person);
    person.question = undefined;
    question?.answered(found);
    for (const step of steps) {
      if (waits(person)) this.#park(person, step);
      else if (person.over === '' && !person.departs) this.#do(person, step);
    }
  }

  #tellMail(person: Person, owner: string, found: Found): void {
    if (person.owner !== owner || found.lines.length === 0) this.place.book.underWay.delete(owner);
    else retell(this.place, person, found);
  }

  /** Then it may go, if it was to. */
  #kept(person: Person, names: readonly string[]): void {
    person.unanswered--;
    if (person.over !== '') return;
    person.hears.push(`* ${listOf(names)} away; kept for ${names.join(', ')}`);
    if (person.departs) this.place.quit(person, person.departs);
  }

  /** The kernel has it, or never will: then it waits for the next login. */
  #take(person: Person | undefined, owner: string, { lines, last = 0 }: Found): void {
    this.place.book.underWay.delete(owner);
    if (!person) return;
    const { book } = this.place;
    const owned = book.names.find((one) => one.owner === owner);
    // What waited for a name that is nobody's any more is gone with it.
    if (!owned) return;
    book.done.push(`collected ${owner}`);
    owned.mail -= lines.length;
    owned.bytes -= lines.reduce((sum, { texts }) => sum + texts.join('').length, 0);
    book.taken.set(owner, last);
    const holder = this.place.holder(owned.name);
    if (owned.mail > 0 && holder?.owner === owner) fetchMail(this.place, holder, owner);
  }

  /** It has the password of the name, if that is still the one. */
  #prove(person: Person, name: string, owned: Owned | undefined): void {
    const { place } = this;
    const current = place.book.of(name);
    if (!current || current.owner !== owned?.owner || current.version !== owned.version) {
      const why = `! that is not the password of ${name}; `;
      if (person.name === '') this.#refuse(person, `${why}type another`, true);
      else person.hears.push(`${why}/name takes another`);
      return;
    }
    const ban = place.book.ban('name', name);
    if (ban) {
      person.hears.push(banned(ban));
      place.end(person, 'banned');
      return;
    }
    const holder = place.holder(name);
    const rooms = [...person.rooms];
    if (person.name !== '') place.disown(person, name);
    if (holder && holder !== person) takeOver(place, holder, person, MOST_ROOMS);
    if (person.name === '') this.#admit(person, name);
    else place.call(person, name, rooms);
    own(place, person, current);
  }

  #admit(person: Person, name: string): void {
    this.place.call(person, name);
    person.since = person.spokeAt = this.place.now;
    person.mute = this.place.book.ban('mute', name);
  }

  #login(person: Person, line: string): void {
    if (NAMELESS.includes(line)) this.#type(person, line);
    else if (line === '') person.hears.push(NOT_A_NAME);
    else if (!isName(line)) this.#refuse(person, NOT_A_NAME);
    else {
      const ban = this.place.book.ban('name', line);
      if (this.place.book.of(line)) this.#refuse(person, nameReserved(line), true);
      else if (ban) {
        person.hears.push(banned(ban));
        this.place.end(person, 'banned');
      } else if (isTaken(this.place, person, line))
        this.#refuse(person, `! the name ${line} is taken; type another`, true);
      else this.#admit(person, line);
    }
  }

  #refuse(person: Person, why: string, wasName = false): void {
    person.refusals++;
    if (person.refusals === 5 || (person.refusals > 1 && !wasName)) {
      person.hears.push('! you have no name, so nothing was sent; closing');
      this.place.end(person, 'no name');
    } else person.hears.push(why);
  }

  #type(person: Person, line: string): void {
    const { place } = this;
    person.spokeAt = place.now;
    if (line.startsWith('//')) say(place, person, person.to, line.slice(1));
    else if (line.startsWith('/')) this.#command(person, line.slice(1));
    else if (person.to.length > 0) say(place, person, person.to, line.trim());
    else {
      const colon = line.indexOf(':');
      say(place, person, namesIn(line.slice(0, Math.max(0, colon))), line.slice(colon + 1).trim());
    }
  }

  #command(person: Person, line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const words = line.split(/[ ,]+/).slice(1);
    const rule = COMMANDS[word];
    if (rule) rule(this.place, person, words, rest.join(' '));
    else person.hears.push(`! there is no /${word}; /help lists what there is`);
  }
}

// Functions, for the compiler does not see that what was said may have changed it.
const isOver = ({ over }: Person): boolean => over !== '';
const waits = ({ question }: Person): boolean => question !== undefined;
