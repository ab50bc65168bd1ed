/** How lines look that were said before and are told again: together, apart from what is said now. */
import { made } from './elements.js';
import { entryElement, offerElement } from './entry.js';
import { dayOf } from './words.js';

/** @typedef {import('./conversation.js').Past} Past */

/** Lines that the server tells at most. */
const MOST = 1000;

/**
 * @param {Past} past
 * @param {import('./entry.js').Wishes} wishes
 */
export function pastElement(past, wishes) {
  const title = made('p', 'past-title', `${past.text}`);
  const lines = made('div', 'past-lines');
  // They are there to be read, as many as they are, not to be read out.
  lines.setAttribute('aria-live', 'off');
  const today = dayOf(Date.now());
  let last = today;
  /** @type {import('./conversation.js').Said | undefined} */ let before;
  for (const line of past.lines) {
    const day = dayOf(line.at);
    if (day !== last) lines.append(made('div', 'mark day', made('span', '', day)));
    if (day !== last || past.of === 'words') before = undefined;
    lines.append(entryElement(line, before, wishes));
    before = line;
    last = day;
  }
  const block = made('div', 'past', title, lines);
  block.dataset['lines'] = String(past.lines.length);
  block.setAttribute('role', 'group');
  block.setAttribute('aria-label', past.text);
  const end = endOf(past, wishes.take);
  if (end) block.append(end);
  return block;
}

/**
 * What there is beyond them.
 *
 * @param {Past} past
 * @param {import('./entry.js').Wishes['take']} take
 */
function endOf({ of, what, lines, more }, take) {
  if (of === 'mail') return undefined;
  if (!more) return made('p', 'past-end', of === 'words' ? 'That is all that was found.' : 'That is all.');
  const count = Math.min(MOST, 2 * lines.length);
  if ((of !== 'room' && of !== 'talk') || count <= lines.length)
    return made('p', 'past-end', 'There is more.');
  return made(
    'p',
    'past-end',
    'There is more. ',
    offerElement({ label: `Read ${count} lines`, line: `/history ${what} ${count}` }, take),
  );
}
