import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chat } from '../src/chat.ts';
import type { Command, Input, Level } from '../src/message.ts';
import * as inputs from './support/turn.ts';

type Action =
  | { readonly do: 'say'; readonly who: string; readonly to: readonly string[]; readonly size: number }
  | { readonly do: 'level'; readonly who: string; readonly level: Level }
  | { readonly do: 'leave'; readonly who: string; readonly how: (who: string) => Input }
  | { readonly do: 'wait' };

const IDS = ['a', 'b', 'c', 'd', 'e'];
const id = fc.constantFrom(...IDS);

const stay: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      who: id,
      to: fc.uniqueArray(id, { minLength: 1, maxLength: 3 }),
      // Some that make a bulk sender, and enough of them for more than one quota.
      size: fc.constantFrom(0, 0, 0, 30_000, 70_000, 200_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('level' as const),
      who: id,
      level: fc.constantFrom<Level>('behind', 'full', 'full', 'caught-up'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);
const leave: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('leave' as const),
  who: id,
  how: fc.constantFrom(inputs.gone, inputs.stopping, inputs.stopped, inputs.ended),
});
const SOME = { size: 'medium', maxLength: 60 } as const;

/** A line and whom it is for: what was said, or what came of it. */
interface Line {
  readonly pair: string;
  /** Lines are numbered as they are said. */
  readonly number: number;
}

/** People, each with their id as their name, and what comes of all they say. */
class Stage {
  readonly said: Line[] = [];
  readonly heard: Line[] = [];
  /** The pairs of which the first was told that the second is not here. */
  readonly missed: string[] = [];
  readonly held = new Set<string>();
  heldAtSomeTime = false;
  nexts = 0;
  readonly #chat = new Chat(inputs.LIMITS);
  readonly #texts: string[] = [];
  readonly #silent = new Set<string>();
  /** Who asks for another turn. */
  #asking: string | undefined;
  #time = 0;

  constructor() {
    for (const one of IDS) this.#handle(inputs.arrived(one), inputs.line(one, one));
  }

  play(action: Action): void {
    switch (action.do) {
      case 'wait':
        this.#time += 1000;
        return;
      case 'level':
        this.#handle(inputs.level(action.who, action.level));
        return;
      case 'leave':
        this.#silent.add(action.who);
        this.#handle(action.how(action.who));
        return;
      case 'say':
        if (!this.#silent.has(action.who)) this.#say(action.who, action.to, action.size);
    }
  }

  /** Lets everybody catch up, and time pass until nobody waits for another turn. */
  settle(): void {
    for (const one of IDS) this.#handle(inputs.level(one, 'caught-up'));
    for (let asking = this.#asking; asking !== undefined; asking = this.#asking) {
      this.nexts++;
      this.#handle(inputs.next(asking));
    }
  }

  #say(who: string, to: readonly string[], size: number): void {
    const number = this.#texts.length;
    const text = `${String(number)} ${'x'.repeat(size)}`.trim();
    this.#texts.push(text);
    this.said.push(...to.map((one) => ({ pair: `${who} to ${one}`, number })));
    // Not read from a line, for that takes the most time of all this.
    const names = to.map((one) => ({ shown: one, key: one }));
    const command: Command = { kind: 'say', head: '', to: names, rests: [text] };
    this.#handle(inputs.asked(who, command));
  }

  #handle(...some: Input[]): void {
    this.#asking = undefined;
    const { deliveries, instructions } = this.#chat.handle(inputs.turn(some, this.#time));
    for (const { event, to } of deliveries) {
      if (event.type === 'message') {
        const numbers = event.texts.map((text) => this.#texts.indexOf(text));
        for (const one of to)
          this.heard.push(...numbers.map((number) => ({ pair: `${event.from} to ${one}`, number })));
      } else if (event.type === 'problem' && event.code === 'absent') {
        this.missed.push(...event.names.map((name) => `${to.join()} to ${name}`));
      }
    }
    for (const { to, order } of instructions) {
      if (order.do === 'hold') this.held.add(to);
      if (order.do === 'release') this.held.delete(to);
      if (order.do === 'next') this.#asking = to;
    }
    this.heldAtSomeTime ||= this.held.size > 0;
  }
}

/** The numbers of the lines of each pair of people, in their order. */
function byPair(lines: readonly Line[]): Map<string, number[]> {
  const pairs = new Map<string, number[]>();
  for (const { pair, number } of lines) pairs.set(pair, [...(pairs.get(pair) ?? []), number]);
  return pairs;
}

describe('with people who fall behind', () => {
  test('nothing is lost, doubled or reordered once everyone has caught up, and nobody is held any more', () => {
    let held = 0;
    let nexts = 0;
    fc.assert(
      fc.property(fc.array(stay, SOME), (actions) => {
        const stage = new Stage();
        for (const action of actions) stage.play(action);
        stage.settle();
        expect(byPair(stage.heard)).toEqual(byPair(stage.said));
        expect(stage.missed).toEqual([]);
        expect([...stage.held]).toEqual([]);
        held += Number(stage.heldAtSomeTime);
        nexts += stage.nexts;
      }),
      { numRuns: 500 },
    );
    // Else hardly anybody ever waited, or never for more than a quota, and this says little.
    expect(held).toBeGreaterThan(100);
    expect(nexts).toBeGreaterThan(10);
  });

  test('each line is heard by each it is for, or its sender is told, also when people leave meanwhile', () => {
    const actions = fc.array(
      fc.oneof({ weight: 12, arbitrary: stay }, { weight: 1, arbitrary: leave }),
      SOME,
    );
    fc.assert(
      fc.property(actions, (some) => {
        const stage = new Stage();
        for (const action of some) stage.play(action);
        stage.settle();
        const heard = byPair(stage.heard);
        for (const [pair, numbers] of byPair(stage.said)) {
          const missed = stage.missed.filter((one) => one === pair).length;
          // Heard in order and up to when the reader left; told of all the others.
          expect(heard.get(pair) ?? []).toEqual(numbers.slice(0, numbers.length - missed));
        }
        expect([...stage.held]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
