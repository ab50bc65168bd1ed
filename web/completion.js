/** How the word before the caret could go on. */
import { keyOf } from './name.js';
import { isFixed, isSecret } from './typed.js';

/**
 * @typedef {object} Choice
 * @property {string} insert what stands there then
 * @property {string} label
 * @property {string} hint maybe empty
 */
/**
 * @typedef {object} Known
 * @property {readonly import('./events.js').CommandHelp[]} commands
 * @property {readonly string[]} rooms
 * @property {readonly string[]} people
 */
/**
 * @typedef {object} Completion
 * @property {number} from where the word begins
 * @property {boolean} asked it is offered without being asked for: commands and rooms are
 * @property {Choice[]} choices
 */

const MOST = 50;
/** Characters beyond which nothing that was typed is the beginning of a name. */
const LONGEST = 128;
const GAP = /[\s,]/u;
/** A command and the word behind it. */
const ARGUMENT = /^\/(\S+)\s+(?:(\S+)\s+)?\S*$/u;
/** What may stand behind a command if nothing else may: `on | off`. */
const ALTERNATIVES = /^[a-z]+(?: \| [a-z]+)+$/u;
/** For how long, of commands that take it. */
const TERMS = ['for 10min', 'for 2h', 'for 7d'];

/**
 * @param {string} text up to the caret
 * @param {Known} known
 * @returns {Completion}
 */
export function completionOf(text, { commands, rooms, people }) {
  const from = lastWordOf(text);
  const word = text.slice(from);
  if (isSecret(text)) return { from, asked: false, choices: [] };
  if (word.startsWith('/') && from === 0) {
    const choices = commands
      .filter((command) => `/${command.word}`.startsWith(word.toLowerCase()) && !isFixed(command.word))
      .map(({ word, args, help }) => ({
        insert: args === '' ? `/${word}` : `/${word} `,
        label: `/${word} ${args}`.trimEnd(),
        hint: help,
      }));
    return { from, asked: true, choices };
  }
  const words = argumentsOf(text, commands).filter(
    (one) => word !== '' && one.startsWith(word.toLowerCase()),
  );
  if (words.length > 0)
    return { from, asked: true, choices: words.map((one) => ({ insert: `${one} `, label: one, hint: '' })) };
  const end = text.startsWith('/msg ') && !text.includes(':') ? ': ' : ' ';
  const isRoom = word.startsWith('#');
  const names = isRoom ? rooms : people;
  const key = word.length > LONGEST ? '' : keyOf(word);
  const choices = names
    .filter((name) => key !== '' && keyOf(name).startsWith(key))
    .slice(0, MOST)
    .map((name) => ({ insert: name + end, label: name, hint: '' }));
  return { from, asked: isRoom, choices };
}

/**
 * The words that the last one may be, where they are known from the command.
 *
 * @param {string} text
 * @param {Known['commands']} commands
 * @returns {readonly string[]}
 */
function argumentsOf(text, commands) {
  const [, command, before] = (text.length <= LONGEST && ARGUMENT.exec(text)) || [];
  const { word = '', args = '' } = commands.find((one) => one.word === command?.toLowerCase()) ?? {};
  if (before !== undefined) return args.startsWith('NAME') && args.includes('[for TIME]') ? TERMS : [];
  if (word === 'help') return commands.map((one) => one.word).filter((one) => !isFixed(one));
  return ALTERNATIVES.test(args) ? args.split(' | ') : [];
}

/**
 * Where the last word begins. Looked for from its end: an expression that ends in `$` begins anew at each letter of a long text.
 *
 * @param {string} text
 */
function lastWordOf(text) {
  let from = text.length;
  while (from > 0 && !GAP.test(text.charAt(from - 1))) from--;
  return from;
}
