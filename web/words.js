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
    case 'kept':
      return `Kept for ${listed(told.names)}, who ${told.names.length > 1 ? 'are' : 'is'} away.`;
    case 'reserved':
      return told.again
        ? `The password of ${told.name} is another one now.`
        : `${told.name} is yours from now on. Next time, come in with its password.`;
    case 'unreserved':
      return `${told.name} is anybody’s again, and what was kept for it is gone.`;
    case 'past':
      return pastWords(told);
    case 'bans':
      return told.bans.length === 0
        ? 'Nobody is kept out, and everybody may speak.'
        : [...told.bans.map(aboutBan), ...(told.more > 0 ? [`and ${told.more} more`] : [])].join('\n');
    case 'ordered':
      return aboutDeed(told);
    case 'storage':
      if (!told.ok)
        return `What is said is not kept now${onNode(told)}: the disk of the server is full, or broken. The chat goes on.`;
      return `What is said is kept again${onNode(told)}.${told.lost > 0 ? ` Meanwhile ${counted(told.lost, 'line was', 'lines were')} lost.` : ''}`;
    case 'cluster':
      return told.ok
        ? 'The servers can reach each other again; what waited was sent.'
        : 'The servers cannot reach each other; what you say waits.';
    case 'welcome':
      return told.text;
    case 'error':
      return explained(told);
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
 * What was told again, or that there was nothing.
 *
 * @param {import('./events.js').PastEnd} past
 */
export function pastWords({ of, what, lines }) {
  const some = lines === 0 ? 'Nothing' : counted(lines, 'line', 'lines');
  switch (of) {
    case 'room':
      return lines === 0
        ? `Nothing that was said in ${what} before is kept.`
        : `${some} said before in ${what}`;
    case 'talk':
      return lines === 0
        ? `Nothing that you and ${what} said before is kept.`
        : `${some} that you and ${what} said before`;
    case 'words':
      return `${some} with “${what}”${lines === 0 ? ' is kept.' : ', the newest first'}`;
    case 'absence':
      return lines === 0
        ? 'Nothing was said in your rooms while you were gone.'
        : `${some} said in your rooms while you were gone`;
  }
}

/** @param {import('./events.js').BanEntry} ban */
const aboutBan = ({ of, kind, by, why, until }) =>
  `${of} – may not ${kind === 'mute' ? 'speak' : 'come in'}${untilWords(until)}, by ${by}${why === '' ? '' : `: ${why}`}`;

/** @param {import('./events.js').Ordered} ordered */
function aboutDeed({ deed, of, until }) {
  switch (deed) {
    case 'kick':
      return `${of} is put out, and may come again.`;
    case 'ban':
      return `${of} may not come in${until === undefined ? ' any more' : untilWords(until)}.`;
    case 'unban':
      return `${of} may come in again.`;
    case 'mute':
      return `${of} may not speak${until === undefined ? ' any more' : untilWords(until)}.`;
    case 'unmute':
      return `${of} may speak again.`;
    default:
      return undefined;
  }
}

/** @param {string | undefined} until */
const untilWords = (until) => (until === undefined ? '' : ` until ${momentOf(until)}`);

/**
 * What the server says of a problem, with the time as it is where the reader is; that it closes the connection is seen.
 *
 * @param {import('./events.js').Problem} problem
 */
export function explained({ text, until }) {
  const why = text.replace(/; closing$/u, '');
  return until === undefined ? why : why.replace(until.replace(/\.\d+Z$/u, 'Z'), momentOf(until));
}

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

/**
 * The same, with the day where that is not today.
 *
 * @param {string | number} time
 */
export function momentOf(time) {
  const then = new Date(time).getTime();
  return dayOf(then) === dayOf(Date.now()) ? clock(then) : `${dayOf(then)}, ${clock(then)}`;
}

/** @param {number} time */
export const dayOf = (time) => DAY.format(new Date(time));

/**
 * Of several servers.
 *
 * @param {{ node?: string }} told
 */
const onNode = ({ node }) => (node === undefined ? '' : ` on the node ${node}`);
