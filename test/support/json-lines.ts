/** What people do so that somebody hears each type of line and each error, and what they hear, as JSON. */
import { Chat } from '../../src/chat.ts';
import type { Event, Trouble } from '../../src/event.ts';
import { json } from '../../src/json.ts';
import type { ChatSettings } from '../../src/settings.ts';
import type { Command, Input, Unproved } from '../../src/message.ts';
import type { Past, Place, Query } from '../../src/past.ts';
import { arrived, asked, gone, line, LIMITS, overdue, stopped, taken, turn } from './turn.ts';

/** A line, behind the id of who says it; or any other input; or what is not told by the chat. */
export type Step = string | Input | { readonly event: Event };
type Type = Exclude<Event['type'], 'problem' | 'unsent'>;

const TIME = Date.UTC(2025, 0, 31, 12);
/** Milliseconds from one turn to the next. */
const PAUSE = 1250;

/** Alice, bob and carol are here, and d, who has no name; then each step is a turn. Gives all that anybody hears. */
export function heard(steps: readonly Step[], limits: Partial<ChatSettings> = {}): string[] {
  const chat = new Chat({ ...LIMITS, welcome: ['Be kind.'], ...limits });
  const names = { a: 'alice', b: 'bob', c: 'carol' };
  const start = ['a', 'b', 'c', 'd'].map((client) => arrived(client, client === 'a' ? '::1' : '203.0.113.7'));
  for (const [client, name] of Object.entries(names)) start.push(line(client, name));
  const turns = [
    start,
    ...steps.map((step) => (typeof step === 'object' && 'event' in step ? step : [inputOf(step)])),
  ];
  return turns.flatMap((inputs, index) => {
    if ('event' in inputs) return json.encode(inputs.event);
    const { deliveries } = chat.handle({ ...turn(inputs, TIME + PAUSE * index), sequence: index + 1 });
    return deliveries.map(({ event }) => json.encode(event));
  });
}

const inputOf = (step: string | Input): Input => (typeof step === 'string' ? said(step) : step);

function said(step: string): Input {
  const [client = ''] = step.split(' ', 1);
  return line(client, step.slice(client.length + 1));
}

/** So many others come, and then alice does something about each of them. */
const crowd = (count: number, about: (name: string) => string): Step[] =>
  Array.from({ length: count }, (_, index) => `p${String(index)}`).flatMap((id) => [
    arrived(id),
    `${id} ${id}`,
    `a ${about(id)}`,
  ]);

const fault = (fault: 'line-too-long' | 'not-utf8'): Input => asked('a', { kind: 'fault', fault });
const broken = { kind: 'say', head: '', to: [null], rest: '' } as unknown as Command;
const many = 'x,'.repeat(LIMITS.maxRecipients);
const rooms = Array.from({ length: LIMITS.maxRoomsPerClient + 1 }, (_, index) => `#r${String(index)}`).join(
  ' ',
);
/** So many have taken alice's numbered line, and these never will. */
export const confirmed = (number: number, people: number, lost: readonly string[] = [], part = 0): Input =>
  taken({ client: 'a', line: number, part }, people, lost);
export const OPS = ['a /join #ops', 'b /join #ops'];
/** Alice's name is her own. */
const OWNED: Step[] = [{ type: 'reserve', client: 'a', version: 'o' }];
/** She is olga, who keeps order. */
const ORDER: Step[] = ['a /name olga', ...OWNED];
const PLACE: Place = { key: '#ops', shown: '#ops', private: undefined };
const PAST: Past = {
  ...{ sequence: 1, index: 0, time: TIME - 1000, from: 'bob', texts: ['the disk is full'] },
  ...{ room: '#ops', to: undefined },
};
const recalled = (client: string, query: Query, lines: readonly Past[], more = false): Input => ({
  ...{ type: 'recalled', client, query, found: { lines, more } },
});
/** Somebody's name, who is not here. */
const registered = (shown: string, mail = 0): Input => ({
  type: 'registry',
  reservations: [{ key: shown, shown, owner: 'e', version: 'e', mail, mailBytes: mail }],
  bans: [],
});
/** What `a` said to erin, who is away, is kept, or not. */
const kept = (taken: number): Input => ({
  ...{ type: 'taken', client: 'a', node: '', taken, lost: [] },
  receipt: { client: 'a', line: 0, part: 0, away: ['erin'] },
});
const unproved = (why: Unproved, use: 'login' | 'name' | 'reserve', client = 'a'): Input => ({
  ...{ type: 'unproved', client, use, why, seconds: 8 },
  name: { shown: 'erin', key: 'erin' },
});

/** What makes each type of line. */
export const TYPES: Record<Type, readonly Step[]> = {
  message: [...OPS, 'a bob: hello', 'a #ops: hello', 'b /away at lunch', 'a bob: where are you?'],
  joined: OPS,
  left: [...OPS, 'b /leave #ops', 'c /join #ops', gone('c')],
  renamed: [...OPS, 'b /name robert'],
  removed: [...OPS, 'a /kick bob #ops please stop that'],
  private: [...OPS, 'a /private #ops'],
  invitation: ['a /join #ops', 'a /invite bob #ops'],
  help: ['a /help'],
  command: ['a /help join'],
  entered: OPS,
  people: [...OPS, 'a /who #ops', 'a /who'],
  person: [...OPS, 'a /who bob', ...ORDER, 'a /who bob'],
  invited: ['a /join #ops', 'a /invite bob #ops'],
  rooms: [...OPS, 'a /private #ops', 'c /join #dev', 'a /rooms'],
  target: ['a /to #ops, bob', 'a /to none'],
  ignoring: ['a /ignore bob', 'a /unignore bob'],
  away: ['a /away at lunch', 'a /back'],
  format: ['a /format json', 'a /time on'],
  receipts: ['a /receipts on', 'a /receipts off'],
  receipt: [
    'a /receipts on',
    'a bob, dave: hello',
    confirmed(1, 1),
    'b /join #ops',
    'a #ops: hello',
    confirmed(2, 1),
    confirmed(2, 1, [], 1),
  ],
  past: [
    ...OPS,
    'a /history',
    recalled('a', { of: 'room', room: PLACE, after: 0, owner: undefined, count: 20 }, [PAST]),
    'a /search disk #ops',
    recalled(
      'a',
      { ...{ of: 'words', words: 'disk', room: PLACE }, ...{ insights: [], owner: undefined, count: 20 } },
      [PAST],
    ),
    ...OWNED,
    'a /history 1',
    recalled('a', { of: 'room', room: PLACE, after: 0, owner: 'o', count: 1 }, [PAST], true),
    'a /history bob',
    recalled('a', { of: 'talk', owner: 'o', peer: 'bob', count: 20 }, [
      { ...PAST, room: undefined, to: 'bob' },
    ]),
    'a /catchup',
    recalled('a', { of: 'absence', owner: 'o', count: 200 }, [PAST]),
  ],
  kept: [registered('erin'), 'a erin: are you there?', kept(1)],
  reserved: [...OWNED, { type: 'reserve', client: 'a', version: 'w' }],
  unreserved: [...OWNED, 'a /unreserve'],
  bans: [...ORDER, 'a /bans', 'a /ban erin for 2h flooding', 'a /ban 192.0.2.0/24', 'a /mute bob', 'a /bans'],
  ordered: [
    ...ORDER,
    'a /ban erin for 2h flooding',
    'a /unban erin',
    'a /mute bob',
    'a /unmute bob',
    'a /kick bob',
    'a /ban carol',
  ],
  storage: [
    ...ORDER,
    { type: 'storage', node: '', ok: false, lost: 0 },
    { type: 'storage', node: 'q4Vw-0aB', ok: true, lost: 3 },
  ],
  cluster: [{ event: { type: 'cluster', ok: false } }, { event: { type: 'cluster', ok: true } }],
  pong: ['a /ping'],
  welcome: [],
};

/** Errors that the chat does not know of: who is told of them is not in it any more, or not yet. */
export const OUTSIDE = [
  'full',
  'not-allowed',
  'tls-only',
  'no-tls',
  'no-proxy-header',
  'proxy-not-trusted',
  'not-a-chat-client',
  'too-slow',
] as const;

/** What makes each error that the chat tells somebody of. */
export const CODES: Record<Exclude<Trouble['code'], (typeof OUTSIDE)[number]>, readonly Step[]> = {
  'cut-off': [
    { event: { type: 'problem', code: 'cut-off', lines: 3, first: 'bob: hello' } },
    { event: { type: 'problem', code: 'cut-off', lines: 0, stopping: true } },
    { event: { type: 'problem', code: 'cut-off', lines: 0, seconds: 12 } },
  ],
  'name-taken': ['a /name bob'],
  'not-a-name': ['d hello there'],
  'no-name': ['d bob', 'd hello there'],
  'login-timeout': [overdue('d')],
  'no-recipient': ['a hello'],
  'no-target': ['a /me waves'],
  absent: [
    ...OPS,
    'a bpb: hello',
    'a dave, erin: hello',
    'a /to ??',
    'a /receipts on',
    'a dave, #dev: hello',
  ],
  'empty-room': ['a #ops: hello'],
  alone: ['a /join #ops', 'a #ops: hello'],
  'private-room': ['b /join #ops', 'b /private #ops', 'a #ops: hello'],
  lost: ['a /receipts on', 'a bob: hello', gone('b'), confirmed(1, 0, ['b'])],
  'line-too-long': [fault('line-too-long')],
  'not-utf8': [fault('not-utf8')],
  'too-many-recipients': [`a ${many}x: hello`],
  'unknown-command': ['a /jion #ops', 'a /xyzzy'],
  usage: ['a /join'],
  'not-a-room': ['a /join ops'],
  'not-in-room': ['a /leave #ops', 'a /join #ops', 'a /kick bob #ops'],
  'not-opener': [...OPS, 'b /private #ops'],
  'too-many-rooms': [`a /join ${rooms}`],
  'too-many-ignored': crowd(101, (name) => `/ignore ${name}`),
  'too-many-invited': ['a /join #ops', ...crowd(1001, (name) => `/invite ${name} #ops`)],
  'name-reserved': [registered('erin'), 'a /name erin', 'd erin'],
  'wrong-password': [
    registered('erin'),
    unproved('wrong-password', 'name'),
    unproved('wrong-password', 'login', 'd'),
  ],
  'not-reserved': [unproved('not-reserved', 'name'), unproved('not-reserved', 'login', 'd')],
  'plain-password': [unproved('plain-password', 'reserve'), unproved('plain-password', 'login', 'd')],
  'bad-password': [unproved('bad-password', 'reserve')],
  'password-busy': [unproved('password-busy', 'name'), unproved('password-busy', 'login', 'd')],
  'password-wait': [unproved('password-wait', 'name'), unproved('password-wait', 'login', 'd')],
  'taken-over': [
    ...OWNED,
    {
      ...{ type: 'proved', client: 'd', use: 'login', owner: 'o', version: 'o' },
      name: { shown: 'alice', key: 'alice' },
    },
  ],
  'mail-full': [registered('erin', LIMITS.mailMax), 'a erin: hello'],
  'not-kept': [registered('erin'), 'a erin: hello', kept(0)],
  banned: [...ORDER, 'a /ban bob for 2h flooding', 'd bob'],
  muted: [...ORDER, 'a /mute bob for 2h please calm down', 'b carol: hello'],
  'keeps-order': [...ORDER, 'a /ban olga'],
  'operators-name': ['b /name olga', { type: 'reserve', client: 'b', version: 'o' }],
  'own-machine': [...ORDER, 'a /ban 0.0.0.0/0'],
  'put-out': [...ORDER, 'a /kick bob'],
  'not-yours': ['a /catchup'],
  'not-found-now': [
    'a /history #ops',
    {
      ...{ type: 'recalled', client: 'a', found: undefined },
      query: { of: 'room', room: PLACE, after: 0, owner: undefined, count: 20 },
    },
  ],
  'nothing-kept': ['a /history #ops'],
  'not-operator': ['a /bans'],
  'no-such-ban': [...ORDER, 'a /unban erin'],
  'too-many-reserved': [
    {
      type: 'registry',
      reservations: Array.from({ length: LIMITS.maxReserved }, (_, index) => ({
        ...{ key: `k${String(index)}`, shown: `k${String(index)}`, owner: 'k', version: 'k' },
        ...{ mail: 0, mailBytes: 0 },
      })),
      bans: [],
    },
    ...OWNED,
  ],
  'too-many-bans': [...ORDER, ...Array.from({ length: 101 }, (_, index) => `a /ban x${String(index)}`)],
  stopping: [stopped('a')],
  fault: [asked('a', broken)],
};

/** What is heard where it comes to that error. */
export const heardCode = (code: keyof typeof CODES): string[] =>
  heard(CODES[code], code === 'nothing-kept' ? { keeps: false } : {});
