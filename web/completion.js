/** How the word before the caret could go on. */
import { keyOf } from './name.js';

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
/** They are of no use on a page that depends on them. */
const NOT_HERE = ['format', 'receipts'];

/**
 * @param {string} text up to the caret
 * @param {Known} known
 * @returns {Completion}
 */
export function completionOf(text, { commands, rooms, people }) {
  const from = lastWordOf(text);
  const word = text.slice(from);
  if (word.startsWith('/') && from === 0) {
    const choices = commands
      .filter(
        (command) => `/${command.word}`.startsWith(word.toLowerCase()) && !NOT_HERE.includes(command.word),
      )
      .map(({ word, args, help }) => ({
        insert: args === '' ? `/${word}` : `/${word} `,
        label: `/${word} ${args}`.trimEnd(),
        hint: help,
      }));
    return { from, asked: true, choices };
  }
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
 * Where the last word begins. Looked for from its end: an expression that ends in `$` begins anew at each letter of a long text.
 *
 * @param {string} text
 */
function lastWordOf(text) {
  let from = text.length;
  while (from > 0 && !GAP.test(text.charAt(from - 1))) from--;
  return from;
}
