import { describe, expect, test } from 'vitest';
import { arrived, ended, gone, level, line, overdue, Scene } from './support/turn.ts';

const range = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index)}`);

describe('a line for names and rooms', () => {
  const people = { a: 'alice', b: 'bob', c: 'carol', d: 'dave', e: 'eve' };
  const rooms = { '#ops': 'a b c', '#dev': 'b c d', '#alone': 'a', '#hidden': 'e' };

  test.each<[string, string, string[]]>([
    [
      'is heard once, by who is named directly, by the others in the room',
      'bob, #ops: hi',
      ['b < from alice: hi', 'c < from alice in #ops: hi'],
    ],
    [
      'is heard so, too, where the room is named first',
      '#ops, bob: hi',
      ['b < from alice: hi', 'c < from alice in #ops: hi'],
    ],
    [
      'is heard in the first of the rooms that one is in',
      '#dev, #ops: hi',
      ['b c d < from alice in #dev: hi'],
    ],
    [
      'is heard in a room by those who did not hear it in one before',
      '#ops, #dev, #OPS: hi',
      ['b c < from alice in #ops: hi', 'd < from alice in #dev: hi'],
    ],
    [
      'is heard by its sender, if named',
      'alice, #ops: hi',
      ['a < from alice: hi', 'b c < from alice in #ops: hi'],
    ],
    [
      'is heard directly only, where all of a room are named',
      'bob, carol, #ops: hi',
      ['b c < from alice: hi'],
    ],
    [
      'reaches whom it can, and says of all others why it does not',
      'bob, frank, #void, #hidden, #alone, #dev, Frank, grace, #none: hi',
      [
        'b < from alice: hi',
        'c d < from alice in #dev: hi',
        'a < ! frank, grace are not here',
        'a < ! nobody is in #void, #none',
        'a < ! #hidden is private; somebody in it can /invite you',
        'a < ! nobody else is in #alone',
      ],
    ],
    ['tells of each absent one once, however it is written', 'frank, FRANK: hi', ['a < ! frank is not here']],
    [
      'tells of each empty room once, however it is written',
      '#void, #VOID: hi',
      ['a < ! nobody is in #void'],
    ],
    ['tells of what is neither as it was written', '#o!, b!, #: hi', ['a < ! #o!, b!, # are not here']],
    [
      'tells of a property of every object like of others',
      '#constructor: hi',
      ['a < ! nobody is in #constructor'],
    ],
  ])('%s', (_, text, answers) => {
    const chat = new Scene(people, rooms);
    chat.play('e: /private #hidden');
    expect(chat.play(`a: ${text}`)).toEqual(answers);
  });

  test('is not heard by who ignores its sender, named or in a room, nor in a second room', () => {
    const chat = new Scene(people, rooms);
    chat.play('b: /ignore alice', 'c: /ignore alice');
    expect(chat.play('a: bob, #ops, #dev: hi')).toEqual(['d < from alice in #dev: hi']);
    expect(chat.play('a: bob: hi', 'a: #ops: hi')).toEqual([]);
  });

  test('is written once for all of a room, however often it is said', () => {
    const chat = new Scene(people, rooms);
    const [first, second] = chat.slices('a: #ops: 1', 'b: #ops: 2')[0]?.deliveries ?? [];
    expect(first?.to).toBe(second?.to);
    expect([first?.except, second?.except]).toEqual(['a', 'b']);
  });
});

describe('somebody who may have been meant', () => {
  const people = { a: 'alice', b: 'bob', c: 'carol', d: 'bop', e: 'eve' };
  const scene = (): Scene => new Scene(people, { '#ops': 'a b c', '#dev': 'd', '#new': 'c a' });

  test.each([
    ['is somebody in one’s rooms', 'bpb: hi', 'bpb is not here; did you mean bob?'],
    [
      'is told as they are called, whatever was written',
      'CARROL: hi',
      'CARROL is not here; did you mean carol?',
    ],
    ['may be two letters away', 'karol1: hi', 'karol1 is not here; did you mean carol?'],
    ['is not three letters away', 'karroll: hi', 'karroll is not here'],
    ['is not two letters away where that is nearly all', 'bpp: hi', 'bpp is not here'],
    ['is nobody outside one’s rooms', 'evee: hi', 'evee is not here'],
    ['is not oneself', 'alicee: hi', 'alicee is not here'],
    ['is asked for where others are here', 'carol, bpb: hi', 'bpb is not here; did you mean bob?'],
    ['is not asked for where several are absent', 'bpb, caro: hi', 'bpb, caro are not here'],
    [
      'is asked for where one is absent in two spellings',
      'bpb, BPB: hi',
      'bpb is not here; did you mean bob?',
    ],
    ['is not asked for where a room is empty', '#opps: hi', 'nobody is in #opps'],
    [
      'is not asked for in a name that is longer than any',
      `${'b'.repeat(33)}: hi`,
      `${'b'.repeat(33)} is not here`,
    ],
  ])('%s', (_, text, problem) => {
    expect(scene().play(`a: ${text}`)).toContain(`a < ! ${problem}`);
  });

  test('is not asked for by somebody in no room', () => {
    expect(scene().play('e: bpb: hi')).toEqual(['e < ! bpb is not here']);
  });

  test('is told once a second to each', () => {
    const chat = scene();
    const meant = 'a < ! bpb is not here; did you mean bob?';
    const answers: string[] = [];
    for (const after of [0, 1, 998, 1]) {
      chat.time += after;
      answers.push(...chat.play('a: bpb: hi'));
    }
    expect(answers).toEqual([meant, 'a < ! bpb is not here', 'a < ! bpb is not here', meant]);
    chat.time += 100;
    expect(chat.play('c: bpb: hi')).toEqual(['c < ! bpb is not here; did you mean bob?']);
  });

  test('is told ten times a second to all together, and is not owed for the next second where it was not', () => {
    const chat = scene();
    expect(chat.play('a: bpb: 1', 'c: bpb: 2')).toEqual([
      'a < ! bpb is not here; did you mean bob?',
      'c < ! bpb is not here',
    ]);
    chat.time += 99;
    expect(chat.play('c: bpb: 3')).toEqual(['c < ! bpb is not here']);
    chat.time += 1;
    expect(chat.play('c: bpb: 4')).toEqual(['c < ! bpb is not here; did you mean bob?']);
  });

  test('is among the first 1,000 of one’s rooms', () => {
    const ids = range(1000);
    const names = { ...Object.fromEntries(ids.map((id) => [id, id])), n999: 'frida' };
    const chat = new Scene({ a: 'alice', ...names, z: 'zoe' }, { '#big': ids.join(' ') });
    chat.play('z: /join #small', 'a: /join #big #small');
    const asked = (name: string): string[] => {
      chat.time += 1000;
      return chat.play(`a: ${name}: hi`);
    };
    expect(asked('fritta')).toEqual(['a < ! fritta is not here; did you mean frida?']);
    expect(asked('zo')).toEqual(['a < ! zo is not here']);
    chat.play('n5: /leave #big');
    expect(asked('zo')).toEqual(['a < ! zo is not here; did you mean zoe?']);
  });
});

describe('what somebody was called', () => {
  const scene = (): Scene => {
    const chat = new Scene({ a: 'alice', b: 'bob', c: 'carol' });
    chat.play('b: /name robert');
    return chat;
  };

  test.each([
    [0, ['b < from alice: hi']],
    [5000, ['b < from alice: hi']],
    [5001, ['a < ! BOB is not here']],
  ])('leads to them %i ms later: %j', (after, answers) => {
    const chat = scene();
    chat.time += after;
    expect(chat.play('a: BOB: hi')).toEqual(answers);
  });

  test('and what they are called now reach them once', () => {
    expect(scene().play('a: bob, robert, Bob: hi')).toEqual(['b < from alice: hi']);
  });

  test('leads to them after another change, too', () => {
    const chat = scene();
    chat.play('b: /name bert');
    expect(chat.play('a: bob: 1', 'a: robert: 2', 'a: bert: 3')).toEqual([
      'b < from alice: 1',
      'b < from alice: 2',
      'b < from alice: 3',
    ]);
  });

  test('leads to them though it is their own again in between', () => {
    const chat = scene();
    chat.play('b: /name BOB');
    expect(chat.play('a: bob: 1', 'a: robert: 2')).toEqual(['b < from alice: 1', 'b < from alice: 2']);
  });

  test('keeps them who was held for it: the line arrives', () => {
    const chat = new Scene({ a: 'alice', b: 'bob' });
    chat.play(level('b', 'full'), 'a: bob: hi', 'b: /name robert');
    expect(chat.play(level('b', 'caught-up'))).toEqual(['b < from alice: hi', 'a: release']);
  });

  test('leads to somebody else as soon as they take it, and to nobody when they go', () => {
    const chat = scene();
    expect(chat.play('c: /name Bob', 'a: bob: hi')).toContain('c < from alice: hi');
    expect(chat.play(gone('c'), 'a: bob: hi')).toContain('a < ! bob is not here');
  });

  test('leads to somebody new as soon as they take it', () => {
    const chat = scene();
    chat.play(arrived('d'), line('d', 'bob'));
    expect(chat.play('a: bob: hi')).toEqual(['d < from alice: hi']);
  });

  test('leads nowhere once they are gone, or told to go', () => {
    const chat = scene();
    expect(chat.play('b: /quit', 'a: bob: hi')).toEqual(['a < ! bob is not here', 'b: end, quit']);
  });

  test('leads to them while they are half-closed', () => {
    const chat = scene();
    chat.play(ended('b'));
    expect(chat.play('a: bob: hi')).toEqual(['b < from alice: hi']);
    expect(chat.play(overdue('b'), 'a: bob: hi')).toContain('a < ! bob is not here');
  });
});
