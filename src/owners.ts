/** Whose a name is: how somebody who has proven it gets it, from whoever still has it, with what waits for it. */
import type { Problem } from './event.ts';
import { CHANGED, type Hall } from './hall.ts';
import type { Name } from './message.ts';
import type { OwnerId, Reservation } from './past.ts';
import type { Client } from './client.ts';

/** People that one hears of who is in a room. */
export const SHOWN = 20;

/** The name of `client`, which it has, is its own. */
export function own(hall: Hall, client: Client, { key, owner, mail }: Reservation): void {
  const { ledger, stamp } = hall;
  if (client.owner !== owner) {
    client.owner = owner;
    for (const room of hall.rooms.of(client))
      ledger.seat({ do: 'enter', owner, room: room.place, sequence: stamp.sequence });
  }
  if (mail > 0) ledger.fetchMail(client.id, owner, key);
}

/** That the password of a name was given: of the owner it had, and of that version. */
export interface Proof {
  readonly name: Name;
  readonly owner: OwnerId;
  readonly version: string;
}

/** Which of the names that are reserved is proven to be one's own, or undefined where that is not so any more. */
export function proven(hall: Hall, { name, owner, version }: Proof): Reservation | undefined {
  const reservation = hall.ledger.registry.get(name.key);
  return reservation?.owner === owner && reservation.version === version ? reservation : undefined;
}

/** May `heir` have the name of `proof`, once whoever has it has said what it had to say? Undefined where it may not. */
export function claim(hall: Hall, heir: Client, proof: Proof): Reservation | undefined {
  const { key } = proof.name;
  const holder = hall.people.holder(key);
  if (!holder || holder === heir) return proven(hall, proof);
  // What the holder has said comes first, and may be that it is nobody's name any more, or has the heir put out.
  hall.flow.finish(holder);
  return heir.closing || banOf(hall, key) ? undefined : proven(hall, proof);
}

/**
 * `heir` has the name of `client` from now on, and is in its rooms, as if it had been there all the time: nobody there is
 * told, and for whoever keeps it its owner has stayed. What was said before is `client`'s, what is said from now on the
 * heir's, which has claimed it.
 */
export function takeOver(hall: Hall, client: Client, heir: Client): void {
  if (client.closing) return; // by what it had said
  const name = client.name as Name;
  const { owner } = client;
  const rooms = new Set(hall.rooms.of(client));
  let places = hall.settings.maxRoomsPerClient - heir.crowds.size;
  for (const room of rooms) {
    if (room.has(heir)) continue;
    if (places-- > 0) {
      hall.weight += CHANGED;
      room.pass(client, heir);
      hall.flow.retry(client);
      hall.tell(heir, { type: 'entered', room: room.name.shown, ...room.people(SHOWN, heir) });
    } else hall.slip(client, room);
  }
  hall.people.passIgnorance(client, heir);
  if (owner !== undefined)
    for (const room of hall.rooms.of(heir))
      if (!rooms.has(room))
        hall.ledger.seat({ do: 'enter', owner, room: room.place, sequence: hall.stamp.sequence });
  [heir.owner, client.owner] = [owner, undefined];
  hall.refuse(client, { code: 'taken-over', name: name.shown });
  hall.dismiss(client, 'taken over');
}

/** Why `client` may not have the name, as far as nobody has it: it is somebody's own, or banned. */
export function obstacleOf(hall: Hall, { key, shown }: Name, command?: 'name'): Problem | undefined {
  const { registry } = hall.ledger;
  if (registry.get(key))
    return { type: 'problem', code: 'name-reserved', name: shown, ...(command && { command }) };
  const banned = banOf(hall, key);
  return banned && command ? { type: 'problem', code: 'name-taken', name: shown, command } : banned;
}

/** Whoever has a name that may not speak, may not. */
export function hush(hall: Hall, client: Client): void {
  const { registry } = hall.ledger;
  if (client.name && registry.hasBans) client.mute = registry.ban('mute', client.name.key, hall.now);
}

export function banOf(hall: Hall, key: string): Problem | undefined {
  const { registry } = hall.ledger;
  const ban = registry.hasBans ? registry.ban('name', key, hall.now) : undefined;
  return ban && { type: 'problem', code: 'banned', why: ban.why, until: ban.until };
}
