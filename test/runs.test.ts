import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chat, type Handled } from '../src/chat.ts';
import { Decoder } from '../src/decoder.ts';
import type { ClientId, Input, Order } from '../src/message.ts';
import { text } from '../src/text.ts';
import { together } from './support/passages.ts';
import { arrived, asked, gone, level, LIMITS, next, taken } from './support/turn.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;
const LINES = [
  ...[
    'bob: hi',
    'bob: again',
    'bob:',
    'bob, carol: hi',
    'bob, carol: again',
    'zoe: hi',
    'zoe: again',
    ': hi',
  ],
  ...[
    '#ops: hi',
    '#ops: again',
    '#ops, bob: hi',
    '#ops, bob: again',
    '#dev: hi',
    'a,b,c,d,e: hi',
    'plain text',
  ],
  ...['/join #ops', '/leave #ops', '/join #dev', '/to #ops', '/to none', '/receipts on', '/receipts off'],
  ...[
    '/ignore alice',
    '/unignore alice',
    '/away',
    '/away soon',
    '/back',
    '/name robert',
    '/msg bob: hi',
    '/quit',
  ],
  ...['alice', 'dave'],
];

/** Makes who says it a bulk sender; a pause after which it is none any more, in milliseconds. */
const BULK = `bob: ${'x'.repeat(100_000)}`;
const PAUSE = 5000;

type Step =
  | { readonly who: ClientId; readonly lines: readonly string[] }
  | { readonly who: ClientId; readonly level: 'behind' | 'full' | 'caught-up' }
  | { readonly who: ClientId; readonly goes: true };

const who = fc.constantFrom(...NAMES);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ who, lines: fc.array(fc.constantFrom(...LINES), { minLength: 1 }) }) },
  { weight: 3, arbitrary: fc.record({ who, lines: fc.array(fc.constantFrom('bob: 1', 'bob: 2')) }) },
  { weight: 3, arbitrary: fc.record({ who, lines: fc.array(fc.constantFrom('#ops: 1', '#ops: 2')) }) },
  { weight: 3, arbitrary: fc.record({ who, level: fc.constantFrom('behind', 'full', 'caught-up') }) },
  { weight: 1, arbitrary: fc.record({ who, lines: fc.constant([BULK]) }) },
  { weight: 1, arbitrary: fc.record({ who, goes: fc.constant<true>(true) }) },
);

/** A chat that is told lines as they come, together or each by itself, and what everybody heard there. */
class Hearing {
  readonly heard = new Map<string, string>();
  readonly orders: { to: ClientId; order: Order }[] = [];
  readonly #chat = new Chat({ ...LIMITS, maxRecipients: 4 });
  readonly #decoders = new Map<ClientId, Decoder>();
  readonly #together: boolean;
  #sequence = 0;
  /** What the next turn begins with. */
  #due: Input[] = [];

  constructor(together: boolean) {
    this.#together = together;
    // Dave has no name yet.
    const entering = NAMES.slice(0, 3).map((who): Step => ({ who, lines: [who, '/join #ops'] }));
    this.turn(
      entering,
      NAMES.map((name) => arrived(name)),
    );
  }

  turn(steps: readonly Step[], first: readonly Input[] = []): void {
    const inputs = [...first, ...this.#due, ...steps.flatMap((step) => this.#inputs(step))];
    this.#due = [];
    let rest: Parameters<Chat['handle']>[0] | undefined = {
      ...{ sequence: ++this.#sequence, time: this.#sequence * PAUSE, inputs, first: 0 },
    };
    while (rest) {
      const handled = this.#chat.handle(rest);
      this.#hear(handled);
      ({ rest } = handled);
    }
  }

  #inputs(step: Step): Input[] {
    const { who } = step;
    if ('level' in step) return [level(who, step.level)];
    if ('goes' in step) return [gone(who)];
    const decoder = this.#decoders.get(who) ?? new Decoder({ maxRecipients: 4, raw: false });
    this.#decoders.set(who, decoder);
    const commands = this.#together
      ? decoder.read([together(...step.lines)])
      : step.lines.flatMap((one) => decoder.read([together(one)]));
    return commands.map((command) => asked(who, command));
  }

  #hear({ deliveries, instructions }: Handled): void {
    for (const { event, to, except, receipt, deaf = [] } of deliveries) {
      const hearers = to.filter((id) => id !== except);
      // What is said, and whether one was heard: who names itself in several lines hears all of them first.
      const kind = event.type === 'message' && event.about === undefined ? 'said' : 'told';
      for (const id of hearers) {
        const key = `${id} is ${kind}`;
        this.heard.set(key, (this.heard.get(key) ?? '') + text.encode(event));
      }
      if (receipt) this.#due.push(taken(receipt, hearers.length + deaf.length));
    }
    this.orders.push(...instructions);
    for (const { to, order } of instructions) if (order.do === 'next') this.#due.push(next(to));
  }
}

test('lines that come together do what they do one by one: everybody hears the same, and the same is ordered', () => {
  fc.assert(
    fc.property(fc.array(fc.array(steps)), (turns) => {
      const [singly, together] = [new Hearing(false), new Hearing(true)];
      for (const turn of [...turns, [], [], []]) {
        singly.turn(turn);
        together.turn(turn);
        expect(together.heard).toEqual(singly.heard);
        expect(together.orders).toEqual(singly.orders);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each(['bob:hi', 'bob: hi', 'bob:  hi', 'bob:\thi', 'bob: \u00a0\u2003hi \t', 'bob : hi\r'])(
  'what is said has no blanks at its ends: %j',
  (line) => {
    const hearing = new Hearing(true);
    for (const lines of [[line], [line, line, 'bob: ho']]) hearing.turn([{ who: 'alice', lines }]);
    expect(hearing.heard.get('bob is said')).toBe('from alice: hi\n'.repeat(3) + 'from alice: ho\n');
  },
);

test('lines that follow each other and are for the same ask together, and others do not', () => {
  const decoder = new Decoder({ maxRecipients: 4, raw: false });
  const read = (...lines: string[]): unknown[] =>
    decoder
      .read([together(...lines)])
      .map((command) => (command.kind === 'say' ? [command.head, ...command.rests] : command.kind));
  expect(read('bob: 1', 'bob: 2', 'bob:3', 'carol: 4', 'bob: 5')).toEqual([
    ['bob: ', '1', '2'],
    ['bob:', '3'],
    ['carol: ', '4'],
    ['bob: ', '5'],
  ]);
  expect(read('a, b: 1', 'a, b: 2', 'b, a: 3')).toEqual([
    ['a, b: ', '1', '2'],
    ['b, a: ', '3'],
  ]);
  expect(read('bob: 1', '/ping', 'bob: 2', 'hello', 'bob: 3')).toEqual([
    ['bob: ', '1'],
    'word',
    ['bob: ', '2'],
    'bare',
    ['bob: ', '3'],
  ]);
});
