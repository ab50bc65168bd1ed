import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import type { Input } from '../../src/message.ts';
import type { Found, Past, Query } from '../../src/past.ts';
import { level, Scene, type Step } from '../support/turn.ts';

const NOON = Date.UTC(2025, 0, 31, 12);

const past = (text: string, more: Partial<Past> = {}): Past => ({
  ...{ sequence: 1, index: 0, time: NOON, from: 'bob', texts: [text], room: '#ops', to: undefined },
  ...more,
});

const effectsOf = (scene: Scene, ...steps: Step[]): Effect[] =>
  scene.slices(...steps).flatMap(({ effects }) => effects);

/** What is asked for as that is done; one question. */
function query(scene: Scene, ...steps: Step[]): Query {
  const asked = effectsOf(scene, ...steps).filter((effect) => effect.do === 'recall');
  expect(asked).toHaveLength(1);
  return (asked[0] as { query: Query }).query;
}

const answer = (query: Query, found: Found | undefined, client = 'a'): Input => ({
  ...{ type: 'recalled', client, query, found },
});

const scene = (): Scene => new Scene({ a: 'alice', b: 'bob', c: 'carol' }, { '#ops': 'a b' });

/** Alice's name is her own. */
const owned = (): Scene => {
  const chat = scene();
  chat.play({ type: 'reserve', client: 'a', version: 'o' });
  return chat;
};

describe('what is said in a room', () => {
  test('is to be kept, with its time and where it is in the order', () => {
    const [kept] = effectsOf(scene(), 'a: #ops: the disk is full');
    expect(kept).toEqual({
      do: 'keep',
      said: { sequence: 1, index: 0, time: NOON, from: 'alice', texts: ['the disk is full'] },
      room: { key: '#ops', shown: '#ops', private: undefined },
      receipt: undefined,
    });
  });

  test('is kept once, however many hear it, and line by line in one', () => {
    const kept = effectsOf(scene(), 'a: #ops: one', 'a: #ops: two', 'b: #ops: three');
    expect(kept.map((effect) => effect.do === 'keep' && effect.said.texts)).toEqual([
      ['one', 'two'],
      ['three'],
    ]);
  });

  test('is kept also where whoever is in it was named, and hears it as said to that one', () => {
    const kept = effectsOf(scene(), 'a: bob, #ops: hello');
    expect(kept).toMatchObject([{ do: 'keep', said: { texts: ['hello'] }, room: { key: '#ops' } }]);
  });

  test('is not kept where nobody hears it, and what people say to each other is not either', () => {
    const chat = scene();
    expect(effectsOf(chat, 'a: #dev: hello', 'a: bob: hello', 'c: /join #dev', 'c: #dev: hello')).toEqual([]);
  });

  test('in a private room is kept for that one, whatever is opened under its name later', () => {
    const chat = scene();
    const kept = (): string | undefined => {
      const [effect] = effectsOf(chat, 'a: #ops: psst');
      return effect?.do === 'keep' ? effect.room.private : '';
    };
    expect(kept()).toBeUndefined();
    chat.each('a: /private #ops', 'a: /invite bob #ops');
    const first = kept();
    expect(first).toBeDefined();
    expect(kept()).toBe(first);
  });
});

describe('/history', () => {
  test('of a room asks for its last 20 lines, or as many as are wished for, up to 1,000', () => {
    const room = { key: '#ops', shown: '#ops', private: undefined };
    const asked = (line: string): Query => query(scene(), `a: ${line}`);
    const usual = { of: 'room', room, after: 0, owner: undefined, count: 20 };
    expect(asked('/history #ops')).toEqual(usual);
    expect(asked('/history')).toEqual(usual);
    expect(asked('/history 50')).toEqual({ ...usual, count: 50 });
    expect(asked('/history #OPS 5000')).toEqual({ ...usual, count: 1000 });
    expect(query(scene(), 'c: /history #ops 3')).toEqual({ ...usual, count: 3 });
  });

  test('of a room that nobody is in asks for what was said in it', () => {
    expect(query(scene(), 'a: /history #old')).toMatchObject({ room: { key: '#old', private: undefined } });
  });

  test('is what was asked for also where nobody is there any more, and its name is as it was typed', () => {
    const chat = scene();
    const asked = query(chat, 'c: /history #OPS');
    chat.play('a: /leave #ops', 'b: /leave #ops');
    expect(chat.play(answer(asked, { lines: [past('hello')], more: false }, 'c'))).toEqual([
      'c < from bob in #ops at 2025-01-31T12:00:00Z: hello',
      'c < * that is all of #OPS',
      'c: release',
    ]);
  });

  test('holds who asks until it is answered, and then goes on with what that one said meanwhile', () => {
    const chat = scene();
    const asked = query(chat, 'a: /history #ops 2', 'a: bob: and?');
    expect(chat.play('a: bob: hello?', 'b: alice: hi')).toEqual(['a < from bob: hi']);
    expect(chat.play(answer(asked, { lines: [past('one'), past('two')], more: true }))).toEqual([
      'a < from bob in #ops at 2025-01-31T12:00:00Z: one',
      'a < from bob in #ops at 2025-01-31T12:00:00Z: two',
      'a < * 2 lines of #ops; /history #ops 4 shows more',
      'b < from alice: and?',
      'b < from alice: hello?',
      'a: release',
    ]);
  });

  test('of many who ask for much comes in many turns, so that others are heard between them', () => {
    const people = Array.from({ length: 20 }, (_, index) => `p${String(index)}`);
    const chat = new Scene(Object.fromEntries(people.map((id) => [id, id])));
    const asked = query(chat, 'p0: /history #ops 1000');
    for (const id of people.slice(1)) chat.play(`${id}: /history #ops 1000`);
    const found = { lines: Array<Past>(1000).fill(past('one')), more: false };
    const turns = chat.turns(...people.map((id) => answer(asked, found, id)));
    const answered = turns.map((slices) => slices.flatMap(({ deliveries }) => deliveries).length);
    expect(answered.reduce((sum, count) => sum + count)).toBe(20 * 1001);
    expect(Math.max(...answered)).toBeLessThan(5 * 1001);
  });

  test.each<[Found, string]>([
    [{ lines: [], more: false }, '* nothing that you may see was said in #ops'],
    [{ lines: [past('one')], more: false }, '* that is all of #ops'],
  ])('says where there is no more', (found, said) => {
    const chat = scene();
    expect(chat.play(answer(query(chat, 'a: /history'), found)).filter((one) => one.includes('*'))).toEqual([
      `a < ${said}`,
    ]);
  });

  test('that was found, and may not be seen any more by then, is told to nobody, then or later', () => {
    const chat = scene();
    const asked = query(chat, 'c: /history #ops');
    chat.play('a: /private #ops');
    expect(chat.play(answer(asked, { lines: [past('secret')], more: false }, 'c'))).toEqual([
      'c < ! #ops is private; somebody in it can /invite you',
      'c: release',
    ]);
    expect(query(chat, 'c: /history #dev')).toMatchObject({ room: { key: '#dev' } });
    expect(chat.play(answer(asked, { lines: [past('secret')], more: false }, 'c'))).toEqual([]);
  });

  test('is asked for again where it is about something else by the time it is found', () => {
    const chat = scene();
    const asked = query(chat, 'b: /history #ops');
    chat.play('a: /private #ops');
    const again = query(chat, answer(asked, { lines: [past('old')], more: false }, 'b'));
    expect(again).toMatchObject({ room: { key: '#ops' }, after: 1 });
    expect(chat.play(answer(again, { lines: [], more: false }, 'b'))).toContain(
      'b < * nothing that you may see was said in #ops',
    );
  });

  test('that cannot be read says so', () => {
    const chat = scene();
    const asked = query(chat, 'a: /history');
    expect(chat.play(answer(asked, undefined))).toEqual(['a < ! that cannot be looked up now', 'a: release']);
    expect(query(chat, 'a: /history')).toEqual(asked);
  });

  test('of a private room is for those in it, of what was said since they came', () => {
    const chat = scene();
    chat.each('a: /private #ops', 'a: /invite carol #ops');
    expect(chat.play('c: /history #ops')).toEqual(['c < ! #ops is private; somebody in it can /invite you']);
    expect(query(chat, 'a: /history #ops')).toMatchObject({ after: 1, owner: undefined });
    chat.play('c: /join #ops');
    const asked = query(chat, 'c: /history #ops');
    expect(asked).toMatchObject({ after: 1 });
    expect((asked as { room: { private: string } }).room.private).toBeDefined();
  });

  test.each(['/history bob', '/catchup'])('%s is for a name that is yours', (line) => {
    const chat = scene();
    expect(chat.play(`a: ${line}`)).toEqual([
      'a < ! that is for a name that is yours; /reserve PASSWORD makes it so',
    ]);
  });

  test('of what was said to somebody tells who said it to whom', () => {
    const chat = owned();
    const asked = query(chat, 'a: /history bob 2');
    expect(asked).toEqual({ of: 'talk', owner: 'o', peer: 'bob', count: 2 });
    const lines = [
      past('are you there?', { from: 'alice', room: undefined, to: 'bob' }),
      past('yes', { room: undefined }),
    ];
    expect(chat.play(answer(asked, { lines, more: false }))).toEqual([
      'a < from alice to bob at 2025-01-31T12:00:00Z: are you there?',
      'a < from bob at 2025-01-31T12:00:00Z: yes',
      'a < * that is all with bob',
      'a: release',
    ]);
  });

  test('does not keep whoever leaves, and a server that stops says so', () => {
    const chat = scene();
    query(chat, 'a: /history');
    expect(chat.play({ type: 'stopping', client: 'a' })).toContain('a < ! that cannot be looked up now');
  });
});

describe('/join with a count', () => {
  test('joins, and tells the last lines once they are found', () => {
    const chat = scene();
    const asked = query(chat, 'c: /join #ops 5');
    expect(asked).toMatchObject({ of: 'room', count: 5 });
    expect(chat.play('a: #ops: hello')).toContain('b c < from alice in #ops: hello');
    expect(chat.play(answer(asked, { lines: [past('one')], more: false }, 'c'))).toEqual([
      'c < from bob in #ops at 2025-01-31T12:00:00Z: one',
      'c < * that is all of #ops',
      'c: release',
    ]);
  });

  test('by somebody who has to wait for one who is behind is done once', () => {
    const chat = scene();
    chat.play(`b: alice: ${'x'.repeat(65_536)}`, level('a', 'behind'));
    expect(chat.play('b: /join #ops 5')).toEqual(['b: hold']);
    const asked = query(chat, level('a', 'caught-up'));
    expect(chat.play(answer(asked, { lines: [past('one')], more: false }, 'b'))).toEqual([
      'b < from bob in #ops at 2025-01-31T12:00:00Z: one',
      'b < * that is all of #ops',
      'b: release',
    ]);
  });

  test('asks for nothing where it may not be joined, and is for one room', () => {
    const chat = scene();
    chat.play('a: /private #ops');
    expect(effectsOf(chat, 'c: /join #ops 5')).toEqual([]);
    expect(chat.play('c: /join #dev #old 5')).toEqual([
      'c < ! write it like "/join #ops"; /help join tells more',
    ]);
  });
});

describe('/search', () => {
  test('asks for lines with the words: in a room, or wherever one may look', () => {
    const chat = owned();
    expect(query(chat, 'a: /search disk "full" OR #OPS')).toEqual({
      ...{ of: 'words', words: 'disk "full" OR', insights: [], owner: 'o', count: 20 },
      room: { key: '#ops', shown: '#ops', private: undefined },
    });
    const other = scene();
    other.play('a: /private #ops');
    const asked = query(other, 'a: /search disk');
    expect(asked).toMatchObject({ room: undefined, owner: undefined, insights: [{ after: 1 }] });
    expect(query(other, 'c: /search disk')).toMatchObject({ insights: [] });
    expect(other.play('b: /leave #ops', 'b: /search disk #ops')).toContain(
      'b < ! #ops is private; somebody in it can /invite you',
    );
  });

  test.each(['/search', '/search #ops', `/search ${'word '.repeat(17)}`])('%s makes no sense', (line) => {
    expect(scene().play(`a: ${line}`)).toEqual([
      'a < ! write it like "/search disk full #ops"; /help search tells more',
    ]);
  });

  test('tells how many there are', () => {
    const chat = scene();
    const asked = query(chat, 'a: /search disk');
    expect(chat.play(answer(asked, { lines: [past('the disk')], more: false })).slice(0, 2)).toEqual([
      'a < from bob in #ops at 2025-01-31T12:00:00Z: the disk',
      'a < * 1 line with disk',
    ]);
  });
});

describe('/catchup', () => {
  test('asks for what the rooms said that the owner of the name was in', () => {
    const chat = owned();
    const asked = query(chat, 'a: /catchup');
    expect(asked).toEqual({ of: 'absence', owner: 'o', count: 200 });
    expect(chat.play(answer(asked, { lines: [past('one')], more: false }))).toContain(
      'a < * you missed 1 line',
    );
  });

  test('is known by who is in which room while a name is its own', () => {
    const chat = scene();
    const seats = (...steps: Step[]): unknown[] =>
      effectsOf(chat, ...steps)
        .filter((effect) => ['enter', 'leave', 'gone'].includes(effect.do))
        .map((effect) => [effect.do, 'room' in effect ? effect.room.key : '']);
    expect(seats({ type: 'reserve', client: 'a', version: 'o' })).toEqual([['enter', '#ops']]);
    expect(seats('a: /join #dev')).toEqual([['enter', '#dev']]);
    expect(seats('a: /leave #dev', 'b: /leave #ops')).toEqual([['leave', '#dev']]);
    expect(seats('a: /quit')).toEqual([['gone', '']]);
  });
});

describe('where nothing is kept of what is said', () => {
  const forgetful = (): Scene => {
    const chat = new Scene({ a: 'alice', b: 'bob' }, { '#ops': 'a b' }, { keeps: false });
    chat.play({ type: 'reserve', client: 'a', version: 'o' });
    return chat;
  };

  test.each(['/history #ops', '/history bob', '/search disk', '/catchup'])('%s says so', (line) => {
    expect(forgetful().play(`a: ${line}`)).toEqual(['a < ! what is said here is not kept']);
  });

  test('/join #ops 20 enters the room, and says so', () => {
    const chat = forgetful();
    expect(chat.play('a: /leave #ops', 'a: /join #ops 20').slice(-2)).toEqual([
      'a < * in #ops: bob',
      'a < ! what is said here is not kept',
    ]);
  });

  test('neither that nor who was where leaves the chat, and no receipt speaks of it', () => {
    const chat = forgetful();
    expect(effectsOf(chat, 'a: #ops: hello', 'a: bob: hello')).toEqual([]);
    chat.play('b: /receipts on', 'b: #ops: and?');
    expect(chat.play(chat.take())).toEqual(['b < * sent 1 to 1 in #ops']);
    expect(effectsOf(chat, 'a: /leave #ops', 'b: /quit')).toEqual([]);
  });

  test('mail is kept all the same, until it is collected', () => {
    const chat = forgetful();
    chat.play('a: /quit');
    expect(effectsOf(chat, 'b: alice: hello').map((effect) => effect.do)).toEqual(['mail']);
    expect(chat.play()).toEqual(['b < * alice is away; kept for alice']);
  });
});

describe('more of it is offered', () => {
  const last = (chat: Scene, line: string, lines: number, more: boolean): string | undefined => {
    const asked = query(chat, `a: ${line}`);
    const texts = Array.from({ length: lines }, (_, nth) => String(nth));
    return chat.play(answer(asked, { lines: [{ ...past(''), texts }], more })).at(-2);
  };

  test.each<[string, number, boolean, string]>([
    ['/history #ops 2', 2, true, '2 lines of #ops; /history #ops 4 shows more'],
    ['/history #ops 600', 600, true, '600 lines of #ops; /history #ops 1000 shows more'],
    ['/history bob 7', 7, true, '7 lines; /history bob 14 shows more'],
  ])('by %s, where there is more', (line, lines, more, expected) => {
    expect(last(owned(), line, lines, more)).toBe(`a < * ${expected}`);
  });

  test.each<[string, number, boolean, string]>([
    ['as no more are told at once', 1000, true, '1000 lines of #ops; there are more'],
    ['as the lines are too long to be told at once', 300, true, '300 lines of #ops; there are more'],
    ['as that is all', 1000, false, 'that is all of #ops'],
  ])('not %s', (_, lines, more, expected) => {
    expect(last(owned(), '/history #ops 2000', lines, more)).toBe(`a < * ${expected}`);
  });
});
