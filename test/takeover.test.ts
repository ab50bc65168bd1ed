import { describe, expect, test } from 'vitest';
import type { Effect } from '../src/effect.ts';
import type { Input, Name, ReceiptPart } from '../src/message.ts';
import type { Found, Past, Query, Reservation } from '../src/past.ts';
import { arrived, gone, level, Scene, type Step, taken } from './support/turn.ts';

const ALICE: Name = { shown: 'alice', key: 'alice' };
const reserve = (client: string, version = 'v1'): Input => ({ type: 'reserve', client, version });
const proved = (client: string, use: 'login' | 'name' = 'login', owner = 'v1', name = ALICE): Input => ({
  ...{ type: 'proved', client, use, name, owner, version: owner },
});
const registry = (...reservations: Reservation[]): Input => ({ type: 'registry', reservations, bans: [] });

const effectsOf = (scene: Scene, ...steps: Step[]): Effect[] =>
  scene.slices(...steps).flatMap(({ effects }) => effects);
const queryOf = (scene: Scene, ...steps: Step[]): Query | undefined => {
  const asked = effectsOf(scene, ...steps).find((effect) => effect.do === 'recall');
  return asked?.do === 'recall' ? asked.query : undefined;
};
const said = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(' < from '));

/** Alice's name is her own; both are in #ops, and x may log in with her password. */
const owned = (): Scene => {
  const chat = new Scene({ a: 'alice', b: 'bob' }, { '#ops': 'a b' });
  chat.play(reserve('a'), arrived('x'));
  return chat;
};

describe('a login that takes a name over', () => {
  test('gets a line that waited for the old connection, which does not', () => {
    const chat = owned();
    chat.play(level('a', 'full'));
    expect(chat.play('b: alice: 1', 'b: alice: 2')).toEqual(['b: hold']);
    expect(said(chat.play(proved('x'), 'b: alice: 3'))).toEqual([
      'x < from bob: 1',
      'x < from bob: 2',
      'x < from bob: 3',
    ]);
  });

  test('gets a bulk line to a room in which only the old connection was behind', () => {
    const chat = owned();
    const bulk = `#ops: ${'x'.repeat(70_000)}`;
    chat.play(level('a', 'behind'));
    expect(chat.play(`b: ${bulk}`, 'b: #ops: behind that')).toEqual(['b: hold']);
    const heard = said(chat.play(proved('x')));
    expect(heard.map((line) => line.slice(0, 30))).toEqual([
      'x < from bob in #ops: xxxxxxxx',
      'x < from bob in #ops: behind t',
    ]);
  });

  test('finds what the old one had said and was held with said, once and in order', () => {
    const chat = owned();
    chat.play('b: /leave #ops', 'b: /join #ops', level('b', 'full'));
    expect(chat.play('a: bob: 1', 'a: bob: 2')).toEqual(['a: hold']);
    expect(said(chat.play(proved('x'), 'x: bob: 3', level('b', 'caught-up')))).toEqual([
      'b < from alice: 1',
      'b < from alice: 2',
      'b < from alice: 3',
    ]);
  });

  test('may look into a private room since when the old one could, and no further', () => {
    const chat = owned();
    chat.time += 1000;
    chat.play('a: /private #ops');
    const before = queryOf(chat, 'a: /history #ops');
    const after = queryOf(chat, proved('x'), 'x: /history #ops');
    expect(before).toMatchObject({ of: 'room', after: 1, owner: 'v1' });
    expect(after).toEqual(before);
    const words = queryOf(
      chat,
      { type: 'recalled', client: 'x', query: after as Query, found: undefined },
      'x: /search y',
    );
    expect(words).toMatchObject({ insights: [{ after: 1 }] });
  });

  test('leaves the old one no look into the room, nor what it asked for', () => {
    const chat = owned();
    chat.play('a: /private #ops');
    const query = queryOf(chat, 'a: /history #ops') as Query;
    expect(said(chat.play(proved('x')))).toEqual([]);
    const found: Found = { lines: [], more: false };
    expect(chat.play({ type: 'recalled', client: 'a', query, found })).toEqual([]);
    expect(
      chat.chat
        .snapshot()
        .rooms.rooms[0]?.insight.map(([id]) => id)
        .sort(),
    ).toEqual(['b', 'x']);
  });
});

describe('mail', () => {
  const ERIN: Reservation = { key: 'erin', shown: 'Erin', owner: 'e', version: 'e', mail: 0, mailBytes: 0 };
  const NAME: Name = { shown: 'Erin', key: 'erin' };
  const asked: Query = { of: 'mail', owner: 'e', after: 0, count: 100 };
  const line: Past = {
    ...{ sequence: 1, index: 0, time: 0, from: 'bob', texts: ['psst'] },
    ...{ room: undefined, to: undefined },
  };
  const answer = (client: string): Input => ({
    ...{ type: 'recalled', client, query: asked },
    found: { lines: [line], more: false, last: 1 },
  });
  const receiptOf = (scene: Scene, client: string): ReceiptPart =>
    scene.slices(answer(client))[0]?.deliveries.at(-1)?.receipt as ReceiptPart;
  /** There is a letter for Erin, and x is there with no name. */
  const written = (): Scene => {
    const chat = new Scene({ b: 'bob' });
    chat.play(registry(ERIN), 'b: erin: psst', arrived('x'));
    return chat;
  };
  const login = (client: string): Input => proved(client, 'login', 'e', NAME);

  test.each<[string, Step]>([
    ['has another name by then', 'x: /name robert'],
    ['has given its name back', 'x: /unreserve'],
    ['is not there any more', gone('x')],
  ])('that is found for one who %s is told to nobody', (_, step) => {
    const chat = written();
    chat.play(login('x'), step);
    expect(said(chat.play(answer('x')))).toEqual([]);
  });

  test('that the kernel of one who is gone never took waits for the next login', () => {
    const chat = written();
    chat.play(login('x'));
    const receipt = receiptOf(chat, 'x');
    chat.play(gone('x'), taken(receipt, 0, ['x']), arrived('y'));
    expect(queryOf(chat, login('y'))).toEqual(asked);
  });
});

describe('a name that is reserved elsewhere', () => {
  test('leads to its owner at once, and not to who was called so a moment ago', () => {
    const chat = new Scene({ a: 'alice', b: 'bob' });
    const bob = { key: 'bob', shown: 'bob', owner: 'o', version: 'o' };
    chat.play('b: /name robert', {
      type: 'decided',
      node: '',
      number: 1,
      decisions: [{ do: 'reserve', ...bob }],
    });
    expect(chat.play('a: bob: for your eyes only')).toEqual([]);
    expect(chat.play()).toEqual(['a < * bob is away; kept for bob']);
  });
});

describe('who ignores a name that it takes over', () => {
  test('still hears itself', () => {
    const chat = owned();
    chat.play('b: /ignore alice', proved('b', 'name'));
    expect(said(chat.play('b: alice: a note to myself'))).toEqual(['b < from alice: a note to myself']);
  });
});

describe('a mute', () => {
  /** Olga keeps order. */
  const order = (): Scene => {
    const chat = new Scene({ o: 'olga', b: 'bob', c: 'carol' });
    chat.play(reserve('o', 'o'));
    return chat;
  };
  const NOT = 'x < ! you may not speak here; it was not sent';

  test('holds for whoever logs in with that name', () => {
    const chat = order();
    chat.play('o: /mute bob', 'b: /quit', arrived('x'), 'x: bob');
    expect(chat.play('x: carol: hello')).toEqual([NOT]);
  });

  test('holds for whoever takes that name by /name', () => {
    const chat = order();
    chat.play('o: /mute bob', 'b: /quit', arrived('x'), 'x: dave', 'x: /name bob');
    expect(chat.play('x: carol: hello')).toEqual([NOT]);
  });

  test('or a ban from outside the server is for those who are here, too', () => {
    const ban = { of: 'bob', until: undefined, by: 'root', since: 0, why: '' };
    const decided = (kind: 'name' | 'mute'): Input => ({
      ...{ type: 'decided', node: '', number: 1 },
      decisions: [{ do: 'ban', ban: { ...ban, kind } }],
    });
    expect(new Scene({ b: 'bob' }).play(decided('name'))).toContain('b: end, banned');
    const chat = new Scene({ b: 'bob', c: 'carol' });
    chat.play(decided('mute'));
    expect(said(chat.play('b: carol: hello'))).toEqual([]);
  });
});
