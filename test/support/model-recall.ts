/** What was said before, in the model of the chat: who asks, for what, and what it is told. */
import type { Found, Insight, Place as WherePlace, Query } from '../../src/past.ts';
import { NOT_NOW, NOT_YOURS, retell } from './model-book.ts';
import { isRoom, type Person, type Place, type Room } from './model-place.ts';
import { isPrivate } from './model-talk.ts';

/** Somebody waits for an answer, and does that with it; undefined where nothing can be found now. */
export interface Question {
  readonly answered: (found: Found | undefined) => void;
}

const USUAL = 20;
const usage = (word: string, example: string): string =>
  `! write it like "/${word} ${example}"; /help ${word} tells more`;
const isCount = (word: string | undefined): word is string => word !== undefined && /^\d+$/.test(word);

/** `me` waits until that is found, or knows at once that it will not be. */
function ask(place: Place, me: Person, query: Query, told: (found: Found) => string): void {
  const answered = (found: Found | undefined): void => {
    me.spokeAt = place.now;
    if (!found) {
      me.hears.push(NOT_NOW);
      return;
    }
    retell(place, me, found);
    me.hears.push(`* ${told(found)}`);
  };
  if (me.leaving) {
    answered(undefined);
    return;
  }
  place.book.recall(me, query);
  me.question = { answered };
}

export function history(place: Place, me: Person, words: readonly string[]): void {
  const [first, second] = words;
  const isShort = isCount(first) && second === undefined;
  const target = isShort || first === undefined ? usualTarget(me) : first;
  const count = isShort ? first : (second ?? String(USUAL));
  if (target === undefined || !isCount(count)) me.hears.push(usage('history', '#ops 50'));
  else if (isRoom(target)) historyOf(place, me, target, Number(count));
  else if (me.owner === undefined) me.hears.push(NOT_YOURS);
  else {
    const peer = target.toLowerCase();
    ask(place, me, { of: 'talk', owner: me.owner, peer, count: Number(count) }, ({ lines, more }) => {
      if (lines.length === 0) return `you and ${target} said nothing`;
      return more
        ? `${counted(lines)}; /history ${target} ${String(2 * lines.length)} shows more`
        : `that is all with ${target}`;
    });
  }
}

export function historyOf(place: Place, me: Person, name: string, count: number): void {
  const room = place.room(name);
  if (room?.isPrivate === true && !room.members.includes(me)) {
    me.hears.push(isPrivate([room.name]));
    return;
  }
  const after = room?.since.get(me) ?? 0;
  const query: Query = { of: 'room', room: whereOf(room, name), after, owner: me.owner, count };
  ask(place, me, query, ({ lines, more }) => {
    const what = place.room(name)?.name ?? name;
    if (lines.length === 0) return `nothing that you may see was said in ${what}`;
    return more
      ? `${counted(lines)} of ${what}; /history ${what} ${String(2 * lines.length)} shows more`
      : `that is all of ${what}`;
  });
}

export function search(place: Place, me: Person, some: readonly string[]): void {
  const last = some.at(-1);
  const name = last !== undefined && isRoom(last) ? last : undefined;
  const words = (name === undefined ? some : some.slice(0, -1)).join(' ');
  const room = name === undefined ? undefined : place.room(name);
  if (words === '') me.hears.push(usage('search', 'disk full #ops'));
  else if (room?.isPrivate === true && !room.members.includes(me)) me.hears.push(isPrivate([room.name]));
  else {
    const insights = me.rooms.flatMap(({ which, since }): Insight[] =>
      which === undefined ? [] : [{ private: which, after: since.get(me) ?? 0 }],
    );
    const where = name === undefined ? undefined : whereOf(room, name);
    const query: Query = { of: 'words', words, room: where, insights, owner: me.owner, count: USUAL };
    ask(place, me, query, ({ lines, more }) => {
      if (lines.length === 0) return `no line has ${words}`;
      return more
        ? `${counted(lines)}, and there are more; say it with more words`
        : `${counted(lines)} with ${words}`;
    });
  }
}

export function catchUp(place: Place, me: Person): void {
  if (me.owner === undefined) me.hears.push(NOT_YOURS);
  else
    ask(place, me, { of: 'absence', owner: me.owner, count: 200 }, ({ lines, more }) => {
      if (lines.length === 0) return 'you missed nothing';
      return more
        ? `the last ${counted(lines)} that you missed; /history shows more of a room`
        : `you missed ${counted(lines)}`;
    });
}

/** Where the lines of `me` go, if that is one; or its only room. */
function usualTarget({ to, rooms }: Person): string | undefined {
  if (to.length > 0) return to.length === 1 ? to[0] : undefined;
  return rooms.length === 1 ? rooms[0]?.name : undefined;
}

const counted = ({ length }: readonly unknown[]): string =>
  `${String(length)} ${length === 1 ? 'line' : 'lines'}`;

const whereOf = (room: Room | undefined, name: string): WherePlace => ({
  ...{ key: name.toLowerCase(), shown: room?.name ?? name, private: room?.which },
});
