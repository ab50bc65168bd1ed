import { describe, expect, test } from 'vitest';
import type { Effect } from '../src/effect.ts';
import type { Input } from '../src/message.ts';
import type { Decision, Past, Reservation } from '../src/past.ts';
import { arrived, ended, gone, level, line, LIMITS, Scene, type Step, taken } from './support/turn.ts';

const NOON = Date.UTC(2025, 0, 31, 12);
const ALICE = { shown: 'alice', key: 'alice' };
const reserve = (client: string, version = 'v1'): Input => ({ type: 'reserve', client, version });
const proved = (client: string, use: 'login' | 'name' = 'login', version = 'v1', name = ALICE): Input => ({
  ...{ type: 'proved', client, use, name, owner: 'v1', version },
});
const registry = (...reservations: Reservation[]): Input => ({ type: 'registry', reservations, bans: [] });
const decided = (...decisions: Decision[]): Input => ({ type: 'decided', node: '', number: 1, decisions });
const ERIN: Reservation = { key: 'erin', shown: 'Erin', owner: 'e', version: 'e', mail: 0, mailBytes: 0 };

const BULK = 'x'.repeat(70_000);
/** What `effect` asked for is found to be nothing. */
const recalled = (effect: Effect | undefined, client: string): Input => ({
  ...{ type: 'recalled', client, found: { lines: [], more: false } },
  query: (effect as Extract<Effect, { do: 'recall' }>).query,
});

const effectsOf = (scene: Scene, ...steps: Step[]): Effect[] =>
  scene.slices(...steps).flatMap(({ effects }) => effects);

const scene = (): Scene => new Scene({ a: 'alice', b: 'bob' }, { '#ops': 'a b' });
/** Alice's name is her own. */
const owned = (): Scene => {
  const chat = scene();
  chat.play(reserve('a'));
  return chat;
};

describe('/reserve', () => {
  test('makes the name its own: of the password, only which one it is leaves the chat', () => {
    const chat = scene();
    expect(chat.play(reserve('a'))).toEqual([
      'a < * alice is yours; from now on log in with "alice PASSWORD"',
    ]);
    expect(effectsOf(scene(), reserve('a'))[0]).toEqual({
      ...{ do: 'reserve', key: 'alice', shown: 'alice', owner: 'v1', version: 'v1' },
    });
  });

  test('again is another password, of the same owner', () => {
    const chat = owned();
    expect(effectsOf(chat, reserve('a', 'v2'))).toEqual([
      { do: 'reserve', key: 'alice', shown: 'alice', owner: 'v1', version: 'v2' },
    ]);
    chat.play('a: /quit', arrived('x'));
    expect(chat.play(proved('x', 'login', 'v1'))).toEqual([
      'x < ! that is not the password of alice; type another',
    ]);
    expect(chat.play(proved('x', 'login', 'v2'))).toEqual(['x: name alice']);
  });

  test('is refused where no more names may be', () => {
    const chat = new Scene({ a: 'alice', b: 'bob' }, {}, { maxReserved: 1 });
    chat.play(reserve('a'));
    expect(chat.play(reserve('b'))).toEqual(['b < ! 1 names are reserved, and no more can be']);
  });

  test('and /unreserve leave the name to anybody, with nothing of what was kept for it', () => {
    const chat = owned();
    expect(chat.play('b: /unreserve')).toEqual([
      'b < ! that is for a name that is yours; /reserve PASSWORD makes it so',
    ]);
    expect(effectsOf(chat, 'a: /unreserve').at(-1)).toEqual({ do: 'release', key: 'alice', owner: 'v1' });
    chat.play('a: /quit', arrived('x'));
    expect(chat.play('x: alice')).toEqual(['x: name alice']);
  });
});

describe('a name that is somebody’s own', () => {
  test('is refused to whoever has no password, at the login and by /name, also when nobody is there', () => {
    const chat = owned();
    chat.play('a: /quit', arrived('x'));
    expect(chat.play('x: Alice')).toEqual([
      'x < ! the name Alice is somebody\'s own; type "Alice PASSWORD", or another',
    ]);
    expect(chat.play('b: /name alice')).toEqual([
      'b < ! the name alice is somebody\'s own; type "/name alice PASSWORD", or another',
    ]);
  });

  test.each([
    ['is there', []],
    ['has ended its side', [ended('a')]],
    ['waits for somebody', ['a: bob: hello']],
  ])('passes to whoever has its password from a connection that %s, with its rooms', (_, before) => {
    const chat = owned();
    chat.play(...before, arrived('x'));
    expect(chat.play(proved('x'))).toEqual([
      'x < * in #ops: bob',
      'a < ! somebody has logged in as alice with its password; closing',
      'a: end, taken over',
      'x: name alice',
    ]);
    expect(chat.play('b: #ops: who is it?', 'b: alice: you?')).toEqual([
      'x < from bob in #ops: who is it?',
      'x < from bob: you?',
    ]);
    expect(chat.play('x: #ops: me', gone('a'))).toEqual(['b < from alice in #ops: me']);
  });

  test('is in its rooms all the time: whoever opened one still has', () => {
    const chat = owned();
    chat.play(arrived('x'), proved('x'));
    expect(chat.play('x: /private #ops')).toEqual(['x b < * alice made #ops private']);
  });

  test('takes each line of before to the old connection, and of after to the new one', () => {
    const chat = owned();
    chat.play(arrived('x'));
    const steps = ['b: alice: 1', 'b: alice: 2', proved('x'), 'b: alice: 3', 'b: alice: 4'];
    expect(chat.play(...steps).filter((one) => one.includes('from bob'))).toEqual([
      'a < from bob: 1',
      'a < from bob: 2',
      'x < from bob: 3',
      'x < from bob: 4',
    ]);
  });

  test('takes what the old connection had said, and had to wait with, to its rooms, also private ones, once', () => {
    const chat = owned();
    chat.play('a: /private #ops', level('b', 'behind'), `a: #ops: ${BULK}`, 'a: #ops: behind that');
    const heard = chat.play(arrived('x'), proved('x'));
    expect(heard.filter((one) => one.includes('from alice'))).toEqual([
      `b < from alice in #ops: ${BULK}`,
      'b < from alice in #ops: behind that',
    ]);
    expect(heard).toContain('x < * in #ops: bob');
    expect(chat.play(level('b', 'caught-up'), gone('a'))).toEqual([]);
  });

  test('keeps, where it is private, what it may see of what was said before it passed', () => {
    const chat = owned();
    chat.play('a: /private #ops');
    const seen = effectsOf(chat, 'a: /history #ops')[0];
    chat.play(recalled(seen, 'a'), arrived('x'), proved('x'));
    expect(effectsOf(chat, 'x: /history #ops')[0]).toEqual({ ...seen, client: 'x' });
  });

  test('has stayed all the time, for whoever keeps it, when it passes', () => {
    const chat = owned();
    expect(effectsOf(chat, arrived('x'), proved('x'))).toEqual([]);
    expect(effectsOf(chat, gone('a'))).toEqual([]);
    expect(effectsOf(chat, 'x: /leave #ops').map((effect) => effect.do)).toEqual(['leave']);
    expect(effectsOf(chat, gone('x')).map((effect) => effect.do)).toEqual(['gone']);
  });

  test('leaves rooms that are too many for whoever takes it, and is in those where that one was', () => {
    const chat = new Scene({ a: 'alice', b: 'bob' }, { '#ops': 'a', '#dev': 'b' }, { maxRoomsPerClient: 1 });
    chat.play(reserve('a'));
    const places = effectsOf(chat, proved('b', 'name')).map((effect) => [
      effect.do,
      'room' in effect ? effect.room.key : '',
    ]);
    expect(places).toEqual([
      ['leave', '#ops'],
      ['enter', '#dev'],
    ]);
  });

  test('is still ignored by whoever ignored it', () => {
    const chat = owned();
    chat.play('b: /ignore alice', arrived('x'), proved('x'));
    expect(chat.play('x: bob: hello', 'x: #ops: hello')).toEqual([]);
    expect(chat.play('b: /ignore')).toEqual(['b < * you ignore alice']);
  });

  test('may be taken by /name with its password, and the rooms are added', () => {
    const chat = owned();
    chat.play('b: /leave #ops', 'b: /join #dev');
    const heard = chat.play(proved('b', 'name'));
    expect(heard).toContain('b < * nobody else is in #ops');
    expect(heard).toContain('b < * bob is now alice');
    expect(chat.play('b: /rooms').join()).toMatch(/#dev: 1, you are in it.*#ops: 1, you are in it/s);
  });

  test('is not taken by a password that is not the current one', () => {
    const chat = owned();
    expect(chat.play('a: /unreserve', arrived('x'), proved('x'))).toContain(
      'x < ! that is not the password of alice; type another',
    );
  });

  test.each(['login', 'name'] as const)(
    'is not taken where whoever has it had given it back before, and waited (%s)',
    (use) => {
      const chat = new Scene({ a: 'alice', b: 'bob', x: 'xena' }, { '#ops': 'a b' });
      chat.play(reserve('a'), level('b', 'behind'), `a: #ops: ${BULK}`, 'a: /unreserve');
      const x = use === 'login' ? 'y' : 'x';
      if (use === 'login') chat.play(arrived(x));
      expect(chat.play(proved(x, use))).toEqual([
        `b < from alice in #ops: ${BULK}`,
        "a < * alice is anybody's again",
        expect.stringMatching(/^. < ! that is not the password of alice/) as string,
        'a: release',
      ]);
      // It is nobody who leaves: it waits again.
      expect(chat.play(`a: #ops: ${BULK}`)).toEqual(['a: hold']);
      expect(chat.play(level('b', 'caught-up'))).toEqual([`b < from alice in #ops: ${BULK}`, 'a: release']);
    },
  );

  test('is not taken by somebody whom its holder had kicked before, and waited', () => {
    const chat = new Scene({ a: 'alice', b: 'bob', c: 'cat' }, { '#ops': 'a b' }, { operators: ['alice'] });
    chat.play(reserve('a'), level('b', 'behind'), `a: #ops: ${BULK}`, 'a: /kick cat');
    expect(chat.play(proved('c', 'name')).slice(1)).toEqual([
      'c < ! alice has put you out; closing',
      'a < * put out cat',
      'c: end, put out',
      'a: release',
    ]);
    expect(chat.chat.snapshot().people.names).toEqual([
      ['alice', 'a'],
      ['bob', 'b'],
    ]);
  });

  test('ends whoever holds it without a password, where it was reserved elsewhere', () => {
    const chat = scene();
    expect(chat.play(decided({ do: 'reserve', key: 'bob', shown: 'bob', owner: 'e', version: 'e' }))).toEqual(
      [
        'b < ! the name bob is somebody\'s own; type "bob PASSWORD", or another',
        'a < * bob left #ops',
        'b: end, taken over',
      ],
    );
  });
});

describe('what somebody else has decided', () => {
  const theirs = { key: 'alice', shown: 'alice', owner: 'e', version: 'e' };

  test('is heard in its place: what was decided in the same turn before it, was before it', () => {
    const chat = scene();
    const effects = effectsOf(chat, reserve('a'), decided({ do: 'reserve', ...theirs }), reserve('b', 'w'));
    expect(effects.filter(({ do: deed }) => ['reserve', 'heard'].includes(deed))).toEqual([
      { do: 'reserve', key: 'alice', shown: 'alice', owner: 'v1', version: 'v1' },
      { do: 'heard', node: '', number: 1, decisions: [{ do: 'reserve', ...theirs }] },
      { do: 'reserve', key: 'bob', shown: 'bob', owner: 'w', version: 'w' },
    ]);
    const { names } = chat.chat.snapshot().registry;
    expect(names.map(({ key, owner }) => [key, owner])).toEqual([
      ['alice', 'e'],
      ['bob', 'w'],
    ]);
  });

  test('is another password of the same owner, who may stay, and whose mail does', () => {
    const chat = owned();
    chat.play('b: /quit', 'a: bob: hello', reserve('a'));
    const again = { do: 'reserve', key: 'alice', shown: 'alice', owner: 'v1', version: 'v7' } as const;
    expect(chat.play(decided(again), 'a: alice: still me')).toEqual(['a < from alice: still me']);
    chat.play('a: /quit', arrived('x'));
    expect(chat.play(proved('x', 'login', 'v7'))).toEqual(['x: name alice']);
  });

  test('is that nobody has the name: whoever has it stays, as anybody', () => {
    const chat = owned();
    expect(chat.play(decided({ do: 'release', key: 'alice', owner: 'v1' }), 'a: /catchup')).toEqual([
      'a < ! that is for a name that is yours; /reserve PASSWORD makes it so',
    ]);
    chat.play(decided({ do: 'release', key: 'alice', owner: 'another' }), reserve('a', 'w'));
    expect(chat.play(decided({ do: 'release', key: 'alice', owner: 'v1' }), 'a: /unreserve')).toEqual([
      "a < * alice is anybody's again",
    ]);
  });

  test('is that a name is banned, or may not speak, or may again', () => {
    const chat = scene();
    const ban = (kind: 'name' | 'mute', of: string): Decision => ({
      do: 'ban',
      ban: { of, kind, until: undefined, by: 'admin root', since: 0, why: 'spam' },
    });
    expect(chat.play(decided(ban('mute', 'alice'), ban('name', 'bob')), 'a: alice: hi')).toEqual([
      'b < ! you are banned (spam); closing',
      'a < ! you may not speak here (spam); it was not sent',
      'a < * bob left #ops',
      'b: end, banned',
    ]);
    const lifted = (kind: 'name' | 'mute', of: string): Decision => ({ do: 'unban', kind, of });
    chat.play(decided(lifted('mute', 'alice'), lifted('name', 'bob')), arrived('x'));
    expect(chat.play('x: bob', 'a: bob: hi')).toEqual(['x < from alice: hi', 'x: name bob']);
  });

  test('takes away nothing that was decided here and is not written yet', () => {
    const chat = owned();
    chat.play(decided({ do: 'ban', ban: { of: 'eve', kind: 'name', until: 1, by: '', since: 0, why: '' } }));
    expect(chat.chat.snapshot().registry.names).toMatchObject([{ key: 'alice', owner: 'v1' }]);
  });
});

describe('mail', () => {
  const PAST: Past = {
    ...{ sequence: 7, index: 0, time: NOON, from: 'bob', texts: ['are you there?'] },
    ...{ room: undefined, to: undefined },
  };

  test('is what is said to a name of somebody who is not here: its sender is told', () => {
    const chat = scene();
    chat.play(registry(ERIN));
    expect(chat.play('b: erin: are you there?', 'b: erin, dave: and dave?')).toEqual([
      'b < ! dave is not here',
    ]);
    expect(chat.play()).toEqual(Array(2).fill('b < * Erin is away; kept for Erin'));
    expect(effectsOf(chat, 'b: ERIN: hello')[0]).toEqual({
      do: 'mail',
      said: { sequence: 1, index: 0, time: NOON, from: 'bob', texts: ['hello'] },
      owner: 'e',
      receipt: { client: 'b', line: 0, part: 0, away: ['Erin'] },
    });
  });

  test('is for nobody whose name is not reserved', () => {
    expect(scene().play('b: erin: hello')).toEqual(['b < ! erin is not here']);
  });

  test('is kept up to a number of lines and of bytes; then its sender is told', () => {
    // Each line costs 64 bytes besides its text, so that lines of nothing are not for nothing.
    const chat = new Scene({ b: 'bob' }, {}, { mailMax: 3, maxMail: 11 * 64 });
    chat.play(registry(ERIN, { ...ERIN, key: 'dave', shown: 'dave', owner: 'd' }));
    const full = (name: string): string => `b < ! so much waits for ${name} already that no more is kept`;
    const kept = (name: string): string => `b < * ${name} is away; kept for ${name}`;
    expect(chat.each('b: erin: 1', 'b: erin: 2', 'b: erin: 3', 'b: erin: 4').sort()).toEqual([
      full('Erin'),
      ...[kept('Erin'), kept('Erin'), kept('Erin')],
    ]);
    expect(
      chat.each(`b: dave: ${'ä'.repeat(56)}`, 'b: dave: ', 'b: dave: ', 'b: dave: ', 'b: /ping').sort(),
    ).toEqual([...[full('dave'), full('dave')], ...[kept('dave'), kept('dave'), 'b < * pong']]);
  });

  test('leaves room for others, however many names somebody fills', () => {
    const chat = new Scene({ b: 'bob' }, {}, { mailMax: 100, maxMail: 16_000 });
    const names = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
    chat.play(registry(ERIN, ...names.map((key) => ({ ...ERIN, key, shown: key, owner: key }))));
    const lineTo = (name: string): string => `b: ${name}: ${'x'.repeat(36)}`;
    const kept = names.map((name) => {
      const heard = Array.from({ length: 100 }, () => chat.play(lineTo(name), 'b: /ping').join());
      return heard.filter((line) => line.includes('kept for')).length;
    });
    expect(kept).toEqual([80, 40, 20, 10, 5, 2]);
    chat.play(lineTo('erin'));
    expect(chat.play().join()).toContain('kept for Erin');
  });

  test('of which a sender wants to know is counted as sent once it is kept', () => {
    const chat = scene();
    chat.play(registry(ERIN), 'b: /receipts on', 'b: erin: hello');
    expect(chat.play()).toEqual(['b < * sent 1; kept for Erin']);
  });

  test('is asked for at the login, told with its time, and forgotten once the kernel has taken it', () => {
    const chat = scene();
    chat.play(registry({ ...ERIN, mail: 3, mailBytes: 20 }), arrived('x'));
    const name = { shown: 'Erin', key: 'erin' };
    const login: Input = { type: 'proved', client: 'x', use: 'login', name, owner: 'e', version: 'e' };
    const [asked] = effectsOf(chat, login);
    const query = { of: 'mail', owner: 'e', after: 0, count: 100 } as const;
    expect(asked).toEqual({ do: 'recall', client: 'x', query });
    const found = { lines: [PAST, { ...PAST, texts: ['hello?'] }], more: true, last: 12 };
    const [slice] = chat.slices({ type: 'recalled', client: 'x', query, found });
    const deliveries = slice?.deliveries ?? [];
    expect(deliveries).toHaveLength(2);
    const receipt = deliveries[1]?.receipt;
    expect(deliveries[0]?.receipt).toBeUndefined();
    expect(receipt?.mail).toMatchObject({ owner: 'e', last: 12, count: 2 });
    if (!receipt) return;
    expect(effectsOf(chat, taken(receipt, 1))).toEqual([
      { do: 'collected', owner: 'e', last: 12 },
      { do: 'recall', client: 'x', query: { ...query, after: 12 } },
    ]);
    expect(chat.chat.snapshot().registry.names[0]).toMatchObject({ mail: 1 });
  });

  test('may be lost where nothing can be written, and then its sender is told that', () => {
    const chat = scene();
    chat.play(registry(ERIN));
    const receipt = { client: 'b', line: 0, part: 0, away: ['Erin'] };
    chat.slices('b: erin: hello'); // which is not answered
    expect(chat.play(taken(receipt, 0, ['']))).toContain('b < ! Erin is away, and nothing can be kept now');
    chat.play('b: /receipts on');
    const slices = chat.slices('b: erin: hello').flatMap(({ effects }) => effects);
    expect(slices[0]).toMatchObject({ do: 'mail', receipt: { client: 'b', line: 1 } });
  });

  test('comes once, whoever has the name while it is on its way', () => {
    const chat = scene();
    chat.play(registry({ ...ERIN, mail: 150, mailBytes: 900 }), arrived('x'), arrived('y'));
    const name = { shown: 'Erin', key: 'erin' };
    const login = (client: string): Input => ({
      ...{ type: 'proved', client, use: 'login', name, owner: 'e', version: 'e' },
    });
    const [asked] = effectsOf(chat, login('x'));
    const query = { of: 'mail', owner: 'e', after: 0, count: 100 } as const;
    // It is asked for, and told to nobody, since who asked has not the name any more.
    expect(effectsOf(chat, login('y'))).toEqual([]);
    const found = { lines: [{ ...PAST, texts: Array<string>(100).fill('hello') }], more: true, last: 100 };
    expect(asked).toEqual({ do: 'recall', client: 'x', query });
    expect(effectsOf(chat, { type: 'recalled', client: 'x', query, found })).toEqual([
      { ...asked, client: 'y' },
    ]);
    // It is told to whoever has the name then, who has it no more when it is taken: the rest is the next one's.
    const [slice] = chat.slices({ type: 'recalled', client: 'y', query, found });
    const receipt = slice?.deliveries[0]?.receipt;
    if (!receipt) throw new Error('no mail');
    expect(effectsOf(chat, arrived('z'), login('z'))).toEqual([]);
    expect(effectsOf(chat, taken(receipt, 1))).toEqual([
      { do: 'collected', owner: 'e', last: 100 },
      { do: 'recall', client: 'z', query: { ...query, after: 100 } },
    ]);
    expect(chat.chat.snapshot().registry.names[0]).toMatchObject({ mail: 50 });
  });

  test('that never reached who has the name comes to the next one', () => {
    const chat = scene();
    chat.play(registry({ ...ERIN, mail: 1, mailBytes: 14 }), arrived('x'), arrived('y'));
    const name = { shown: 'Erin', key: 'erin' };
    const login = (client: string): Input => ({
      ...{ type: 'proved', client, use: 'login', name, owner: 'e', version: 'e' },
    });
    const [asked] = effectsOf(chat, login('x'));
    const query = { of: 'mail', owner: 'e', after: 0, count: 100 } as const;
    const found = { lines: [PAST], more: false, last: 7 };
    const [slice] = chat.slices({ type: 'recalled', client: 'x', query, found });
    const receipt = slice?.deliveries[0]?.receipt;
    if (!receipt) throw new Error('no mail');
    expect(effectsOf(chat, login('y'))).toEqual([]);
    expect(effectsOf(chat, taken(receipt, 0, ['x']))).toEqual([{ ...asked, client: 'y' }]);
  });

  test('that cannot be read comes once the disk is well again', () => {
    const chat = scene();
    chat.play(registry({ ...ERIN, mail: 1, mailBytes: 14 }), arrived('x'));
    const name = { shown: 'Erin', key: 'erin' };
    const [asked] = effectsOf(chat, {
      ...{ type: 'proved', client: 'x', use: 'login', name, owner: 'e', version: 'e' },
    });
    const query = { of: 'mail', owner: 'e', after: 0, count: 100 } as const;
    expect(chat.play({ type: 'recalled', client: 'x', query, found: undefined })).toEqual([
      'x < ! that cannot be looked up now',
    ]);
    expect(effectsOf(chat, { type: 'storage', node: '', ok: false, lost: 0 })).toEqual([]);
    expect(effectsOf(chat, { type: 'storage', node: '', ok: true, lost: 0 })).toEqual([asked]);
  });

  test('that is about to be kept is answered before who said it goes', () => {
    const chat = scene();
    chat.play(registry(ERIN));
    expect(chat.play('b: erin: hello', 'b: /quit')).toEqual([]);
    expect(chat.play()).toEqual(['b < * Erin is away; kept for Erin', 'a < * bob left #ops', 'b: end, quit']);
  });

  test('that the kernel has taken is forgotten, also where whoever took it is gone by then', () => {
    const chat = scene();
    chat.play(registry({ ...ERIN, mail: 1, mailBytes: 6 }));
    const mail = { key: 'erin', owner: 'e', last: 12, count: 1, bytes: 6, more: false };
    expect(effectsOf(chat, taken({ client: 'x', line: 0, part: 0, mail }, 1))).toEqual([
      { do: 'collected', owner: 'e', last: 12 },
    ]);
  });
});

describe('what is said to somebody', () => {
  test('who has to be kept for holds who says much, where the disk cannot follow', () => {
    const chat = owned();
    chat.play({ type: 'storage-level', node: '', level: 'behind' }, arrived('c'), line('c', 'carol'));
    expect(chat.play(`b: carol: ${BULK}`)).toEqual([`c < from bob: ${BULK}`]);
    expect(chat.play('b: alice: a word')).toEqual(['b: hold']);
    expect(chat.play({ type: 'storage-level', node: '', level: 'caught-up' })).toEqual([
      'a < from bob: a word',
      'b: release',
    ]);
  });

  test('is kept for those of both whose name is their own, and for nobody else', () => {
    const chat = owned();
    const kept = (...steps: Step[]): unknown[] =>
      effectsOf(chat, ...steps).map((effect) =>
        effect.do === 'keep-talk' ? [effect.owner, effect.mine, effect.peer.key] : effect.do,
      );
    expect(kept('a: bob: hi', 'b: alice: ho')).toEqual([
      ['v1', true, 'bob'],
      ['v1', false, 'bob'],
    ]);
    chat.play(arrived('c'), line('c', 'carol'));
    expect(kept('b: carol: psst')).toEqual([]);
    chat.play('a: /ignore bob');
    expect(kept('b: alice: hello?')).toEqual([]);
  });
});

describe('whoever keeps what is said', () => {
  test('and cannot follow holds who says much in a room, and nobody else, until it has caught up', () => {
    const chat = scene();
    chat.play({ type: 'storage-level', node: '', level: 'behind' });
    expect(chat.play('b: #ops: a word')).toEqual(['a < from bob in #ops: a word']);
    expect(chat.play(`a: bob: ${BULK}`)).toEqual([`b < from alice: ${BULK}`]);
    expect(chat.play(`b: #ops: ${BULK}`, 'b: #ops: behind that')).toEqual(['b: hold']);
    const copy = chat.chat.snapshot();
    expect(copy.flow.archive.waiting).toEqual(['b']);
    expect(chat.play({ type: 'storage-level', node: '', level: 'caught-up' })).toEqual([
      `a < from bob in #ops: ${BULK}`,
      'a < from bob in #ops: behind that',
      'b: release',
    ]);
  });

  test('holds nobody who leaves', () => {
    const chat = scene();
    chat.play({ type: 'storage-level', node: '', level: 'behind' }, `b: #ops: ${BULK}`);
    expect(chat.play(gone('b'))).toContain(`a < from bob in #ops: ${BULK}`);
  });
});

test('names, bans and mail are part of a snapshot', () => {
  const chat = owned();
  const copy = chat.chat.snapshot();
  expect(copy.registry.names).toEqual([
    { key: 'alice', shown: 'alice', owner: 'v1', version: 'v1', mail: 0, mailBytes: 0 },
  ]);
  expect(LIMITS.maxReserved).toBeGreaterThan(1);
});
