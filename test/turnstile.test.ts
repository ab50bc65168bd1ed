import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { SHARE, TURN, Turnstile } from '../src/turnstile.ts';
import { holdEventLoop, idle, turn } from './support/event-loop.ts';
import { Talker } from './support/talker.ts';

const KiB = 1024;

beforeEach(holdEventLoop);

describe('shares', () => {
  test('a client has its share of each turn, also where it is alone', () => {
    const talker = new Talker(new Turnstile());
    talker.say(100, KiB);
    for (const passed of [32, 64, 96, 100]) {
      expect(talker.passed.length).toBe(passed);
      turn();
    }
    expect(SHARE).toBe(32 * KiB);
  });

  test('a line longer than a share passes whole, as the first of a turn and alone', () => {
    const talker = new Talker(new Turnstile());
    talker.say(3, SHARE + 1);
    expect(talker.passed.length).toBe(1);
    turn();
    expect(talker.passed.length).toBe(2);
    const another = new Talker(new Turnstile());
    another.say(1, KiB);
    another.say(1, SHARE);
    expect(another.passed).toEqual([KiB]);
  });

  test('all clients together have one turn of bytes, and the next turn begins with who waited first', () => {
    const turnstile = new Turnstile();
    const floods = [0, 1, 2].map(() => new Talker(turnstile));
    for (const flood of floods) flood.say(200, KiB);
    const passed = (): number[] => floods.map((flood) => flood.bytes / SHARE);
    expect(TURN).toBe(2 * SHARE);
    expect(passed()).toEqual([1, 1, 0]);
    turn();
    expect(passed()).toEqual([2, 2, 0]);
    turn();
    expect(passed()).toEqual([3, 2, 1]);
    turn();
    expect(passed()).toEqual([3, 3, 2]);
    turn();
    expect(passed()).toEqual([4, 4, 2]);
  });

  test('a line costs 64 bytes at the least', () => {
    const talker = new Talker(new Turnstile());
    talker.say(SHARE, 1);
    expect(talker.passed.length).toBe(SHARE / 64);
    turn();
    expect(talker.passed.length).toBe((2 * SHARE) / 64);
  });

  test('three thousand who say a little at once all do so in turns, and one who says more is not left out', () => {
    const turnstile = new Turnstile();
    const talkers = Array.from({ length: 3000 }, () => new Talker(turnstile));
    const bulk = new Talker(turnstile);
    bulk.say(10_000, 300);
    for (let turns = 0; turns < 20; turns++) {
      for (const talker of talkers) if (talker.passed.length <= turns) talker.say(1, 64);
      turn();
    }
    // It has 109 in a turn where it is alone.
    expect(bulk.passed.length).toBeGreaterThan(20 * 25);
    expect(Math.min(...talkers.map(({ passed }) => passed.length))).toBeGreaterThan(3);
  });

  test('a turn that nobody used is not saved up', () => {
    const talker = new Talker(new Turnstile());
    for (let i = 0; i < 5; i++) turn();
    talker.say(100, KiB);
    expect(talker.bytes).toBe(SHARE);
  });

  test('a turnstile at which nobody waits leaves nothing for the event loop to do', () => {
    const talker = new Talker(new Turnstile());
    talker.say(40, KiB);
    turn();
    expect(idle()).toBe(false);
    turn();
    expect(idle()).toBe(true);
  });
});

describe('a client that says little', () => {
  function crowd(): { turnstile: Turnstile; floods: Talker[] } {
    const turnstile = new Turnstile();
    const floods = Array.from({ length: 5 }, () => new Talker(turnstile));
    for (const flood of floods) flood.say(1000, KiB);
    return { turnstile, floods };
  }

  test('is admitted at once while others wait', () => {
    const { turnstile, floods } = crowd();
    const talker = new Talker(turnstile);
    for (let i = 0; i < 10; i++) {
      talker.say(1, 200);
      expect(talker.passed.length).toBe(i + 1);
      turn();
    }
    expect(talker.valve).toEqual([]);
    expect(floods.every((flood) => flood.bytes > 0)).toBe(true);
  });

  test('may say 256 bytes a turn that way, and then waits its turn', () => {
    const { turnstile } = crowd();
    const talker = new Talker(turnstile);
    talker.say(5, 1);
    expect(talker.passed.length).toBe(4);
    // The five before it in the queue share the next two turns, and half of the one after those.
    turn();
    turn();
    talker.say(1, 1);
    expect(talker.passed.length).toBe(4);
    turn();
    expect(talker.passed.length).toBe(6);
    expect(talker.valve).toEqual(['pause', 'resume']);
  });
});

describe('while a turn is being handled', () => {
  test('nobody is admitted, however little it says; then those who waited go on, though the next one begins at once', () => {
    const turnstile = new Turnstile();
    const [flood, talker] = [new Talker(turnstile), new Talker(turnstile)];
    turnstile.shut('turn');
    flood.say(40, KiB);
    talker.say(1, 1);
    for (let i = 0; i < 3; i++) turn();
    expect([flood.bytes, talker.bytes]).toEqual([0, 0]);
    expect(idle()).toBe(true);
    turnstile.open('turn');
    turnstile.shut('turn');
    expect([flood.bytes, talker.bytes]).toEqual([SHARE, 1]);
    turnstile.open('turn');
    turn();
    expect([flood.bytes, talker.bytes]).toEqual([40 * KiB, 1]);
  });

  test('that begins while clients wait, they wait on', () => {
    const turnstile = new Turnstile();
    const flood = new Talker(turnstile);
    flood.say(40, KiB);
    turnstile.shut('turn');
    turn();
    turn();
    expect(flood.bytes).toBe(SHARE);
    turnstile.open('turn');
    turn();
    expect(flood.bytes).toBe(40 * KiB);
  });

  test('and too much waits for the log, nobody is admitted until neither is so any more', () => {
    const turnstile = new Turnstile();
    const talker = new Talker(turnstile);
    turnstile.shut('log');
    turnstile.shut('turn');
    talker.say(1, 1);
    turnstile.open('turn');
    turn();
    expect(talker.bytes).toBe(0);
    turnstile.open('log');
    turn();
    expect(talker.bytes).toBe(1);
  });
});

test('whoever says whatever, a turn is not exceeded by more than a line, and every line passes in order', () => {
  const longest = 16 * KiB;
  const lines = fc.array(fc.integer({ min: 1, max: longest }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 8 }), (crowd) => {
      let used = 0;
      const turnstile = new Turnstile();
      const talkers = crowd.map(() => new Talker(turnstile, (_, length) => (used += length)));
      for (const [index, talker] of talkers.entries())
        for (const bytes of crowd[index] ?? []) talker.say(1, bytes);
      // Beyond the turn: the line that reaches it, and the little that everyone may say.
      const most = TURN + longest + 256 * crowd.length;
      expect(used).toBeLessThanOrEqual(most);
      while (!idle()) {
        used = 0;
        turn();
        expect(used).toBeLessThanOrEqual(most);
      }
      expect(talkers.map(({ passed }) => passed)).toEqual(crowd);
      for (const { valve } of talkers) expect(valve.join(' ')).toMatch(/^(pause resume)?$/);
    }),
  );
});
