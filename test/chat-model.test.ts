import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Act, type Check, type Command, Outside, TurnEnds } from './support/model-acts.ts';
import * as invariants from './support/model-invariants.ts';
import { firstLine, keptLine, line, name, NAMES, OWN_NAMES } from './support/model-lines.ts';
import { LIMITS, Stage } from './support/model-stage.ts';
import { Model } from './support/model.ts';

const NOON = Date.UTC(2025, 0, 31, 12);

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
      .tuple(seat, fc.constantFrom('overdue', 'stop', 'arrive'))
      .map(([seat, what]) => new Act(seat, what)),
  },
);

const ownName = fc.constantFrom(...OWN_NAMES);
/** The same, where what is said is kept and names are somebody's own. */
const keptActs: fc.Arbitrary<Command> = fc.oneof(
  { weight: 60, arbitrary: fc.tuple(seat, keptLine).map(([seat, line]) => new Act(seat, 'type', line)) },
  { weight: 25, arbitrary: acts },
  { weight: 6, arbitrary: seat.map((seat) => new Act(seat, 'reserve')) },
  { weight: 10, arbitrary: fc.tuple(seat, ownName).map(([seat, name]) => new Act(seat, 'prove', name)) },
  {
    weight: 1,
    arbitrary: fc.tuple(seat, name).map(([seat, name]) => new Act(seat, 'prove', `${name} (old)`)),
  },
  { weight: 8, arbitrary: seat.map((seat) => new Act(seat, 'arrive')) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('reserve', 'release', 'release', 'ban', 'unban'), name)
      .map(([what, name]) => new Outside(what, name)),
  },
);

const commands = (turn: fc.Arbitrary<Command>, some = acts): fc.Arbitrary<Iterable<Command>> =>
  fc.commands([fc.oneof({ weight: 4, arbitrary: some }, { weight: 1, arbitrary: turn })], {
    size: 'medium',
    maxCommands: 120,
  });

/** Runs them among four people, of whom three are in a room; gives what was heard. */
function play(commands: Iterable<Command>, last: Command, owned = ''): readonly string[] {
  const [model, real] = [new Model(), new Stage()];
  model.begin(NOON);
  ['a', 'b', 'c', 'd'].forEach((seat, index) => {
    new Act(seat, 'arrive', NAMES[index]).run(model, real);
    if (seat !== 'd') new Act(seat, 'type', '/join #ops').run(model, real);
  });
  for (const seat of owned) new Act(seat, 'reserve').run(model, real);
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

const RETOLD = [
  [/^from \w+ in #\w+ at /, 150],
  [/^from \w+ at /, 8],
  [/^from \w+ to \w+ at /, 8],
  [/^\* you missed \d/, 1],
  [/^\* \d+ lines? with/, 10],
  [/with its password; closing/, 100],
  [/ away; kept for /, 25],
  [/so much waits for/, 1],
  [/is somebody's own/, 50],
  [/names are reserved, and no more/, 8],
  [/you are banned/, 5],
  [/you may not speak/, 10],
  [/has put you out/, 5],
  [/not the password/, 50],
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
      invariants.expectAnswersToAgree(past, place.now);
      invariants.expectSamePlace(past, place);
    };
    fc.assert(
      fc.property(commands(pause.map((time) => new TurnEnds(time, check))), (some) => {
        play(some, new TurnEnds(0, check));
      }),
      { numRuns: 350 },
    );
  });

  test('keep, tell again and wait for the same, and for whom it is', () => {
    const lines: string[] = [];
    const check: Check = (past, { place }) => {
      invariants.expectNoGhosts(past);
      invariants.expectProven(past);
      invariants.expectWaitingOnce(past);
      invariants.expectWithinLimits(past, LIMITS);
      invariants.expectKeptOnce(past);
      invariants.expectSamePlace(past, place);
      invariants.expectSameInsight(past, place);
    };
    const property = fc.property(
      commands(
        pause.map((time) => new TurnEnds(time, check)),
        keptActs,
      ),
      (some) => {
        lines.push(...play(some, new TurnEnds(0, check), 'ab'));
      },
    );
    fc.assert(property, { numRuns: 250 });
    lines.length = 0;
    // These are always the same, so that what comes of them is no matter of luck.
    fc.assert(property, { numRuns: 500, seed: 1 });
    for (const [form, times] of RETOLD)
      expect(lines.filter((line) => form.test(line)).length, String(form)).toBeGreaterThan(times);
  });
});
