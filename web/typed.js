/** What a line that somebody typed asks for. */
import { isRoom } from './name.js';

/**
 * @typedef {{ do: 'say', to: string[], text: string, line: string }} Say `line` is what is sent; `to` are names and rooms
 * @typedef {{ do: 'ask', word: string, rest: string, line: string }} Ask a command
 * @typedef {{ do: 'turn', to: string }} Turn to another conversation; to the server's, if empty
 * @typedef {{ do: 'refuse', why: string }} Refuse
 * @typedef {Say | Ask | Turn | Refuse} Wish
 */

/** Words that the page has to keep to itself: it speaks JSON, and counts its lines. */
const FIXED = new Map([
  ['format', 'This page needs the format that it has.'],
  ['receipts', 'This page always asks for receipts.'],
  ['time', 'This page always tells the time.'],
]);
/** A password stands behind these: the server's word for it, and what it is called elsewhere. */
const SECRET =
  /^\/(?:(?:reserve|register|password|passwd|identify|login)\s+\S|(?:name|nick)[\s,]+[^\s,]+[\s,]+\S)/iu;
const NONE = 'none';
/** With it in front of the text, a line would be another one. */
const NOBODY = /[/:]/u;
/** Bytes of a message of a WebSocket that the server takes, whatever its longest line is. */
const MESSAGE = 64 * 1024;
const encoder = new TextEncoder();
/** What ends a line where somebody pastes it. For the server only the first is an end, so each line goes by itself. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/u;
/** What the server makes U+FFFD, and that before it looks for blanks (`safe.ts`). */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * The lines of a text; some may be blank.
 *
 * @param {string} text
 */
export const linesOf = (text) => text.split(LINE_END);

/**
 * Is there a password in the line? It is not to be seen, nor to come back.
 *
 * @param {string} line
 */
export const isSecret = (line) =>
  line.startsWith('/') && (SECRET.test(line) || SECRET.test(line.replace(UNSAFE, '\ufffd')));

/**
 * Is it of use on a page that depends on how the server speaks to it?
 *
 * @param {string} word of a command
 */
export const isFixed = (word) => FIXED.has(word);

/**
 * A line goes to the conversation in which it is typed, whatever it begins with, unless it is a command.
 *
 * @param {string} typed one line
 * @param {string} here the name or room of the conversation; empty in the server's
 * @returns {Wish}
 */
export function wishOf(typed, here) {
  const wish = meantBy(typed, here);
  if ('line' in wish && encoder.encode(wish.line).length > MESSAGE)
    return refuse('That line is longer than 64 KiB.');
  return wish;
}

/**
 * @param {string} typed
 * @param {string} here
 * @returns {Wish}
 */
function meantBy(typed, here) {
  if (typed.startsWith('/') && !typed.startsWith('//')) return command(typed.slice(1), here);
  const text = (typed.startsWith('/') ? typed.slice(1) : typed).trim();
  if (here === '') return refuse('Choose a room or somebody first; here you can type commands, like /help.');
  return say(here, text);
}

/**
 * What is sent is what was read here: the server may pass control characters on (`--raw`), and would read a blank where there
 * is none for others. Both have to agree which lines are commands, since these have no number.
 *
 * @param {string} typed behind the slash
 * @param {string} here
 * @returns {Wish}
 */
function command(typed, here) {
  const text = typed.trimEnd().replace(UNSAFE, '\ufffd');
  const blank = text.search(/\s/u);
  const end = blank < 0 ? text.length : blank;
  const name = text.slice(0, end).toLowerCase();
  const rest = text.slice(end).trimStart();
  const line = `/${text}`;
  const fixed = FIXED.get(name);
  if (fixed !== undefined) return refuse(fixed);
  switch (name) {
    case 'me':
      return here === '' ? refuse('Choose a room or somebody first.') : say(here, `/me ${rest}`.trim());
    case 'to':
      return turn(rest);
    case 'msg': {
      const colon = rest.indexOf(':');
      const to = rest.slice(0, Math.max(0, colon)).split(',');
      const names = to.map((name) => name.trim()).filter((name) => name !== '');
      return { do: 'say', to: names, text: rest.slice(colon + 1).trim(), line };
    }
    case 'history':
      // The server does not know which conversation is seen.
      if (here !== '' && /^\d*$/u.test(rest)) {
        const about = `${here} ${rest}`.trim();
        return { do: 'ask', word: name, rest: about, line: `/history ${about}` };
      }
      return { do: 'ask', word: name, rest, line };
    default:
      return { do: 'ask', word: name, rest, line };
  }
}

/**
 * @param {string} to
 * @returns {Wish}
 */
function turn(to) {
  const names = to.split(/[\s,]+/u).filter((name) => name !== '');
  const [name, another] = names;
  if (name === undefined) return refuse('Your lines go to the conversation that you see.');
  if (another !== undefined)
    return refuse(`For several at once, write /msg ${names.join(', ')}: and the text.`);
  if (NOBODY.test(name)) return refuse('Nobody is called that.');
  return { do: 'turn', to: name === NONE ? '' : name };
}

/**
 * Behind a blank no name is a command, not even one that nobody can have.
 *
 * @param {string} here
 * @param {string} text
 * @returns {Say}
 */
const say = (here, text) => ({
  ...{ do: 'say', to: [here], text },
  line: `${here.startsWith('/') ? ' ' : ''}${here}: ${text}`,
});

/**
 * @param {string} why
 * @returns {Refuse}
 */
const refuse = (why) => ({ do: 'refuse', why });

/**
 * The name that a line begins with, as one would write to somebody alone with netcat; here it goes to all the same.
 *
 * @param {string} typed
 * @param {string} here
 */
export function meantFor(typed, here) {
  const [, name] = /^([^\s:,/#]+)\s*:/u.exec(typed) ?? [];
  return isRoom(here) ? name : undefined;
}
