/** Commands about rooms: to be in one, and to see which there are. */
import type { RoomEntry } from '../event.ts';
import { CHANGED, type Hall } from '../hall.ts';
import type { Name } from '../message.ts';
import { isRoom } from '../name.ts';
import { SHOWN } from '../owners.ts';
import type { Client } from '../client.ts';
import { Room } from '../rooms.ts';
import { type CommandEntry, LISTED, NEWS, type Refusal } from './command.ts';
import { MOST, tellRoom } from './history.ts';

export const ROOM_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'join',
    elsewhere: ['j'],
    args: '#ROOM [#ROOM ...] [COUNT]',
    help: 'enter a room, or open it; with COUNT, see its last lines, too',
    example: '/join #ops',
    reads: Infinity,
    // The name of a room that was not there is in the list of all.
    tells: (hall, { to }) => to.some((name) => isRoom(name) && !hall.rooms.get(name.key)),
    run(hall, client, said) {
      const count = /^\d{1,9}$/.test(said.to.at(-1)?.shown ?? '') ? Number(said.to.at(-1)?.shown) : 0;
      if (count === 0) return joinEach(hall, client, said);
      const [room, more] = said.to;
      if (said.to.length !== 2 || !room || !more || !isRoom(room)) return 'usage';
      if (!client.question) {
        const refusal = joinEach(hall, client, { ...said, to: [room] });
        // Where it has to wait, it says all of that again.
        if (refusal !== undefined || client.waits) return refusal;
        if (hall.rooms.get(room.key)?.has(client) !== true) return undefined;
      }
      return tellRoom(hall, client, room, Math.min(count, MOST), said.input);
    },
  },
  {
    word: 'leave',
    elsewhere: ['part'],
    args: '#ROOM [#ROOM ...]',
    help: 'leave a room',
    example: '/leave #ops',
    reads: Infinity,
    run: inEach(leave),
  },
  {
    word: 'rooms',
    elsewhere: ['list', 'channels'],
    args: '',
    help: 'which rooms there are',
    example: '/rooms',
    reads: 0,
    cost: 4096,
    run(hall, client) {
      const others = hall.rooms.others(client, LISTED);
      const rooms = [...hall.rooms.of(client), ...others.rooms].map((room): RoomEntry => {
        const { name, size, isPrivate } = room;
        return { room: name.shown, people: size, mine: room.has(client), private: isPrivate };
      });
      return { type: 'rooms', rooms, more: others.more };
    },
  },
];

/** The room that `client` is in by that name, or why it is in none. */
export function roomOf(hall: Hall, client: Client, name: Name | undefined): Room | Refusal {
  if (!name) return 'usage';
  if (!isRoom(name)) return { code: 'not-a-room' };
  const room = hall.rooms.get(name.key);
  if (room?.has(client) === true) return room;
  return { code: 'not-in-room', room: name.shown, name: undefined };
}

/** Does it in each of the rooms that are named, as soon as they, if they are there, may be told of it. */
function inEach(act: (hall: Hall, client: Client, name: Name) => void): CommandEntry['run'] {
  return (hall, client, { to, input }) => {
    if (to.length === 0) return 'usage';
    const crowds = to.map(({ key }) => hall.rooms.get(key)).filter((room) => room !== undefined);
    const cost = crowds.reduce((sum, { size }) => sum + CHANGED * size, 0);
    if (!hall.holds(client, input, { crowds }, cost, NEWS * to.length))
      for (const name of to) act(hall, client, name);
    return undefined;
  };
}

const joinEach = inEach(join);

function join(hall: Hall, client: Client, name: Name): void {
  if (!isRoom(name)) {
    hall.refuse(client, { code: 'not-a-room' });
    return;
  }
  const there = hall.rooms.get(name.key);
  if (there && !there.admits(client)) {
    hall.refuse(client, { code: 'private-room', rooms: [there.name.shown] });
    return;
  }
  const { key, shown: own } = client.name as Name;
  if (hall.people.holder(key) !== client) {
    // It has ended its side, and somebody else has its name by now.
    hall.refuse(client, { code: 'name-taken', name: own });
    return;
  }
  const isNew = there?.has(client) !== true;
  const { maxRoomsPerClient: limit } = hall.settings;
  if (isNew && client.crowds.size >= limit) {
    hall.refuse(client, { code: 'too-many-rooms', limit });
    return;
  }
  const room = there ?? hall.rooms.open(name);
  const { shown } = room.name;
  if (isNew) hall.announce(room, { type: 'joined', room: shown, name: own });
  hall.tell(client, { type: 'entered', room: shown, ...room.people(SHOWN, client) });
  if (isNew) hall.enter(client, room);
}

function leave(hall: Hall, client: Client, name: Name): void {
  const room = roomOf(hall, client, name);
  if (!(room instanceof Room)) {
    if (room !== 'usage') hall.refuse(client, room);
    return;
  }
  const names = [(client.name as Name).shown];
  hall.announce(room, { type: 'left', room: room.name.shown, names, more: 0 });
  hall.leave(client, room);
}
