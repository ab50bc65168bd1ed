import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import { arrived, Scene, type Step } from '../support/turn.ts';

/** Olga keeps order, since her name is her own. */
const scene = (): Scene => {
  const chat = new Scene({ o: 'olga', b: 'bob', c: 'carol' }, { '#ops': 'b c' });
  chat.play({ type: 'reserve', client: 'o', version: 'v' });
  return chat;
};

const effectsOf = (scene: Scene, ...steps: Step[]): Effect[] =>
  scene.slices(...steps).flatMap(({ effects }) => effects);

const HOURS_2 = '2025-01-31T14:00:00Z';

describe('an operator', () => {
  test('is who has proven a name that is one, and nobody else', () => {
    const chat = new Scene({ o: 'olga', b: 'bob' });
    expect(chat.play('o: /bans', 'b: /bans')).toEqual([
      'o < ! that is for operators',
      'b < ! that is for operators',
    ]);
    chat.play({ type: 'reserve', client: 'o', version: 'v' }, { type: 'reserve', client: 'b', version: 'w' });
    expect(chat.play('o: /bans', 'b: /bans')).toEqual([
      'o < * nobody is banned',
      'b < ! that is for operators',
    ]);
    chat.play('o: /name olga2');
    expect(chat.play('o: /bans')).toEqual(['o < ! that is for operators']);
  });

  test('is told when what is said is not kept, and when it is again; nobody else is', () => {
    const chat = scene();
    expect(
      chat.play(
        { type: 'storage', node: '', ok: false, lost: 0 },
        { type: 'storage', node: '', ok: true, lost: 3 },
      ),
    ).toEqual([
      'o < * what is said is not kept: the disk is full, or broken',
      'o < * what is said is kept again; 3 lines were lost',
    ]);
  });

  test('is told on which node that is, if it is another one than theirs', () => {
    const chat = new Scene(
      { 'one-1': 'olga', 'two-1': 'oscar', 'two-2': 'bob' },
      {},
      { operators: ['olga', 'oscar'] },
    );
    for (const client of ['one-1', 'two-1']) chat.play({ type: 'reserve', client, version: client });
    expect(
      chat.play(
        { type: 'storage', node: 'two', ok: false, lost: 0 },
        { type: 'storage', node: 'two', ok: true, lost: 3 },
      ),
    ).toEqual([
      'one-1 < * what is said is not kept on node two: its disk is full, or broken',
      'two-1 < * what is said is not kept: the disk is full, or broken',
      'one-1 < * what is said is kept again on node two; 3 lines were lost',
      'two-1 < * what is said is kept again; 3 lines were lost',
    ]);
  });

  test('tells everybody', () => {
    expect(scene().play('o: /announce the server restarts at noon')).toEqual([
      'o b c < from olga: (announcement) the server restarts at noon',
    ]);
  });

  test.each<[string, string, string]>([
    ['/kick bob please stop that', 'kick', 'bob'],
    ['/ban bob for 2h flooding', 'ban', 'bob'],
    ['/mute bob', 'mute', 'bob'],
    ['/announce hello', 'announce', ''],
  ])('leaves a trace of %s', (line, deed, of) => {
    expect(effectsOf(scene(), `o: ${line}`).filter((effect) => effect.do === 'audit')).toMatchObject([
      { by: 'olga', deed, of },
    ]);
  });
});

describe('/kick', () => {
  test('of an operator puts somebody out of the server, wherever they are', () => {
    expect(scene().play('o: /kick bob please stop that')).toEqual([
      'b < ! olga has put you out: please stop that; closing',
      'o < * put out bob',
      'c < * bob left #ops',
      'b: end, put out',
    ]);
    expect(scene().play('o: /kick dave')).toEqual(['o < ! dave is not here']);
  });

  test('out of a room is still for its opener', () => {
    expect(scene().play('b: /kick carol #ops')).toEqual(['b c < * bob removed carol from #ops']);
    expect(scene().play('b: /kick carol')).toEqual([
      'b < ! write it like "/kick bob #ops please stop that"; /help kick tells more',
    ]);
  });
});

describe('/ban', () => {
  test('of a name ends whoever has it, and refuses it, until its time is over', () => {
    const chat = scene();
    expect(chat.play('o: /ban Bob for 2h flooding')).toEqual([
      `b < ! you are banned until ${HOURS_2} (flooding); closing`,
      `o < * banned Bob until ${HOURS_2}`,
      'c < * bob left #ops',
      'b: end, banned',
    ]);
    chat.play(arrived('x'));
    expect(chat.play('x: bob')).toEqual([
      `x < ! you are banned until ${HOURS_2} (flooding); closing`,
      'x: end, banned',
    ]);
    expect(chat.play('c: /name bob')).toEqual(['c < ! the name bob is taken; /name takes another']);
    expect(chat.play('o: /bans')).toEqual([`o < * bob until ${HOURS_2}, by olga: flooding`]);
    chat.time += 2 * 3600 * 1000;
    expect(chat.play('o: /bans', arrived('y'), 'y: bob')).toEqual(['o < * nobody is banned', 'y: name bob']);
  });

  test.each([
    ['192.0.2.7', { of: '192.0.2.7', until: undefined, why: '' }],
    ['192.0.2.0/24 for 10min', { of: '192.0.2.0/24', until: Date.UTC(2025, 0, 31, 12, 10), why: '' }],
    ['10.1.2.3/8', { of: '10.0.0.0/8' }],
    ['2001:DB8:0::/32 forever', { of: '2001:db8::/32', until: undefined, why: 'forever' }],
    ['192.0.2.7 for 2 hours flooding', { until: Date.UTC(2025, 0, 31, 14), why: 'flooding' }],
    ['192.0.2.7 for 2w', { until: Date.UTC(2025, 1, 14, 12), why: '' }],
    ['192.0.2.7 for 0.0001 h', { until: Date.UTC(2025, 0, 31, 12) + 360, why: '' }],
  ])('of %s is for the door', (said, ban) => {
    const [effect] = effectsOf(scene(), `o: /ban ${said}`);
    expect(effect).toMatchObject({ do: 'ban', ban: { ...ban, kind: 'address', by: 'olga' } });
  });

  test('may be another than it was, also where there can be no more; and those that have ended do not count', () => {
    const chat = new Scene({ o: 'olga' }, {}, { maxBans: 2 });
    chat.play({ type: 'reserve', client: 'o', version: 'v' }, 'o: /ban bob for 1h', 'o: /mute carol');
    const full = 'o < ! there are 2 bans already; /unban one first';
    expect(chat.play('o: /ban dave', 'o: /ban carol', 'o: /ban BOB for 2h', 'o: /mute carol for 1h')).toEqual(
      [...[full, full, `o < * banned BOB until ${HOURS_2}`], 'o < * muted carol until 2025-01-31T13:00:00Z'],
    );
    chat.time += 3600 * 1000;
    expect(chat.play('o: /ban dave', 'o: /ban erin')).toEqual(['o < * banned dave without end', full]);
    chat.time += 3600 * 1000;
    expect(chat.play('o: /ban erin', 'o: /bans')).toEqual([
      ...['o < * banned erin without end', 'o < * dave, by olga', 'o < * erin, by olga'],
    ]);
  });

  test('ends who came from there', () => {
    const chat = scene();
    const ban = {
      of: '192.0.2.7',
      kind: 'address',
      until: undefined,
      by: 'olga',
      since: 0,
      why: '',
    } as const;
    expect(chat.play({ type: 'banned', client: 'b', ban })).toEqual([
      'b < ! you are banned; closing',
      'c < * bob left #ops',
      'b: end, banned',
    ]);
  });

  test('is told as it counts: all of the network, and that it has no end where there is no "for"', () => {
    expect(scene().play('o: /ban 10.1.2.3/8 for 2h', 'o: /ban eve 2 hours', 'o: /mute eve')).toEqual([
      `o < * banned 10.0.0.0/8 until ${HOURS_2}`,
      'o < * banned eve without end',
      'o < * muted eve without end',
    ]);
  });

  test('is lifted by /unban', () => {
    const chat = scene();
    chat.play('o: /ban bob', 'o: /ban 192.0.2.0/24', 'o: /ban 2001:db8::/32');
    expect(effectsOf(chat, 'o: /unban BOB')[0]).toEqual({ do: 'unban', kind: 'name', of: 'bob' });
    expect(chat.play('o: /unban 2001:DB8::5/32')).toEqual(['o < * 2001:DB8::5/32 may come in again']);
    expect(chat.play('o: /unban 192.0.2.0/24', 'o: /unban bob', 'o: /bans', arrived('x'), 'x: bob')).toEqual([
      'o < * 192.0.2.0/24 may come in again',
      'o < ! there is no such ban or mute; /bans lists them',
      'o < * nobody is banned',
      'x: name bob',
    ]);
  });

  test.each([
    ...['/ban', '/ban 10.0.0.0/99', '/ban ???', '/unban', '/mute'],
    ...['/ban eve for', '/ban eve for ever', '/ban eve for 2x', '/ban eve for 0h', '/mute eve for 2 whiles'],
    '/ban eve for 99999999w',
  ])('%s makes no sense', (line) => {
    expect(scene().play(`o: ${line}`).join()).toMatch(/^o < ! write it like/);
  });
});

describe('addresses', () => {
  const placed = (): Scene => {
    const chat = new Scene({ o: 'olga' });
    chat.play(
      ...[arrived('b', '203.0.113.7'), arrived('c', '2001:db8:1:2:3::4'), arrived('d', '127.0.0.1')],
      ...[
        arrived('e', 'unix'),
        arrived('p', '198.51.100.7'),
        'b: bob',
        'c: carol',
        'd: dave',
        'e: erin',
        'p: pat',
      ],
      { type: 'reserve', client: 'o', version: 'v' },
      { type: 'reserve', client: 'c', version: 'w' },
    );
    return chat;
  };

  test('are told to operators by /who, and to nobody else', () => {
    const since = 'here since 2025-01-31T12:00:00Z, idle for 0 s';
    expect(placed().play('o: /who bob', 'o: /who erin', 'b: /who bob', 'b: /who carol')).toEqual([
      `o < * bob: ${since}, from 203.0.113.7`,
      `o < * erin: ${since}, from unix`,
      `b < * bob: ${since}`,
      `b < * carol: ${since}`,
    ]);
  });

  test('are what may be banned where who had the name can take another, and /ban says so', () => {
    const heard = placed().play(
      'o: /ban bob',
      'o: /ban carol',
      'o: /ban dave',
      'o: /ban erin',
      'o: /ban frank',
    );
    expect(heard.filter((line) => line.startsWith('o <'))).toEqual([
      'o < * banned bob without end',
      'o < * who had the name can take another; "/ban 203.0.113.7" keeps out who comes from there',
      'o < * banned carol without end',
      'o < * banned dave without end',
      'o < * banned erin without end',
      'o < * banned frank without end',
    ]);
  });

  test('of IPv6 are those of a subscriber', () => {
    const chat = placed();
    chat.play('c: /unreserve');
    expect(chat.play('o: /ban carol')).toContain(
      'o < * who had the name can take another; "/ban 2001:db8:1:2::/64" keeps out who comes from there',
    );
  });
});

describe('the name of an operator', () => {
  const reserve = (client: string): Step => ({ type: 'reserve', client, version: 'v' });

  test('is reserved from the machine of the server, and not from elsewhere', () => {
    const chat = new Scene({});
    chat.play(arrived('b', '203.0.113.7'), arrived('o', '127.0.0.1'), 'b: olga');
    expect(chat.play(reserve('b'))).toEqual([
      'b < ! olga is to keep order, so reserve it from the server\'s own machine, or by "rxchat admin"',
    ]);
    chat.play('b: /name bob', 'o: olga', reserve('o'));
    expect(chat.play('o: /bans')).toEqual(['o < * nobody is banned']);
  });

  test('gets another password from anywhere, once it is reserved', () => {
    const chat = new Scene({});
    const name = { key: 'olga', shown: 'olga' };
    const reservations = [{ ...name, owner: 'v', version: 'v', mail: 0, mailBytes: 0 }];
    chat.play({ type: 'registry', reservations, bans: [] }, arrived('o', '203.0.113.7'));
    chat.play({ type: 'proved', client: 'o', use: 'login', name, owner: 'v', version: 'v' });
    expect(chat.play({ type: 'reserve', client: 'o', version: 'w' })).toEqual([
      'o < * the password of olga is another one now',
    ]);
  });
});

describe('nobody who keeps order', () => {
  /** Two of them, from elsewhere. */
  const two = (): Scene => {
    const operators = ['olga', 'oscar'];
    const chat = new Scene({}, {}, { operators });
    const names = operators.map((key) => ({ key, shown: key }));
    const reservations = names.map((name) => ({
      ...{ ...name, owner: name.key, version: 'v', mail: 0, mailBytes: 0 },
    }));
    chat.play({ type: 'registry', reservations, bans: [] });
    chat.play(arrived('o', '203.0.113.7'), arrived('p', '2001:db8::7'));
    for (const name of names) {
      const proof = { use: 'login', name, owner: name.key, version: 'v' } as const;
      chat.play({ type: 'proved', client: name.key === 'olga' ? 'o' : 'p', ...proof });
    }
    return chat;
  };

  test.each([
    ['/ban olga', 'olga'],
    ['/ban OSCAR for 2h', 'OSCAR'],
    ['/mute oscar', 'oscar'],
    ['/ban 203.0.113.7', 'olga'],
    ['/ban 203.0.0.0/16', 'olga'],
    ['/ban 2001:db8::/32', 'oscar'],
  ])('shuts out another one, or themself: %s', (line, who) => {
    expect(two().play(`o: ${line}`)).toEqual([`o < ! ${who} keeps order; only "rxchat admin" can do that`]);
  });

  test.each(['127.0.0.1', '127.0.0.0/8', '0.0.0.0/0', '::1', '::/0'])(
    'shuts out the machine of the server, from which there is always a way back: %s',
    (network) => {
      expect(two().play(`o: /ban ${network}`)).toEqual([
        'o < ! the machine of the server is in it; only "rxchat admin" can do that',
      ]);
    },
  );

  test('is in the way of a ban of others', () => {
    const chat = two();
    expect(chat.play('o: /ban 203.0.113.8', 'p: /quit', 'o: /ban 2001:db8::/32')).toEqual([
      'o < * banned 203.0.113.8 without end',
      'o < * banned 2001:db8::/32 without end',
      'p: end, quit',
    ]);
  });
});

describe('/mute', () => {
  test('lets somebody hear and not speak, and not by another name either', () => {
    const chat = scene();
    expect(chat.play('o: /mute bob for 10min please calm down')).toEqual([
      'o < * muted bob until 2025-01-31T12:10:00Z',
    ]);
    const why = 'b < ! you may not speak here until 2025-01-31T12:10:00Z (please calm down); it was not sent';
    expect(chat.play('b: carol: hello', 'b: #ops: hello', 'c: bob: hi')).toEqual([
      why,
      why,
      'b < from carol: hi',
    ]);
    expect(chat.play('b: /name robert', 'b: carol: hello')).toEqual([why, why]);
    chat.time += 10 * 60 * 1000;
    expect(chat.play('b: carol: hello', 'b: /name robert')).toEqual([
      'c < from bob: hello',
      'b c < * bob is now robert',
      'b: name robert',
    ]);
  });

  test.each([
    ...['/msg carol: hi', '/me waves', '/away buy my things', '/invite carol #ops', '/join #buymythings'],
    ...['/kick carol #ops buy my things', '/name buymythings', '/name Bob', '/join #ops #buymythings'],
  ])('leaves no other way to tell anybody anything: %s', (line) => {
    const chat = scene();
    chat.play('b: /to #ops', 'o: /mute bob');
    const why = 'b < ! you may not speak here; it was not sent';
    expect(chat.play(`b: ${line}`)).toEqual([why]);
    expect(chat.play('c: /who #ops')).toEqual(['c < * in #ops: bob, carol']);
  });

  test.each(['/announce hi', '/ban eve spam', '/mute eve spam', '/kick bob spam'])(
    'is so for an operator, too, whom rxchat admin has muted: %s',
    (line) => {
      const chat = scene();
      const ban = { of: 'olga', kind: 'mute', until: undefined, by: 'admin', since: 0, why: '' } as const;
      chat.play({ type: 'decided', node: '', number: 1, decisions: [{ do: 'ban', ban }] });
      expect(chat.play(`o: ${line}`)).toEqual(['o < ! you may not speak here; it was not sent']);
      expect(chat.play('o: /unmute olga', 'o: /announce hi')).toContain(
        'o b c < from olga: (announcement) hi',
      );
    },
  );

  test('leaves everything that tells nobody anything', () => {
    const chat = scene();
    chat.play('o: /mute bob');
    const lines = [
      '/away',
      '/back',
      '/who',
      '/rooms',
      '/to #ops',
      '/ignore carol',
      '/leave #ops',
      '/join #ops',
    ];
    const heard = chat.play(...lines.map((line) => `b: ${line}`), 'b: /kick carol #ops', 'b: /private #ops');
    expect(heard.filter((line) => line.includes('may not speak'))).toEqual([]);
  });

  test('takes away what one had written as one went away', () => {
    const chat = scene();
    chat.play('b: /away buy my things', 'o: /mute bob');
    expect(chat.play('c: bob: hello')).toEqual(['b < from carol: hello', 'c < from bob: (away)']);
  });

  test('holds for who takes the name by /name, too', () => {
    const chat = scene();
    chat.play('o: /mute dave', 'b: /name dave');
    expect(chat.play('b: carol: hello')).toEqual(['b < ! you may not speak here; it was not sent']);
  });

  test('holds for the name, too, whoever logs in with it, until /unmute', () => {
    const chat = scene();
    chat.play('o: /mute bob', 'b: /quit', arrived('x'));
    chat.play('x: bob');
    expect(chat.play('x: carol: hello')).toEqual(['x < ! you may not speak here; it was not sent']);
    expect(chat.play('o: /unmute bob', 'x: carol: hello')).toEqual([
      'o < * bob may speak again',
      'c < from bob: hello',
    ]);
  });

  test('is in the receipt of a line', () => {
    const chat = scene();
    chat.play('b: /receipts on', 'o: /mute bob');
    expect(chat.play('b: carol: hello')).toEqual([
      'b < ! not sent 1: you may not speak here; it was not sent',
    ]);
  });
});
