import { describe, expect, test } from 'vitest';
import type { Handled } from '../src/chat.ts';
import type { Event, Message } from '../src/event.ts';
import type { Input } from '../src/message.ts';
import {
  arrived,
  ended,
  gone,
  level,
  line,
  next,
  overdue,
  run,
  Scene,
  type Step,
  stopped,
  stopping,
} from './support/turn.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const ids = (count: number): string[] => range(count).map((index) => `n${String(index)}`);
const named = (all: readonly string[]): Record<string, string> =>
  Object.fromEntries(all.map((id) => [id, id]));

const events = (handled: readonly Handled[]): Event[] =>
  handled.flatMap(({ deliveries }) => deliveries.map(({ event }) => event));
const messages = (handled: readonly Handled[]): Message[] =>
  events(handled).filter((event) => event.type === 'message');
const texts = (handled: readonly Handled[], from: string): string[] =>
  messages(handled)
    .filter((message) => message.from === from)
    .flatMap(({ texts }) => texts);

describe('who leaves without a word', () => {
  const scene = (): Scene =>
    new Scene({ a: 'alice', b: 'bob', c: 'carol', d: 'dave' }, { '#ops': 'a b c', '#dev': 'b a' });

  test.each<[string, (id: string) => Input[]]>([
    ['is lost', (id) => [gone(id)]],
    ['quits', (id) => [line(id, '/quit')]],
    ['is told that the server stops', (id) => [stopped(id)]],
    ['is half-closed, and its moment over', (id) => [ended(id), overdue(id)]],
    ['is half-closed, and loses its name', (id) => [ended(id), arrived(`${id}x`), line(`${id}x`, id)]],
  ])('and %s is told with all like it, once for each room, however many they are', (_, inputs) => {
    const all = ids(1000);
    const chat = new Scene({ ...named(all), b: 'bob', c: 'carol' }, { '#few': 'b n1 n2', '#none': 'n3' });
    chat.slices(...all.map((id) => `${id}: /join #ops`));
    chat.turns('b: /join #ops', 'c: /join #ops');
    const handled = chat.turns(...all.flatMap(inputs)).flat();
    const left = handled.flatMap(({ deliveries }) => deliveries).filter(({ event }) => event.type === 'left');
    expect(left.map(({ event, to }) => ({ event, to }))).toEqual([
      { event: { type: 'left', room: '#ops', names: all.slice(0, 20), more: 980 }, to: ['b', 'c'] },
      { event: { type: 'left', room: '#few', names: ['n1', 'n2'], more: 0 }, to: ['b'] },
    ]);
  });

  test.each([
    [20, ''],
    [21, ' and 1 more'],
  ])('is told with 20 by name, of %i%s', (count, more) => {
    const all = ids(count);
    const chat = new Scene({ a: 'alice', ...named(all) }, { '#ops': `a ${all.join(' ')}` });
    expect(chat.play(...all.map((id) => gone(id)))[0]).toBe(
      `a < * ${all.slice(0, 20).join(', ')}${more} left #ops`,
    );
  });

  test.each<[string, Step[], string[]]>([
    ['somebody joins', ['d: /join #ops'], ['b c < * dave joined #ops', 'd < * in #ops: bob, carol']],
    ['somebody leaves', ['b: /leave #ops'], ['b c < * bob left #ops']],
    ['somebody is called otherwise', ['b: /name robert'], ['b c < * bob is now robert']],
    ['the room becomes private', ['b: /private #ops'], ['b c < * bob made #ops private']],
    ['somebody says something there', ['b: #ops: hi'], ['c < from bob in #ops: hi']],
    ['somebody says something there from outside', ['d: #ops: hi'], ['b c < from dave in #ops: hi']],
    [
      'another one of that name says something there',
      [arrived('e'), line('e', 'alice'), 'e: #ops: hi'],
      ['b c < from alice in #ops: hi'],
    ],
    [
      'another one of that name joins',
      [arrived('e'), line('e', 'alice'), 'e: /join #ops'],
      ['b c < * alice joined #ops', 'e < * in #ops: bob, carol'],
    ],
    ['somebody in the room takes that name', ['c: /name alice'], ['b c < * carol is now alice']],
  ])('is told before %s', (_, steps, answers) => {
    const heard = scene()
      .play(gone('a'), ...steps)
      .filter((one) => one.includes('<') && !one.includes('#dev'));
    expect(heard).toEqual(['b c < * alice left #ops', ...answers]);
  });

  test('is told to nobody who opens the room anew', () => {
    const chat = scene();
    expect(chat.play(gone('a'), gone('b'), gone('c'), 'd: /join #ops')[0]).toBe(
      'd < * nobody else is in #ops',
    );
    expect(chat.play('d: /ping')).toEqual(['d < * pong']);
  });
});

describe.each([
  [
    'one by one',
    (client: string, to: string, all: readonly string[]) => all.map((one) => line(client, `${to}: ${one}`)),
  ],
  ['together', (client: string, to: string, all: readonly string[]) => [run(client, to, all)]],
])('a turn that has made as many deliveries as it may, of lines that come %s,', (_, come) => {
  /** So many lines to a room of 1,000 make them. */
  const FULL = 100;
  const all = ids(1000);
  /** A room of 1,000, and some who are in none. */
  function crowd(): Scene {
    const chat = new Scene({ ...named(all), x: 'xenia', y: 'yves', z: 'zoe' });
    for (const id of all) chat.slices(`${id}: /join #big`);
    return chat;
  }
  const numbers = (count: number): string[] => range(count).map(String);
  const lines = (client: string, to: string, count: number): Step[] => come(client, to, numbers(count));

  test('lets wait for another one who says more to many; nothing is lost or reordered; others do not wait', () => {
    const count = 2.5 * FULL;
    const light = lines('x', 'zoe', count);
    const turns = crowd().turns(
      ...lines('n0', '#big', count).flatMap((one, at) => [one, ...light.slice(at, at + 1)]),
    );
    expect(turns.map((turn) => texts(turn, 'n0').length)).toEqual([FULL, FULL, FULL / 2]);
    expect(texts(turns.flat(), 'n0')).toEqual(numbers(count));
    expect(texts(turns[0] ?? [], 'xenia')).toEqual(numbers(count));
    const orders = turns.at(-1)?.flatMap(({ instructions }) => instructions);
    expect(orders).toEqual([{ to: 'n0', order: { do: 'release' } }]);
  });

  test('has room for as many again in the next one, for who waited first', () => {
    const turns = crowd().turns(...lines('n0', '#big', 1.5 * FULL), ...lines('n1', '#big', FULL));
    expect(turns.map((turn) => [texts(turn, 'n0').length, texts(turn, 'n1').length])).toEqual([
      [FULL, 0],
      [FULL / 2, FULL / 2],
      [0, FULL / 2],
    ]);
    expect(texts(turns.flat(), 'n1')).toEqual(numbers(FULL));
  });

  test('is made by half as many lines, where they are of 1,024 characters and more', () => {
    const long = come(
      'n0',
      '#big',
      range(FULL).map(() => 'x'.repeat(1024)),
    );
    const turns = crowd().turns(...long);
    expect(turns.map((turn) => texts(turn, 'n0').length)).toEqual([FULL / 2, FULL / 2]);
  });

  test.each([
    [16, 1],
    [17, 2],
  ])('lets nobody wait who reaches few: a line to %i is heard in turn %i', (count, turn) => {
    const chat = crowd();
    for (const id of all.slice(0, count)) chat.slices(`${id}: /join #small`);
    const turns = chat.turns(...lines('n0', '#big', FULL), 'x: #small: hi');
    expect(turns.findIndex((slices) => texts(slices, 'xenia').length > 0)).toBe(turn - 1);
  });

  test.each([
    ['joins', 'x: /join #big', 'joined'],
    ['leaves', 'n1: /leave #big', 'left'],
    ['is called otherwise', 'n1: /name robert', 'renamed'],
    ['makes the room private', 'n0: /private #big', 'private'],
    ['puts somebody out of it', 'n0: /kick n1 #big', 'removed'],
  ])('lets wait who %s', (_, step, type) => {
    const turns = crowd().turns(...lines('y', '#big', FULL), step);
    const told = turns.map((turn) => events(turn).filter((event) => event.type === type).length);
    expect(told).toEqual([0, 1]);
  });

  test('lets nobody wait when the server stops: all hear it before they are told to go', () => {
    const turns = crowd().turns(
      level('n1', 'full'),
      ...lines('n0', '#big', 2.5 * FULL),
      ...all.map((id) => stopping(id)),
      ...all.map((id) => stopped(id)),
    );
    expect(turns).toHaveLength(1);
    expect(texts(turns.flat(), 'n0')).toEqual(numbers(2.5 * FULL));
    expect(
      events(turns.flat()).filter((event) => event.type === 'problem' && event.code !== 'stopping'),
    ).toEqual([]);
  });

  test('lets wait who is gone, whom nobody can write to any more, and whose name is free when all is said', () => {
    const chat = crowd();
    chat.turns('x: /join #big');
    const turns = chat.slices(
      ...lines('n0', '#big', 1.5 * FULL),
      gone('n0'),
      'x: n0: hi',
      line('y', '/name n0'),
    );
    const told = events(turns).filter((event) => event.type === 'problem');
    expect(told.map(({ code }) => code)).toEqual(['absent', 'name-taken']);
    chat.slices(next('n0'));
    expect(chat.play(line('y', '/name n0')).at(-1)).toBe('y: name n0');
  });

  test('lets wait who is gone, with all that they said, and then it is told that they left', () => {
    const turns = crowd().turns(level('n1', 'full'), ...lines('n0', '#big', 1.5 * FULL), gone('n0'));
    expect(turns).toHaveLength(2);
    expect(texts(turns[0] ?? [], 'n0')).toHaveLength(FULL);
    const told = events(turns.flat()).flatMap((event) =>
      event.type === 'message' ? event.texts : [event.type],
    );
    expect(told.filter((one) => one !== 'problem')).toEqual([...numbers(1.5 * FULL), 'left']);
  });

  describe('is made by those who are looked at, not only by those who hear something', () => {
    /** 100 rooms with the same 50 people: whoever is in them all looks at 5,000. */
    const few = all.slice(0, 50);
    const rooms = range(100).map((index) => `#r${String(index)}`);
    function crowded(): Scene {
      const chat = new Scene({ ...named(few), x: 'xenia' });
      for (const id of few) chat.slices(`${id}: /join ${rooms.join(' ')}`);
      return chat;
    }
    const told = (turns: Handled[][], type: string): number[] =>
      turns.map((turn) => events(turn).filter((event) => event.type === type).length);

    test('by names that change', () => {
      const renames = range(50).map((index) => `n0: /name m${String(index)}`);
      expect(told(crowded().turns(...renames), 'renamed')).toEqual([20, 20, 10]);
    });

    test('by lines to rooms with the same people', () => {
      const chat = crowded();
      chat.turns(`n0: /to ${rooms.join(', ')}`);
      // The one room in which they hear it.
      expect(told(chat.turns(...range(50).map(() => 'n0: hi')), 'message')).toEqual([20, 20, 10]);
    });

    test('by lines to people who do not want to hear them', () => {
      const chat = crowded();
      for (const id of few.slice(1)) chat.play(`${id}: /ignore n0`);
      const turns = chat.turns(
        ...range(3000).map(() => `n0: ${few.slice(1).join(', ')}: hi`),
        'n0: n0: done',
      );
      expect(turns.length).toBe(2);
    });

    test('by names that nobody has', () => {
      const absent = range(100).map((index) => `nobody${String(index)}`);
      const turns = crowded().turns(...range(100).map(() => `x: ${absent.join(', ')}: hi`));
      expect(told(turns, 'problem')).toEqual([63, 37]);
    });

    test('by rooms that nobody is in', () => {
      const empty = range(100).map((index) => `#nobody${String(index)}`);
      const turns = crowded().turns(...range(100).map(() => `x: ${empty.join(', ')}: hi`));
      expect(told(turns, 'problem')).toEqual([63, 37]);
    });

    test('three times by those in a room that somebody joins or leaves', () => {
      const turns = crowd().turns(...range(50).flatMap(() => ['x: /join #big', 'x: /leave #big']));
      expect(turns.map((turn) => events(turn).filter(({ type }) => type === 'joined').length)).toEqual([
        17, 17, 16,
      ]);
    });

    test('twice by those who are to confirm a line', () => {
      const chat = crowd();
      chat.turns('x: /receipts on');
      expect(told(chat.turns(...lines('x', '#big', FULL)), 'message')).toEqual([FULL / 2, FULL / 2]);
    });
  });

  test('gives each message a number of its own, and so does each turn in which who waited goes on', () => {
    const turns = crowd().turns(...lines('n0', '#big', 2.5 * FULL), ...lines('x', 'zoe', 10));
    const indexes = turns.map((turn) =>
      messages(turn).flatMap(({ index, texts }) => texts.map((_, at) => index + at)),
    );
    expect(indexes.map(({ length }) => length)).toEqual([FULL + 10, FULL, FULL / 2]);
    expect(indexes).toEqual(indexes.map(({ length }) => range(length)));
  });

  test('asks for another one for whoever waits, though somebody who waits no more stands before them', () => {
    const chat = crowd();
    chat.play(level('n1', 'full'), level('n2', 'full'), 'x: n1: 1', 'y: n2: 2', stopping('x'));
    const turns = chat.turns(
      ...lines('n0', '#big', FULL),
      level('n1', 'caught-up'),
      level('n2', 'caught-up'),
    );
    expect(texts(turns.flat(), 'yves')).toEqual(['2']);
  });
});

describe('a room with somebody behind', () => {
  const bulk = 'x'.repeat(64 * 1024);
  /** Bob is behind, and alice has said so much that she waits for him with what she says next. */
  function scene(): Scene {
    const people = { a: 'alice', b: 'bob', c: 'carol', d: 'dave' };
    const chat = new Scene(people, { '#ops': 'c a b', '#dev': 'c d' });
    chat.play(level('b', 'behind'), `a: alice: ${bulk}`);
    expect(chat.play('a: #ops: 1', 'a: #ops: 2')).toEqual(['a: hold']);
    return chat;
  }

  test('lets nobody wait who is no bulk sender, however far behind he is', () => {
    const chat = scene();
    expect(chat.play('c: #ops: hi')).toEqual(['a b < from carol in #ops: hi']);
    expect(chat.play(level('b', 'full'), 'c: #ops: hi')).toEqual(['a b < from carol in #ops: hi']);
  });

  test.each<[string, Step[]]>([
    ['has caught up', [level('b', 'caught-up')]],
    ['is lost', [gone('b')]],
    ['quits', ['b: /quit']],
    ['leaves the room', ['b: /leave #ops']],
    ['is put out of it', ['c: /kick bob #ops']],
    ['is half-closed, and loses his name', [ended('b'), arrived('e'), line('e', 'bob')]],
  ])('lets a bulk sender go on once he %s', (_, steps) => {
    const answers = scene()
      .play(...steps)
      .filter((one) => /from alice|^a: /.test(one));
    expect(answers.map((one) => one.replace('c b <', 'c <'))).toEqual([
      'c < from alice in #ops: 1',
      'c < from alice in #ops: 2',
      'a: release',
    ]);
  });

  test('lets a bulk sender wait for each who is behind', () => {
    const chat = scene();
    chat.play(level('c', 'behind'));
    expect(chat.play(level('b', 'caught-up'))).toEqual(['a: hold']);
    expect(chat.play(level('c', 'caught-up')).at(-1)).toBe('a: release');
  });

  test('lets nobody wait for themself, nor for somebody in another room', () => {
    const chat = scene();
    chat.play(level('c', 'behind'), `c: carol: ${bulk}`, `d: dave: ${bulk}`);
    expect(chat.play(level('b', 'caught-up'), 'c: #ops: hi')).toContain('a b < from carol in #ops: hi');
    expect(chat.play('d: #ops: hi')).toEqual(['d: hold']);
    expect(chat.play(level('b', 'behind'), level('c', 'caught-up'))).toContain('d: hold');
    expect(chat.play('c: #dev: hi')).toEqual(['d < from carol in #dev: hi']);
  });

  test('lets a bulk sender wait from the moment in which he joins', () => {
    const chat = scene();
    chat.play(level('d', 'behind'), 'd: /leave #dev', 'c: /join #new', `c: carol: ${bulk}`);
    chat.play('d: /join #new');
    expect(chat.play('c: #new: hi')).toEqual(['c: hold']);
  });
});
