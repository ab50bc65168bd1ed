/** Commands about what was said before. */
import type { Answer } from '../event.ts';
import type { Hall } from '../hall.ts';
import type { Input, Name } from '../message.ts';
import { isRoom, parseRoom } from '../name.ts';
import type { Insight, Place, Query } from '../past.ts';
import type { Client } from '../client.ts';
import { ask, tell, type Told } from '../recollection.ts';
import type { CommandEntry, Refusal, Arguments } from './command.ts';

/** Lines that are told where nobody says how many, and at most. */
const USUAL = 20;
export const MOST = 1000;
const CATCHUP = 200;
/** Words that are searched for. */
const WORDS = 16;

const isCount = ({ shown }: Name): boolean => /^\d{1,9}$/.test(shown);
const countOf = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text) ? Math.min(MOST, Math.max(1, Number(text))) : undefined;

export const HISTORY_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'history',
    elsewhere: ['log', 'backlog', 'last'],
    args: '[#ROOM | NAME] [COUNT]',
    help: 'what was said in a room, or between you and somebody',
    example: '/history #ops 50',
    reads: 1,
    cost: 4096,
    run(hall, client, { to: [first], text, input }) {
      const isShort = first !== undefined && isCount(first) && text === '';
      const target = first && !isShort ? first : usualTarget(hall, client);
      const count = isShort ? countOf(first.shown) : text === '' ? USUAL : countOf(text);
      if (!target || target.key === '' || count === undefined) return 'usage';
      return isRoom(target)
        ? tellRoom(hall, client, target, count, input)
        : tellTalk(hall, client, target, count, input);
    },
  },
  {
    word: 'search',
    elsewhere: ['find', 'grep'],
    args: 'WORDS [#ROOM]',
    help: 'lines with all of these words, the newest first',
    example: '/search disk full #ops',
    reads: 0,
    cost: 4096,
    run: search,
  },
  {
    word: 'catchup',
    elsewhere: ['unread', 'missed', 'mail', 'inbox'],
    args: '',
    help: 'what your rooms said while you were gone; for a name that is yours',
    example: '/catchup',
    reads: 0,
    cost: 4096,
    run(hall, client, { input }) {
      const { owner } = client;
      if (owner === undefined) return { code: 'not-yours' };
      const found = ask(hall, client, input, { of: 'absence', owner, count: CATCHUP });
      if (!found || 'code' in found) return found;
      return tell(hall, client, found, 'catchup', { of: 'absence', what: '' });
    },
  },
];

/** Where the lines of `client` go, if that is one; or its only room. */
function usualTarget(hall: Hall, client: Client): Name | undefined {
  const { to } = client.choices;
  if (to.length > 0) return to.length === 1 ? to[0] : undefined;
  const [room, more] = hall.rooms.of(client);
  return more ? undefined : room?.name;
}

/** The last lines of a room, as far as `client` may see them. */
export function tellRoom(
  hall: Hall,
  client: Client,
  name: Name,
  count: number,
  input: Input,
): Answer | Refusal | undefined {
  const room = hall.rooms.get(name.key);
  const isMember = room?.has(client) === true;
  if (room?.isPrivate === true && !isMember) return { code: 'private-room', rooms: [room.name.shown] };
  const place: Place = room?.place ?? { ...name, private: undefined };
  const after = room?.insight.get(client.id) ?? 0;
  const query: Query = { of: 'room', room: place, after, owner: client.owner, count };
  const found = ask(hall, client, input, query);
  if (!found || 'code' in found) return found;
  return further(tell(hall, client, found, 'history', { of: 'room', what: place.shown }), count);
}

function tellTalk(
  hall: Hall,
  client: Client,
  { key, shown }: Name,
  count: number,
  input: Input,
): Answer | Refusal | undefined {
  const { owner } = client;
  if (owner === undefined) return { code: 'not-yours' };
  const found = ask(hall, client, input, { of: 'talk', owner, peer: key, count });
  if (!found || 'code' in found) return found;
  return further(tell(hall, client, found, 'history', { of: 'talk', what: shown }), count);
}

/** Would a larger number than `count` show more? Not where so many lines are too long to be told at once. */
function further(answer: Told, count: number): Answer {
  if (!answer.more || answer.lines < count || count >= MOST) return answer;
  return { ...answer, further: Math.min(MOST, 2 * count) };
}

function search(hall: Hall, client: Client, { text, input }: Arguments): Answer | Refusal | undefined {
  const last = /(?:^|\s)(#\S+)$/.exec(text)?.[1];
  const name = last === undefined ? undefined : parseRoom(last);
  if (last !== undefined && !name) return { code: 'not-a-room' };
  const words = text.slice(0, text.length - (last?.length ?? 0)).trim();
  if (words === '' || words.split(/\s+/).length > WORDS) return 'usage';
  const room = name && hall.rooms.get(name.key);
  if (room?.isPrivate === true && !room.has(client))
    return { code: 'private-room', rooms: [room.name.shown] };
  const found = ask(hall, client, input, {
    ...{ of: 'words', words, owner: client.owner, count: USUAL },
    room: room?.place ?? (name && { ...name, private: undefined }),
    insights: insightsOf(hall, client),
  });
  if (!found || 'code' in found) return found;
  return tell(hall, client, found, 'search', { of: 'words', what: words });
}

function insightsOf(hall: Hall, client: Client): Insight[] {
  const insights: Insight[] = [];
  for (const { place, insight } of hall.rooms.of(client))
    if (place.private !== undefined)
      insights.push({ private: place.private, after: insight.get(client.id) ?? 0 });
  return insights;
}
