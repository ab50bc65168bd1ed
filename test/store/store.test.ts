import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import type { Query } from '../../src/past.ts';
import type { Store } from '../../src/store/store.ts';
import { fastest } from '../support/fastest.ts';
import { deeds, folder, FOR_EVER, keep, open, room, said, texts } from '../support/kept.ts';

const ops = room('#Ops');
const den = (which: string): ReturnType<typeof room> => room('#den', which);

function filled(...effects: Effect[]): Store {
  const store = open();
  store.apply(deeds(...effects));
  return store;
}

const talk = (sequence: number, owner: string, mine: boolean, peer: string, ...lines: string[]): Effect => ({
  do: 'keep-talk',
  said: said(sequence, lines, mine ? 'Me' : peer),
  ...{ owner, mine, peer: { key: peer.toLowerCase(), shown: peer } },
});
const mail = (sequence: number, owner: string, ...lines: string[]): Effect => ({
  do: 'mail',
  said: said(sequence, lines),
  owner,
});
const reserve = (key: string, version = 'v1'): Effect => ({
  do: 'reserve',
  ...{ key, shown: key.toUpperCase(), owner: `owner of ${key}`, version },
});
const enter = (owner: string, where: ReturnType<typeof room>, sequence: number): Effect => ({
  do: 'enter',
  ...{ owner, room: where, sequence },
});
const leave = (owner: string, where: ReturnType<typeof room>, sequence: number): Effect => ({
  do: 'leave',
  ...{ owner, room: where, sequence },
});
const gone = (owner: string, sequence: number): Effect => ({ do: 'gone', owner, sequence });

const ofRoom = (
  where: ReturnType<typeof room>,
  more: Partial<Extract<Query, { of: 'room' }>> = {},
): Query => ({
  of: 'room',
  ...{ room: where, after: 0, owner: undefined, count: 100 },
  ...more,
});
const ofWords = (words: string, more: Partial<Extract<Query, { of: 'words' }>> = {}): Query => ({
  of: 'words',
  ...{ words, room: undefined, insights: [], owner: undefined, count: 100 },
  ...more,
});

describe('the lines of a room', () => {
  test('are the last ones, in the order in which they were said, with who said them, when, and as what', () => {
    const store = filled(
      keep(ops, 1, ['one', 'two', 'three']),
      keep(room('#dev'), 2, ['elsewhere']),
      keep(room('#OPS'), 3, ['four'], 'Bob', 7),
    );
    expect(store.find(ofRoom(ops, { count: 3 }))).toEqual({
      lines: [
        { ...said(1, ['two', 'three'], 'Alice', 1), room: '#Ops', to: undefined },
        { ...said(3, ['four'], 'Bob', 7), room: '#OPS', to: undefined },
      ],
      more: true,
    });
  });

  test('are not more than were asked for, and it is told whether there are more', () => {
    const store = filled(keep(ops, 1, ['one', 'two']));
    expect(store.find(ofRoom(ops, { count: 2 }))).toMatchObject({ more: false });
    expect(store.find(ofRoom(ops, { count: 1 }))).toMatchObject({ more: true, lines: [{ texts: ['two'] }] });
    expect(store.find(ofRoom(room('#none')))).toEqual({ lines: [], more: false });
  });

  test('which many hold apart come in one order', () => {
    const spellings = ['#a', '#A'];
    const effects = Array.from({ length: 500 }, (_, at) =>
      keep({ ...room('#a'), shown: spellings[at % 2] as string }, at, [String(at)]),
    );
    const found = filled(...effects).find(ofRoom(room('#a'), { count: 400 }));
    expect(texts(found)).toEqual(Array.from({ length: 400 }, (_, at) => String(at + 100)));
  });

  test('that was private are only for whoever may see that one', () => {
    const store = filled(
      keep(den('1'), 1, ['first']),
      keep(den('2'), 2, ['second']),
      keep(room('#den'), 3, ['open']),
    );
    expect(texts(store.find(ofRoom(den('1'))))).toEqual(['first']);
    expect(texts(store.find(ofRoom(den('2'))))).toEqual(['second']);
    expect(texts(store.find(ofRoom(room('#den'))))).toEqual(['open']);
    expect(texts(store.find(ofRoom(den('3'))))).toEqual([]);
  });

  test('that is private are those of later turns, and those during which one was in it', () => {
    const store = filled(
      reserve('bob'),
      keep(den('1'), 1, ['before']),
      enter('bob', den('1'), 2),
      keep(den('1'), 2, ['in the turn in which bob came']),
      keep(den('1'), 3, ['with bob']),
      leave('bob', den('1'), 4),
      keep(den('1'), 4, ['in the turn in which bob left']),
      keep(den('1'), 5, ['without bob']),
      enter('bob', den('1'), 6),
      keep(den('1'), 7, ['with bob again']),
    );
    const seen = (after: number, owner?: string): string[] =>
      texts(store.find(ofRoom(den('1'), { after, owner })));
    expect(seen(6, 'bob')).toEqual(['with bob', 'with bob again']);
    expect(seen(6, 'eve')).toEqual(['with bob again']);
    expect(seen(6)).toEqual(['with bob again']);
    expect(seen(Infinity, 'bob')).toEqual(['with bob', 'with bob again']);
  });
});

describe('what may not be seen', () => {
  /** Besides what one may see, as much as `lines` more was said in both rooms. */
  function crowded(lines: number): Store {
    const store = filled(
      enter('o', ops, 1),
      enter('o', den('1'), 1),
      keep(den('1'), 5, ['seen']),
      gone('o', 10),
      keep(ops, 15, ['missed']),
      enter('o', ops, 20),
    );
    for (let turn = 30; turn < lines; turn += 500)
      store.apply(
        Array.from({ length: 500 }, (_, at) =>
          deeds(keep(ops, turn + at, ['heard']), keep(den('1'), turn + at, ['unseen'])),
        ).flat(),
      );
    return store;
  }

  const findings: [string, (store: Store) => string[], string[]][] = [
    ['since one is back', (store) => texts(store.find({ of: 'absence', owner: 'o', count: 9 })), ['missed']],
    [
      'in a private room since one went',
      (store) => texts(store.find(ofRoom(den('1'), { after: 1e9, owner: 'o' }))),
      ['seen'],
    ],
  ];
  test.each(findings)('%s is passed over, however much it is', (_, find, wanted) => {
    const [some, much] = [crowded(1000), crowded(100_000)];
    expect(find(much)).toEqual(wanted);
    // To read all of it takes a hundred times as long.
    expect(fastest(() => find(much))).toBeLessThan(20 * fastest(() => find(some)));
  });
});

test('what stands in no place, since the file is damaged, is for nobody, and stops nothing', () => {
  const store = filled(keep(ops, 1, ['hello there']), keep(room('#dev'), 2, ['hello nowhere']));
  store.database.exec(`DELETE FROM places WHERE shown = '#dev'`);
  const again = (): string[] => texts(store.find(ofWords('hello')));
  expect(again()).toEqual(['hello there']);
  while (store.index());
  expect(again()).toEqual(['hello there']);
});

describe('a talk', () => {
  const store = (): Store =>
    filled(
      reserve('bob'),
      talk(1, 'owner of bob', false, 'Alice', 'hello'),
      talk(2, 'owner of bob', true, 'Alice', 'hi', 'how are you'),
      talk(2, 'owner of alice', false, 'Bob', 'hi'),
      talk(3, 'owner of bob', true, 'Carol', 'else'),
    );

  test('is what both said to each other, with whom it was for', () => {
    const found = store().find({ of: 'talk', owner: 'owner of bob', peer: 'alice', count: 10 });
    expect(found.lines).toEqual([
      { ...said(1, ['hello'], 'Alice'), room: undefined, to: undefined },
      { ...said(2, ['hi', 'how are you'], 'Me'), room: undefined, to: 'Alice' },
    ]);
  });

  test('is for its owner only', () => {
    const of = (owner: string, peer: string): string[] =>
      texts(store().find({ of: 'talk', owner, peer, count: 10 }));
    expect(of('owner of alice', 'bob')).toEqual(['hi']);
    expect(of('owner of eve', 'alice')).toEqual([]);
    expect(of('owner of bob', '#ops')).toEqual([]);
  });
});

describe('a search', () => {
  const everything = (): Store =>
    filled(
      reserve('bob'),
      keep(ops, 1, ['The build is GREEN', 'the café is open', 'green tea']),
      keep(room('#dev'), 2, ['a green field']),
      keep(den('1'), 3, ['green secrets']),
      keep(den('1'), 5, ['green secrets, later']),
      talk(6, 'owner of bob', false, 'Alice', 'green with envy'),
    );
  const both = (query: Query, expected: string[]): void => {
    const store = everything();
    expect(texts(store.find(query))).toEqual(expected);
    while (store.index());
    expect(texts(store.find(query))).toEqual(expected);
  };

  test('finds lines that have all the words, the newest first, before and after they are indexed', () => {
    both(ofWords('green'), ['a green field', 'green tea', 'The build is GREEN']);
    both(ofWords('green the'), ['The build is GREEN']);
    both(ofWords('the green'), ['The build is GREEN']);
  });

  test('tells of each line where it stands', () => {
    const [line] = everything().find(ofWords('tea')).lines;
    expect(line).toEqual({ ...said(1, ['green tea'], 'Alice', 2), room: '#Ops', to: undefined });
  });

  test('does not mind capitals and accents; the last word may go on, the others are whole', () => {
    both(ofWords('CAFE'), ['the café is open']);
    both(ofWords('cafés'), []);
    both(ofWords('is op'), ['the café is open']);
    both(ofWords('gre field'), []);
    both(ofWords('ree'), []);
  });

  test('takes whatever is typed as words', () => {
    for (const words of [
      '',
      '"',
      '*',
      'AND',
      'NOT green',
      'green OR',
      'text:green',
      '(green',
      'gre*',
      '^green',
      '\0',
      '🎉',
      "'; --",
      'NEAR(green tea)',
    ])
      expect(() => everything().find(ofWords(words)), words).not.toThrow();
    both(ofWords('"green" tea'), ['green tea']);
    both(ofWords('-green- (tea)'), ['green tea']);
    both(ofWords('\ue000x'), []);
  });

  test('finds in one room what is in it', () => {
    both(ofWords('green', { room: ops }), ['green tea', 'The build is GREEN']);
  });

  test('finds what is in a room whose name was written in thousands of ways without looking for each of them', () => {
    const store = open();
    const spelling = (nth: number): string =>
      Array.from({ length: 14 }, (_, at) => ((nth >> at) & 1 ? 'A' : 'a')).join('');
    const ways = Array.from({ length: 2 ** 14 }, (_, nth) =>
      keep(room(`#${spelling(nth)}`), nth, ['said here']),
    );
    store.apply(deeds(...ways.slice(0, 2 ** 13)));
    store.apply(deeds(...ways.slice(2 ** 13), keep(ops, 2 ** 14, ['said there'])));
    while (store.index());
    const where = room('#aaaaaaaaaaaaaa');
    const find = (): string[] => texts(store.find(ofWords('said', { room: where, count: 2 })));
    // With a look for each there would be no time for that; once in a few times is enough, for others may use the machine.
    expect(Array.from({ length: 7 }, find)).toContainEqual(['said here', 'said here']);
  });

  test('finds in a private room only what one may see there', () => {
    const insights = [{ private: '1', after: 4 }];
    both(ofWords('secrets'), []);
    both(ofWords('secrets', { insights }), ['green secrets, later']);
    both(ofWords('secrets', { insights: [{ private: '2', after: 0 }] }), []);
    both(ofWords('secrets', { room: den('1') }), []);
    both(ofWords('green', { room: den('1'), insights }), ['green secrets, later']);
  });

  test('finds what one has talked', () => {
    both(ofWords('envy'), []);
    both(ofWords('envy', { owner: 'owner of eve' }), []);
    both(ofWords('envy', { owner: 'owner of bob' }), ['green with envy']);
  });

  test('says whether there is more', () => {
    expect(everything().find(ofWords('green', { count: 2 }))).toMatchObject({ more: true });
    expect(everything().find(ofWords('green', { count: 3 }))).toMatchObject({ more: false });
  });

  test.each(['日本語のテキスト', 'हिन्दी भाषा', 'Straße', 'ΟΔΌΣ', 'ёлка', 'İstanbul', '한국어', 'العربية'])(
    'finds %s in any writing, indexed or not',
    (text) => {
      const store = filled(keep(ops, 1, [text]));
      for (const words of [text, text.toUpperCase(), text.normalize('NFD'), text.slice(0, 2)]) {
        const before = texts(store.find(ofWords(words)));
        while (store.index());
        expect(texts(store.find(ofWords(words))), words).toEqual(before);
      }
      expect(texts(store.find(ofWords(text)))).toEqual([text]);
    },
  );
});

describe('who was away', () => {
  const bobWasIn = (...more: Effect[]): Store =>
    filled(
      reserve('bob'),
      enter('bob', ops, 1),
      enter('bob', room('#dev'), 1),
      enter('bob', den('1'), 1),
      keep(ops, 2, ['heard']),
      leave('bob', room('#dev'), 3),
      gone('bob', 4),
      keep(ops, 5, ['missed']),
      keep(room('#OPS'), 5, ['missed, too']),
      keep(room('#dev'), 5, ['left before']),
      keep(den('1'), 5, ['private']),
      ...more,
    );
  const missed = (store: Store): string[] => texts(store.find({ of: 'absence', owner: 'bob', count: 10 }));

  test('hears what was said since, in the open rooms that it was in', () => {
    expect(missed(bobWasIn())).toEqual(['missed', 'missed, too']);
  });

  test('and not what it has heard since it is back', () => {
    expect(missed(bobWasIn(enter('bob', ops, 6), keep(ops, 7, ['heard again'])))).toEqual([
      'missed',
      'missed, too',
    ]);
  });

  test('is asked about the last time only', () => {
    const store = bobWasIn(
      enter('bob', room('#dev'), 6),
      gone('bob', 7),
      keep(ops, 8, ['ops']),
      keep(room('#dev'), 8, ['dev']),
    );
    expect(missed(store)).toEqual(['dev']);
  });

  test('is not asked about a time in which it was in no room: what it has missed is still missed', () => {
    expect(missed(bobWasIn(gone('bob', 6), keep(ops, 7, ['later'])))).toEqual([
      'missed',
      'missed, too',
      'later',
    ]);
  });

  test('also where the server was ended meanwhile', () => {
    const store = filled(enter('bob', ops, 1), keep(ops, 2, ['heard']));
    store.begin();
    store.apply(deeds(keep(ops, 3, ['missed'])));
    // Nobody knows whether the last turn was heard.
    expect(missed(store)).toEqual(['heard', 'missed']);
  });
});

describe('mail', () => {
  const mails = (store: Store, after = 0, count = 10): ReturnType<Store['find']> =>
    store.find({ of: 'mail', owner: 'owner of bob', after, count });

  test('comes in order, in portions, and is gone once it was collected', () => {
    const store = filled(
      reserve('bob'),
      mail(1, 'owner of bob', 'a', 'b'),
      mail(1, 'owner of eve', 'x'),
      mail(2, 'owner of bob', 'c'),
    );
    const first = mails(store, 0, 2);
    expect(first).toEqual({
      lines: [
        { ...said(1, ['a']), room: undefined, to: undefined },
        { ...said(1, ['b'], 'Alice', 1), room: undefined, to: undefined },
      ],
      more: true,
      last: 1_048_577,
    });
    expect(mails(store, first.last)).toMatchObject({ more: false, lines: [{ texts: ['c'] }] });
    store.apply(deeds({ do: 'collected', owner: 'owner of bob', last: 1_048_577 }));
    expect(texts(mails(store))).toEqual(['c']);
  });

  test('has the same numbers in every file, whatever was kept there before', () => {
    const one = filled(reserve('bob'), mail(7, 'owner of bob', 'a'));
    const other = filled(reserve('bob'), mail(5, 'owner of eve', 'x', 'y'), mail(7, 'owner of bob', 'a'));
    expect(mails(one).last).toBe(mails(other).last);
  });

  test('is counted with the name that it is for', () => {
    const store = filled(reserve('bob'), reserve('eve'), mail(1, 'owner of bob', 'ä', 'bc'));
    expect(store.registry().reservations).toMatchObject([
      { key: 'bob', mail: 2, mailBytes: 4 },
      { key: 'eve', mail: 0, mailBytes: 0 },
    ]);
  });
});

describe('names and bans', () => {
  test('what waits for whose name was somebody else’s by then is gone at the next start, and nothing else', () => {
    const store = filled(reserve('bob'), reserve('eve'), mail(1, 'owner of eve', 'hers'));
    const isOthers = { ...reserve('bob', 'v2'), owner: 'another' } as Effect;
    store.apply(deeds(isOthers, mail(2, 'owner of bob', 'too late'), mail(2, 'another', 'in time')));
    store.begin();
    expect(store.database.prepare('SELECT text FROM mail ORDER BY number').pluck().all()).toEqual([
      'hers',
      'in time',
    ]);
  });

  const ban = { of: 'eve', kind: 'name', until: undefined, by: 'Op', since: 5, why: 'spam' } as const;

  test('are there again when the file is opened again', () => {
    const at = folder();
    const first = open(at);
    first.apply(deeds(reserve('bob'), { do: 'ban', ban }, keep(ops, 9, ['x'])));
    expect(open(at).registry()).toEqual({
      reservations: [
        { key: 'bob', shown: 'BOB', owner: 'owner of bob', version: 'v1', mail: 0, mailBytes: 0 },
      ],
      bans: [ban],
      verifiers: new Map([['v1', 'verifier of v1']]),
      sequence: 9,
    });
  });

  test('a new password is another verifier, and without one the old one stays', () => {
    const store = filled(reserve('bob'), reserve('bob', 'v2'));
    expect([...store.registry().verifiers]).toEqual([['v2', 'verifier of v2']]);
    const [deed] = deeds(reserve('bob', 'v2'));
    store.apply([{ ...(deed as Extract<typeof deed, { do: 'reserve' }>), verifier: undefined }]);
    expect([...store.registry().verifiers]).toEqual([['v2', 'verifier of v2']]);
  });

  test('an end of a ban is kept, and the ban is gone when it is lifted', () => {
    const store = filled(
      { do: 'ban', ban: { ...ban, until: 7e15 } },
      { do: 'ban', ban: { ...ban, kind: 'mute' } },
    );
    store.apply(deeds({ do: 'unban', of: 'eve', kind: 'mute' }));
    expect(store.registry().bans).toEqual([{ ...ban, until: 7e15 }]);
  });

  test('what was kept for a name goes with it', () => {
    const store = filled(
      reserve('bob'),
      talk(1, 'owner of bob', true, 'Alice', 'between us'),
      mail(1, 'owner of bob', 'later'),
      enter('owner of bob', ops, 1),
      keep(ops, 2, ['public']),
      { do: 'release', key: 'bob', owner: 'owner of bob' },
    );
    while (store.trim(0));
    for (const table of ['names', 'mail', 'seats'])
      expect(store.database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
    expect(store.database.prepare('SELECT text FROM said').pluck().all()).toEqual(['public']);
    expect(store.database.prepare('SELECT shown FROM places').pluck().all()).toEqual(['#Ops']);
    expect(store.lines).toBe(1);
  });

  test('a deed of an operator is kept', () => {
    const entry = { time: 1, by: 'Op', deed: 'ban', of: 'eve', why: 'spam' };
    expect(filled({ do: 'audit', sequence: 1, ...entry }).tables.deeds(10)).toEqual([entry]);
  });
});

describe('what is kept', () => {
  const days = (count: number): number => 1_700_000_000_000 + count * 86_400_000;
  const all = (store: Store): number =>
    Number(store.database.prepare('SELECT coalesce(sum(count), 0) FROM said').pluck().get());

  test('is kept for so many seconds', () => {
    const store = open(undefined, { ...FOR_EVER, seconds: 30 * 86_400 });
    store.apply(
      deeds(keep(ops, 1, ['one']), {
        ...keep(ops, 2, ['two']),
        said: { ...said(2, ['two']), time: days(5) },
      } as Effect),
    );
    while (store.trim(days(29)));
    expect(all(store)).toBe(2);
    while (store.trim(days(31)));
    expect(texts(store.find(ofRoom(ops)))).toEqual(['two']);
  });

  test('is kept up to so many lines', () => {
    const store = open(undefined, { ...FOR_EVER, lines: 1000 });
    for (let at = 0; at < 500; at++) store.apply(deeds(keep(ops, at, [`${String(at)} a`, 'b', 'c'])));
    while (store.index());
    while (store.trim(0));
    expect(all(store)).toBe(1002);
    expect(store.lines).toBe(1002);
    expect(store.find(ofWords('166')).lines).toHaveLength(1);
    expect(store.find(ofWords('165')).lines).toHaveLength(0);
  });

  test('is kept up to so many bytes, also in memory, where they are 64 MiB', () => {
    const bytes = 2 * 1024 * 1024;
    const store = open(undefined, { ...FOR_EVER, bytes });
    const line = 'x'.repeat(1000);
    for (let at = 0; at < 4000; at++) {
      store.apply(deeds(keep(ops, at, [line])));
      store.trim(0);
    }
    const used = ['page_count', 'freelist_count'].map((what) =>
      Number(store.database.pragma(what, { simple: true })),
    );
    expect((used[0] as number) - (used[1] as number)).toBeLessThanOrEqual(bytes / 4096 + 8);
    expect(all(store)).toBeGreaterThan(1000);
  });
});

test('the words that are indexed are those that FTS5 finds wrong nowhere', () => {
  const store = filled(...Array.from({ length: 300 }, (_, at) => keep(ops, at, [`line ${String(at)}`])));
  while (store.index());
  store.database.exec("INSERT INTO words (words) VALUES ('integrity-check')");
});
