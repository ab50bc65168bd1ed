import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chat } from '../src/chat.ts';
import type { ClientId, Input } from '../src/message.ts';
import { text } from '../src/text.ts';
import { MOST_ROOMS } from './support/model-commands.ts';
import * as invariants from './support/model-invariants.ts';
import { firstLine, line, NAMES } from './support/model-lines.ts';
import type { Person } from './support/model-place.ts';
import { Model, type Step, type Story } from './support/model.ts';
import * as inputs from './support/turn.ts';

const LIMITS = { ...inputs.LIMITS, maxRoomsPerClient: MOST_ROOMS };
const NOON = Date.UTC(2025, 0, 31, 12);

/** A story that goes on. */
interface Tale extends Story {
  hears: string[];
  name: string;
  over: string;
}

/** The chat, told the same as the model, and what it makes everybody hear, told in the model's way. */
class Stage {
  readonly #chat = new Chat(LIMITS);
  /** Of all whose connection was not gone before this turn. */
  readonly #tales = new Map<ClientId, Tale>();
  #inputs: Input[] = [];
  /** Every line that anybody heard, as often as it was delivered. */
  readonly lines: string[] = [];

  step(step: Step): void {
    if (step.do === 'arrive') this.#tales.set(step.who, { hears: [], name: '', over: '' });
    this.#inputs.push(inputOf(step));
  }

  /** The turn is over. What it was, and what everybody heard in it. */
  end(now: number): { past: invariants.Past; stories: Record<ClientId, Story> } {
    const before = this.#chat.snapshot();
    const some = this.#inputs.splice(0);
    const { deliveries, instructions } = this.#chat.handle(inputs.turn(some, now));
    for (const delivery of deliveries) {
      const lines = text.encode(delivery.event).slice(0, -1).split('\n');
      for (const id of invariants.hearersOf(delivery)) this.#tale(id).hears.push(...lines);
      this.lines.push(...lines);
    }
    for (const { to, order } of instructions) {
      if (order.do === 'end') this.#tale(to).over = order.reason;
      if (order.do === 'name') this.#tale(to).name = order.name;
    }
    const stories = Object.fromEntries([...this.#tales].map(([id, tale]) => [id, { ...tale }]));
    for (const tale of this.#tales.values()) tale.hears = [];
    for (const input of some) if (input.type === 'gone') this.#tales.delete(input.client);
    const alive = [...this.#tales].filter(([, { over }]) => over === '');
    const names = new Map(alive.map(([id, { name }]) => [id, name]));
    return {
      past: { before, inputs: some, deliveries, after: this.#chat.snapshot(), alive: names },
      stories,
    };
  }

  /** Nothing follows an end. */
  #tale(id: ClientId): Tale {
    const tale = this.#tales.get(id);
    if (tale?.over !== '') throw new Error(`${id} was told something before it came or after its end`);
    return tale;
  }
}

function inputOf(step: Step): Input {
  switch (step.do) {
    case 'arrive':
      return inputs.arrived(step.who);
    case 'type':
      return inputs.line(step.who, step.line);
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

/** At each seat there is one connection at a time. */
const sitting = (model: Model, seat: string): Person | undefined =>
  model.place.people.find(({ id, gone }) => id.startsWith(seat) && !gone);

type Command = fc.Command<Model, Stage>;

/** Somebody does something at a seat, if it can be done there. */
class Act implements Command {
  readonly #seat: string;
  readonly #what: Step['do'];
  readonly #line: string | undefined;

  constructor(seat: string, what: Step['do'], line?: string) {
    this.#seat = seat;
    this.#what = what;
    this.#line = line;
  }

  check(model: Model): boolean {
    const person = sitting(model, this.#seat);
    if (this.#what === 'arrive') return person?.over !== '';
    // Nobody can say anything behind the end of their stream.
    return person !== undefined && !(person.halfClosed && (this.#what === 'type' || this.#what === 'end'));
  }

  run(model: Model, stage: Stage): void {
    const there = sitting(model, this.#seat)?.id;
    const comes = this.#what === 'arrive';
    const who = there === undefined || comes ? `${this.#seat}${String(model.arrivals)}` : there;
    const steps: Step[] = this.#what === 'type' ? [] : [{ do: this.#what, who }];
    // Whoever was let go leaves the seat.
    if (there !== undefined && comes) steps.unshift({ do: 'go', who: there });
    if (this.#line !== undefined) steps.push({ do: 'type', who, line: this.#line });
    for (const step of steps) {
      model.step(step);
      stage.step(step);
    }
  }

  toString(): string {
    const what = this.#what === 'type' ? [] : [`(${this.#what})`];
    return [`${this.#seat}:`, ...what, this.#line ?? ''].join(' ').trimEnd();
  }
}

type Check = (past: invariants.Past, model: Model) => void;

/** A turn is over, and the next one begins so many milliseconds later. */
class TurnEnds implements Command {
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
    const { past, stories } = stage.end(model.place.now);
    expect(stories).toEqual(model.end());
    this.#check?.(past, model);
    model.begin(model.place.now + this.#pause);
  }

  toString(): string {
    return `(${String(this.#pause)} ms)`;
  }
}

const seat = fc.constantFrom('a', 'a', 'b', 'c', 'd', 'e');
const pause = fc.constantFrom(0, 0, 10, 3000, 60_000);
const acts: fc.Arbitrary<Command> = fc.oneof(
  { weight: 60, arbitrary: fc.tuple(seat, line).map(([seat, line]) => new Act(seat, 'type', line)) },
  { weight: 10, arbitrary: fc.tuple(seat, firstLine).map(([seat, line]) => new Act(seat, 'arrive', line)) },
  { weight: 4, arbitrary: fc.tuple(seat, firstLine).map(([seat, line]) => new Act(seat, 'type', line)) },
  { weight: 5, arbitrary: seat.map((seat) => new Act(seat, 'go')) },
  { weight: 3, arbitrary: seat.map((seat) => new Act(seat, 'end')) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(seat, fc.constantFrom<Step['do']>('overdue', 'stop', 'arrive'))
      .map(([seat, what]) => new Act(seat, what)),
  },
);

const commands = (turn: fc.Arbitrary<Command>): fc.Arbitrary<Iterable<Command>> =>
  fc.commands([fc.oneof({ weight: 4, arbitrary: acts }, { weight: 1, arbitrary: turn })], {
    size: 'medium',
    maxCommands: 120,
  });

/** Runs them among four people, of whom three are in a room; gives what was heard. */
function play(commands: Iterable<Command>, last: Command): readonly string[] {
  const [model, real] = [new Model(), new Stage()];
  model.begin(NOON);
  ['a', 'b', 'c', 'd'].forEach((seat, index) => {
    new Act(seat, 'arrive', NAMES[index]).run(model, real);
    if (seat !== 'd') new Act(seat, 'type', '/join #ops').run(model, real);
  });
  new TurnEnds(0).run(model, real);
  real.lines.splice(0);
  fc.modelRun(() => ({ model, real }), commands);
  last.run(model, real);
  return real.lines;
}

/** How often something has to be heard, at the least. */
const HEARD = [
  [/^from \w+: /, 1500],
  [/^from \w+ in #/, 1500],
  [/^from \w+: \(away\)/, 50],
  [/^from \w+ in #\w+: \(kick\)/, 15],
  [/^from \w+ in #\w+: \/me/, 10],
  [/ joined #/, 150],
  [/^\* \w+ left #/, 500],
  [/^\* \w+, .* left #/, 15],
  [/ is now /, 200],
  [/ private$/, 50],
  [/ removed /, 50],
  [/ invites you /, 50],
  [/ is private; /, 15],
  [/ only \w+ may /, 50],
  [/ you ignore [^n]/, 100],
] as const;

describe('the chat and its model', () => {
  test('tell everybody the same, however it is cut into turns', () => {
    const lines: string[] = [];
    fc.assert(
      fc.property(commands(pause.map((time) => new TurnEnds(time))), (some) => {
        lines.push(...play(some, new TurnEnds(0)));
      }),
      { numRuns: 1000 },
    );
    // Else what was done was too wild for anything to come of it.
    for (const [form, times] of HEARD)
      expect(lines.filter((line) => form.test(line)).length, String(form)).toBeGreaterThan(times);
  });

  test('hold what is promised of rooms and names, after each turn', () => {
    const check: Check = (past, { place }) => {
      invariants.expectNoGhosts(past);
      invariants.expectHeardInside(past);
      invariants.expectAnswersToAgree(past, LIMITS, place.now);
      invariants.expectSamePlace(past, place);
    };
    fc.assert(
      fc.property(commands(pause.map((time) => new TurnEnds(time, check))), (some) => {
        play(some, new TurnEnds(0, check));
      }),
      { numRuns: 350 },
    );
  });
});
