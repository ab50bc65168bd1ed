/**
 * People on several nodes who talk to each other all the time, and come again where their connection ends, at another node;
 * the checker watches them. In a room there is somebody at each node who only listens: what these have heard in the end must be the same, news of
 * who left included.
 */
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';
import { Checker } from './checker.ts';
import { Guest, LAST } from './guest.ts';
import { agreement, HALL, Witness } from './witness.ts';

/** A node, as its clients see it. */
export interface Door {
  readonly port: number;
}

/** Milliseconds between two lines of everybody, and how many of them one says at once now and then. */
const PACE = 10;
const BURST = 6;
/** Milliseconds for what takes as long as the log needs to give a node up. */
const LONG = 60_000;

/** How a connection of somebody ended before all was over, and at which node. */
export interface End {
  readonly name: string;
  readonly door: Door;
  /** What it was told last; undefined where it was told nothing. */
  readonly word: string | undefined;
}

export class ClusterLoad {
  readonly checker = new Checker();
  /** Where somebody may come in. */
  readonly doors: Door[];
  readonly ends: End[] = [];
  readonly guests: readonly Guest[];
  readonly #witnesses: Witness[] = [];
  /** What else was not as promised. */
  readonly #faults: string[] = [];
  readonly #talking: NodeJS.Timeout;
  #steps = 0;

  private constructor(doors: readonly Door[], each: number) {
    this.doors = [...doors];
    this.guests = doors.flatMap((_, nth) =>
      Array.from(
        { length: each },
        (_, one) => new Guest(`${String.fromCodePoint(0x61 + nth)}${String(one + 1)}`, nth, this),
      ),
    );
    this.#talking = setInterval(() => {
      this.#talk();
    }, PACE);
    onTestFinished(() => {
      clearInterval(this.#talking);
    });
  }

  /** So many people at each of these nodes, who talk until it is `over`. */
  static async on(doors: readonly Door[], each = 4): Promise<ClusterLoad> {
    const load = new ClusterLoad(doors, each);
    for (const door of doors) await load.witness(door);
    for (const guest of load.guests) guest.come();
    await until(() => load.guests.every(({ isHere }) => isHere), 'everybody is there');
    return load;
  }

  /** How many lines those at that node have heard. */
  heardAt(door: Door): number {
    return sum(this.guests.map((guest) => (guest.door === door ? guest.heard : 0)));
  }

  /** When those who listen elsewhere have heard that who listens at that node has left, by the clock of `performance`. */
  leftAt(door: Door): number | undefined {
    const here = this.#witnesses.find((witness) => witness.door === door) as Witness;
    const times = this.#witnesses.flatMap(({ news }) => news.get(`* ${here.name} left ${HALL}`) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Somebody listens at that node, too. */
  async witness(door: Door): Promise<void> {
    const witness = new Witness(`w${String(this.#witnesses.length + 1)}`, door);
    this.#witnesses.push(witness);
    await until(() => witness.isHere, 'it listens');
  }

  /** Each of those who are at these nodes hears so many more of their own lines: what they say goes everywhere. */
  async goesOn(doors: readonly Door[] = this.doors, lines = 50): Promise<void> {
    const those = this.guests.filter(({ door }) => door !== undefined && doors.includes(door));
    const enough = new Map(those.map((guest) => [guest, guest.ownHeard + lines]));
    if (enough.size === 0) throw new Error('nobody is there');
    await until(() => [...enough].every(([guest, least]) => guest.ownHeard >= least), 'it goes on', LONG);
  }

  /** All who were at that node are at another one. */
  async moved(from: Door): Promise<void> {
    await until(
      () => this.guests.every(({ isHere, door }) => isHere && door !== from),
      'all are elsewhere',
      LONG,
    );
  }

  /** Nobody says anything more; resolves with all that was not as promised, once all is heard. */
  async over(): Promise<string[]> {
    clearInterval(this.#talking);
    await until(() => this.guests.every(({ isHere, waits }) => isHere && waits === 0), 'all is said', LONG);
    const names = this.guests.map(({ name }) => name);
    for (const guest of this.guests) guest.say([...names, HALL], LAST);
    const all = names.length;
    await until(() => this.guests.every(({ lasts }) => lasts >= all), 'all have heard the last words', LONG);
    const present = this.#witnesses.filter(({ isOver }) => !isOver);
    await until(
      () => present.every(({ lines }) => lastWords(lines, names)),
      'so have those who listen',
      LONG,
    );
    for (const guest of this.guests) guest.leave();
    await until(() => this.guests.every(({ isGone }) => isGone), 'everybody is gone');
    return [...this.#faults, ...this.checker.faults(), ...agreement(this.#witnesses)];
  }

  /** To be called by a guest. */
  ended(end: End, ...faults: string[]): void {
    this.ends.push(end);
    this.#faults.push(...faults);
  }

  /** Everybody says something to themselves, so that they know when it has come, and to somebody. */
  #talk(): void {
    for (const [nth, guest] of this.guests.entries()) {
      if (!guest.mayTalk) continue;
      const step = ++this.#steps;
      for (let left = step % 37 === 0 ? BURST : 1; left > 0; left--) {
        const others = [1 + (step % 5), 2 + (step % 7)].map(
          (away) => this.guests[(nth + away) % this.guests.length],
        );
        const to = [
          guest.name,
          ...others.map((other) => (other as Guest).name),
          ...(step % 3 === 0 ? [HALL] : []),
        ];
        guest.say(to, step % 101 === 0 ? 'ö'.repeat(3000) : 'word');
      }
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** The last word of each of them is there; it is for everybody, and so names none but the hall for who only listens. */
const lastWords = (lines: readonly string[], names: readonly string[]): boolean =>
  names.every((name) => lines.some((line) => line.startsWith(`from ${name} in `) && line.includes(LAST)));
