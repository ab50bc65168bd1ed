import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LineFault } from '../src/cutter.ts';
import { Decoder } from '../src/decoder.ts';
import type { Event } from '../src/event.ts';
import type { Command } from '../src/message.ts';
import { text } from '../src/text.ts';
import { message } from './support/events.ts';
import { readOne } from './support/turn.ts';

const READING = { maxRecipients: 3, raw: false };

const read = (line: string | LineFault, raw = false): Command =>
  readOne(new Decoder({ ...READING, raw }), line);

/** What a terminal, or somebody who splits lines, would act on. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const ACTS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

describe('a decoder', () => {
  const heads = [
    'bob:',
    'bob :',
    'bob, carol:',
    'bo b:',
    ':',
    'a,b,c,d:',
    'b:',
    '',
    '/',
    ' bob:',
    '/bob:',
    'bob::',
  ];
  const long = [`${'x'.repeat(1023)}:`, `${'x'.repeat(1024)}:`, `bob,${' '.repeat(1100)}carol:`];
  const line = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...heads, ...long),
        fc.constantFrom('', ' ', ' hi', 'hi: you', '  \x07 hi ', 'bob: hi'),
      )
      .map(([head, rest]): string | LineFault => head + rest),
    fc.string({ unit: 'binary' }).map((one): string | LineFault => one.replaceAll('\n', '')),
    fc.constantFrom<string | LineFault>({ fault: 'line-too-long' }, { fault: 'not-utf8' }),
  );

  /** Whether a blank behind the colon is of the head or of the rest means nothing, and one at the end is none. */
  const meaning = (command: Command): unknown =>
    command.kind === 'say'
      ? { to: command.to, texts: command.rests.map((rest) => (command.head + rest).trimEnd()) }
      : command;

  test('gives for any lines what a new one gives for each of them, whomever it remembers', () => {
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, raw) => {
        const decoder = new Decoder({ ...READING, raw });
        for (const one of lines) expect(meaning(readOne(decoder, one))).toEqual(meaning(read(one, raw)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('nobody forges a * or a !', () => {
  const piece = fc.constantFrom(
    '\n',
    '\r',
    '\x85',
    '\u2028',
    '! ',
    '* ',
    'from bob: ',
    'bob',
    ',',
    ':',
    '/',
    ' ',
  );
  const typed = fc.array(fc.oneof(piece, fc.string({ unit: 'binary' }))).map((pieces) => pieces.join(''));

  /** What a person can make the server write: whatever follows from a line, at its worst. */
  function echoes(line: string, raw: boolean): Event[] {
    const command = read(line, raw);
    if (command.kind === 'word')
      return [{ type: 'problem', code: 'unknown-command', word: command.word }, message(command.text)];
    if (command.kind === 'bare') return [message(command.text)];
    if (command.kind !== 'say') return [];
    const names = (command.to ?? []).map((name) => name.shown);
    return [
      ...command.rests.map((rest) => message(rest)),
      ...command.rests.map((rest) => message(command.head + rest)),
      { type: 'problem', code: 'absent', names },
    ];
  }

  test('whatever is typed comes out as one line, behind "from alice: " or behind "! "', () => {
    const lines = fc.oneof(
      typed,
      typed.map((one) => `bob: ${one}`),
      typed.map((one) => `/${one}`),
    );
    fc.assert(
      fc.property(lines, (line) => {
        for (const event of echoes(line, false)) {
          const written = text.encode(event);
          expect(written.endsWith('\n')).toBe(true);
          expect(written.slice(0, -1)).not.toMatch(ACTS);
          expect(written).toMatch(event.type === 'message' ? /^from alice: / : /^! /);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('raw text can do no more: a line that came in as one goes out as one', () => {
    fc.assert(
      fc.property(typed, (one) => {
        for (const event of echoes(`bob: ${one.replaceAll('\n', '')}`, true)) {
          expect(text.encode(event)).toMatch(
            event.type === 'message' ? /^from alice: [^\n]*\n$/ : /^! [^\n]*\n$/,
          );
        }
      }),
    );
  });

  test('what a ! quotes is short, however long it was typed', () => {
    fc.assert(
      fc.property(typed, typed, (one, other) => {
        const command = read(`${one},${other}: hi`);
        const names = command.kind === 'say' ? (command.to ?? []) : [];
        for (const { shown } of names) expect(Array.from(shown).length).toBeLessThanOrEqual(65);
      }),
    );
  });
});
