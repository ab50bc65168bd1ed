import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Line } from '../src/cutter.ts';
import type { Command, Event, Name } from '../src/message.ts';
import { parseName } from '../src/name.ts';
import { Decoder, encode } from '../src/text.ts';

const READING = { maxRecipients: 3, raw: false };

const read = (line: Line, raw = false): Command => new Decoder({ ...READING, raw }).decode(line);
const text = (line: string, raw = false): string | undefined => {
  const command = read(line, raw);
  return command.kind === 'say' ? command.text : undefined;
};
const to = (line: string): readonly Name[] | undefined => {
  const command = read(line);
  return command.kind === 'say' ? command.to : undefined;
};
const shown = (line: string): string[] | undefined => to(line)?.map((name) => name.shown);
const say = (names: string[], said: string): Command => ({
  kind: 'say',
  to: names.map((name) => parseName(name) as Name),
  text: said,
});

/** What a terminal, or somebody who splits lines, would act on. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const ACTS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

describe('a line', () => {
  test.each<[string, string, Command]>([
    ['to one', 'bob: hello', say(['bob'], 'hello')],
    ['to two', 'bob, carol: hello', say(['bob', 'carol'], 'hello')],
    ['to two, without spaces', 'bob,carol:hello', say(['bob', 'carol'], 'hello')],
    ['to one, with spaces and tabs all over', ' \t bob \t:  hello \t ', say(['bob'], 'hello')],
    ['with more colons', 'bob: carol: 12:30', say(['bob'], 'carol: 12:30')],
    ['that looks like a command behind its colon', 'bob: /quit', say(['bob'], '/quit')],
    ['with spaces inside the text', 'bob: a  b', say(['bob'], 'a  b')],
    ['without a text', 'bob:', say(['bob'], '')],
    ['with a text of spaces', 'bob:   ', say(['bob'], '')],
    ['with gaps in its recipients', ',bob, ,carol,: hi', say(['bob', 'carol'], 'hi')],
    ['with nobody before its colon', ': hello', say([], 'hello')],
    ['with only commas before its colon', ' , : hello', say([], 'hello')],
    ['of a name', 'alice', { kind: 'bare', name: parseName('alice') }],
    ['of a name with spaces around', ' alice ', { kind: 'bare', name: parseName('alice') }],
    ['of no name', 'my secret', { kind: 'bare', name: undefined }],
    ['of nothing', '', { kind: 'blank' }],
    ['of spaces', ' \t', { kind: 'blank' }],
    ['of HTTP 2, which nobody sends as a line', 'GET / HTTP/2', { kind: 'bare', name: undefined }],
    ['of a command', '/help', { kind: 'word', word: 'help', rest: '' }],
    ['of a command and more', '/join  #ops: now ', { kind: 'word', word: 'join', rest: '#ops: now' }],
    ['of a command and a tab', '/me\twaves', { kind: 'word', word: 'me', rest: 'waves' }],
    ['of a slash', '/', { kind: 'word', word: '', rest: '' }],
    ['of a slash behind a space', ' /help', { kind: 'bare', name: undefined }],
  ])('%s', (_, line, command) => {
    expect(read(line)).toEqual(command);
  });

  test.each(['GET / HTTP/1.1', 'HEAD /x HTTP/1.0', 'GET http://localhost:8080/ HTTP/1.1', '/x HTTP/1.1'])(
    'of HTTP, such as %j, is that only where it is the first',
    (line) => {
      const decoder = new Decoder(READING);
      expect(decoder.decode(line)).toEqual({ kind: 'http' });
      expect(decoder.decode(line).kind).not.toBe('http');
    },
  );

  test('that was a fault where lines are cut is that fault', () => {
    expect(read({ fault: 'line-too-long' })).toEqual({ kind: 'fault', fault: 'line-too-long' });
    expect(read({ fault: 'not-utf8' })).toEqual({ kind: 'fault', fault: 'not-utf8' });
  });

  test('names as many as it may, gaps not counted; one more is a fault', () => {
    expect(shown('a,b,,c,: hi')).toEqual(['a', 'b', 'c']);
    expect(read('a,b,c,d: hi')).toEqual({ kind: 'fault', fault: 'too-many-recipients' });
    expect(read('a,a,a,a: hi')).toEqual({ kind: 'fault', fault: 'too-many-recipients' });
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
    const command = decoder.decode(line);
    return command.kind === 'say' ? command.to : undefined;
  };
  expect(to(`${headOf(1024)} hi`)).toBe(to(`${headOf(1024)} again`));
  const long = to(`${headOf(1025)} hi`);
  expect(long).toBeDefined();
  expect(to(`${headOf(1025)} again`)).not.toBe(long);
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
            const command = decoder.decode(one);
            if (command.kind !== 'say' || known.has(command.to)) continue;
            // To read one name anew costs no more than its line.
            expect(paid[index]).toBeGreaterThanOrEqual(command.to.length - 1);
            known.add(command.to);
          }
        }
      }),
    );
  });

  test.each<[Line]>([
    ['bob: well, hello, you'],
    ['a, b and c'],
    ['/help a, b: c'],
    [''],
    [{ fault: 'not-utf8' }],
  ])('is nothing for %j', (line) => {
    expect(new Decoder(READING).weigh(line)).toBe(0);
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
    for (const character of all) expect(text(`bob: a${character}b`, true)).toBe(`a${character}b`);
    expect(text('bob:  \x1b[1mhi\x1b[0m ', true)).toBe('\x1b[1mhi\x1b[0m');
  });

  test('is raw, but a quote is not', () => {
    expect(new Decoder({ ...READING, raw: true }).decode('\x1b[2J: hi')).toMatchObject({
      to: [{ shown: '\ufffd[2J' }],
    });
  });
});

describe('an event', () => {
  test.each<[string, Event]>([
    ['from alice: hello\n', { type: 'message', from: 'alice', text: 'hello' }],
    ['from alice: \n', { type: 'message', from: 'alice', text: '' }],
    ['! the name alice is taken; type another\n', { type: 'problem', code: 'name-taken', name: 'alice' }],
    [
      '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another\n',
      { type: 'problem', code: 'not-a-name' },
    ],
    ['! you have no name, so nothing was sent; closing\n', { type: 'problem', code: 'no-name' }],
    ['! this is a chat; a line is a name first\n', { type: 'problem', code: 'not-a-chat-client' }],
    ['! bob is not here\n', { type: 'problem', code: 'absent', names: ['bob'] }],
    ['! bob, dave are not here\n', { type: 'problem', code: 'absent', names: ['bob', 'dave'] }],
    ['! say who it is for, like "bob: hello"; /help tells more\n', { type: 'problem', code: 'no-recipient' }],
    [
      '! there is no /foo; /help lists what there is\n',
      { type: 'problem', code: 'unknown-command', word: 'foo' },
    ],
    [
      '! that line is longer than 16384 bytes; it was not sent\n',
      { type: 'problem', code: 'line-too-long', limit: 16384 },
    ],
    ['! that line is not UTF-8; it was not sent\n', { type: 'problem', code: 'not-utf8' }],
    [
      '! that is more than 128 recipients; it was not sent\n',
      { type: 'problem', code: 'too-many-recipients', limit: 128 },
    ],
    ['! the server is full; try again later\n', { type: 'problem', code: 'full' }],
    ['! no name within 60 s; closing\n', { type: 'problem', code: 'login-timeout', limit: 60 }],
    ['! you read too slowly; closing\n', { type: 'problem', code: 'too-slow' }],
    ['! the server is stopping\n', { type: 'problem', code: 'stopping' }],
  ])('reads %j', (line, event) => {
    expect(encode(event)).toBe(line);
  });

  test('help is lines of * and names every command', () => {
    const lines = encode({ type: 'help' }).split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^\* ./);
    for (const word of ['/help', '/quit']) expect(lines.join()).toContain(word);
  });

  test('that quotes a command quotes 64 characters of it, safely', () => {
    const unknown = (word: string): string => encode({ type: 'problem', code: 'unknown-command', word });
    expect(unknown('\x1b[2J\x07')).toBe('! there is no /\ufffd[2J\ufffd; /help lists what there is\n');
    expect(unknown('f'.repeat(65))).toBe(`! there is no /${'f'.repeat(64)}…; /help lists what there is\n`);
  });
});
