/** News and answers in words. */
import { listed } from './name.js';

/** @typedef {import('./events.js').Told} Told */

/**
 * What the page says of it; undefined where it shows it otherwise, or not at all.
 *
 * @param {Told} told
 * @returns {string | undefined}
 */
export function wordsOf(told) {
  switch (told.type) {
    case 'joined':
      return `${told.name} came in.`;
    case 'left':
      return `${listed(told.names, told.more)} left.`;
    case 'renamed':
      return `${told.was} is now ${told.name}.`;
    case 'removed':
      return `${told.by} removed ${told.name} from ${told.room}.`;
    case 'private':
      return `${told.by} made ${told.room} private: only those invited may come in.`;
    case 'invitation':
      return `${told.by} invites you to ${told.room}.`;
    case 'invited':
      return `${told.name} may come into ${told.room} now.`;
    case 'entered':
      return told.names.length === 0
        ? `You are in ${told.room}. Nobody else is here yet.`
        : `You are in ${told.room}, with ${listed(told.names, told.more)}.`;
    case 'people':
      return `${told.room === undefined ? 'Here' : `In ${told.room}`}: ${listed(told.names, told.more)}.`;
    case 'person':
      return aboutPerson(told);
    case 'rooms':
      return told.rooms.length === 0 ? 'There are no rooms yet.' : told.rooms.map(aboutRoom).join('\n');
    case 'help':
      return told.commands.map(({ word, args, help }) => `${`/${word} ${args}`.trim()} – ${help}`).join('\n');
    case 'command':
      return `${`/${told.word} ${told.args}`.trim()} – ${told.help}. For example: ${told.example}`;
    case 'ignoring':
      return told.names.length === 0 ? 'You ignore nobody.' : `You ignore ${listed(told.names)}.`;
    case 'away':
      return told.away ? 'You are away now; who writes to you is told so. /back ends it.' : 'You are back.';
    case 'pong':
      return 'The server is there.';
    case 'welcome':
    case 'error':
      return told.text;
    default:
      return undefined;
  }
}

/** @param {import('./events.js').Person} person */
function aboutPerson({ name, since, idle, away, rooms, more }) {
  const facts = [
    `here since ${clock(since)}`,
    idle < 2 ? 'heard of just now' : `last heard of ${spell(idle)} ago`,
  ];
  if (away) facts.push('away');
  if (rooms.length > 0) facts.push(`with you in ${listed(rooms, more)}`);
  return `${name}: ${facts.join(', ')}.`;
}

/** @param {import('./events.js').RoomEntry} entry */
const aboutRoom = ({ room, people, mine, private: isPrivate }) =>
  `${room} – ${counted(people, 'person', 'people')}${mine ? ', you are in it' : ''}${isPrivate ? ', private' : ''}`;

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/**
 * A time that passed, as people say it.
 *
 * @param {number} seconds
 */
export function spell(seconds) {
  const whole = Math.round(seconds);
  if (whole < 120) return counted(whole, 'second', 'seconds');
  if (whole < 7200) return `${Math.round(whole / 60)} minutes`;
  return `${Math.round(whole / 3600)} hours`;
}

const HOURS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/**
 * Hours and minutes where the reader is.
 *
 * @param {string | number} time
 */
export const clock = (time) => HOURS.format(new Date(time));

/** @param {number} time */
export const dayOf = (time) => DAY.format(new Date(time));
