import { expect, test } from 'vitest';
import { completionOf } from '../../web/completion.js';

const known = {
  commands: [
    { word: 'join', args: '#ROOM [#ROOM ...]', help: 'enter a room', example: '/join #ops' },
    { word: 'ping', args: '', help: 'answers pong', example: '/ping' },
    { word: 'history', args: '[#ROOM | NAME] [COUNT]', help: 'what was said', example: '/history #ops 50' },
    { word: 'help', args: '[COMMAND]', help: 'this list', example: '/help join' },
    { word: 'weather', args: 'rain | sun', help: 'what it is like', example: '/weather sun' },
    { word: 'ban', args: 'NAME [for TIME] [WHY]', help: 'keep out', example: '/ban bob' },
    { word: 'format', args: 'json | text', help: 'lines for programs', example: '/format json' },
  ],
  rooms: ['#ops', '#Öffentlich'],
  people: ['bob', 'Bogdan', 'eve'],
};
const inserts = (text: string): string[] => completionOf(text, known).choices.map(({ insert }) => insert);

test('a command is completed at the beginning of a line only, with a blank where more belongs behind it', () => {
  expect(inserts('/j')).toEqual(['/join ']);
  expect(inserts('/P')).toEqual(['/ping']);
  expect(inserts('see /j')).toEqual([]);
});

test('what the page depends on is not offered', () => {
  expect(inserts('/')).toEqual(['/join ', '/ping', '/history ', '/help ', '/weather ', '/ban ']);
});

test('rooms and people are found in whatever capitals', () => {
  expect(inserts('/join #O')).toEqual(['#ops ']);
  expect(inserts('#ö')).toEqual(['#Öffentlich ']);
  expect(inserts('thanks, BO')).toEqual(['bob ', 'Bogdan ']);
});

test('behind /msg a name ends with its colon', () => {
  expect(inserts('/msg e')).toEqual(['eve: ']);
  expect(inserts('/msg eve: e')).toEqual(['eve ']);
});

test('commands and rooms are offered, names are asked for', () => {
  expect([
    completionOf('/', known).asked,
    completionOf('#', known).asked,
    completionOf('b', known).asked,
  ]).toEqual([true, true, false]);
});

test('an empty word has no completion, so that the tab key leaves the field', () => {
  expect(inserts('')).toEqual([]);
  expect(inserts('hello ')).toEqual([]);
});

test('a long text is completed at its end, and is not looked through from each of its letters', () => {
  expect(inserts(`${'x'.repeat(300_000)} bo`)).toEqual(['bob ', 'Bogdan ']);
  expect(inserts('b'.repeat(300_000))).toEqual([]);
});

test('what may stand behind a command is offered where it is known', () => {
  expect(inserts('/history #o')).toEqual(['#ops ']);
  expect(inserts('/history e')).toEqual(['eve ']);
  expect(inserts('/help J')).toEqual(['join ']);
  expect(inserts('/help f')).toEqual([]);
  expect(inserts('/weather r')).toEqual(['rain ']);
  expect(inserts('/ban eve fo')).toEqual(['for 10min ', 'for 2h ', 'for 7d ']);
  expect(inserts('/ban eve')).toEqual(['eve ']);
});

test('a password is not completed', () => {
  for (const text of ['/reserve bo', '/reserve #o', '/name alice bo', '/NAME alice  e'])
    expect(inserts(text)).toEqual([]);
  expect(inserts('/name bo')).toEqual(['bob ', 'Bogdan ']);
});
