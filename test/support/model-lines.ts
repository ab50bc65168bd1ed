/** What people might type: lines that are about few people and few rooms, so that something comes of them. */
import fc from 'fast-check';

/** So unlike each other that none is taken for a misspelt other. */
export const NAMES = ['ann', 'bob', 'cat', 'dan', 'eve', 'zoe'] as const;
/** Those that are somebody's own more often than others. */
export const OWN_NAMES = ['ann', 'ann', 'ann', 'bob', 'bob', 'cat'] as const;
const ROOMS = ['#ops', '#dev', '#art'] as const;

export const name = fc.constantFrom(...NAMES, 'ann', 'ann', 'bob', 'cat', 'ANN');
export const room = fc.constantFrom(...ROOMS, '#ops', '#ops', '#ops', '#OPS');
const text = fc.constantFrom('hi', '', 'a: b', '/x');
const recipients = fc.array(fc.oneof(name, room), { minLength: 1, maxLength: 3 }).map((to) => to.join(', '));
/** Now and then there are too few words behind a command, or ones that are not what it is about. */
const rooms = fc.oneof(
  { weight: 12, arbitrary: room },
  { weight: 3, arbitrary: fc.tuple(room, room).map((some) => some.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('', 'ops', '#', 'bob #ops') },
);

const command = (word: string, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...args).map((some) => `/${[word, ...some].join(' ')}`.trimEnd());

/** A line that says something. */
const said = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(recipients, text).map((parts) => parts.join(': ')) },
  { weight: 2, arbitrary: fc.constantFrom('whole line', '', '//shrug', ': hi', 'two words, zoe: hi') },
  { weight: 2, arbitrary: command('me', fc.constantFrom('waves', '')) },
  {
    weight: 2,
    arbitrary: command(
      'msg',
      recipients.map((to) => `${to}:`),
      text,
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('/msg', '/msg bob', '/msg : hi') },
);

/** A line that changes or asks something. */
const done = fc.oneof(
  { weight: 12, arbitrary: command('join', rooms) },
  { weight: 3, arbitrary: command('leave', rooms) },
  { weight: 2, arbitrary: fc.constant('/rooms') },
  { weight: 4, arbitrary: command('private', rooms) },
  { weight: 5, arbitrary: command('invite', name, rooms) },
  { weight: 6, arbitrary: command('kick', name, rooms, fc.constantFrom('', 'be quiet')) },
  { weight: 3, arbitrary: command('who', fc.oneof(name, room, fc.constant(''))) },
  { weight: 6, arbitrary: command('name', name) },
  { weight: 1, arbitrary: command('name', fc.constantFrom('', '#ops', 'two words')) },
  { weight: 5, arbitrary: command('ignore', name) },
  { weight: 1, arbitrary: fc.constantFrom('/ignore', '/unignore', '/invite bob', '/kick', '/ping') },
  { weight: 2, arbitrary: command('unignore', name) },
  { weight: 4, arbitrary: command('to', recipients) },
  { weight: 3, arbitrary: fc.constantFrom('/to', '/to none', '/to none', '/to #, ann') },
  { weight: 2, arbitrary: command('away', fc.constantFrom('', 'lunch')) },
  { weight: 1, arbitrary: fc.constantFrom('/back', '/quit', '/xyzzy') },
);

/** A line about what was said before, names that are one's own, or order. */
const kept = fc.oneof(
  { weight: 12, arbitrary: command('history', fc.oneof(room, room, name, name, fc.constant(''))) },
  { weight: 8, arbitrary: name.map((one) => `${one}: hi`) },
  { weight: 3, arbitrary: command('history', room, fc.constantFrom('1', '2')) },
  { weight: 2, arbitrary: fc.constantFrom('/history 1', '/history bob 1', '/history #ops x') },
  {
    weight: 5,
    arbitrary: command('search', fc.constantFrom('hi', 'hi', 'a b', ''), fc.oneof(room, fc.constant(''))),
  },
  { weight: 6, arbitrary: fc.constant('/catchup') },
  { weight: 5, arbitrary: command('join', room, fc.constantFrom('1', '5')) },
  { weight: 2, arbitrary: fc.constant('/unreserve') },
  {
    weight: 3,
    arbitrary: command('ban', fc.oneof(name, fc.constant('10.0.0.1')), fc.constantFrom('', 'spam')),
  },
  { weight: 3, arbitrary: command('unban', fc.oneof(name, fc.constant('10.0.0.1'))) },
  { weight: 5, arbitrary: command('mute', name, fc.constantFrom('', 'calm down')) },
  { weight: 4, arbitrary: command('unmute', name) },
  { weight: 2, arbitrary: command('kick', name, fc.constantFrom('', 'be quiet')) },
  { weight: 2, arbitrary: fc.constantFrom('/bans', '/bans', '/announce hi', '/announce', '/ban ?') },
);

export const line = fc.oneof({ weight: 1, arbitrary: said }, { weight: 1, arbitrary: done });
/** The same, in a chat that keeps what is said. */
export const keptLine = fc.oneof({ weight: 3, arbitrary: line }, { weight: 4, arbitrary: kept });

/** What somebody types who has just come: a name, nearly always. */
export const firstLine = fc.oneof(
  { weight: 8, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom('GET / HTTP/1.1', '/quit', '/join #ops', '', 'two words') },
);
