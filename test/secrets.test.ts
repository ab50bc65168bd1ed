import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Input } from '../src/message.ts';
import type { Reservation } from '../src/past.ts';
import { pass } from './support/event-loop.ts';
import { type Guest, TestHouse } from './support/house.ts';
import { ENDLESS } from './support/limits.ts';
import { RIGHT, SlowVault } from './support/slow-vault.ts';

/** Seconds in which everything that needs no waiting has happened. */
const MOMENT = 0.05;
const WRONG = 'wrong-horse';
const NEW = 'new-horse';

const own = (key: string): Reservation => ({
  ...{ key, shown: key, owner: `owner of ${key}`, version: `of ${key}`, mail: 0, mailBytes: 0 },
});

/** Promises that are kept by now are known to be. */
async function settle(): Promise<void> {
  for (let ticks = 0; ticks < 10; ticks++) await Promise.resolve();
}

/** A house in which ann and dan have passwords, cat is there, and a guest may come; and all that is published. */
class Stage {
  readonly vault = new SlowVault();
  readonly published: Input[] = [];
  readonly cat: Guest;
  readonly guest: Guest;

  constructor() {
    const house = new TestHouse(ENDLESS, this.vault);
    const publish = house.broker.publish.bind(house.broker);
    house.broker.publish = (inputs) => {
      this.published.push(...inputs);
      publish(inputs);
    };
    const reservations = [own('ann'), own('dan')];
    this.vault.become(reservations);
    house.broker.publish([{ type: 'registry', reservations, bans: [] }]);
    this.cat = house.login('cat');
    pass(MOMENT);
    this.guest = house.arrive();
    pass(MOMENT);
    this.published.splice(0);
  }

  /** Whatever waits is looked at, and answered. */
  async calm(): Promise<void> {
    do {
      this.vault.look();
      await settle();
      pass(MOMENT);
    } while (this.vault.waiting > 0);
  }

  /** What of the guest's lines was published: `say` is each by itself. */
  get lines(): Input[] {
    const { id } = this.guest.session;
    return this.published.flatMap((input) => {
      if (!('client' in input) || input.client !== id || !SAID.has(input.type)) return [];
      if (input.type !== 'line' || input.command.kind !== 'say') return [input];
      const { command } = input;
      return command.rests.map((rest): Input => ({ ...input, command: { ...command, rests: [rest] } }));
    });
  }
}

const SAID: ReadonlySet<Input['type']> = new Set(['line', 'proved', 'unproved', 'reserve']);

/** What each of them heard, and the first `count` lines that were published of what the guest said. */
function outcome({ guest, cat, lines }: Stage, count = lines.length): object {
  const { name } = guest.session;
  const some = lines.slice(0, count);
  // What somebody said who never had a name is nothing.
  const published = name === undefined ? some.map(({ type }) => type) : some;
  return { guest: guest.heard, cat: cat.heard, why: guest.ended?.reason, published };
}

/** Lines that come together, and what happens as they do. */
interface Passage {
  readonly lines: readonly string[];
  readonly actions: readonly Action[];
}

type Action = { readonly do: 'write'; readonly bytes: number } | { readonly do: 'look' | 'pass' };

/** As it is when each line is said once the one before it was answered. */
async function oneByOne(passages: readonly Passage[]): Promise<Stage> {
  const stage = new Stage();
  for (const line of passages.flatMap(({ lines }) => lines)) {
    stage.guest.say(line);
    await stage.calm();
  }
  stage.guest.connection.endSide();
  await stage.calm();
  return stage;
}

/** The same when lines come in pieces, and passwords are looked at whenever they are. */
async function inPieces(passages: readonly Passage[]): Promise<Stage> {
  const stage = new Stage();
  const { guest, vault } = stage;
  for (const { lines, actions } of passages) {
    await stage.calm();
    let left = lines.map((line) => `${line}\n`).join('');
    for (const action of actions) {
      if (action.do === 'pass') pass(MOMENT);
      if (action.do === 'look') {
        vault.look();
        await settle();
      }
      if (action.do !== 'write') continue;
      const isLooking = vault.waiting > 0;
      const before = guest.session.lines;
      guest.connection.receive(left.slice(0, action.bytes));
      left = left.slice(action.bytes);
      // What comes meanwhile is not even read: only what was read with the password has to be kept.
      if (isLooking) expect(guest.session.lines).toBe(before);
    }
    guest.connection.receive(left);
  }
  guest.connection.endSide();
  await stage.calm();
  return stage;
}

const password = fc.constantFrom(RIGHT, WRONG, `${RIGHT} and more`);
/** The first line of who wants a name. */
const login = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('bob', 'eve', 'ann', 'cat') },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom('ann', 'dan', 'ANN'), password).map((two) => two.join(' ')),
  },
);
const said = fc.oneof(
  { weight: 4, arbitrary: fc.nat(99).map((nth) => `cat: hello ${String(nth)}`) },
  { weight: 2, arbitrary: fc.nat(99).map((nth) => `some words ${String(nth)}`) },
  { weight: 2, arbitrary: fc.constantFrom('/to cat', '/ping', '//slash', '', '/to none', '/nosuch word') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('ann', 'dan', 'bob'), password)
      .map((two) => `/name ${two.join(' ')}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('/name fay', '/name ann', '/name', '/reserve', '/quit') },
  { weight: 3, arbitrary: fc.nat(9).map((nth) => `/reserve ${NEW} ${String(nth)}`) },
  { weight: 1, arbitrary: password.map((word) => `ann ${word}`) },
);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write'), bytes: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('look', 'pass') }) },
);
/** One name at most is under way at a time: what two of them do stands further down. */
const passage = fc.record<Passage>({
  lines: fc.tuple(login, fc.array(said, { maxLength: 10 })).map(([name, behind]) => [name, ...behind]),
  actions: fc.array(action, { maxLength: 30 }),
});
/** It is no login, and not the end either. */
const before = fc.record<Passage>({
  lines: fc.array(fc.constantFrom('/ping', '', '/xyzzy', '/time on'), { maxLength: 3 }),
  actions: fc.constant([]),
});
const refused = fc.record<Passage>({
  lines: fc.constantFrom(['ann'], ['cat'], [`ann ${WRONG}`], [`dan ${WRONG}`, '/ping'], [`bob ${RIGHT}`]),
  actions: fc.constant([{ do: 'write', bytes: 4 }, { do: 'pass' }]),
});
const dialogue = fc
  .tuple(fc.array(fc.oneof(before, refused), { maxLength: 2 }), passage)
  .map(([some, last]) => [...some, last]);

describe('what somebody says', () => {
  test('comes to the chat whole, once and in order, however it comes in and however long passwords take', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(dialogue, async (passages) => {
        const expected = await oneByOne(passages);
        const stage = await inPieces(passages);
        // Of who was told to go some more may have been read by then.
        expect(outcome(stage, expected.lines.length)).toEqual(outcome(expected));
        // One for each, if nobody was told to go before the end.
        const lines = passages.flatMap((each) => each.lines);
        if (stage.guest.ended === undefined) expect(stage.lines).toHaveLength(lines.length);
        const types = stage.published.map(({ type }) => type);
        const end = types.indexOf('ended');
        expect(types.lastIndexOf('ended')).toBe(end);
        // A password that comes while something waits stands further down.
        const behind = passages.at(-1)?.lines.slice(1) ?? [];
        if (end >= 0 && !behind.some((line) => line.includes('horse')))
          expect(types.findLastIndex((type) => SAID.has(type))).toBeLessThan(end);
        for (const { type } of stage.lines) seen.set(type, (seen.get(type) ?? 0) + 1);
      }),
      { numRuns: 200 },
    );
    for (const type of SAID) expect(seen.get(type), type).toBeGreaterThan(10);
  });

  test('is published without the password that is in it', async () => {
    await fc.assert(
      fc.asyncProperty(dialogue, async (passages) => {
        const { published, guest } = await inPieces(passages);
        for (const input of published) {
          // What one who has a name says is said, whatever it is.
          const isSaid =
            input.type === 'line' && input.command.kind === 'bare' && guest.session.name !== undefined;
          if (!isSaid) expect(JSON.stringify(input)).not.toMatch(/horse/);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('two names that one says without waiting for an answer', () => {
  const all = async (...lines: string[]): Promise<Stage> => inPieces([{ lines, actions: [] }]);

  test('are both refused or not before what is behind them is looked at', async () => {
    const { cat } = await all('ann', 'bob', '/to cat', 'hello there');
    expect(cat.heard).toBe('from bob: hello there\n');
  });

  test('and the second of which is accepted, may be followed by a password', async () => {
    const { guest } = await all(`ann ${WRONG}`, 'bob', `/name ann ${RIGHT}`);
    expect(guest.heard).toContain('* bob is now ann\n');
  });

  test('and a password before them is published nowhere', async () => {
    const { published } = await all(`/name ann ${RIGHT}`, 'bob');
    expect(JSON.stringify(published)).not.toContain(RIGHT);
  });
});

describe('who ends its side', () => {
  test('is known to have done so behind a password that came while another one was looked at', async () => {
    const lines = ['bob', `/reserve ${NEW}`, `/name ann ${RIGHT}`];
    const { published } = await inPieces([{ lines, actions: [{ do: 'write', bytes: 23 }] }]);
    expect(published.map(({ type }) => type)).toEqual(['line', 'reserve', 'proved', 'ended']);
  });
});

describe('a password with a colon in it', () => {
  test('is one, and is published nowhere', async () => {
    const { published } = await inPieces([{ lines: [`ann pass:${RIGHT}`], actions: [] }]);
    expect(JSON.stringify(published)).not.toContain(RIGHT);
  });
});
