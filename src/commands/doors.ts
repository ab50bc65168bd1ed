/** Commands about who may be in a room. */
import { CHANGED, type Hall } from '../hall.ts';
import type { Name } from '../message.ts';
import { isRoom } from '../name.ts';
import type { Client } from '../client.ts';
import { INVITED, Room } from '../rooms.ts';
import { sayWhy } from '../speech.ts';
import { type CommandEntry, NEWS, type Refusal } from './command.ts';
import { isOperator, kick } from './order.ts';
import { roomOf } from './rooms.ts';

export const DOOR_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'private',
    args: '#ROOM',
    help: 'let only those invited into a room that you opened',
    example: '/private #ops',
    reads: 1,
    run(hall, client, { to: [name], input }) {
      const room = ownRoom(hall, client, name);
      if (!(room instanceof Room)) return room;
      if (hall.holds(client, input, { crowds: [room] }, room.size, NEWS)) return undefined;
      hall.hide(room);
      hall.announce(room, { type: 'private', room: room.name.shown, by: shownOf(client) });
      return undefined;
    },
  },
  {
    word: 'invite',
    args: 'NAME #ROOM',
    help: 'let somebody into a private room that you are in',
    example: '/invite bob #ops',
    reads: 2,
    tells: () => true,
    run(hall, client, { to: [whom, name], input }) {
      if (!whom || !name || isRoom(whom) || !isRoom(name)) return 'usage';
      const room = roomOf(hall, client, name);
      if (!(room instanceof Room)) return room;
      const guest = hall.people.holder(whom.key);
      if (!guest) return { code: 'absent', names: [whom.shown] };
      if (!room.invited.has(guest.id) && !makeSpace(hall, room))
        return { code: 'too-many-invited', limit: INVITED };
      if (hall.holds(client, input, { named: [guest] }, 1, NEWS)) return undefined;
      room.invited.add(guest.id);
      const { shown } = room.name;
      if (guest !== client && !guest.ignores(client))
        hall.tell(guest, { type: 'invitation', room: shown, by: shownOf(client) });
      return { type: 'invited', room: shown, name: shownOf(guest) };
    },
  },
  {
    word: 'kick',
    args: 'NAME #ROOM [WHY]',
    help: 'put somebody out of a room that you opened',
    example: '/kick bob #ops please stop that',
    reads: 2,
    tells: (_, { to: [, name], text }) => text !== '' || (name !== undefined && !isRoom(name)),
    run(hall, client, { to: [whom, name], text, input }) {
      if (whom && !isRoom(whom) && (!name || !isRoom(name)) && isOperator(hall, client))
        return kick(hall, client, whom, `${name?.shown ?? ''} ${text}`.trim());
      if (!whom || !name || isRoom(whom) || !isRoom(name)) return 'usage';
      const room = ownRoom(hall, client, name);
      if (!(room instanceof Room)) return room;
      const { shown } = room.name;
      const guest = hall.people.holder(whom.key);
      if (!guest || !room.has(guest)) return { code: 'not-in-room', room: shown, name: whom.shown };
      if (hall.holds(client, input, { crowds: [room] }, (1 + CHANGED) * room.size, NEWS + text.length))
        return undefined;
      hall.announce(room, { type: 'removed', room: shown, name: shownOf(guest), by: shownOf(client) });
      if (text !== '') sayWhy(hall, client, room, text);
      room.invited.delete(guest.id);
      hall.leave(guest, room);
      return undefined;
    },
  },
];

const shownOf = ({ name }: Client): string => (name as Name).shown;

/** The room of that name, if `client` opened it, or is in it for longest since; or else why not. */
function ownRoom(hall: Hall, client: Client, name: Name | undefined): Room | Refusal {
  const room = roomOf(hall, client, name);
  if (!(room instanceof Room) || room.opener === client) return room;
  return { code: 'not-opener', room: room.name.shown, opener: shownOf(room.opener as Client) };
}

/** Is there space for one more invitation? Those of connections that are gone are forgotten. */
function makeSpace(hall: Hall, { invited }: Room): boolean {
  if (invited.size < INVITED) return true;
  for (const id of invited) if (!hall.people.client(id)) invited.delete(id);
  return invited.size < INVITED;
}
