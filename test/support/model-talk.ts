/** What a line of talk does, in the model of the chat. */
import type { Owned } from './model-book.ts';
import { isRoom, same, type Person, type Place, type Room } from './model-place.ts';

export const NO_RECIPIENT = '! say who it is for, like "bob: hello"; /help tells more';

export const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `person` says `text` to all of `to`, people and rooms. */
export function say(place: Place, person: Person, to: readonly string[], text: string): void {
  if (to.length === 0) {
    person.hears.push(NO_RECIPIENT);
    return;
  }
  if (person.mute) {
    const { why } = person.mute;
    person.hears.push(`! you may not speak here${why === '' ? '' : ` (${why})`}; it was not sent`);
    return;
  }
  const { book } = place;
  const away: Owned[] = [];
  const named: Person[] = [];
  const rooms: Room[] = [];
  const absent: string[] = [];
  const barred: { why: (rooms: readonly string[]) => string; rooms: string[] }[] = [];
  for (const name of to) {
    if (isRoom(name)) {
      const room = place.room(name);
      const why = whyNot(place, person, room);
      if (!why) {
        if (room && !rooms.includes(room)) rooms.push(room);
        continue;
      }
      let others = barred.find((one) => one.why === why);
      if (!others) barred.push((others = { why, rooms: [] }));
      if (!others.rooms.some((other) => same(other, name))) others.rooms.push(name);
    } else {
      const reached = place.reachedAs(name);
      const one = reached?.gone === true ? undefined : reached;
      const owned = one ? undefined : book.of(name);
      if (one && !named.includes(one)) named.push(one);
      if (owned && !away.includes(owned)) away.push(owned);
      if (!one && !owned && !absent.some((other) => same(other, name))) absent.push(name);
    }
  }
  for (const one of named) if (!one.ignores.includes(person)) one.hears.push(`from ${person.name}: ${text}`);
  for (const one of named) {
    book.talk(person.owner, true, one.name, text);
    if (one !== person && !one.ignores.includes(person)) book.talk(one.owner, false, person.name, text);
  }
  const full = mail(place, person, away, text);
  // Who is reached twice hears it once.
  const heard = [...named];
  for (const room of rooms) {
    place.say(person, room, text, heard);
    book.keep(person, room, text);
    heard.push(...room.members);
  }
  for (const one of named) tellAway(person, one);
  if (full.length > 0)
    person.hears.push(`! so much waits for ${full.join(', ')} already that no more is kept`);
  if (absent.length > 0) person.hears.push(`! ${listOf(absent)} not here`);
  for (const { why, rooms } of barred) person.hears.push(why(rooms));
}

/** What there is room for waits for those who are away; gives for whom there is none. */
function mail(place: Place, person: Person, away: readonly Owned[], text: string): string[] {
  const kept: string[] = [];
  const full: string[] = [];
  for (const owned of away) {
    const fits = place.book.hasRoomFor(owned, text);
    (fits ? kept : full).push(owned.name);
    if (fits) place.book.mail(person, owned, text);
  }
  // It hears of it once that is so.
  if (kept.length > 0) person.unanswered++;
  return full;
}

export const listOf = (names: readonly string[]): string =>
  `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'}`;

const nobody = (rooms: readonly string[]): string => `! nobody is in ${rooms.join(', ')}`;
const nobodyElse = (rooms: readonly string[]): string => `! nobody else is in ${rooms.join(', ')}`;
export const isPrivate = (rooms: readonly string[]): string =>
  `! ${listOf(rooms)} private; somebody in it can /invite you`;

/** Why `person` can't say anything in the room. */
function whyNot(place: Place, person: Person, room: Room | undefined): typeof nobody | undefined {
  if (!room) return nobody;
  if (!place.admits(room, person)) return isPrivate;
  return room.members.every((one) => one === person) ? nobodyElse : undefined;
}

/** Whoever writes to `one`, who is away, is told so once; but who ignores it hears nothing of it. */
function tellAway(person: Person, one: Person): void {
  if (!one.away || one.away.told.includes(person) || person.ignores.includes(one)) return;
  one.away.told.push(person);
  person.hears.push(`from ${one.name}: (away) ${one.away.text}`.trimEnd());
}
