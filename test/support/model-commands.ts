/** What the commands do, in the model of the chat. */
import { enteredLine, isOperator, nameReserved, NOT_YOURS } from './model-book.ts';
import { ORDERS, putOut } from './model-order.ts';
import { catchUp, history, historyOf, search } from './model-recall.ts';
import { isName, isRoom, type Person, type Place, type Room, same } from './model-place.ts';
import { isPrivate, listOf, namesIn, say } from './model-talk.ts';
import { HERE } from './turn.ts';

/** How many rooms somebody may be in. */
export const MOST_ROOMS = 2;
export const NOT_A_NAME = '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another';
const AGAIN = 'type another';
const ELSE = '/name takes another';
const NOT_A_ROOM = '! a room is "#" and a name, like #ops';

/** Changes the place by what `me` asked for, with so many words behind the command; `rest` is the same as it was. */
type Rule = (place: Place, me: Person, words: readonly string[], rest: string) => void;

const EXAMPLES = {
  ...{ join: '#ops', leave: '#ops', private: '#ops', invite: 'bob #ops', unignore: 'bob', name: 'robert' },
  ...{ kick: 'bob #ops please stop that', msg: 'bob, #ops: hello' },
};
const usage = (word: keyof typeof EXAMPLES): string =>
  `! write it like "/${word} ${EXAMPLES[word]}"; /help ${word} tells more`;

export const COMMANDS: Readonly<Record<string, Rule>> = {
  ...ORDERS,
  ...{ history, search, catchup: catchUp },
  unreserve(place, me) {
    const { owner, name } = me;
    if (owner === undefined) {
      me.hears.push(NOT_YOURS);
      return;
    }
    place.book.disown(me);
    place.book.names = place.book.names.filter((one) => !same(one.name, name));
    place.book.done.push(`release ${name.toLowerCase()} ${owner}`);
    me.hears.push(`* ${name} is anybody's again`);
  },
  join(place, me, names) {
    const [only = '', count = ''] = names;
    if (names.length === 2 && isRoom(only) && /^\d+$/.test(count)) {
      const before = me.hears.length;
      join(place, me, only);
      const room = place.room(only);
      if (room?.members.includes(me) === true) historyOf(place, me, only, Number(count));
      else if (me.hears.length === before) throw new Error('it is not told why');
      return;
    }
    if (names.length === 0) me.hears.push(usage('join'));
    for (const name of names) join(place, me, name);
  },
  leave(place, me, names) {
    if (names.length === 0) me.hears.push(usage('leave'));
    for (const name of names)
      inRoom(place, me, name, (room) => {
        place.tell(room, `* ${me.name} left ${room.name}`);
        place.leave(me, room);
      });
  },
  rooms(place, me) {
    const others = place.rooms.filter((room) => !room.isPrivate && !me.rooms.includes(room));
    if (me.rooms.length + others.length === 0) me.hears.push('* there is no room; /join #ops opens one');
    for (const { name, members, isPrivate } of [...me.rooms, ...others]) {
      const mine = members.includes(me) ? ', you are in it' : '';
      me.hears.push(`* ${name}: ${String(members.length)}${mine}${isPrivate ? ', private' : ''}`);
    }
  },
  private(place, me, [name]) {
    if (name === undefined) me.hears.push(usage('private'));
    else
      inOwnRoom(place, me, name, (room) => {
        place.hide(room);
        place.tell(room, `* ${me.name} made ${room.name} private`);
      });
  },
  invite(place, me, [whom, name]) {
    if (whom === undefined || name === undefined || isRoom(whom) || !isRoom(name))
      me.hears.push(usage('invite'));
    else
      inRoom(place, me, name, (room) => {
        withPerson(place, me, whom, (guest) => {
          room.invited.push(guest);
          if (guest !== me && !guest.ignores.includes(me))
            guest.hears.push(`* ${me.name} invites you to ${room.name}; /join ${room.name}`);
          me.hears.push(`* ${guest.name} may join ${room.name}`);
        });
      });
  },
  kick(place, me, [whom, name, ...why]) {
    if (whom !== undefined && !isRoom(whom) && (name === undefined || !isRoom(name)) && isOperator(me)) {
      putOut(place, me, whom, [name ?? '', ...why].join(' ').trim());
      return;
    }
    if (whom === undefined || name === undefined || isRoom(whom) || !isRoom(name))
      me.hears.push(usage('kick'));
    else
      inOwnRoom(place, me, name, (room) => {
        const guest = place.holder(whom);
        if (!guest || !room.members.includes(guest)) {
          me.hears.push(`! ${whom} is not in ${room.name}`);
          return;
        }
        place.tell(room, `* ${me.name} removed ${guest.name} from ${room.name}`);
        if (why.length > 0) place.say(me, room, `(kick) ${why.join(' ')}`);
        room.invited = room.invited.filter((one) => one !== guest);
        place.leave(guest, room);
      });
  },
  who(place, me, [of]) {
    if (of === undefined) me.hears.push(`* here: ${place.named.map(({ name }) => name).join(', ')}`);
    else if (isRoom(of)) whoIn(place, me, of);
    else
      withPerson(place, me, of, (one) => {
        me.hears.push(`* ${about(one, me, place.now)}`);
      });
  },
  name(place, me, [name, more]) {
    if (name === undefined) me.hears.push(usage('name'));
    else if (more !== undefined || !isName(name)) me.hears.push(NOT_A_NAME.replace(AGAIN, ELSE));
    else if (!same(name, me.name) && place.book.of(name)) me.hears.push(nameReserved(name, '/name '));
    else if (isTaken(place, me, name) || (!same(name, me.name) && place.book.ban('name', name)))
      me.hears.push(`! the name ${name} is taken; ${ELSE}`);
    else place.call(me, name);
  },
  away(_place, me, _words, text) {
    me.away = { text, told: [] };
    me.hears.push('* you are away; /back ends it');
  },
  back(_place, me) {
    me.away = undefined;
    me.hears.push('* you are here');
  },
  ignore(place, me, [name]) {
    if (name === undefined) tellIgnored(place, me);
    else
      withPerson(place, me, name, (one) => {
        if (one !== me && !me.ignores.includes(one)) me.ignores.push(one);
        tellIgnored(place, me);
      });
  },
  unignore(place, me, [name]) {
    if (name === undefined) me.hears.push(usage('unignore'));
    else
      withPerson(place, me, name, (one) => {
        me.ignores = me.ignores.filter((other) => other !== one);
        tellIgnored(place, me);
      });
  },
  to(_place, me, names) {
    const absent = names.filter((name) => !isName(name) && !isRoom(name));
    if (absent.length > 0) {
      me.hears.push(`! ${listOf(absent)} not here`);
      return;
    }
    const once = names.filter((name, index) => names.findIndex((one) => same(one, name)) === index);
    if (names.length > 0) me.to = names.join() === 'none' ? [] : once;
    const where = me.to.length === 0 ? 'whom they name' : me.to.join(', ');
    me.hears.push(`* your lines go to ${where}`);
  },
  msg(place, me, _words, rest) {
    const colon = rest.indexOf(':');
    const to = namesIn(rest.slice(0, Math.max(0, colon)));
    if (to.length === 0) me.hears.push(usage('msg'));
    else say(place, me, to, rest.slice(colon + 1).trim());
  },
  me(place, me, _words, text) {
    if (me.to.length === 0) me.hears.push('! say where your lines go first, like "/to #ops"');
    else say(place, me, me.to, `/me ${text}`.trimEnd());
  },
  ping(_place, me) {
    me.hears.push('* pong');
  },
  quit(place, me) {
    place.quit(me, 'quit');
  },
};

/** Does somebody else hold `name`, and would not yield it? */
export function isTaken(place: Place, person: Person, name: string): boolean {
  const holder = place.holder(name);
  return holder !== undefined && holder !== person && !holder.halfClosed;
}

const newRoom = (name: string): Room => ({
  ...{ name, members: [], invited: [], isPrivate: false, left: [] },
  ...{ which: undefined, since: new Map() },
});

function join(place: Place, me: Person, name: string): void {
  if (!isRoom(name)) {
    me.hears.push(NOT_A_ROOM);
    return;
  }
  const room = place.room(name) ?? newRoom(name);
  const isNew = !room.members.includes(me);
  if (!place.admits(room, me)) {
    me.hears.push(isPrivate([room.name]));
  } else if (isNew && me.rooms.length === MOST_ROOMS) {
    me.hears.push(`! you are in ${String(MOST_ROOMS)} rooms already; /leave one first`);
  } else {
    if (isNew) place.tell(room, `* ${me.name} joined ${room.name}`);
    const others = room.members.filter((one) => one !== me).map(({ name }) => name);
    me.hears.push(enteredLine(room.name, others));
    if (isNew) place.enter(me, room);
  }
}

function inRoom(place: Place, me: Person, name: string, act: (room: Room) => void): void {
  const room = me.rooms.find((one) => one === place.room(name));
  if (room) act(room);
  else me.hears.push(isRoom(name) ? `! you are not in ${name}` : NOT_A_ROOM);
}

/** The same, for who opened the room, or is in it for longest since. */
function inOwnRoom(place: Place, me: Person, name: string, act: (room: Room) => void): void {
  inRoom(place, me, name, (room) => {
    const [opener] = room.members;
    if (opener === me) act(room);
    else me.hears.push(`! only ${opener?.name ?? ''} may do that in ${room.name}`);
  });
}

function withPerson(place: Place, me: Person, name: string, act: (person: Person) => void): void {
  const person = place.holder(name);
  if (person) act(person);
  else me.hears.push(`! ${name} is not here`);
}

function whoIn(place: Place, me: Person, name: string): void {
  const room = place.room(name);
  if (!room) me.hears.push(`! nobody is in ${name}`);
  else if (!place.admits(room, me)) me.hears.push(isPrivate([room.name]));
  else me.hears.push(`* in ${room.name}: ${room.members.map((one) => one.name).join(', ')}`);
}

function about(one: Person, me: Person, now: number): string {
  const idle = Math.floor(now / 1000) - Math.floor(one.spokeAt / 1000);
  const shared = me.rooms.filter((room) => one.rooms.includes(room)).map(({ name }) => name);
  return [
    `${one.name}: here since ${new Date(one.since).toISOString().slice(0, 19)}Z`,
    `idle for ${idle < 60 ? `${String(idle)} s` : `${String(Math.floor(idle / 60))} min`}`,
    ...(one.away ? ['away'] : []),
    ...(isOperator(me) ? [`from ${HERE}`] : []),
    ...(shared.length > 0 ? [`with you in ${shared.join(', ')}`] : []),
  ].join(', ');
}

/** Whoever has lost its name to somebody else can't be meant by it any more. */
function tellIgnored(place: Place, me: Person): void {
  const names = me.ignores.filter((one) => place.named.includes(one)).map(({ name }) => name);
  me.hears.push(`* you ignore ${names.join(', ') || 'nobody'}`);
}
