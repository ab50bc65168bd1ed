import { beforeEach, describe, expect, test } from 'vitest';
import { SHARE, Turnstile } from '../src/turnstile.ts';
import { holdEventLoop, idle, turn } from './support/event-loop.ts';
import { Talker } from './support/talker.ts';

const KiB = 1024;

beforeEach(holdEventLoop);

describe('a held client', () => {
  test('goes on at once when the last reason is gone', () => {
    const talker = new Talker(new Turnstile());
    talker.gate.hold('recipient behind');
    talker.gate.hold('outbox behind');
    talker.say(2, 100);
    turn();
    talker.gate.release('recipient behind');
    expect([talker.gate.held, talker.bytes]).toEqual([true, 0]);
    talker.gate.release('outbox behind');
    expect([talker.gate.held, talker.bytes]).toEqual([false, 200]);
  });

  test('is held once for a reason, however often it was said', () => {
    const talker = new Talker(new Turnstile());
    talker.gate.hold('recipient behind');
    talker.gate.hold('recipient behind');
    talker.say(1, 100);
    talker.gate.release('recipient behind');
    expect(talker.bytes).toBe(100);
  });

  test('is stopped in the middle of what it has in hand, and by nothing else', () => {
    const talker: Talker = new Talker(new Turnstile(), ({ passed, gate }) => {
      if (passed.length === 32) gate.hold('recipient behind');
    });
    talker.say(50, KiB);
    turn();
    expect(talker.passed.length).toBe(32);
    talker.gate.release('outbox behind');
    expect(talker.passed.length).toBe(32);
    talker.gate.release('recipient behind');
    expect(talker.passed.length).toBe(50);
  });

  test('keeps nobody else waiting, nor the event loop awake', () => {
    const turnstile = new Turnstile();
    const [held, other] = [new Talker(turnstile), new Talker(turnstile)];
    held.say(40, KiB);
    held.gate.hold('recipient behind');
    other.say(40, KiB);
    turn();
    expect([held.bytes, other.bytes]).toEqual([SHARE, 40 * KiB]);
    turn();
    expect(idle()).toBe(true);
  });

  test('that is dead is not held any more: what it said before counts', () => {
    const talker = new Talker(new Turnstile());
    talker.gate.hold('recipient behind');
    talker.say(40, KiB);
    talker.gate.abandon();
    expect(talker.bytes).toBe(SHARE);
    talker.gate.hold('outbox behind');
    turn();
    expect([talker.gate.held, talker.bytes]).toEqual([false, 40 * KiB]);
  });
});

test('the valve is paused once while lines wait, and resumed once when none is left', () => {
  const talker = new Talker(new Turnstile());
  talker.say(1, 100);
  expect(talker.valve).toEqual([]);
  talker.gate.hold('recipient behind');
  talker.say(70, KiB);
  talker.say(1, 100);
  expect(talker.valve).toEqual(['pause']);
  talker.gate.release('recipient behind');
  turn();
  expect(talker.valve).toEqual(['pause']);
  turn();
  expect(talker.valve).toEqual(['pause', 'resume']);
  talker.say(70, KiB);
  expect(talker.valve).toEqual(['pause', 'resume', 'pause']);
});
