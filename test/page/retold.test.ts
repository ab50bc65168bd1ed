import { expect, test } from 'vitest';
import { KEPT } from '../../web/conversation.js';
import { Conversations } from '../../web/conversations.js';
import type { Message, Told } from '../../web/events.js';
import { hear } from '../../web/hearing.js';
import { settle } from '../../web/retold.js';
import { wishOf } from '../../web/typed.js';

const NOW = Date.parse('2025-01-31T12:00:00Z');

/** Alice, who types lines where she is, and hears what the server says, all of it at once. */
function inside(...steps: (string | Told)[]): Conversations {
  const chat = new Conversations();
  chat.me = 'alice';
  for (const step of steps) {
    if (typeof step !== 'string') {
      hear(chat, step, NOW);
      continue;
    }
    const wish = wishOf(step, chat.chosen.name);
    if (wish.do === 'ask') chat.asks(wish);
  }
  settle(chat, NOW);
  return chat;
}
const line = (past: Message['past'], from: string, text: string, rest: Partial<Message> = {}): Told => ({
  ...{ type: 'message', time: '2025-01-30T09:00:00Z', from, text, ...rest },
  ...(past && { past }),
});
const entered = (room: string): Told => ({ type: 'entered', room, names: ['bob'], more: 0 });
const end = (of: 'room' | 'talk' | 'words' | 'absence', what: string, lines: number, more = false): Told => ({
  ...{ type: 'past', of, what, lines, more },
});
/** What stands in a conversation: the lines of what was told again in a list. */
const seen = (chat: Conversations, name: string): unknown[] =>
  chat
    .find(name)
    ?.entries.map((one) => (one.kind === 'past' ? one.lines.map(({ text }) => text) : one.text)) ?? [];
const inOps = { room: '#ops' };

test('the past of a room stands in that room, together, wherever it was asked for, and one turns to it', () => {
  const chat = inside(
    ...[entered('#ops'), entered('#dev'), '/history #ops 2'],
    ...[line('history', 'bob', 'one', inOps), line('history', 'eve', 'two', inOps), end('room', '#ops', 2)],
  );
  expect(seen(chat, '#ops').at(-1)).toEqual(['one', 'two']);
  expect([chat.chosen.name, chat.unread]).toEqual(['#ops', 0]);
});

test('the past of a room that one is not in stands where it was asked for', () => {
  const chat = inside(
    entered('#dev'),
    '/history #ops',
    line('history', 'bob', 'one', inOps),
    end('room', '#ops', 1),
  );
  expect(seen(chat, '#dev').at(-1)).toEqual(['one']);
  expect(chat.find('#ops')).toBe(undefined);
});

test('who joins with a count has it in the room, and is not offered it', () => {
  const offers = (...steps: (string | Told)[]): unknown[] =>
    inside(...steps)
      .find('#ops')
      ?.entries.map((one) => one.kind === 'note' && one.offer?.line) ?? [];
  expect(offers('/join #ops', entered('#ops'))).toEqual(['/history #ops 20']);
  const joined = [
    '/join #ops 1',
    entered('#ops'),
    line('history', 'bob', 'one', inOps),
    end('room', '#ops', 1),
  ];
  expect(offers(...joined)).toEqual([undefined, false]);
  expect(seen(inside(...joined), '#ops')).toEqual(['You are in #ops, with bob.', ['one']]);
});

test('what two have said begins their conversation, if there is any', () => {
  const chat = inside(
    '/history bob',
    line('history', 'alice', 'hello', { to: 'bob' }),
    end('talk', 'bob', 1),
  );
  expect([seen(chat, 'bob'), chat.chosen.name]).toEqual([[['hello']], 'bob']);
  const none = inside('/history bob', end('talk', 'bob', 0));
  expect([none.find('bob'), seen(none, '')]).toEqual([
    undefined,
    ['Nothing that you and bob said before is kept.'],
  ]);
});

test('what is from several places says of each line where it is from, and stands where it was asked for', () => {
  const found = inside(
    ...[entered('#ops'), '/search disk', line('search', 'bob', 'disk 1', inOps)],
    ...[
      line('search', 'alice', 'disk 2', { to: 'bob' }),
      line('search', 'bob', 'disk 3'),
      end('words', 'disk', 3),
    ],
  )
    .find('#ops')
    ?.entries.at(-1);
  expect(found).toMatchObject({
    lines: [{ room: '#ops' }, { elsewhere: 'bob' }, { elsewhere: 'you' }],
    text: '3 lines with “disk”, the newest first',
  });
});

test('what is asked for again stands in place of what was told before; of something else it stands beside', () => {
  const told = (count: number, ...texts: string[]): (string | Told)[] => [
    `/history #ops ${String(count)}`,
    ...texts.map((text) => line('history', 'bob', text, inOps)),
    end('room', '#OPS', texts.length),
  ];
  const chat = inside(
    entered('#ops'),
    ...told(1, 'two'),
    '/search x',
    end('words', 'x', 0),
    ...told(2, 'one', 'two'),
  );
  expect(seen(chat, '#ops').slice(1)).toEqual(['Nothing with “x” is kept.', ['one', 'two']]);
  const { added, dropped } = chat.take();
  expect([added.get(chat.chosen)?.length, dropped]).toEqual([3, []]);
});

test('mail stands in the conversation with whom it is from, counted and unread, before what is said now', () => {
  const chat = inside(
    ...[line('mail', 'bob', 'one'), line('mail', 'eve', 'two'), line('mail', 'bob', 'three')],
    ...[line(undefined, 'bob', 'now'), line('mail', 'bob', 'four')],
  );
  expect(seen(chat, 'bob')).toEqual([['one', 'three'], 'now', ['four']]);
  expect(seen(chat, 'eve')).toEqual([['two']]);
  expect([chat.find('bob')?.unread, chat.unread]).toEqual([4, 5]);
});

test('lines of which the end never came, since the connection broke, are not told with the next', () => {
  const chat = inside(entered('#ops'), line('history', 'bob', 'old', inOps));
  chat.lost();
  for (const told of [entered('#ops'), line('history', 'bob', 'new', inOps), end('room', '#ops', 1)])
    hear(chat, told, NOW);
  expect(seen(chat, '#ops').at(-1)).toEqual(['new']);
});

test('many lines that are told again count for what a conversation keeps', () => {
  const many = Array.from({ length: KEPT - 1 }, (_, index) => line('history', 'bob', String(index), inOps));
  const said = ['a', 'b'].map((text) => line(undefined, 'bob', text, inOps));
  const chat = inside(entered('#ops'), ...said, ...many, end('room', '#ops', many.length));
  expect(seen(chat, '#ops')).toMatchObject(['b', { length: KEPT - 1 }]);
});

test('what all are told stands where one looks, and once more where the server speaks', () => {
  const chat = inside(entered('#ops'), line(undefined, 'olga', 'tea', { about: 'announcement' }));
  expect([seen(chat, '#ops').at(-1), seen(chat, '').at(-1), chat.unread]).toEqual(['tea', 'tea', 0]);
  expect(chat.find('olga')).toBe(undefined);
  const mine = inside(line(undefined, 'alice', 'tea', { about: 'announcement' }));
  expect(seen(mine, '')).toEqual(['tea']);
});

test('what is kept for me is offered where I was away, if my name is my own; the rooms’ is in any case', () => {
  const offers = (isOwner: boolean): unknown[] => {
    const chat = inside(entered('#ops'), line(undefined, 'bob', 'hello'));
    chat.lost();
    chat.isOwner = isOwner;
    chat.returned(NOW, NOW + 1000);
    hear(chat, entered('#ops'), NOW);
    return chat.list.flatMap(({ entries }) =>
      entries.slice(-2).flatMap((one) => (one.kind === 'note' && one.offer ? [one.offer.line] : [])),
    );
  };
  expect(offers(true)).toEqual(['/catchup', '/history #ops 20', '/history bob 20']);
  expect(offers(false)).toEqual(['/history #ops 20']);
});
