import { expect, test } from 'vitest';
import { KEPT } from '../../web/conversation.js';
import { MOST } from '../../web/conversation-list.js';
import { Conversations } from '../../web/conversations.js';
import type { Told } from '../../web/events.js';
import { hear } from '../../web/hearing.js';

const NOW = Date.parse('2025-01-31T12:00:00Z');

function inside(...told: Told[]): Conversations {
  const chat = new Conversations();
  chat.me = 'alice';
  for (const one of told) hear(chat, one, NOW);
  return chat;
}

const message = (from: string, text: string, room?: string): Told => ({
  type: 'message',
  time: '2025-01-31T12:00:00Z',
  from,
  text,
  ...(room !== undefined && { room }),
});
const entered = (room: string, ...names: string[]): Told => ({ type: 'entered', room, names, more: 0 });
const texts = (chat: Conversations, name: string): string[] =>
  chat.find(name)?.entries.map(({ text }) => text) ?? [];
const unread = (chat: Conversations): Record<string, number> =>
  Object.fromEntries(chat.list.map((one) => [one.title, one.unread]));

test('what is said to me begins a conversation with who says it', () => {
  const chat = inside(message('bob', 'hello'));
  expect(texts(chat, 'BOB')).toEqual(['hello']);
  expect(unread(chat)).toEqual({ Server: 0, bob: 1 });
});

test('what is said where I look is not unread, elsewhere it is, until I turn to it', () => {
  const chat = inside(entered('#ops', 'bob'), message('bob', 'here', '#ops'), message('bob', 'there'));
  expect(unread(chat)).toEqual({ Server: 0, '#ops': 0, bob: 1 });
  chat.choose(chat.with('bob'));
  expect(chat.unread).toBe(0);
  expect(chat.chosen.firstNew?.text).toBe('there');
});

test('what is said while nobody looks at the page is unread', () => {
  const chat = inside(entered('#ops', 'bob'));
  chat.looking = false;
  hear(chat, message('bob', 'one', '#ops'), NOW);
  hear(chat, message('bob', 'two', '#ops'), NOW);
  expect([chat.unread, chat.chosen.firstNew?.text]).toEqual([2, 'one']);
});

test('comings and goings are no reason to look', () => {
  const chat = inside(entered('#ops'), entered('#dev'), { type: 'joined', room: '#ops', name: 'bob' });
  expect(chat.unread).toBe(0);
});

test('who is in a room is known from who came and went', () => {
  const chat = inside(
    { type: 'entered', room: '#ops', names: ['bob', 'eve'], more: 5 },
    { type: 'joined', room: '#ops', name: 'carol' },
    { type: 'left', room: '#ops', names: ['bob', 'one of the five'], more: 2 },
    { type: 'renamed', was: 'eve', name: 'eva' },
  );
  const room = chat.find('#ops');
  expect([...(room?.people.values() ?? [])]).toEqual(['alice', 'carol', 'eva']);
  expect(room?.size).toBe(5);
});

test('a room that I leave is gone, one that I am put out of stays to be read', () => {
  const chat = inside(
    entered('#ops', 'bob'),
    entered('#dev', 'bob'),
    { type: 'left', room: '#ops', names: ['alice'], more: 0 },
    { type: 'removed', room: '#dev', name: 'alice', by: 'bob' },
  );
  expect([chat.find('#ops'), chat.find('#dev')?.joined]).toEqual([undefined, false]);
});

test('a conversation goes on under the new name of who it is with', () => {
  const chat = inside(
    message('bob', 'one'),
    { type: 'renamed', was: 'bob', name: 'robert' },
    message('robert', 'two'),
  );
  expect(texts(chat, 'robert')).toEqual(['one', 'bob is now robert.', 'two']);
  expect(chat.find('bob')).toBe(undefined);
});

test('what I said stands where it went, and where I typed it', () => {
  const chat = inside(entered('#ops'));
  chat.said({ do: 'say', to: ['bob'], text: 'psst', line: '/msg bob: psst' }, '/msg bob: psst', NOW);
  expect(chat.find('bob')?.entries).toMatchObject([{ text: 'psst', from: 'alice' }]);
  expect(chat.chosen.entries.at(-1)).toMatchObject({ text: 'psst', elsewhere: 'bob' });
});

test('an answer comes where the command was typed, also if somebody has turned elsewhere', () => {
  const chat = inside(entered('#ops'));
  chat.asks();
  chat.choose(chat.server);
  hear(chat, { type: 'error', code: 'absent', text: 'bob is not here' }, NOW);
  expect(chat.find('#ops')?.entries.at(-1)).toMatchObject({ text: 'bob is not here', tone: 'trouble' });
});

test('after a lost connection each room says how long I was away, once I am in it again', () => {
  const chat = inside(entered('#ops'), entered('#dev'));
  chat.lost();
  expect(chat.absence.rooms).toEqual(['#ops', '#dev']);
  chat.returned(NOW, NOW + 48_000);
  chat.choose(chat.server);
  hear(chat, entered('#ops', 'bob'), NOW + 48_000);
  expect(texts(chat, '#ops').slice(-2)).toEqual([
    expect.stringMatching(/^You were away .* for 48 seconds. What was said meanwhile is not here.$/),
    'You are in #ops, with bob.',
  ]);
  expect([chat.absence.rooms, chat.chosen]).toEqual([['#dev'], chat.server]);
});

test('a room that does not let me in again is one that I am not in', () => {
  const chat = inside(entered('#ops'));
  chat.lost();
  chat.returned(NOW, NOW + 1000);
  const room = chat.with('#ops');
  expect(chat.isThere(room)).toBe(true);
  hear(chat, { type: 'error', code: 'private-room', rooms: ['#ops'], text: '#ops is private' }, NOW);
  expect(chat.isThere(room)).toBe(false);
});

test('a conversation keeps its newest entries only', () => {
  const chat = inside();
  for (let count = 0; count <= KEPT; count++) hear(chat, message('bob', String(count)), NOW);
  expect([texts(chat, 'bob').length, texts(chat, 'bob')[0]]).toEqual([KEPT, '1']);
});

test('all that is to be shown of many lines comes at once', () => {
  const chat = inside(message('bob', 'one'), message('bob', 'two'), message('eve', 'three'));
  const { added, around } = chat.take();
  expect([...added].map(([{ title }, entries]) => [title, entries.length])).toEqual([
    ['bob', 2],
    ['eve', 1],
  ]);
  expect([around, chat.take().added.size]).toEqual([true, 0]);
});

test('of more than 200 people the one who has been quiet for longest goes, and nobody who is shown or was not read', () => {
  const names = Array.from({ length: MOST }, (_, index) => `p${String(index)}`);
  const chat = inside(...names.map((name) => message(name, 'hello')), entered('#ops'));
  for (const name of ['p3', 'p1', 'p2']) chat.choose(chat.with(name));
  chat.said({ do: 'say', to: ['p1'], text: 'hi', line: 'p1: hi' }, 'hi', NOW);
  const gone = (): string[] => names.filter((name) => !chat.find(name));
  hear(chat, message('q0', 'hello'), NOW);
  expect(gone()).toEqual(['p3']);
  hear(chat, message('q1', 'hello'), NOW);
  expect(gone()).toEqual(['p1', 'p3']);
  hear(chat, message('q2', 'hello'), NOW);
  expect(gone()).toEqual(['p0', 'p1', 'p3']);
  expect([chat.list.length, chat.chosen.name, chat.find('#ops')?.joined]).toEqual([MOST + 2, 'p2', true]);
});

test('whoever changes their name for each message makes no conversation without end, nor work for the next frame', () => {
  const chat = inside(...Array.from({ length: 5000 }, (_, index) => message(`p${String(index)}`, 'hello')));
  expect([chat.list.length, chat.take().added.size]).toEqual([MOST + 1, MOST]);
  const to = Array.from({ length: 8000 }, (_, index) => `q${String(index)}`);
  chat.said({ do: 'say', to, text: 'hi', line: '' }, '', NOW);
  expect(chat.list.length).toBe(MOST + 1);
});

test('who comes back is told what the server has forgotten: that they were away, and whom they ignored', () => {
  const chat = inside(
    entered('#ops'),
    { type: 'away', away: true },
    { type: 'ignoring', names: ['bob', 'eve'] },
  );
  const comesBack = (): string | undefined => {
    chat.lost();
    chat.returned(NOW, NOW + 1000);
    hear(chat, entered('#ops'), NOW + 1000);
    return texts(chat, '').at(-1);
  };
  const words = comesBack();
  expect(words).toContain('You do not count as away any more: /away says so again.');
  expect(words).toContain('You ignore nobody any more (it was bob and eve): /ignore does it again.');
  expect(texts(chat, '#ops')).toContain(words);
  expect(comesBack()).toMatch(/What was said meanwhile is not here\.$/);
});
