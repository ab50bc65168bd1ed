import { describe, expect, test } from 'vitest';
import type { Event } from '../src/event.ts';
import { text, timed } from '../src/text.ts';
import { message } from './support/events.ts';

describe('an event', () => {
  test.each<[string, Event]>([
    ['from alice: hello\n', message('hello')],
    ['from alice: \n', message('')],
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
    expect(text.encode(event)).toBe(line);
  });
});

describe('what a person wrote', () => {
  test.each([
    ['to one', message('hi'), 'from alice: hi', 'from alice at 2025-01-01T00:00:00Z: hi'],
    [
      'in a room',
      message('a: b', '#ops'),
      'from alice in #ops: a: b',
      'from alice in #ops at 2025-01-01T00:00:00Z: a: b',
    ],
    [
      'of being away',
      { ...message('at lunch'), about: 'away' as const },
      'from alice: (away) at lunch',
      'from alice at 2025-01-01T00:00:00Z: (away) at lunch',
    ],
    [
      'of nothing',
      { ...message(''), about: 'away' as const },
      'from alice: (away)',
      'from alice at 2025-01-01T00:00:00Z: (away)',
    ],
  ])('%s reads so, and so with its time', (_, event, plain, withTime) => {
    expect([text.encode(event), timed.encode(event)]).toEqual([`${plain}\n`, `${withTime}\n`]);
  });

  test('is all that a time is told of', () => {
    const event: Event = { type: 'joined', room: '#ops', name: 'bob' };
    expect(timed.encode(event)).toBe(text.encode(event));
  });
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [7200, '2 h'],
  [86_399, '23 h'],
  [200_000, '2 d'],
])('somebody who said nothing for %i seconds is idle for %s', (idle, words) => {
  const person: Event = { type: 'person', name: 'bob', since: 0, idle, away: false, rooms: [], more: 0 };
  expect(text.encode(person)).toBe(`* bob: here since 1970-01-01T00:00:00Z, idle for ${words}\n`);
});
