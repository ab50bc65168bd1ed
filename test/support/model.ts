/** The rules of the chat once more, as plainly as they can be said: arrays, no flow control, names of ASCII letters. */
import { COMMANDS, isTaken, NOT_A_NAME } from './model-commands.ts';
import { isName, type Person, Place } from './model-place.ts';
import { namesIn, say } from './model-talk.ts';

export type Step =
  | { readonly do: 'arrive' | 'end' | 'overdue' | 'stop' | 'go'; readonly who: string }
  | { readonly do: 'type'; readonly who: string; readonly line: string };

/** What became of somebody in a turn: what it heard, how it is called, and why it was let go, if it was. */
export interface Story {
  readonly hears: readonly string[];
  readonly name: string;
  readonly over: string;
}

/** What works without a name. */
const NAMELESS = ['/ping', '/quit'];

export class Model {
  readonly place = new Place();
  /** How many have ever come. */
  arrivals = 0;

  /** A turn begins at `now`, in milliseconds since 1970. */
  begin(now: number): void {
    this.place.now = now;
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
    const person = this.place.people.find(({ id }) => id === step.who);
    if (step.do === 'go' && person) person.gone = true;
    if (person?.over !== '') return;
    switch (step.do) {
      case 'type':
        if (person.name === '') this.#login(person, step.line);
        else this.#type(person, step.line);
        return;
      case 'end':
        person.halfClosed = true;
        return;
      case 'overdue':
        if (person.halfClosed) this.place.end(person, 'left');
        else if (person.name === '') {
          person.hears.push('! no name within 60 s; closing');
          this.place.end(person, 'no name in time');
        }
        return;
      case 'stop':
        person.hears.push('! the server is stopping');
        this.place.end(person, 'server stopping');
        return;
      case 'go':
        this.place.end(person, person.halfClosed ? 'left' : 'lost');
    }
  }

  #login(person: Person, line: string): void {
    if (NAMELESS.includes(line)) this.#type(person, line);
    else if (line === '') person.hears.push(NOT_A_NAME);
    else if (!isName(line)) this.#refuse(person, NOT_A_NAME);
    else if (isTaken(this.place, person, line)) {
      this.#refuse(person, `! the name ${line} is taken; type another`, true);
    } else {
      this.place.call(person, line);
      person.since = person.spokeAt = this.place.now;
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
