import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chat, type Handled } from '../src/chat.ts';
import type { Input } from '../src/message.ts';
import { encode } from '../src/text.ts';
import { Model, type Step } from './support/model.ts';
import * as inputs from './support/turn.ts';

/** What everybody heard and why they were let go, told in the model's way. */
class Listener {
  readonly stories: Record<string, { hears: string[]; over: string }> = {};

  arrive(id: string): void {
    this.stories[id] = { hears: [], over: '' };
  }

  hear({ deliveries, instructions }: Handled): void {
    for (const { event, to } of deliveries) {
      for (const id of to) this.#story(id).hears.push(encode(event).slice(0, -1));
    }
    for (const { to, order } of instructions) {
      if (order.do === 'end') this.#story(to).over = order.reason;
    }
  }

  /** Nothing follows an end. */
  #story(id: string): { hears: string[]; over: string } {
    const story = this.stories[id];
    if (story?.over !== '') throw new Error(`${id} was told something before it came or after its end`);
    return story;
  }
}

function inputOf(step: Step): Input {
  switch (step.do) {
    case 'arrive':
      return inputs.arrived(step.who);
    case 'say':
      return inputs.line(step.who, `${step.to.join(', ')}: ${step.text}`);
    case 'type':
      return inputs.line(step.who, step.text);
    case 'end':
      return inputs.ended(step.who);
    case 'overdue':
      return inputs.overdue(step.who);
    case 'stop':
      return inputs.stopped(step.who);
    case 'go':
      return inputs.gone(step.who);
  }
}

type Action = { readonly seat: number } & (
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'say'; readonly to: readonly string[]; readonly text: string }
  | { readonly do: 'end' | 'overdue' | 'stop' | 'go' }
);

describe('the chat and its model', () => {
  // One spelling of most names: how two spellings of an absent one are told is not what this is about.
  const name = fc.constantFrom('ann', 'bob', 'cat');
  const typed = fc.constantFrom(
    'ann',
    'ann',
    'bob',
    'bob',
    'cat',
    'ANN',
    'two words',
    '',
    '/quit',
    '/x',
    'GET / HTTP/1.1',
  );
  const seat = fc.nat(4);
  const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('type' as const), seat, text: typed }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('say' as const),
        seat,
        to: fc.array(name, { maxLength: 4 }),
        text: fc.constantFrom('hi', '', 'a: b'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('end' as const, 'overdue' as const, 'stop' as const, 'go' as const),
        seat,
      }),
    },
  );

  /** Actions at seats as steps of connections: a seat is taken anew, by a new connection, when it was left. */
  function stepsOf(actions: readonly Action[]): Step[] {
    const sitting = new Map<number, { who: string; silent: boolean }>();
    let connections = 0;
    return actions.flatMap(({ seat, ...what }): Step[] => {
      const steps: Step[] = [];
      let here = sitting.get(seat);
      if (!here) {
        here = { who: `c${String(connections++)}`, silent: false };
        sitting.set(seat, here);
        steps.push({ do: 'arrive', who: here.who });
      }
      // Nobody can say anything behind the end of their stream.
      if (here.silent && ['say', 'type', 'end'].includes(what.do)) return steps;
      if (what.do === 'end') here.silent = true;
      if (what.do === 'go') sitting.delete(seat);
      return [...steps, { ...what, who: here.who }];
    });
  }

  test('tell everybody the same, however the steps are cut into turns', () => {
    let lines = 0;
    fc.assert(
      fc.property(
        fc.array(action, { size: 'medium', maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        (actions, cut) => {
          const steps = stepsOf(actions);
          const model = new Model();
          const chat = new Chat(inputs.LIMITS);
          const listener = new Listener();
          for (const step of steps) {
            model.step(step);
            if (step.do === 'arrive') listener.arrive(step.who);
          }
          for (let at = 0; at < steps.length; at += cut) {
            listener.hear(chat.handle(inputs.turn(steps.slice(at, at + cut).map(inputOf))));
          }
          expect(listener.stories).toEqual(model.stories);
          lines += Object.values(model.stories).flatMap(({ hears }) =>
            hears.filter((one) => one.startsWith('from ')),
          ).length;
        },
      ),
      { numRuns: 1000 },
    );
    // Else the steps were too wild for anybody to say anything.
    expect(lines).toBeGreaterThan(1000);
  });
});
