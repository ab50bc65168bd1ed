/** What holds after each turn of the chat, whatever happened: by what it told, answers and remembers. */
import { expect } from 'vitest';
import { Chat, type Snapshot } from '../../src/chat.ts';
import type { Effect } from '../../src/effect.ts';
import type { Event } from '../../src/event.ts';
import type { ChatSettings } from '../../src/settings.ts';
import type { ClientId, Delivery, Input } from '../../src/message.ts';
import type { Person, Place } from './model-place.ts';
import { clientOf, line, turn } from './turn.ts';

/** A turn, and what the chat was before and after it. */
export interface Past {
  readonly before: Snapshot;
  readonly inputs: readonly Input[];
  readonly deliveries: readonly Delivery[];
  readonly effects: readonly Effect[];
  readonly after: Snapshot;
  /** What those are called who have come and were not let go. */
  readonly alive: ReadonlyMap<ClientId, string>;
}

export const hearersOf = ({ to, except }: Delivery): ClientId[] => to.filter((id) => id !== except);

/** A name is held by one connection, which lives; nobody else is in a room, and nobody twice. */
export function expectNoGhosts({ after: { people, rooms }, alive }: Past): void {
  const holders = people.names.map(([, id]) => id);
  expect(new Set(holders).size).toBe(holders.length);
  expect(people.names.map(([key]) => key)).toEqual(holders.map((id) => alive.get(id)?.toLowerCase()));
  for (const { members } of rooms.rooms) {
    expect(members.length).toBeGreaterThan(0);
    expect(new Set(members).size).toBe(members.length);
    expect(members.filter((id) => !holders.includes(id))).toEqual([]);
  }
}

/** Nobody hears what is said in a room who was not in it before, and did not join it in this turn. */
export function expectHeardInside({ before, inputs, deliveries }: Past): void {
  const joining = new Set(inputs.filter(isJoin).map(clientOf));
  for (const delivery of deliveries) {
    const { event } = delivery;
    if (event.type !== 'message' || event.room === undefined) continue;
    const inside = membersOf(before, event.room);
    expect(hearersOf(delivery).filter((id) => !inside.includes(id) && !joining.has(id))).toEqual([]);
  }
}

/** Who is here, who is in a room, and whom a line to it delivers to, agree; asked of a copy of the chat. */
export function expectAnswersToAgree({ after, alive }: Past, now: number): void {
  const chat = Chat.restore(after);
  const say = (client: ClientId, text: string): readonly Delivery[] =>
    chat.handle(turn([line(client, text)], now)).deliveries;
  const ask = (client: ClientId, text: string): Event | undefined => say(client, text)[0]?.event;
  const { names } = after.people;
  const [[, anybody] = []] = names;
  if (anybody === undefined) return;
  const shown = (id: ClientId): string => alive.get(id) ?? '';
  const here = names.map(([, id]) => shown(id));
  expect(ask(anybody, '/who')).toMatchObject({ names: here, more: 0 });
  for (const { name, members, private: incarnation } of after.rooms.rooms) {
    const [speaker = '', ...others] = members;
    const room = name.shown;
    expect(ask(speaker, `/who ${room}`)).toMatchObject({ names: members.map(shown), more: 0 });
    expect(ask(speaker, '/rooms')).toMatchObject({
      rooms: expect.arrayContaining([
        { room, people: members.length, mine: true, private: incarnation !== undefined },
      ]) as unknown,
    });
    const heard = say(speaker, `/msg ${room}: hi`).filter(({ event }) => event.type === 'message');
    const ignoring = ignoredIn(after);
    const hearing = others.filter((id) => ignoring.get(id)?.includes(speaker) !== true);
    expect(heard.flatMap(hearersOf)).toEqual(hearing);
  }
}

/** The chat remembers of everybody who is here what the model does: rooms, invitations and whom they ignore. */
export function expectSamePlace({ after, alive }: Past, place: Place): void {
  const ids = (people: readonly Person[]): ClientId[] => people.map(({ id }) => id);
  const isAlive = (id: ClientId): boolean => alive.has(id);
  const rooms = place.rooms.map(({ name, members, invited, isPrivate }) => ({
    ...{ name, isPrivate, members: ids(members), invited: [...new Set(ids(invited))].filter(isAlive) },
  }));
  expect(
    after.rooms.rooms.map(({ name, members, invited, private: incarnation }) => ({
      ...{
        name: name.shown,
        isPrivate: incarnation !== undefined,
        members,
        invited: invited.filter(isAlive),
      },
    })),
  ).toEqual(rooms);
  // Whoever has lost its name says nothing any more: it need not be remembered.
  const named = ids(place.named);
  const ignored = ignoredIn(after);
  for (const { id, ignores } of place.people.filter(({ over }) => over === ''))
    expect(ignored.get(id)?.filter((one) => named.includes(one))).toEqual(
      ids(ignores.filter((one) => place.named.includes(one))),
    );
}

/** A reserved name is held by who has proven it, and nobody else has proven anything. */
export function expectProven({ after: { people, registry } }: Pick<Past, 'after'>): void {
  const owners = new Map(registry.names.map(({ key, owner }) => [key, owner]));
  const holders = new Map(people.names);
  for (const { party, state } of people.clients) {
    const key = state.name?.key ?? '';
    if (party.closing) expect(state.owner).toBeUndefined();
    else if (holders.get(key) === party.id) expect(state.owner).toBe(owners.get(key));
    else expect(state.owner).toBeUndefined();
  }
}

/** Whoever waits does so once, and for one. */
export function expectWaitingOnce({ after: { people } }: Pick<Past, 'after'>): void {
  const waiting = people.clients.flatMap(({ party }) => party.waiting);
  expect(new Set(waiting).size).toBe(waiting.length);
}

/** No more is reserved, banned or kept for those who are away than may be. */
export function expectWithinLimits({ after: { registry } }: Past, limits: ChatSettings): void {
  expect(registry.names.length).toBeLessThanOrEqual(limits.maxReserved);
  expect(registry.bans.length).toBeLessThanOrEqual(limits.maxBans);
  const sums = registry.names.map(({ mail, mailBytes }) => [mail, mailBytes] as const);
  for (const [mail] of sums) expect(mail).toBeLessThanOrEqual(limits.mailMax);
  expect(sums.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(limits.maxMail);
}

/** What somebody said in a room, and was heard, is kept once, as it was said; and what is kept stands in its order. */
export function expectKeptOnce({ deliveries, effects }: Pick<Past, 'deliveries' | 'effects'>): void {
  const kept = effects.flatMap((effect) => (effect.do === 'keep' ? [effect] : []));
  const heard = deliveries.flatMap(({ event }) =>
    event.type === 'message' && event.room !== undefined && !event.past && event.about === undefined
      ? [event]
      : [],
  );
  for (const { index, texts, from, room, stamp } of heard) {
    const same = kept.filter(({ said }) => said.index === index);
    expect(same).toMatchObject([{ said: { ...stamp, from, texts }, room: { shown: room } }]);
  }
  const lines = kept.flatMap(({ said: { index, texts } }) => texts.map((_, nth) => index + nth));
  expect(lines).toEqual([...new Set(lines)].sort((one, other) => one - other));
}

/** Those in a private room may look into it since the same turn. */
export function expectSameInsight({ after }: Past, place: Place): void {
  const byId = (one: readonly [string, number], other: readonly [string, number]): number =>
    one[0] < other[0] ? -1 : 1;
  for (const { name, insight, private: which } of after.rooms.rooms) {
    const room = place.room(name.shown);
    expect(which).toBe(room?.which);
    const since = [...(room?.since ?? [])].map(([{ id }, turn]) => [id, turn] as const);
    expect([...insight].sort(byId)).toEqual(since.sort(byId));
  }
}

function isJoin(input: Input): boolean {
  return input.type === 'line' && input.command.kind === 'word' && input.command.word === 'join';
}

function membersOf({ rooms }: Snapshot, name: string): readonly ClientId[] {
  return rooms.rooms.find((room) => room.name.shown === name)?.members ?? [];
}

function ignoredIn({ people }: Snapshot): Map<ClientId, readonly ClientId[]> {
  return new Map(people.clients.map(({ party, ignores }) => [party.id, ignores]));
}
