/** What people do so that somebody hears each type of line and each error, and what they hear, as JSON. */
import { Chat } from '../../src/chat.ts';
import type { Event, Trouble } from '../../src/event.ts';
import { json } from '../../src/json.ts';
import type { Command, Input } from '../../src/message.ts';
import { arrived, asked, gone, line, LIMITS, overdue, stopped, taken, turn } from './turn.ts';

/** A line, behind the id of who says it; or any other input. */
export type Step = string | Input;
type Type = Exclude<Event['type'], 'problem' | 'unsent'>;

const TIME = Date.UTC(2025, 0, 31, 12);
/** Milliseconds from one turn to the next. */
const PAUSE = 1250;

/** Alice, bob and carol are here, and d, who has no name; then each step is a turn. Gives all that anybody hears. */
export function heard(steps: readonly Step[]): string[] {
  const chat = new Chat({ ...LIMITS, welcome: ['Be kind.'] });
  const names = { a: 'alice', b: 'bob', c: 'carol' };
  const start = ['a', 'b', 'c', 'd'].map((client) => arrived(client));
  for (const [client, name] of Object.entries(names)) start.push(line(client, name));
  const turns = [start, ...steps.map((step) => [typeof step === 'string' ? said(step) : step])];
  return turns.flatMap((inputs, index) => {
    const { deliveries } = chat.handle({ ...turn(inputs, TIME + PAUSE * index), sequence: index + 1 });
    return deliveries.map(({ event }) => json.encode(event));
  });
}

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
export const confirmed = (number: number, people: number, lost: readonly string[] = []): Input =>
  taken({ client: 'a', line: number, part: 0 }, people, lost);
export const OPS = ['a /join #ops', 'b /join #ops'];

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
  person: [...OPS, 'a /who bob'],
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
  ],
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
  stopping: [stopped('a')],
  fault: [asked('a', broken)],
};
