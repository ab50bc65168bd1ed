import { describe, expect, test } from 'vitest';
import type { Command, Input } from '../src/message.ts';
import {
  arrived,
  asked,
  chatOf,
  decode,
  ended,
  gone,
  level,
  line,
  overdue,
  stopped,
  stopping,
} from './support/turn.ts';

const NOT_A_NAME = '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another';
const NO_NAME = '! you have no name, so nothing was sent; closing';
const NO_RECIPIENT = '! say who it is for, like "bob: hello"; /help tells more';

describe('login', () => {
  test('is silent; the session is told the name, in NFC', () => {
    const chat = chatOf({});
    expect(chat(arrived('a'))).toEqual([]);
    expect(chat(line('a', ' Zoe\u0308 '))).toEqual(['a: name Zo\u00eb']);
  });

  test.each([
    ['an empty line', ''],
    ['a line that is no name', 'hello there'],
    ['a line with a recipient', 'bob: hello'],
    ['an unknown command', '/who'],
  ])('is refused for %s, which reaches nobody', (_, text) => {
    const chat = chatOf({ b: 'bob' });
    expect(chat(arrived('a'), line('a', text))).toEqual([`a < ${NOT_A_NAME}`]);
    expect(chat(line('a', 'alice'))).toEqual(['a: name alice']);
  });

  test.each<[Command, string]>([
    [{ kind: 'fault', fault: 'line-too-long' }, '! that line is longer than 16384 bytes; it was not sent'],
    [{ kind: 'fault', fault: 'not-utf8' }, '! that line is not UTF-8; it was not sent'],
  ])('is refused for %j', (command, problem) => {
    expect(chatOf({})(arrived('a'), asked('a', command))).toEqual([`a < ${problem}`]);
  });

  test('is refused for a name that somebody has, however it is written', () => {
    const chat = chatOf({ b: 'Straße' });
    expect(chat(arrived('a'), line('a', 'STRASSE'))).toEqual([
      'a < ! the name STRASSE is taken; type another',
    ]);
  });

  test.each(['hello there', 'bob: hello', '/quite', 'GET / HTTP/1.1'])(
    'once refused ends at %j: what was meant for others never becomes a name',
    (text) => {
      const chat = chatOf({ b: 'bob' });
      expect(chat(arrived('a'), line('a', 'bob'), line('a', text), line('a', 'carol'))).toEqual([
        'a < ! the name bob is taken; type another',
        `a < ${NO_NAME}`,
        'a: end, no name',
      ]);
      expect(chat(line('b', 'carol: are you here?'))).toEqual(['b < ! carol is not here']);
    },
  );

  test('may be left, and help may be asked for, before and after a refusal', () => {
    const chat = chatOf({ b: 'bob' });
    const help = chat(line('b', '/help')).map((answer) => answer.replace(/^b/, 'a'));
    expect(help.length).toBeGreaterThan(0);
    expect(chat(arrived('a'), line('a', '/help'))).toEqual(help);
    expect(chat(line('a', 'bob'), line('a', '/help')).slice(1)).toEqual(help);
    expect(chat(line('a', '/quit'))).toEqual(['a: end, quit']);
  });

  test('is not over because of an empty line, whatever came before: somebody waits for a prompt', () => {
    const chat = chatOf({ b: 'bob' });
    expect(chat(arrived('a'), ...['', 'bob', '', ' '].map((text) => line('a', text)))).toEqual([
      `a < ${NOT_A_NAME}`,
      'a < ! the name bob is taken; type another',
      `a < ${NOT_A_NAME}`,
      `a < ${NOT_A_NAME}`,
    ]);
    expect(chat(line('a', 'alice'))).toEqual(['a: name alice']);
  });

  test('once refused ends at a line that was no line, too', () => {
    const chat = chatOf({});
    const fault = asked('a', { kind: 'fault', fault: 'line-too-long' });
    expect(chat(arrived('a'), line('a', 'no name'), fault)).toEqual([
      `a < ${NOT_A_NAME}`,
      `a < ${NO_NAME}`,
      'a: end, no name',
    ]);
  });

  test('is refused four times; the fifth refusal is the end', () => {
    const taken = 'a < ! the name bob is taken; type another';
    const chat = chatOf({ b: 'bob' });
    expect(chat(arrived('a'), ...Array.from({ length: 6 }, () => line('a', 'bob')))).toEqual([
      ...[taken, taken, taken, taken],
      `a < ${NO_NAME}`,
      'a: end, no name',
    ]);
  });

  test('is still possible after four refusals', () => {
    const chat = chatOf({ b: 'bob' });
    chat(arrived('a'), ...Array.from({ length: 4 }, () => line('a', 'bob')));
    expect(chat(line('a', 'alice'))).toEqual(['a: name alice']);
  });

  test('not in time is the end', () => {
    expect(chatOf({})(arrived('a'), overdue('a'), line('a', 'alice'))).toEqual([
      'a < ! no name within 60 s; closing',
      'a: end, no name in time',
    ]);
  });

  test('in time is not undone by a deadline that was on its way', () => {
    expect(chatOf({ a: 'alice' })(overdue('a'))).toEqual([]);
  });
});

describe('a line', () => {
  const people = { a: 'alice', b: 'bob', c: 'carol' };

  test.each([
    ['goes to whom it names', 'bob: hello', ['b < from alice: hello']],
    ['goes to all it names', 'bob, carol: hello', ['b c < from alice: hello']],
    ['goes to its own sender, if named', 'alice: hello', ['a < from alice: hello']],
    ['is heard once by who is named twice', 'bob, BOB, carol, bob: hi', ['b c < from alice: hi']],
    ['may be empty', 'bob:', ['b < from alice:']],
    ['keeps what is no command any more', 'bob: /quit', ['b < from alice: /quit']],
    ['for nobody here says so', 'dave: hi', ['a < ! dave is not here']],
    ['names who is not here, each once', 'dave, eve, dave: hi', ['a < ! dave, eve are not here']],
    [
      'reaches those who are here, whoever else is named',
      'bob, dave, carol: hi',
      ['b c < from alice: hi', 'a < ! dave is not here'],
    ],
    ['to what is no name reaches nobody', 'bo b: hi', ['a < ! bo b is not here']],
    ['to a property of every object reaches nobody', 'constructor: hi', ['a < ! constructor is not here']],
    ['for nobody is refused', ': hello', [`a < ${NO_RECIPIENT}`]],
    ['without a colon is refused', 'hello', [`a < ${NO_RECIPIENT}`]],
    ['of nothing is refused', '', [`a < ${NO_RECIPIENT}`]],
    ['that asks for HTTP is one like any other', 'GET / HTTP/1.1', [`a < ${NO_RECIPIENT}`]],
    ['with an unknown command is refused', '/foo', ['a < ! there is no /foo; /help lists what there is']],
    [
      'with a property of every object is an unknown command',
      '/constructor',
      ['a < ! there is no /constructor; /help lists what there is'],
    ],
    ['of a slash is an unknown command', '/', ['a < ! there is no /; /help lists what there is']],
    [
      'with an unknown command quotes 64 characters of it, safely',
      `/\x1b${'f'.repeat(64)}`,
      [`a < ! there is no /\ufffd${'f'.repeat(63)}…; /help lists what there is`],
    ],
  ])('%s', (_, text, answer) => {
    expect(chatOf(people)(line('a', text))).toEqual(answer);
  });

  test.each<[Command, string]>([
    [{ kind: 'fault', fault: 'line-too-long' }, '! that line is longer than 16384 bytes; it was not sent'],
    [{ kind: 'fault', fault: 'not-utf8' }, '! that line is not UTF-8; it was not sent'],
  ])('that is %j is refused and its sender kept', (command, problem) => {
    const chat = chatOf(people);
    expect(chat(asked('a', command))).toEqual([`a < ${problem}`]);
    expect(chat(line('a', 'bob: still here'))).toEqual(['b < from alice: still here']);
  });

  test('/help is answered to who asks', () => {
    const [answer, ...more] = chatOf(people)(line('a', '/help'));
    expect(answer).toMatch(/^a < \* /);
    expect(more).toEqual([]);
  });

  test('lines of a turn are heard in its order', () => {
    expect(chatOf(people)(line('a', 'carol: 1'), line('b', 'carol: 2'), line('a', 'carol: 3'))).toEqual([
      'c < from alice: 1',
      'c < from bob: 2',
      'c < from alice: 3',
    ]);
  });
});

describe('whoever leaves', () => {
  test('by /quit hears nothing more, says nothing more and frees the name', () => {
    const chat = chatOf({ a: 'alice', b: 'bob' });
    expect(chat(line('a', '/quit'), line('a', 'bob: hi'), line('b', 'alice: hi'))).toEqual([
      'b < ! alice is not here',
      'a: end, quit',
    ]);
    expect(chat(ended('a'), overdue('a'), stopped('a'), gone('a'))).toEqual([]);
  });

  test('without a word is lost', () => {
    const chat = chatOf({ a: 'alice', b: 'bob' });
    expect(chat(gone('a'), line('b', 'alice: hi'))).toEqual(['b < ! alice is not here', 'a: end, lost']);
    expect(chat(arrived('c'), line('c', 'alice'))).toEqual(['c: name alice']);
  });

  test('by ending its side is written to until its moment is over', () => {
    const chat = chatOf({ a: 'alice', b: 'bob' });
    expect(chat(ended('a'))).toEqual(['a: linger']);
    expect(chat(line('b', 'alice: hi'))).toEqual(['a < from bob: hi']);
    expect(chat(overdue('a'))).toEqual(['a: end, left']);
    expect(chat(line('b', 'alice: hi'))).toEqual(['b < ! alice is not here']);
  });

  test('by ending its side and going before its moment is over has left, and is not lost', () => {
    expect(chatOf({ a: 'alice' })(ended('a'), gone('a'))).toEqual(['a: linger', 'a: end, left']);
  });

  test('by ending its side without a name has left, and is not told of a deadline', () => {
    expect(chatOf({})(arrived('a'), ended('a'), overdue('a'))).toEqual(['a: linger', 'a: end, left']);
  });

  test('is told once that the server stops', () => {
    expect(chatOf({ a: 'alice' })(stopped('a'), stopped('a'), gone('a'))).toEqual([
      'a < ! the server is stopping',
      'a: end, server stopping',
    ]);
  });

  test('is unknown from then on', () => {
    const chat = chatOf({ a: 'alice' });
    chat(gone('a'));
    const late: Input[] = [line('a', 'alice: hi'), ended('a'), level('a', 'full'), stopping('a'), gone('a')];
    expect(chat(...late)).toEqual([]);
  });
});

describe('a name', () => {
  test('is taken while its connection lives', () => {
    const chat = chatOf({ a: 'alice' });
    expect(chat(arrived('b'), line('b', 'Alice'))).toEqual(['b < ! the name Alice is taken; type another']);
  });

  test('is freed by its own connection only, not by that of somebody who was refused it', () => {
    const chat = chatOf({ a: 'alice', c: 'carol' });
    chat(arrived('b'), line('b', 'alice'), gone('b'));
    expect(chat(line('c', 'alice: hi'))).toEqual(['a < from carol: hi']);
  });

  test('of a half-closed holder yields at once, and is not freed when that holder goes', () => {
    const chat = chatOf({ a: 'alice', c: 'carol' });
    expect(chat(ended('a'), arrived('b'), line('b', 'ALICE'))).toEqual(['a: linger', 'b: name ALICE']);
    expect(chat(line('c', 'alice: hi'))).toEqual(['b < from carol: hi']);
    expect(chat(overdue('a'), gone('a'), line('c', 'alice: hi'))).toEqual([
      'b < from carol: hi',
      'a: end, left',
    ]);
    expect(chat(arrived('d'), line('d', 'alice'))).toEqual(['d < ! the name alice is taken; type another']);
  });

  test('that yielded is free once its new holder is gone, though the old one lingers', () => {
    const chat = chatOf({ a: 'alice' });
    chat(ended('a'), arrived('b'), line('b', 'alice'), gone('b'));
    expect(chat(arrived('c'), line('c', 'alice'))).toEqual(['c: name alice']);
  });

  test('is kept: another line that would do as a name changes nothing', () => {
    const chat = chatOf({ a: 'alice', b: 'bob' });
    chat(line('a', 'alicia'));
    expect(chat(line('a', 'bob: hi'))).toEqual(['b < from alice: hi']);
    expect(decode('alicia')).toMatchObject({ kind: 'bare', name: { shown: 'alicia' } });
  });
});
