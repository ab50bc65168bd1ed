import { afterEach, describe, expect, test, vi } from 'vitest';
import { Chat } from '../src/chat.ts';
import type { Command, Input } from '../src/message.ts';
import {
  arrived,
  asked,
  chatOf,
  ended,
  gone,
  level,
  LIMITS,
  next,
  line,
  overdue,
  stopped,
  stopping,
  transcript,
  turn,
} from './support/turn.ts';

describe('who writes to somebody who is behind', () => {
  const people = { a: 'alice', b: 'bob', c: 'carol' };
  const bulk = 'x'.repeat(64 * 1024 + 1);

  test('is held when it writes in bulk, and an ordinary talker is not', () => {
    const chat = chatOf(people);
    chat(level('b', 'behind'));
    expect(chat(line('a', `bob: ${bulk}`), line('c', 'bob: hi'))).toEqual(['b < from carol: hi', 'a: hold']);
    expect(chat(level('b', 'caught-up'))).toEqual([`b < from alice: ${bulk}`, 'a: release']);
  });

  test('is held by a recipient that is full, however little it writes', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'));
    expect(chat(line('a', 'bob: hi'))).toEqual(['a: hold']);
  });

  test('parks everything behind it, its end of file too', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'));
    expect(chat(line('a', 'bob, dave: 1'), line('a', 'carol: 2'), line('a', 'what?'), ended('a'))).toEqual([
      'a: hold',
    ]);
    expect(chat(level('b', 'caught-up'))).toEqual([
      'b < from alice: 1',
      'a < ! dave is not here',
      'c < from alice: 2',
      'a < ! say who it is for, like "bob: hello"; /help tells more',
      'a: linger',
      'a: release',
    ]);
  });

  test('is answered when who it waits for goes, and heard by the others that it names', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'), line('a', 'bob, carol: 1'), line('a', 'bob: 2'));
    expect(chat(line('b', '/quit'), line('a', 'bob: 3'))).toEqual([
      'c < from alice: 1',
      'a < ! bob is not here',
      'a < ! bob is not here',
      'a < ! bob is not here',
      'b: end, quit',
      'a: release',
    ]);
  });

  test('is heard when it is gone itself', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'), line('a', 'bob: 1'), line('a', 'carol: 2'));
    expect(chat(gone('a'))).toEqual(['b < from alice: 1', 'c < from alice: 2', 'a: release', 'a: end, lost']);
  });

  test('waits no longer when the server stops, and is told so after all it said', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'), line('a', 'bob: 1'));
    expect(chat(stopping('a'), line('a', 'bob: 2'), stopped('a'))).toEqual([
      'b < from alice: 1',
      'b < from alice: 2',
      'a < ! the server is stopping',
      'a: release',
      'a: end, server stopping',
    ]);
  });

  test('hears what others write to it meanwhile', () => {
    const chat = chatOf(people);
    chat(level('b', 'full'), line('a', 'bob: 1'));
    expect(chat(line('c', 'alice: hi'))).toEqual(['a < from carol: hi']);
  });
});

describe('a turn of many deliveries', () => {
  /** Whoever writes to more waits for another turn. */
  const EACH = 16;
  const FULL = Math.ceil(125_000 / EACH);
  const names = Array.from({ length: EACH }, (_, index) => `n${String(index)}`);
  const people = Object.fromEntries(names.map((name) => [name, name]));
  const toAll = line('n0', `${names.join()}: hi`);

  function crowd(): Chat {
    const chat = new Chat(LIMITS);
    chat.handle(turn(Object.keys(people).flatMap((client) => [arrived(client), line(client, client)])));
    return chat;
  }

  test('of 125,000 deliveries is one slice', () => {
    const { deliveries, rest } = crowd().handle(turn(Array.from({ length: FULL }, () => toAll)));
    expect(deliveries).toHaveLength(FULL);
    expect(rest).toBeUndefined();
  });

  test('past 125,000 deliveries leaves the rest as a turn that knows where it began', () => {
    const chat = crowd();
    const whole = {
      sequence: 7,
      time: 5,
      inputs: Array.from({ length: 2 * FULL + 100 }, () => toAll),
      first: 0,
    };
    const one = chat.handle(whole);
    expect(one.deliveries).toHaveLength(FULL);
    expect(one.rest).toEqual({ ...whole, inputs: whole.inputs.slice(FULL), first: FULL });
    const two = chat.handle(one.rest ?? turn([]));
    expect(two.deliveries).toHaveLength(FULL);
    expect(two.rest).toEqual({ ...whole, inputs: whole.inputs.slice(2 * FULL), first: 2 * FULL });
    const three = chat.handle(two.rest ?? turn([]));
    expect(three.deliveries).toHaveLength(100);
    expect(three.rest).toBeUndefined();
  });

  test('is not longer where many go on at once, since whom they waited for is gone', () => {
    const chat = crowd();
    const all = Object.keys(people).filter((client) => client !== 'n0');
    chat.handle(turn([level('n0', 'full')]));
    const names = Object.keys(people).join(', ');
    const SAID = 500;
    for (let said = 0; said < SAID; said++)
      chat.handle(turn(all.map((client) => line(client, `${names}: ${String(said)}`))));
    let { deliveries, instructions, rest } = chat.handle(turn([gone('n0')]));
    let heard = 0;
    for (;;) {
      const weight = deliveries.reduce((sum, { to }) => sum + to.length, 0);
      // One sender more, with all that it has parked.
      expect(weight).toBeLessThanOrEqual(100_000 + SAID * EACH);
      heard += weight;
      const asking = instructions.find(({ order }) => order.do === 'next');
      if (!asking && !rest) break;
      ({ deliveries, instructions, rest } = chat.handle(rest ?? turn([next(asking?.to ?? '')])));
    }
    // Each but one said so many lines to all but that one, and was told as often that it is not here.
    expect(heard).toBe((EACH - 1) * SAID * (EACH - 1 + 1));
  });

  test('is cut between inputs, never within one', () => {
    const chat = crowd();
    const inputs = [...Array.from({ length: FULL - 1 }, () => toAll), line('n0', 'n1: hi'), toAll, toAll];
    const { deliveries, rest } = chat.handle(turn(inputs));
    expect(deliveries.at(-1)?.to).toHaveLength(EACH);
    expect(rest?.inputs).toEqual([toAll]);
  });
});

test('everybody in a chain of 10,000 who wait for each other and have parked a /quit ends when the last one does', () => {
  const COUNT = 10_000;
  const chat = new Chat(LIMITS);
  const id = (index: number): string => `n${String(index)}`;
  const everyone = Array.from({ length: COUNT }, (_, index) => id(index));
  chat.handle(turn(everyone.flatMap((client) => [arrived(client), line(client, client)])));
  chat.handle(turn(everyone.map((client) => level(client, 'full'))));
  chat.handle(
    turn(
      everyone.slice(1).flatMap((client, index) => [line(client, `${id(index)}: hi`), line(client, '/quit')]),
    ),
  );
  const ended: string[] = [];
  for (let input: Input | undefined = line('n0', '/quit'); input;) {
    const { instructions, rest } = chat.handle(turn([input]));
    expect(rest).toBeUndefined();
    for (const { to, order } of instructions) if (order.do === 'end') ended.push(to);
    const asking = instructions.find(({ order }) => order.do === 'next');
    input = asking && next(asking.to);
  }
  expect(ended).toEqual(everyone);
});

describe('a sender who had to wait', () => {
  const bulk = 'x'.repeat(40_000);

  test('has spent a line once, however often it was tried', () => {
    const chat = chatOf({ a: 'alice', b: 'bob', c: 'carol' });
    // 40 of 64 KB are tried, and again, and wait for somebody who is full, not for being bulk.
    chat(level('b', 'full'), line('a', `bob: ${bulk}`));
    for (let times = 0; times < 3; times++) chat(level('b', 'full'));
    expect(chat(level('b', 'caught-up'))).toEqual([`b < from alice: ${bulk}`, 'a: release']);
    // There is still something in the bucket, so it may write to somebody who is behind.
    expect(chat(level('c', 'behind'), line('a', 'carol: hi'))).toEqual(['c < from alice: hi']);
    expect(chat(line('a', `carol: ${bulk}`))).toEqual(['a: hold']);
  });

  test('is counted by what its lines are where they are heard, an empty text too', () => {
    const chat = chatOf({ a: 'alice', b: 'bob' });
    const many = Array.from({ length: 6000 }, () => line('a', 'bob:'));
    const answers = chat(level('b', 'behind'), ...many);
    // "from alice: " and a line end are 13 bytes; 64 KiB are about 5,000 of them.
    expect(answers.filter((answer) => answer === 'b < from alice:').length).toBe(Math.floor(65_536 / 13));
    expect(answers.at(-1)).toBe('a: hold');
  });

  test.each([
    ['whole lines after /to', ['/to bob, carol', bulk]],
    ['lines of /msg', [`/msg bob, carol: ${bulk}`]],
  ])('is not let loose with the others, with %s as with those that name whom they are for', (_, said) => {
    const senders = Array.from({ length: 100 }, (_, index) => `s${String(index)}`);
    const chat = chatOf({ b: 'bob', c: 'carol', ...Object.fromEntries(senders.map((id) => [id, id])) });
    chat(level('b', 'full'), ...senders.flatMap((id) => said.map((text) => line(id, text))));
    const heard = chat(gone('b')).filter((answer) => answer.startsWith('c < from')).length;
    expect(heard).toBe(7); // as many as make it more than 256 KiB
  });

  test('and a thousand like it are not let loose on somebody else, when whom they waited for is gone', () => {
    const senders = Array.from({ length: 100 }, (_, index) => `s${String(index)}`);
    const chat = chatOf({ b: 'bob', c: 'carol', ...Object.fromEntries(senders.map((id) => [id, id])) });
    chat(level('b', 'full'), ...senders.map((id) => line(id, `bob, carol: ${bulk}`)));
    const heard = (answers: string[]): number =>
      answers.filter((answer) => answer.startsWith('c < from')).length;
    const answers = chat(gone('b'));
    expect(heard(answers)).toBe(7); // the seventh of them makes it more than 256 KiB
    expect(answers).toContain('s7: next');
    let all = heard(answers);
    for (let times = 0; times < 20 && all < 100; times++) all += heard(chat(next('s7')));
    expect(all).toBe(100);
  });
});

describe('a fault in the handling of one client', () => {
  const broken = new Error('broken');
  const faulty = (client: string, property: string, rest: object): Input => {
    // Nothing that comes from a line is like this; it stands for any fault of ours.
    const get = (): never => {
      throw broken;
    };
    return asked(client, Object.defineProperty(rest, property, { get }) as Command);
  };
  const hostile = (client: string): Input =>
    faulty(client, 'rests', { kind: 'say', head: 'bob:', to: [{ shown: 'bob', key: 'bob' }] });

  test('ends that client, with the error for the log', () => {
    const chat = new Chat(LIMITS);
    chat.handle(turn([arrived('a'), line('a', 'alice')]));
    const { instructions } = chat.handle(turn([hostile('a')]));
    expect(instructions).toEqual([{ to: 'a', order: { do: 'end', reason: 'fault', error: broken } }]);
  });

  test('ends nobody else, and the rest of the turn is handled', () => {
    const chat = chatOf({ a: 'alice', b: 'bob', c: 'carol' });
    expect(chat(line('a', 'bob: 1'), hostile('a'), line('a', 'bob: 2'), line('c', 'bob, alice: 3'))).toEqual([
      'b < from alice: 1',
      'a < ! something went wrong here, and your last line may not have been sent; closing',
      'b < from carol: 3',
      'c < ! alice is not here',
      'a: end, fault',
    ]);
  });

  test('before it has a name ends that client, too', () => {
    const chat = chatOf({ b: 'bob' });
    expect(chat(arrived('a'), faulty('a', 'kind', {}), line('b', 'bob: hi'))).toEqual([
      'a < ! something went wrong here, and your last line may not have been sent; closing',
      'b < from bob: hi',
      'a: end, fault',
    ]);
  });
});

describe('the same turns', () => {
  const turns = [
    [arrived('a'), line('a', 'alice'), arrived('b'), line('b', 'alice'), line('b', 'bob')],
    [arrived('c'), overdue('c'), level('b', 'behind'), line('a', `bob, dave: ${'x'.repeat(70_000)}`)],
    [line('b', 'alice, bob, eve: hi'), ended('a'), line('b', '/help'), line('b', '/nothing')],
    [level('b', 'caught-up'), gone('a'), stopping('b'), stopped('b'), gone('b')],
  ].map((inputs, index) => ({ ...turn(inputs, 1000 * index), sequence: index }));

  const replay = (): string[] => {
    const chat = new Chat(LIMITS);
    return turns.flatMap((one) => transcript(chat.handle(one)));
  };

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('give the same answers, as often as they are replayed', () => {
    const answers = replay();
    expect(answers.length).toBeGreaterThan(10);
    expect(replay()).toEqual(answers);
  });

  test('give the same answers when they were written down and read again', () => {
    const written = JSON.parse(JSON.stringify(turns)) as typeof turns;
    const chat = new Chat(LIMITS);
    expect(written.flatMap((one) => transcript(chat.handle(one)))).toEqual(replay());
  });

  test('give the same answers without a clock, a timer or a random number', () => {
    const answers = replay();
    for (const name of ['Date', 'performance', 'setTimeout', 'setImmediate', 'queueMicrotask', 'crypto']) {
      vi.stubGlobal(name, undefined);
    }
    const random = vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('a random number was asked for');
    });
    let without: string[];
    try {
      without = replay();
    } finally {
      random.mockRestore();
      vi.unstubAllGlobals();
    }
    expect(without).toEqual(answers);
  });
});
