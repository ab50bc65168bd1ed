import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/commands/table.ts';
import { nearly } from '../src/nearly.ts';

const WORDS = COMMANDS.map(({ word }) => word);

describe('who mistyped', () => {
  test.each([
    ['jion', 'join'],
    ['nmae', 'name'],
    ['romos', 'rooms'],
    ['rooom', 'rooms'],
    ['quite', 'quit'],
    ['hlp', 'help'],
    ['t', 'to'],
    ['ot', 'to'],
    ['recipts', 'receipts'],
    ['unignroe', 'unignore'],
  ])('%s meant %s', (typed, meant) => {
    expect(nearly(typed, WORDS)).toBe(meant);
  });

  test.each(['foo', 'xyz', 'topic', '', 'x'.repeat(33), 'j'.repeat(30)])(
    '%j meant nothing there is',
    (typed) => {
      expect(nearly(typed, WORDS)).toBeUndefined();
    },
  );

  test('a swap is meant before two other mistakes, whoever stands first', () => {
    expect(nearly('abdc', ['abd', 'abcd'])).toBe('abcd');
  });

  test('names of any script are compared', () => {
    expect(nearly('ζωή', ['ζωη', 'bob'])).toBe('ζωη');
  });
});
