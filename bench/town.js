// A million people, or as many as one likes, and what they do; all of it follows from the numbers below, so two processes
// that ask for the same people come to the same.
import { nodeOf } from '../dist/node.js';
import { comes, nameOf, said } from './people.js';

export const ASSUMED = {
  /** Everybody is in two small rooms and a large one; by chance, so wherever people have come to. */
  small: 50,
  large: 1000,
  /** Of what is said: to one person, to a small room, and the rest to a large one. */
  direct: 0.5,
  inSmall: 0.45,
  /** Bytes of a text. */
  text: 64,
  /** Seconds for which one stays: then somebody else comes. */
  stay: 7200,
  /** Seconds until NATS has acknowledged what a node has published. */
  roundTrip: 0.001,
};
const TEXT = 'x'.repeat(ASSUMED.text);

/** The same numbers for the same seed, by a linear congruence. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

export class Town {
  #people;

  constructor(people, nodes) {
    this.#people = people;
    this.nodes = Array.from({ length: nodes }, (_, nth) => `node${String(nth).padStart(4, '0')}`);
  }

  nodeAt(nth) {
    return this.nodes[nth % this.nodes.length];
  }

  #rooms(nth) {
    const random = randomFrom(nth);
    const [small, large] = [this.#people / (ASSUMED.small / 2), this.#people / ASSUMED.large];
    return [small, small, large].map((of, at) => `#${'ssl'[at]}${Math.floor(random() * of).toString(36)}`);
  }

  comes(nth) {
    return comes(this.nodeAt(nth), nth, `/join ${this.#rooms(nth).join(' ')}\n`);
  }

  /** Everybody who is there at the beginning. */
  *everybody() {
    for (let nth = 0; nth < this.#people; nth++) yield this.comes(nth);
  }

  /** What they say, and who comes and goes, in so many seconds: the time of each, and its inputs, all of one node. Each `story`, from 1 on, is another one. */
  *happens(seconds, perMinute, story) {
    const random = randomFrom(story);
    const lines = (this.#people * perMinute) / 60;
    const changes = this.#people / ASSUMED.stay;
    let next = this.#people * story;
    for (let at = 0; ;) {
      at -= Math.log(1 - random()) / (lines + changes);
      if (at > seconds) return;
      const nth = Math.floor(random() * this.#people);
      if (random() * (lines + changes) < lines) {
        yield { time: at, inputs: said(this.nodeAt(nth), nth, `${this.#audience(nth, random)}: ${TEXT}\n`) };
        continue;
      }
      const [{ client }] = said(this.nodeAt(nth), nth, '\n');
      yield { time: at, inputs: [{ type: 'gone', client }] };
      yield { time: at, inputs: this.comes(next++) };
    }
  }

  #audience(nth, random) {
    const chance = random();
    if (chance < ASSUMED.direct) return nameOf(Math.floor(random() * this.#people));
    const [first, second, large] = this.#rooms(nth);
    return chance >= ASSUMED.direct + ASSUMED.inSmall ? large : random() < 0.5 ? first : second;
  }

  /** The same as nodes publish it: one message on its way for each of them, and what gathers meanwhile is the next one. */
  messages(seconds, perMinute, story) {
    const all = [];
    const last = new Map();
    for (const { time, inputs } of this.happens(seconds, perMinute, story)) {
      const node = nodeOf(inputs[0].client);
      const before = last.get(node);
      if (before && before.time >= time) {
        before.inputs.push(...inputs);
        continue;
      }
      const message = {
        node,
        time: Math.max(time, (before?.time ?? 0) + ASSUMED.roundTrip),
        inputs: [...inputs],
      };
      last.set(node, message);
      all.push(message);
    }
    return all.sort((one, other) => one.time - other.time);
  }
}
