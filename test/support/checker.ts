/**
 * Checks from outside what the chat promises: every message carries its sender and number, so whoever hears it can
 * tell whether it is whole, is heard once, stands in everybody's order, and whether what is missing was announced.
 */

interface Message {
  readonly by: Stay;
  readonly number: number;
  readonly to: readonly string[];
  /** Those of them who were there for certain, from before it was composed. */
  readonly present: readonly Stay[];
  readonly text: string;
}

/** One connection of one name, from before its login to its end. */
export class Stay {
  readonly name: string;
  /** In the order in which their names were taken, so a stay is before another of the same name or behind it. */
  readonly heard: string[] = [];
  /** What was on its way to it may be lost. */
  deaf = false;
  /** Its own messages may be lost from this number on: but for none who was there, or for all. */
  mayLose = Infinity;
  /** How often it was told that somebody is not here. */
  readonly absent = new Map<string, number>();
  /** What else it was told with a `!`. */
  readonly complaints: string[] = [];
  readonly #checker: Checker;

  constructor(name: string, checker: Checker) {
    this.name = name;
    this.#checker = checker;
  }

  /** Its end was a cut: what was on its way, to it and from it, may be lost. */
  get cut(): boolean {
    return this.deaf && this.mayLose === 0;
  }

  set cut(is: boolean) {
    this.deaf = is;
    this.mayLose = is ? 0 : Infinity;
  }

  /** A line that says something to `to`, people, and rooms, for which others look; it is to be sent, once. */
  says(to: readonly string[], filler = ''): string {
    return this.#checker.compose(this, to, filler);
  }

  /** A whole line that came in. */
  hears(line: string): void {
    const [, names] = /^! (.*) (?:is|are) not here$/.exec(line) ?? [];
    if (names !== undefined)
      for (const name of names.split(', ')) this.absent.set(name, (this.absent.get(name) ?? 0) + 1);
    else if (line.startsWith('! ')) this.complaints.push(line);
    else if (this.heard.push(line) === 1) this.#checker.knows(this);
  }
}

export class Checker {
  readonly #stays: Stay[] = [];
  /** By their tags, in the order in which they were composed. */
  readonly #messages = new Map<string, Message>();
  readonly #numbers = new Map<string, number>();
  /** Who has heard something, the last one of each name. */
  readonly #here = new Map<string, Stay>();

  /** Somebody is about to log in. */
  arrives(name: string): Stay {
    const stay = new Stay(name, this);
    this.#stays.push(stay);
    return stay;
  }

  /** To be called by a stay, which hears something. */
  knows(stay: Stay): void {
    this.#here.set(stay.name, stay);
  }

  /** To be called by a stay. */
  compose(by: Stay, to: readonly string[], filler: string): string {
    const number = (this.#numbers.get(by.name) ?? 0) + 1;
    this.#numbers.set(by.name, number);
    const tag = `${by.name}#${String(number)}`;
    // The end repeats the tag, so that a text with its middle missing is not whole.
    const text = `${tag} ${filler} ${tag}`;
    const people = [...new Set(to)].filter((name) => !name.startsWith('#'));
    const present = people.flatMap((name) => this.#here.get(name) ?? []);
    this.#messages.set(tag, { by, number, to: people, present, text });
    return `${to.join(', ')}: ${text}`;
  }

  /** How many messages were composed. */
  get count(): number {
    return this.#messages.size;
  }

  /** Everything that was not as promised, in words; to be asked for when all is over. */
  faults(): string[] {
    const faults: string[] = [];
    const byName = new Map<string, string[][]>();
    for (const stay of this.#stays) {
      // Who was refused a name that is still held is cut off by whoever tries for it again.
      if (!stay.cut) for (const line of stay.complaints) faults.push(`complaint: ${stay.name} heard ${line}`);
      const tags = this.#wholeMessages(stay, faults);
      byName.set(stay.name, [...(byName.get(stay.name) ?? []), tags]);
    }
    for (const [name, stays] of byName) {
      const all = stays.flat();
      this.#once(name, all, faults);
      this.#inOrder(name, all, faults);
      for (const tags of stays) this.#withoutGaps(name, tags, faults);
    }
    const heard = new Map([...byName].map(([name, stays]) => [name, stays.flat()]));
    oneOrder(heard, faults);
    this.#announced(heard, faults);
    this.#forAllOrNone(heard, faults);
    return faults;
  }

  /** The tags of what one stay heard; what is not exactly a message for it is a fault. */
  #wholeMessages(stay: Stay, faults: string[]): string[] {
    const tags: string[] = [];
    for (const line of stay.heard) {
      const [, from = '', tag = ''] = /^from (\S+): (\S+#\d+) /.exec(line) ?? [];
      const message = this.#messages.get(tag);
      if (message?.by.name !== from || line !== `from ${from}: ${message.text}`)
        faults.push(`torn: ${stay.name} heard ${JSON.stringify(line.slice(0, 120))}`);
      else if (!message.to.includes(stay.name)) faults.push(`astray: ${stay.name} heard ${tag}`);
      else tags.push(tag);
    }
    return tags;
  }

  /** By name, not by connection: two receivers under one name would show here. */
  #once(name: string, tags: readonly string[], faults: string[]): void {
    const seen = new Set<string>();
    for (const tag of tags) {
      if (seen.has(tag)) faults.push(`doubled: ${name} heard ${tag} twice`);
      seen.add(tag);
    }
  }

  #inOrder(name: string, tags: readonly string[], faults: string[]): void {
    const last = new Map<string, number>();
    for (const tag of tags) {
      const [sender = '', number] = tag.split('#');
      if (Number(number) < (last.get(sender) ?? 0)) faults.push(`reordered: ${name} heard ${tag} too late`);
      last.set(sender, Number(number));
    }
  }

  /** Who is there is there for all: between two messages of one connection, one connection misses none. */
  #withoutGaps(name: string, tags: readonly string[], faults: string[]): void {
    const heard = new Set(tags);
    const ends = new Map<Stay, { first: number; last: number }>();
    for (const tag of tags) {
      const by = (this.#messages.get(tag) as Message).by;
      const number = numberOf(tag);
      const { first = number, last = number } = ends.get(by) ?? {};
      ends.set(by, { first: Math.min(first, number), last: Math.max(last, number) });
    }
    for (const [by, { first, last }] of ends) {
      for (let number = first; number < last; number++) {
        const tag = `${by.name}#${String(number)}`;
        if (!heard.has(tag) && this.#messages.get(tag)?.to.includes(name))
          faults.push(`lost: ${name} heard what is before and behind ${tag}`);
      }
    }
  }

  /** What is missing was announced to its sender, unless it may be lost. */
  #announced(heard: ReadonlyMap<string, readonly string[]>, faults: string[]): void {
    const missing = new Map<Stay, Map<string, { certainly: number; perhaps: number }>>();
    const arrived = new Map([...heard].map(([name, tags]) => [name, new Set(tags)]));
    for (const [tag, { by, number, to }] of this.#messages) {
      const counts = missing.get(by) ?? new Map<string, { certainly: number; perhaps: number }>();
      missing.set(by, counts);
      for (const name of to) {
        if (arrived.get(name)?.has(tag)) continue;
        const { certainly, perhaps } = counts.get(name) ?? { certainly: 0, perhaps: 0 };
        const mayBe = number >= by.mayLose;
        counts.set(name, { certainly: certainly + Number(!mayBe), perhaps: perhaps + Number(mayBe) });
      }
    }
    const deaf = new Set(this.#stays.filter((stay) => stay.deaf).map(({ name }) => name));
    for (const [by, counts] of missing) {
      for (const name of new Set([...counts.keys(), ...by.absent.keys()])) {
        const { certainly, perhaps } = counts.get(name) ?? { certainly: 0, perhaps: 0 };
        const told = by.absent.get(name) ?? 0;
        if (told > certainly + perhaps)
          faults.push(
            `untrue: ${by.name} was told ${String(told - certainly - perhaps)} times too often that ${name} is not here`,
          );
        if (told < certainly && !deaf.has(name))
          faults.push(
            `silent: ${name} did not hear ${String(certainly - told)} of ${by.name}, who was not told`,
          );
      }
    }
  }

  /** What may be lost is heard by all who were there, and still are, or by nobody. */
  #forAllOrNone(heard: ReadonlyMap<string, readonly string[]>, faults: string[]): void {
    const stays = new Map<string, number>();
    for (const { name } of this.#stays) stays.set(name, (stays.get(name) ?? 0) + 1);
    const arrived = new Map([...heard].map(([name, tags]) => [name, new Set(tags)]));
    for (const [tag, { by, number, to, present }] of this.#messages) {
      if (number < by.mayLose) continue;
      const somebody = to.find((name) => arrived.get(name)?.has(tag));
      if (somebody === undefined) continue;
      for (const { name, deaf } of present)
        if (!deaf && stays.get(name) === 1 && !arrived.get(name)?.has(tag))
          faults.push(`uneven: ${name} did not hear ${tag}, which ${somebody} did`);
    }
  }
}

const numberOf = (tag: string): number => Number(tag.slice(tag.indexOf('#') + 1));

/** There is one order that agrees with what each of them heard, or else a circle somewhere: then it is a fault. */
function oneOrder(heard: ReadonlyMap<string, readonly string[]>, faults: string[]): void {
  const next = new Map<string, string[]>();
  const before = new Map<string, number>();
  for (const tags of heard.values()) {
    for (const [index, tag] of tags.entries()) {
      if (!before.has(tag)) before.set(tag, 0);
      const previous = tags[index - 1];
      if (previous === undefined || previous === tag) continue;
      const successors = next.get(previous) ?? [];
      if (successors.push(tag) === 1) next.set(previous, successors);
      before.set(tag, (before.get(tag) ?? 0) + 1);
    }
  }
  const ready = [...before].filter(([, count]) => count === 0).map(([tag]) => tag);
  for (let tag = ready.pop(); tag !== undefined; tag = ready.pop()) {
    before.delete(tag);
    for (const successor of next.get(tag) ?? []) {
      const count = (before.get(successor) as number) - 1;
      before.set(successor, count);
      if (count === 0) ready.push(successor);
    }
  }
  if (before.size > 0)
    faults.push(`orders differ: no order fits all who heard ${[...before.keys()].slice(0, 6).join(', ')}`);
}
