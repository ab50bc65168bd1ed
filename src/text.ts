/** The codec for people: how an event reads. The forms are in docs/protocol.md. */
import type { Codec } from './codec.ts';
import type { Answer, BanEntry, Event, Message, News, RoomEntry } from './event.ts';
import { explain } from './explain.ts';
import { timeOf } from './time.ts';

export const text: Codec = {
  encode: (event) => (event.type === 'message' ? lines(event) : other(event)),
};

/** The same, with its time on each line that a person wrote. */
export const timed: Codec = {
  encode: (event) => (event.type === 'message' ? lines(event, true) : other(event)),
};

function lines({ from, room, texts, about, past, stamp }: Message, isTimed = false): string {
  const at = isTimed || past ? ` at ${timeOf(stamp.time)}` : '';
  const where = room !== undefined ? ` in ${room}` : past?.to !== undefined ? ` to ${past.to}` : '';
  const head = `from ${from}${where}${at}: `;
  if (about !== undefined) return texts.map((text) => `${head}(${about}) ${text}`.trimEnd() + '\n').join('');
  if (texts.length === 1) return `${head}${texts.join()}\n`;
  // In one piece: V8 would copy all of it once more to put something before it or behind.
  const whole = [...texts];
  whole[0] = `${head}${String(texts[0])}`;
  whole.push('');
  return whole.join(`\n${head}`).slice(0, -head.length);
}

function other(event: Exclude<Event, Message>): string {
  switch (event.type) {
    case 'problem':
      return `! ${explain(event)}\n`;
    case 'unsent':
      return `! not sent ${String(event.number)}: ${event.problems.map(explain).join('; ')}\n`;
    case 'joined':
    case 'left':
    case 'renamed':
    case 'removed':
    case 'private':
    case 'invitation':
      return `* ${news(event)}\n`;
    default:
      return [answer(event)]
        .flat()
        .map((each) => `* ${each}\n`)
        .join('');
  }
}

function news(event: News): string {
  switch (event.type) {
    case 'joined':
      return `${event.name} joined ${event.room}`;
    case 'left':
      return `${listOf(event.names, event.more)} left ${event.room}`;
    case 'renamed':
      return `${event.was} is now ${event.name}`;
    case 'removed':
      return `${event.by} removed ${event.name} from ${event.room}`;
    case 'private':
      return `${event.by} made ${event.room} private`;
    case 'invitation':
      return `${event.by} invites you to ${event.room}; /join ${event.room}`;
  }
}

function answer(event: Answer): string | string[] {
  switch (event.type) {
    case 'help':
      return [
        '"bob: hello" goes to bob, "#ops: hello" to #ops; /help WORD tells more',
        ...event.commands.filter(({ minor }) => !minor).map(({ word, help }) => `/${word.padEnd(9)} ${help}`),
        `and ${event.commands
          .filter(({ minor }) => minor)
          .map(({ word }) => `/${word}`)
          .join(', ')}`,
      ];
    case 'command':
      return [`/${event.word} ${event.args}`.trimEnd(), event.help, `for example: ${event.example}`];
    case 'people':
      if (event.room === undefined) return `here: ${listOf(event.names, event.more)}`;
      return `in ${event.room}: ${listOf(event.names, event.more)}`;
    case 'entered':
      if (event.names.length + event.more === 0) return `nobody else is in ${event.room}`;
      return `in ${event.room}: ${listOf(event.names, event.more)}`;
    case 'person':
      return [
        `${event.name}: here since ${timeOf(event.since)}`,
        `idle for ${durationOf(event.idle)}`,
        ...(event.away ? ['away'] : []),
        ...(event.address ? [`from ${event.address}`] : []),
        ...(event.rooms.length > 0 ? [`with you in ${listOf(event.rooms, event.more)}`] : []),
      ].join(', ');
    case 'invited':
      return `${event.name} may join ${event.room}`;
    case 'rooms':
      if (event.rooms.length === 0) return 'there is no room; /join #ops opens one';
      return [...event.rooms.map(roomLine), ...(event.more > 0 ? [`and ${String(event.more)} more`] : [])];
    case 'target':
      return event.to.length === 0
        ? 'your lines go to whom they name'
        : `your lines go to ${event.to.join(', ')}`;
    case 'ignoring':
      return `you ignore ${event.names.join(', ') || 'nobody'}`;
    case 'away':
      return event.away ? 'you are away; /back ends it' : 'you are here';
    case 'format':
      return `format ${event.format}, time ${onOff(event.time)}`;
    case 'receipts':
      return `receipts ${onOff(event.on)}`;
    case 'receipt': {
      const rooms = event.rooms.map(({ room, people }) => `${String(people)} in ${room}`);
      const reached = [...event.to, ...rooms].join(', ');
      return [
        `sent ${String(event.number)}${reached === '' ? '' : ` to ${reached}`}`,
        ...(event.mailed.length > 0
          ? [`kept for ${event.mailed.join(', ')}${event.kept === false ? ' only' : ''}`]
          : event.kept === undefined
            ? []
            : [event.kept ? 'kept' : 'not kept']),
        ...(event.missed.length > 0 ? [`not ${event.missed.join(', ')}`] : []),
      ].join('; ');
    }
    case 'past':
      return past(event);
    case 'kept':
      return `${event.names.join(', ')} ${event.names.length === 1 ? 'is' : 'are'} away; kept for ${event.names.join(', ')}`;
    case 'reserved':
      return event.again
        ? `the password of ${event.name} is another one now`
        : `${event.name} is yours; from now on log in with "${event.name} PASSWORD"`;
    case 'unreserved':
      return `${event.name} is anybody's again`;
    case 'bans':
      if (event.bans.length === 0) return 'nobody is banned';
      return [...event.bans.map(banLine), ...(event.more > 0 ? [`and ${String(event.more)} more`] : [])];
    case 'ordered':
      return [
        ordered(event),
        ...(event.address === undefined
          ? []
          : [`who had the name can take another; "/ban ${event.address}" keeps out who comes from there`]),
      ];
    case 'storage':
      if (!event.ok)
        return event.node === undefined
          ? 'what is said is not kept: the disk is full, or broken'
          : `what is said is not kept on node ${event.node}: its disk is full, or broken`;
      return `what is said is kept again${event.node === undefined ? '' : ` on node ${event.node}`}${event.lost > 0 ? `; ${String(event.lost)} lines were lost` : ''}`;
    case 'cluster':
      return event.ok
        ? 'the cluster is back; what waited was sent'
        : 'the cluster is unreachable; your lines wait';
    case 'pong':
      return 'pong';
    case 'welcome':
      return event.text;
  }
}

function ordered({ deed, of, until }: Extract<Answer, { type: 'ordered' }>): string {
  // Who has left out the "for" sees it here.
  const end = until === undefined ? 'without end' : `until ${timeOf(until)}`;
  switch (deed) {
    case 'kick':
      return `put out ${of}`;
    case 'ban':
      return `banned ${of} ${end}`;
    case 'unban':
      return `${of} may come in again`;
    case 'mute':
      return `muted ${of} ${end}`;
    case 'unmute':
      return `${of} may speak again`;
  }
}

function banLine({ of, kind, until, by, why }: BanEntry): string {
  const what = kind === 'mute' ? `${of} may not speak` : of;
  return `${what}${until === undefined ? '' : ` until ${timeOf(until)}`}, by ${by}${why === '' ? '' : `: ${why}`}`;
}

function past({ of, what, lines, more, further }: Extract<Answer, { type: 'past' }>): string {
  const counted = `${String(lines)} ${lines === 1 ? 'line' : 'lines'}`;
  const rest = further === undefined ? 'there are more' : `/history ${what} ${String(further)} shows more`;
  switch (of) {
    case 'room':
      if (lines === 0) return `nothing that you may see was said in ${what}`;
      return more ? `${counted} of ${what}; ${rest}` : `that is all of ${what}`;
    case 'talk':
      if (lines === 0) return `you and ${what} said nothing`;
      return more ? `${counted}; ${rest}` : `that is all with ${what}`;
    case 'words':
      if (lines === 0) return `no line has ${what}`;
      return more ? `${counted}, and there are more; say it with more words` : `${counted} with ${what}`;
    case 'absence':
      if (lines === 0) return 'you missed nothing';
      return more
        ? `the last ${counted} that you missed; /history shows more of a room`
        : `you missed ${counted}`;
  }
}

const onOff = (is: boolean): string => (is ? 'on' : 'off');

const listOf = (names: readonly string[], more: number): string =>
  names.join(', ') + (more > 0 ? ` and ${String(more)} more` : '');

function roomLine({ room, people, mine, private: isPrivate }: RoomEntry): string {
  return `${room}: ${String(people)}${mine ? ', you are in it' : ''}${isPrivate ? ', private' : ''}`;
}

/** Seconds as people say it. */
function durationOf(seconds: number): string {
  const [count, unit] =
    UNITS.map(([size, name]) => [Math.floor(seconds / size), name] as const).find(([count]) => count > 0) ??
    [];
  return count === undefined ? '0 s' : `${String(count)} ${unit ?? ''}`;
}

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;
