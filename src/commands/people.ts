/** Commands about people: who is here, under which name, and whom one wants to hear. */
import type { Answer, Trouble } from '../event.ts';
import type { Hall } from '../hall.ts';
import type { ClientId, Input, Name } from '../message.ts';
import { isRoom } from '../name.ts';
import { claim, hush, obstacleOf, own, takeOver, type Proof } from '../owners.ts';
import type { Client } from '../client.ts';
import type { Room } from '../rooms.ts';
import { detach } from '../safe.ts';
import { type CommandEntry, LISTED, NEWS, type Refusal } from './command.ts';
import { isOperator } from './order.ts';

/** Characters of an away text that are kept. */
const AWAY = 512;
/** How many one may ignore. */
const IGNORED = 100;

export const PEOPLE_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'who',
    elsewhere: ['names', 'users'],
    args: '[#ROOM | NAME]',
    help: 'who is here, or in a room; or about somebody',
    example: '/who #ops',
    reads: 1,
    cost: 4096,
    run(hall, client, { to: [of] }) {
      if (!of) {
        const names = [...hall.people.names(LISTED)];
        return { type: 'people', room: undefined, names, more: hall.people.size - names.length };
      }
      return isRoom(of) ? peopleIn(hall, client, of) : aboutPerson(hall, client, of);
    },
  },
  {
    word: 'name',
    elsewhere: ['nick', 'login', 'identify'],
    args: 'NAME [PASSWORD]',
    help: 'change your name',
    example: '/name robert',
    reads: 1,
    tells: () => true,
    secret: true,
    run(hall, client, { to: [name], text, input }) {
      if (!name) return 'usage';
      if (text !== '' || name.key === '' || isRoom(name)) return { code: 'not-a-name', command: 'name' };
      const isOwn = name.key === client.name?.key;
      const obstacle = isOwn ? undefined : obstacleOf(hall, name, 'name');
      if (obstacle) return obstacle;
      return rename(hall, client, name, input, undefined);
    },
  },
  {
    word: 'away',
    args: '[TEXT]',
    help: 'who writes to you is told that you are away',
    example: '/away at lunch',
    reads: 0,
    tells: (_, { text }) => text !== '',
    run(_, client, { text }) {
      client.choose({ away: { text: detach(text.slice(0, AWAY)), told: new Set() } });
      return { type: 'away', away: true };
    },
  },
  {
    word: 'back',
    args: '',
    help: 'you are here again',
    example: '/back',
    minor: true,
    reads: 0,
    run(_, client) {
      client.choose({ away: undefined });
      return { type: 'away', away: false };
    },
  },
  {
    word: 'ignore',
    elsewhere: ['block', 'mute'],
    args: '[NAME]',
    help: 'stop hearing somebody; alone, whom you ignore',
    example: '/ignore bob',
    reads: 1,
    cost: 1024,
    run(hall, client, { to: [name] }) {
      if (!name) return ignoredBy(hall, client);
      const other = hall.people.holder(name.key);
      if (!other) return { code: 'absent', names: [name.shown] };
      const ignores = present(hall, client.choices.ignores);
      if (other !== client && !ignores.includes(other.id)) {
        if (ignores.length >= IGNORED) return { code: 'too-many-ignored', limit: IGNORED };
        client.choose({ ignores: new Set([...ignores, other.id]) });
        other.ignored++;
      }
      return ignoredBy(hall, client);
    },
  },
  {
    word: 'unignore',
    elsewhere: ['unblock'],
    args: 'NAME',
    help: 'hear somebody again',
    example: '/unignore bob',
    minor: true,
    reads: 1,
    cost: 1024,
    run(hall, client, { to: [name] }) {
      if (!name) return 'usage';
      const other = hall.people.holder(name.key);
      if (!other) return { code: 'absent', names: [name.shown] };
      if (client.choices.ignores.has(other.id)) {
        const others = [...client.choices.ignores].filter((id) => id !== other.id);
        client.choose({ ignores: new Set(others) });
        other.ignored--;
      }
      return ignoredBy(hall, client);
    },
  },
];

/** `client` is called `name` from now on, which is its own if there is a `proof`; or why not. */
export function rename(
  hall: Hall,
  client: Client,
  name: Name,
  input: Input,
  proof: Proof | undefined,
): Refusal | undefined {
  const holder = hall.people.holder(name.key);
  const other = holder === client ? undefined : holder;
  if (other && !other.yields && !proof) return { code: 'name-taken', name: name.shown, command: 'name' };
  const crowds = [...hall.rooms.of(client)];
  const deliveries = crowds.reduce((sum, { size }) => sum + size, 1);
  if (hall.holds(client, input, { crowds }, deliveries, NEWS)) return undefined;
  const reservation = proof && claim(hall, client, proof);
  if (client.closing) return undefined; // by what the one before had said
  if (proof && !reservation) return { code: 'wrong-password', name: name.shown, command: 'name' };
  const { shown: was, key } = client.name as Name;
  if (key !== name.key) hall.disown(client);
  if (other && proof) takeOver(hall, other, client);
  else if (other) hall.yieldName(other);
  const to = was === name.shown ? [client.id] : acquainted(hall, client, crowds);
  hall.deliver({ type: 'renamed', was, name: name.shown }, to);
  hall.people.call(client, name, hall.now);
  hush(hall, client);
  hall.order(client, { do: 'name', name: name.shown });
  if (reservation) own(hall, client, reservation);
  return undefined;
}

function peopleIn(hall: Hall, client: Client, { key, shown }: Name): Answer | Trouble {
  const room = hall.rooms.get(key);
  if (!room) return { code: 'empty-room', rooms: [shown] };
  if (!room.admits(client)) return { code: 'private-room', rooms: [room.name.shown] };
  return { type: 'people', room: room.name.shown, ...room.people(LISTED) };
}

function aboutPerson(hall: Hall, client: Client, { key, shown }: Name): Answer | Trouble {
  const person = hall.people.holder(key);
  if (!person?.name) return { code: 'absent', names: [shown] };
  const shared = [...hall.rooms.of(client)].filter((room) => room.has(person)).map(({ name }) => name.shown);
  return {
    ...{ type: 'person', name: person.name.shown, since: 1000 * person.since },
    ...{ idle: hall.second - person.saidAt, away: person.choices.away !== undefined },
    ...{ rooms: shared.slice(0, LISTED), more: Math.max(0, shared.length - LISTED) },
    ...(isOperator(hall, client) && { address: person.address }),
  };
}

/** The ids of `client` and all who share a room with it, each once. */
function acquainted(hall: Hall, client: Client, rooms: readonly Room[]): readonly ClientId[] {
  for (const room of rooms) hall.tellDepartures(room);
  const [room, more] = rooms;
  if (!room) return [client.id];
  if (!more) return room.ids;
  const line = hall.nextLine();
  const ids: ClientId[] = [];
  for (const { members } of rooms) {
    for (const member of members) {
      if (member.named === line) continue;
      member.named = line;
      ids.push(member.id);
    }
  }
  return ids;
}

/** Those of the connections that are still there. */
const present = (hall: Hall, ids: Iterable<ClientId>): ClientId[] =>
  [...ids].filter((id) => hall.people.client(id)?.closing === false);

function ignoredBy(hall: Hall, client: Client): Answer {
  const { people } = hall;
  const ignored = present(hall, client.choices.ignores).map((id) => people.client(id));
  // One whose name somebody else has by now is still ignored, but not to be told from that one.
  const named = ignored.filter((one) => one?.name && people.holder(one.name.key) === one);
  return { type: 'ignoring', names: named.map((one) => one?.name?.shown ?? '') };
}
