/** The codec for people: how an event reads. The forms are in docs/protocol.md. */
import type { Codec } from './codec.ts';
import type { Answer, Event, Message, News, RoomEntry } from './event.ts';
import { explain } from './explain.ts';

export const text: Codec = {
  encode: (event) => (event.type === 'message' ? lines(event) : other(event)),
};

/** The same, with its time on each line that a person wrote. */
export const timed: Codec = {
  encode: (event) =>
    event.type === 'message' ? lines(event, ` at ${timeOf(event.stamp.time)}`) : other(event),
};

function lines({ from, room, texts, about }: Message, at = ''): string {
  const head = room === undefined ? `from ${from}${at}: ` : `from ${from} in ${room}${at}: `;
  if (about !== undefined) return texts.map((text) => `${head}(${about}) ${text}`.trimEnd() + '\n').join('');
  if (texts.length === 1) return `${head}${texts.join()}\n`;
  // In one piece: V8 would copy all of it once more to put something before it or behind.
  const whole = [...texts];
  whole[0] = `${head}${String(texts[0])}`;
  whole.push('');
  return whole.join(`\n${head}`).slice(0, -head.length);
}

/** RFC 3339, to the second. */
const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

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
        ...event.commands.map(({ word, help }) => `/${word.padEnd(9)} ${help}`),
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
      const missed = event.missed.length === 0 ? '' : `; not ${event.missed.join(', ')}`;
      return `sent ${String(event.number)} to ${[...event.to, ...rooms].join(', ')}${missed}`;
    }
    case 'pong':
      return 'pong';
    case 'welcome':
      return event.text;
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
