import { describe, expect, test } from 'vitest';
import { Gate, type Valve } from '../src/gate.ts';
import { Turnstile } from '../src/turnstile.ts';
import { type Clock, Pace } from '../src/pace.ts';
import { holdEventLoop } from './support/event-loop.ts';
import { linesOf, together } from './support/passages.ts';

/** Time that passes when it is told to. */
class TestClock implements Clock {
  #now = 1000;
  #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(seconds: number, wake: () => void): () => void {
    const sleeper = { at: this.#now + seconds, wake };
    this.#sleepers.push(sleeper);
    return () => {
      this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
    };
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  pass(seconds: number): void {
    this.#now += seconds;
    for (const { at, wake } of this.#sleepers.splice(0)) {
      if (at <= this.#now + 1e-9) wake();
      else this.#sleepers.push({ at, wake });
    }
  }
}

describe('a pace', () => {
  test('lets a burst come at once, then as many lines a second as the rate', () => {
    const clock = new TestClock();
    const pace = new Pace({ rate: 2, burst: 3 }, clock);
    const come = (): number => {
      const { delay } = pace;
      if (delay === 0) pace.take();
      return delay;
    };
    expect([come(), come(), come(), come()]).toEqual([0, 0, 0, 0.5]);
    clock.pass(0.25);
    expect(come()).toBe(0.25);
    clock.pass(0.25);
    expect([come(), come()]).toEqual([0, 0.5]);
  });

  test('saves no more than a burst, however long nothing came', () => {
    const clock = new TestClock();
    const pace = new Pace({ rate: 10, burst: 2 }, clock);
    clock.pass(3600);
    const come = (): number => {
      const { delay } = pace;
      pace.take();
      return delay;
    };
    expect([come(), come()]).toEqual([0, 0]);
    expect(pace.delay).toBeCloseTo(0.1);
  });
});

describe('a gate with a pace', () => {
  function paced() {
    const clock = new TestClock();
    const valve: Valve & { open: boolean } = {
      open: true,
      pause: () => (valve.open = false),
      resume: () => (valve.open = true),
    };
    const gate = new Gate(new Turnstile(), valve, new Pace({ rate: 1, burst: 2 }, clock));
    const passed: string[] = [];
    const waiting: string[] = [];
    gate.wake = () => {
      for (let length; waiting.length > 0 && (length = gate.admit(together(...waiting))) > 0;) {
        const { text, plain } = together(...waiting);
        passed.push(...waiting.splice(0, linesOf({ text: text.slice(0, length), plain }).length));
      }
      if (waiting.length === 0) gate.drained();
    };
    const say = (...lines: string[]): void => {
      waiting.push(...lines);
      gate.wake();
    };
    holdEventLoop();
    return { clock, gate, passed, say, valve };
  }

  test('is shut past the burst until the bucket has refilled, and what waits comes in order', () => {
    const { clock, passed, say, valve } = paced();
    say('1', '2', '3', '4');
    expect([passed, valve.open]).toEqual([['1', '2'], false]);
    clock.pass(0.5);
    expect(passed).toEqual(['1', '2']);
    clock.pass(0.5);
    expect([passed, valve.open]).toEqual([['1', '2', '3'], false]);
    clock.pass(1);
    expect([passed, valve.open, clock.sleeping]).toEqual([['1', '2', '3', '4'], true, 0]);
  });

  test('counts lines, not what a long one is read in', () => {
    const { gate, passed, say } = paced();
    for (let piece = 0; piece < 10; piece++) expect(gate.admitPiece(100, false)).toBe(true);
    say('1', '2', '3');
    expect(passed).toEqual(['1', '2']);
  });

  test('that is abandoned lets all of it through at once, and wakes nobody later', () => {
    const { clock, gate, passed, say } = paced();
    say('1', '2', '3', '4');
    gate.abandon();
    expect([passed, clock.sleeping]).toEqual([['1', '2', '3', '4'], 0]);
  });

  test('that somebody else holds, too, takes no token for what it does not let through', () => {
    const { clock, gate, passed, say } = paced();
    gate.hold('outbox behind');
    say('1', '2', '3');
    clock.pass(10);
    expect([passed, clock.sleeping]).toEqual([[], 0]);
    gate.release('outbox behind');
    expect(passed).toEqual(['1', '2']);
  });
});
