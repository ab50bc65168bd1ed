/** The rules of the chat once more, as plainly as they can be said: arrays, no flow control, names of ASCII letters. */

export type Step =
  | { readonly do: 'arrive' | 'end' | 'overdue' | 'stop' | 'go'; readonly who: string }
  | { readonly do: 'say'; readonly who: string; readonly to: readonly string[]; readonly text: string }
  | { readonly do: 'type'; readonly who: string; readonly text: string };

interface Person {
  readonly id: string;
  name: string;
  refusals: number;
  /** It has not said a line yet. */
  silent: boolean;
  halfClosed: boolean;
  /** Why it was let go, or empty. */
  over: string;
  readonly hears: string[];
}

const isName = (text: string): boolean => /^[a-z]+$/i.test(text);
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

export class Model {
  readonly #people: Person[] = [];

  /** Everybody who ever came: what they heard, and why they were let go. */
  get stories(): Record<string, { hears: readonly string[]; over: string }> {
    return Object.fromEntries(this.#people.map(({ id, hears, over }) => [id, { hears, over }]));
  }

  step(step: Step): void {
    if (step.do === 'arrive') {
      this.#people.push({
        id: step.who,
        name: '',
        refusals: 0,
        silent: true,
        halfClosed: false,
        over: '',
        hears: [],
      });
      return;
    }
    const person = this.#people.find(({ id }) => id === step.who);
    if (person?.over !== '') return;
    const first = person.silent;
    if (step.do === 'say' || step.do === 'type') person.silent = false;
    switch (step.do) {
      case 'say':
        if (person.name === '') this.#refuse(person, NOT_A_NAME);
        else this.#say(person, step.to, step.text);
        return;
      case 'type':
        if (person.name === '') this.#login(person, step.text, first);
        else this.#type(person, step.text);
        return;
      case 'end':
        person.halfClosed = true;
        return;
      case 'overdue':
        if (person.halfClosed) person.over = 'left';
        else if (person.name === '') {
          person.hears.push('! no name within 60 s; closing');
          person.over = 'no name in time';
        }
        return;
      case 'stop':
        person.hears.push('! the server is stopping');
        person.over = 'server stopping';
        return;
      case 'go':
        person.over = person.halfClosed ? 'left' : 'lost';
    }
  }

  /** Who has this name: whoever got it last, for a half-closed holder yields. */
  #holder(name: string): Person | undefined {
    const holder = this.#people.filter((one) => one.name !== '' && same(one.name, name)).at(-1);
    // One that yielded does not get it back when its successor goes.
    return holder?.over === '' ? holder : undefined;
  }

  #login(person: Person, text: string, first: boolean): void {
    if (!isName(text)) {
      if (first && text.endsWith(' HTTP/1.1')) {
        person.hears.push('! this is a chat; a line is a name first');
        person.over = 'not a chat client';
      } else if (text === '/quit') person.over = 'quit';
      else if (text === '') person.hears.push(NOT_A_NAME);
      else this.#refuse(person, NOT_A_NAME);
      return;
    }
    const holder = this.#holder(text);
    if (holder && !holder.halfClosed) {
      this.#refuse(person, `! the name ${text} is taken; type another`, true);
      return;
    }
    person.name = text;
    // Whoever is named last stands last: see #holder.
    this.#people.splice(this.#people.indexOf(person), 1);
    this.#people.push(person);
  }

  #refuse(person: Person, why: string, wasName = false): void {
    person.refusals++;
    if (person.refusals === 5 || (person.refusals > 1 && !wasName)) {
      person.hears.push('! you have no name, so nothing was sent; closing');
      person.over = 'no name';
    } else person.hears.push(why);
  }

  #say(person: Person, to: readonly string[], text: string): void {
    if (to.length === 0) person.hears.push(NO_RECIPIENT);
    const absent: string[] = [];
    const heard: Person[] = [];
    for (const name of to) {
      const holder = this.#holder(name);
      if (!holder) {
        if (!absent.includes(name)) absent.push(name);
      } else if (!heard.includes(holder)) {
        heard.push(holder);
        holder.hears.push(`from ${person.name}: ${text}`);
      }
    }
    if (absent.length === 1) person.hears.push(`! ${absent.join()} is not here`);
    if (absent.length > 1) person.hears.push(`! ${absent.join(', ')} are not here`);
  }

  #type(person: Person, text: string): void {
    if (text === '/quit') person.over = 'quit';
    else if (text.startsWith('/')) {
      person.hears.push(`! there is no ${text}; /help lists what there is`);
    } else person.hears.push(NO_RECIPIENT);
  }
}

const NOT_A_NAME = '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another';
const NO_RECIPIENT = '! say who it is for, like "bob: hello"; /help tells more';
