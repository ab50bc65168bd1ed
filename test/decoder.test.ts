import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LineFault } from '../src/cutter.ts';
import { Decoder } from '../src/decoder.ts';
import type { Command, Name } from '../src/message.ts';
import { parseName, parseRoom } from '../src/name.ts';
import { together } from './support/passages.ts';
import { readOne } from './support/turn.ts';

const READING = { maxRecipients: 3, raw: false };

const read = (line: string | LineFault, raw = false): Command =>
  readOne(new Decoder({ ...READING, raw }), line);
const text = (line: string, raw = false): string | undefined => {
  const command = read(line, raw);
  return command.kind === 'say' ? command.rests[0]?.trim() : undefined;
};
const to = (line: string): readonly Name[] | undefined => {
  const command = read(line);
  return command.kind === 'say' ? command.to : undefined;
};
const shown = (line: string): string[] | undefined => to(line)?.map((name) => name.shown);
const named = (names: string): Name[] =>
  names.split(' ').map((name) => (parseName(name) ?? parseRoom(name)) as Name);
const say = (head: string, names: string, rest: string): Command => ({
  ...{ kind: 'say', head, to: names === '' ? [] : named(names), rests: [rest] },
});
const word = (word: string, names: string, text = ''): Command => ({
  ...{ kind: 'word', word, to: names === '' ? [] : named(names), text },
});
const bare = (text: string): Command => ({ kind: 'bare', name: parseName(text), text });

/** What a terminal, or somebody who splits lines, would act on. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const ACTS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

describe('a line', () => {
  test.each<[string, string, Command]>([
    ['to one', 'bob: hello', say('bob: ', 'bob', 'hello')],
    ['to two', 'bob, carol: hello', say('bob, carol: ', 'bob carol', 'hello')],
    ['to two, without spaces', 'bob,carol:hello', say('bob,carol:', 'bob carol', 'hello')],
    ['to a room', '#ops: hello', say('#ops: ', '#ops', 'hello')],
    ['to names and rooms', 'bob, #Ops, carol: hi', say('bob, #Ops, carol: ', 'bob #Ops carol', 'hi')],
    ['to one, with spaces and tabs all over', ' \t bob \t:  hi \t ', say(' \t bob \t: ', 'bob', ' hi')],
    ['with more colons', 'bob: carol: 12:30', say('bob: ', 'bob', 'carol: 12:30')],
    ['that looks like a command behind its colon', 'bob: /quit', say('bob: ', 'bob', '/quit')],
    ['without a text', 'bob:', say('bob:', 'bob', '')],
    ['with gaps in its recipients', ',bob, ,carol,: hi', say(',bob, ,carol,: ', 'bob carol', 'hi')],
    ['with nobody before its colon', ': hello', say(':', '', ' hello')],
    ['with only commas before its colon', ' , : hello', say(' , : ', '', 'hello')],
    ['of a name', 'alice', bare('alice')],
    ['of a name with spaces around', ' alice ', bare('alice')],
    ['of no name', 'my secret', bare('my secret')],
    ['of nothing', '', { kind: 'blank' }],
    ['of spaces', ' \t', { kind: 'blank' }],
    ['of HTTP, which is none of ours to know', 'GET / HTTP/1.1', bare('GET / HTTP/1.1')],
    ['of a command', '/help', word('help', '')],
    ['of a command in capitals', '/Help Join', word('help', '', 'Join')],
    ['of a command and names', '/join  #ops, #dev #ops ', word('join', '#ops #dev #ops')],
    ['of a command and a name', '/name robert the third', word('name', 'robert', 'the third')],
    ['of a command, names and a text', '/kick bob #ops  too  loud ', word('kick', 'bob #ops', 'too  loud')],
    ['of a command and a text', '/away at lunch, back at 2: ', word('away', '', 'at lunch, back at 2:')],
    ['of a command and a line', '/msg bob, #ops: a: b', word('msg', 'bob #ops', 'a: b')],
    ['of a command and a line for nobody', '/msg hello', word('msg', '', 'hello')],
    ['of a command and a tab', '/me\twaves', word('me', '', 'waves')],
    ['of a command that there is not', '/foo #bar: x', word('foo', '', '#bar: x')],
    ['of a slash', '/', word('', '')],
    [
      'of two slashes',
      '//usr/bin: no such file ',
      { kind: 'bare', name: undefined, text: '/usr/bin: no such file' },
    ],
    ['of a slash behind a space', ' /help', bare('/help')],
  ])('%s', (_, line, command) => {
    expect(read(line)).toEqual(command);
  });

  test('that was a fault where lines are cut is that fault', () => {
    expect(read({ fault: 'line-too-long' })).toEqual({ kind: 'fault', fault: 'line-too-long' });
    expect(read({ fault: 'not-utf8' })).toEqual({ kind: 'fault', fault: 'not-utf8' });
  });

  test('names as many as it may, gaps not counted; one more is too many', () => {
    expect(shown('a,b,,c,: hi')).toEqual(['a', 'b', 'c']);
    expect(to('a,b,c,d: hi')).toBeUndefined();
    expect(to('a,a,a,a: hi')).toBeUndefined();
    for (const line of ['/to a b c d', '/msg a,b,c,d: hi'])
      expect(read(line)).toMatchObject({ to: undefined });
  });

  test('keeps who is no name, but without a key: nobody can be that', () => {
    expect(to('bo b, carol: hi')).toEqual([{ shown: 'bo b', key: '' }, parseName('carol')]);
  });

  test('quotes who is no name safely, and at most 64 characters of it', () => {
    expect(shown('\x1b[31m: hi')).toEqual(['\ufffd[31m']);
    expect(shown(`${'!'.repeat(64)}: hi`)).toEqual(['!'.repeat(64)]);
    expect(shown(`${'!'.repeat(65)}: hi`)).toEqual([`${'!'.repeat(64)}…`]);
  });
});

test.each([
  ['one', (length: number) => `${'a'.repeat(length - 1)}:`],
  ['several', (length: number) => `b,${'a'.repeat(length - 3)}:`],
])('whom the last line was for, %s, is remembered up to 1,024 characters and no further', (_, headOf) => {
  const decoder = new Decoder(READING);
  const to = (line: string): unknown => {
    const command = readOne(decoder, line);
    return command.kind === 'say' ? command.to : undefined;
  };
  expect(to(`${headOf(1024)}hi`)).toBe(to(`${headOf(1024)}again`));
  const long = to(`${headOf(1025)}hi`);
  expect(long).toBeDefined();
  expect(to(`${headOf(1025)}again`)).not.toBe(long);
});

describe('what a line costs beyond its bytes', () => {
  test('is a price for each name that has to be read, and nothing where the same are meant again', () => {
    const decoder = new Decoder(READING);
    const price = decoder.weigh('a,b: hi');
    expect(price).toBeGreaterThan(0);
    expect(decoder.weigh('a,b,c: hi')).toBe(2 * price);
    decoder.passed('a,b,c: hi');
    expect(decoder.weigh('a,b,c: well, hello, you')).toBe(0);
    expect(decoder.weigh('a,b: hi')).toBe(price);
  });

  test('is asked for whenever names are read anew, whatever comes in between', () => {
    const line = fc.constantFrom(
      'a,b: hi',
      'a,b:hi',
      'a,b:  hi',
      'b,a: hi',
      'x: hi',
      'a,b',
      '/x a,b: hi',
      'a,b,c,d: hi',
      ',,a,,: hi',
      'hi',
    );
    fc.assert(
      fc.property(fc.array(fc.array(line)), (runs) => {
        const decoder = new Decoder(READING);
        const price = decoder.weigh('a,b: hi');
        const known = new Set<readonly Name[]>();
        for (const run of runs) {
          // All of a run pass before the first of them is decoded.
          const paid = run.map((one) => {
            const weight = decoder.weigh(one);
            if (weight > 0) decoder.passed(one);
            return weight / price;
          });
          for (const [index, one] of run.entries()) {
            const command = readOne(decoder, one);
            if (command.kind !== 'say' || !command.to || known.has(command.to)) continue;
            // To read one name anew costs no more than its line.
            expect(paid[index]).toBeGreaterThanOrEqual(command.to.length - 1);
            known.add(command.to);
          }
        }
      }),
    );
  });

  test.each(['bob: well, hello, you', 'a, b and c', ''])('is nothing for %j', (line) => {
    expect(new Decoder(READING).weigh(line)).toBe(0);
  });

  test('is nothing for all the lines before what is said to be weightless, and that is all where none costs more', () => {
    const line = fc.constantFrom('bob: hi', 'bob: a/b', ' /x', '', 'bob: hi, you', 'a,b: hi', '/ping', '//x');
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const decoder = new Decoder(READING);
        const { text } = together(...lines);
        const end = decoder.weightless(text);
        for (let at = 0, left = lines; at + (left[0]?.length ?? Infinity) < end; left = left.slice(1)) {
          expect(decoder.weigh(left[0] as string)).toBe(0);
          at += (left[0] as string).length + 1;
        }
        if (!lines.some((one) => one.includes(',') || one.startsWith('/'))) expect(end).toBe(text.length);
      }),
    );
  });
});

describe('what a command costs beyond its bytes', () => {
  const cost = (line: string): number => new Decoder(READING).weigh(line);

  test('is about what its answer is long, so that a client can hardly ask for more than its share', () => {
    expect(cost('/who')).toBeGreaterThan(2000);
    expect(cost('/help')).toBeGreaterThan(1000);
    expect(cost('/Help join')).toBe(cost('/help'));
  });

  test('is a price for each name', () => {
    expect(cost('/join #a #b #c')).toBe(3 * cost('/join #a'));
    expect(cost('/msg a, b, c: hi')).toBeGreaterThan(cost('/msg a: hi'));
  });

  test('is so little that somebody who types one is not taken for a flood', () => {
    for (const line of ['/ping', '/x', '/', '/to bob', '//usr/bin'])
      expect(64 + cost(line)).toBeLessThanOrEqual(256);
  });
});

describe('a text', () => {
  const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));

  test('loses what could drive a terminal, and nothing else', () => {
    for (const character of all.filter((one) => one !== '\n')) {
      expect(text(`bob: a${character}b`)).toBe(ACTS.test(character) ? 'a\ufffdb' : `a${character}b`);
    }
  });

  test('keeps tabs, every script, emoji and what joins them', () => {
    const kept = 'a\tb ä 漢字 עברית\u200f हिन्दी 👩‍👩‍👧 \u200b e\u0301';
    expect(text(`bob: ${kept}`)).toBe(kept);
  });

  test('is made safe character by character', () => {
    expect(text('bob: \x1b]0;owned\x07 \u202egnp.exe\r')).toBe('\ufffd]0;owned\ufffd \ufffdgnp.exe');
  });

  test('stays as it is where raw is asked for, but for the spaces around it', () => {
    for (const character of all.filter((one) => one !== '\n'))
      expect(text(`bob: a${character}b`, true)).toBe(`a${character}b`);
    expect(text('bob:  \x1b[1mhi\x1b[0m ', true)).toBe('\x1b[1mhi\x1b[0m');
  });

  test('is raw, but a quote is not', () => {
    expect(readOne(new Decoder({ ...READING, raw: true }), '\x1b[2J: hi')).toMatchObject({
      to: [{ shown: '\ufffd[2J' }],
    });
  });
});
