/** What is done to the chat and to its model, one after the other. */
import type fc from 'fast-check';
import { expect } from 'vitest';
import type { Decision } from '../../src/past.ts';
import { MOST_BANS, MOST_NAMES } from './model-book.ts';
import type * as invariants from './model-invariants.ts';
import { type Person, same } from './model-place.ts';
import type { Stage } from './model-stage.ts';
import type { Model, Step } from './model.ts';

export type Command = fc.Command<Model, Stage>;
type What = Exclude<Step['do'], 'answer' | 'take' | 'kept' | 'decide'>;

/** At each seat there is one connection at a time. */
const sitting = (model: Model, seat: string): Person | undefined =>
  model.place.people.find(({ id, gone }) => id.startsWith(seat) && !gone);

/** While somebody waits for an answer, nothing changes what that one may see. */
const CHANGES = /^\/(kick|private|ban|mute|unmute|unban|unreserve|name)\b/;

function both(model: Model, stage: Stage, steps: readonly Step[]): void {
  for (const step of steps) {
    model.step(step);
    stage.step(step);
  }
}

/** Somebody does something at a seat, if it can be done there. */
export class Act implements Command {
  readonly #seat: string;
  readonly #what: What;
  /** What is typed, or the name that is proven. */
  readonly #line: string | undefined;

  constructor(seat: string, what: What, line?: string) {
    this.#seat = seat;
    this.#what = what;
    this.#line = line;
  }

  check(model: Model): boolean {
    const what = this.#what;
    const person = sitting(model, this.#seat);
    if (what === 'arrive') return person?.over !== '';
    // Nobody can say anything behind the end of their stream.
    if (!person || (person.halfClosed && SAYS.has(what))) return false;
    if (model.place.people.some(({ question }) => question !== undefined)) {
      if (what === 'prove' || what === 'overdue' || what === 'stop') return false;
      if (what === 'type' && CHANGES.test(this.#line ?? '')) return false;
    }
    if (what === 'prove') return this.#mayProve(model, person);
    return what !== 'type' || mayType(model, person, this.#line ?? '');
  }

  run(model: Model, stage: Stage): void {
    const there = sitting(model, this.#seat);
    const comes = this.#what === 'arrive';
    const who = there === undefined || comes ? `${this.#seat}${String(model.arrivals)}` : there.id;
    // Whoever was let go leaves the seat.
    if (there !== undefined && comes) both(model, stage, [{ do: 'go', who: there.id }]);
    const line = this.#line ?? '';
    switch (this.#what) {
      case 'prove':
      case 'type':
        break;
      case 'reserve':
        both(model, stage, [{ do: 'reserve', who, version: `v${String(++model.passwords)}` }]);
        return;
      default:
        both(model, stage, [{ do: this.#what, who }]);
    }
    if (this.#what === 'prove') {
      const [name = '', isOld] = line.split(' ');
      const owned = model.place.book.of(name);
      const use = there?.name === '' ? 'login' : 'name';
      const proof = isOld === undefined || !owned ? owned : { ...owned, version: 'an old one' };
      both(model, stage, [{ do: 'prove', who, name, use, owned: proof }]);
    } else if (this.#line !== undefined) {
      // Each line has a text of its own, so that it is known who has heard it.
      const text = line.replaceAll(/\bhi\b/g, () => `hi${String(++model.texts)}`);
      both(model, stage, [{ do: 'type', who, line: /^\/search\b/.test(line) ? line : text }]);
    }
  }

  toString(): string {
    const what = this.#what === 'type' ? [] : [`(${this.#what})`];
    return [`${this.#seat}:`, ...what, this.#line ?? ''].join(' ').trimEnd();
  }

  #mayProve({ place }: Model, person: Person): boolean {
    const [name = ''] = this.#line?.split(' ') ?? [];
    const owner = place.book.of(name)?.owner;
    // Whose mail is under way comes later, and who is muted under another name is not told apart.
    if (owner !== undefined && place.book.underWay.has(owner)) return false;
    return person.name === '' || !(person.mute ?? place.book.ban('mute', name));
  }
}

/** Others may hear something of it. */
const TELLS: ReadonlySet<string> = new Set(
  ['away', 'kick', 'announce', 'invite', 'name', 'join', 'ban', 'mute'].map((word) => `/${word}`),
);
const SAYS: ReadonlySet<What> = new Set(['type', 'end', 'reserve', 'prove']);

/** Of who is muted it is not said here what becomes of other things than lines, or of another name. */
function mayType({ place }: Model, person: Person, line: string): boolean {
  const [word = '', of = ''] = line.split(' ');
  const guest = place.holder(of);
  const isMutedAs = ({ mute }: Person): boolean => mute !== undefined && same(mute.of, of);
  if (person.mute && TELLS.has(word)) return false;
  if (word === '/name') return place.book.ban('mute', of) === undefined;
  if (word !== '/mute' && word !== '/unmute') return true;
  if (guest && (guest.away !== undefined || (guest.mute && !isMutedAs(guest)))) return false;
  return !place.people.some((one) => isMutedAs(one) && one !== guest);
}

/** Somebody else changes names and bans in the file. */
export class Outside implements Command {
  readonly #what: 'reserve' | 'release' | 'ban' | 'unban';
  readonly #name: string;

  constructor(what: 'reserve' | 'release' | 'ban' | 'unban', name: string) {
    this.#what = what;
    this.#name = name;
  }

  check({ place }: Model): boolean {
    if (place.people.some(({ question }) => question !== undefined)) return false;
    if (this.#what === 'release') return place.book.of(this.#name) !== undefined;
    if (this.#what === 'reserve') return place.book.names.length < MOST_NAMES && !place.book.of(this.#name);
    return this.#what !== 'ban' || place.book.bans.length < MOST_BANS;
  }

  run(model: Model, stage: Stage): void {
    both(model, stage, [{ do: 'decide', decision: this.#decision(model) }]);
  }

  #decision(model: Model): Decision {
    const { book, now } = model.place;
    const key = this.#name.toLowerCase();
    switch (this.#what) {
      case 'reserve': {
        const owner = `o${String(++model.passwords)}`;
        return { do: 'reserve', key, shown: this.#name, owner, version: owner };
      }
      case 'release':
        return { do: 'release', key, owner: book.of(key)?.owner ?? '' };
      case 'ban':
        return {
          do: 'ban',
          ban: { of: key, kind: 'name', until: undefined, by: 'root', since: now, why: '' },
        };
      case 'unban':
        return { do: 'unban', of: key, kind: 'name' };
    }
  }

  toString(): string {
    return `outside: ${this.#what} ${this.#name}`;
  }
}

export type Check = (past: invariants.Past, model: Model) => void;

/** A turn is over, and the next one begins so many milliseconds later. */
export class TurnEnds implements Command {
  readonly #pause: number;
  readonly #check: Check | undefined;

  constructor(pause: number, check?: Check) {
    this.#pause = pause;
    this.#check = check;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, stage: Stage): void {
    const { past, stories, wishes } = stage.end(model.place.now);
    expect(stories).toEqual(model.end());
    const { book } = model.place;
    expect(wishes).toEqual({ kept: book.kept.splice(0), done: book.done.splice(0) });
    expect(book.leaks).toEqual([]);
    this.#check?.(past, model);
    model.begin(model.place.now + this.#pause);
    both(model, stage, stage.next());
  }

  toString(): string {
    return `(${String(this.#pause)} ms)`;
  }
}
