/** How one entry of a log looks. */
import { hueOf } from './colours.js';
import { made, unseen } from './elements.js';
import { partsOf } from './links.js';
import { clock } from './words.js';

/** @typedef {import('./conversation.js').Entry} Entry */
/** @typedef {import('./conversation.js').Said} Said */
/** @typedef {import('./conversation.js').Note} Note */
/** @typedef {import('./own-lines.js').OwnLine} OwnLine */

const ACTION = '/me ';
/** Milliseconds within which a name is shown once for what somebody says on end. */
const BREATH = 300_000;

/**
 * @param {Entry} entry
 * @param {Entry | undefined} before
 * @param {{ join: (room: string) => void, again: (text: string) => void }} wishes
 */
export function entryElement(entry, before, { join, again }) {
  const row = made('div', `entry ${entry.kind}`, timeOf(entry.at));
  if (goesOn(entry, before) && before && clock(before.at) === clock(entry.at))
    row.firstElementChild?.classList.add('again');
  if (entry.kind === 'note') row.append(...noteParts(entry, join));
  else row.append(...saidParts(entry, before));
  if (entry.kind === 'note' && entry.tone === 'trouble') row.classList.add('trouble');
  if (entry.kind === 'said' && entry.mine) row.append(made('div', 'fate'));
  if (entry.kind === 'said' && entry.mine) showFate(row, entry.mine, again);
  return row;
}

/**
 * @param {Note} note
 * @param {(room: string) => void} join
 */
function noteParts({ text, join: room }, join) {
  const body = made('div', 'text', text);
  body.dir = 'auto';
  if (room === undefined) return [body];
  const button = made('button', '', `Join ${room}`);
  button.type = 'button';
  button.addEventListener('click', () => join(room));
  body.append(' ', button);
  return [body];
}

/**
 * @param {Said} said
 * @param {Entry | undefined} before
 */
function saidParts(said, before) {
  const { from, text, about, elsewhere } = said;
  const isAction = text.startsWith(ACTION);
  const name = made('bdi', 'name', from);
  name.title = from;
  name.style.setProperty('--hue', String(hueOf(from)));
  const who = made('div', goesOn(said, before) ? 'who again' : 'who', name);
  if (about !== undefined) who.append(` (${about === 'away' ? 'away' : 'why'})`);
  who.append(unseen(isAction ? ' ' : ': '));
  const body = made(
    'div',
    isAction ? 'text action' : 'text',
    ...linked(isAction ? text.slice(ACTION.length) : text),
  );
  body.dir = 'auto';
  if (elsewhere !== undefined) body.prepend(made('span', 'hint', 'to ', made('bdi', '', elsewhere), ': '));
  return [who, body];
}

/**
 * Is it said in one breath with what stands before it?
 *
 * @param {Entry} entry
 * @param {Entry | undefined} before
 */
function goesOn(entry, before) {
  if (entry.kind !== 'said' || before?.kind !== 'said') return false;
  if (entry.from !== before.from || entry.at - before.at > BREATH) return false;
  return (
    !entry.text.startsWith(ACTION) &&
    entry.elsewhere === undefined &&
    before.elsewhere === undefined &&
    !entry.about
  );
}

/** @param {string} text */
function linked(text) {
  return partsOf(text).map(({ text: part, href }) => {
    if (href === undefined) return document.createTextNode(part);
    const link = made('a', '', part);
    link.href = href;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    return link;
  });
}

/** What became of a line of mine, seen and heard. @type {Record<OwnLine['state'], string>} */
const FATES = { waiting: 'on its way', sent: 'sent', 'not-sent': 'Not sent', perhaps: 'Perhaps not sent' };

/**
 * @param {HTMLElement} row
 * @param {OwnLine} line
 * @param {(text: string) => void} again takes its text back to where it was typed
 */
export function showFate(row, line, again) {
  const place = row.querySelector('.fate');
  if (!place) return;
  row.dataset['state'] = line.state;
  // That all went well is there to be read, not to be read out.
  place.setAttribute('aria-live', line.state === 'waiting' || line.state === 'sent' ? 'off' : 'polite');
  const word = FATES[line.state];
  if (line.state === 'waiting' || (line.state === 'sent' && line.why === '')) {
    const mark = made('span', '', line.state === 'sent' ? '✓' : '…');
    mark.setAttribute('aria-hidden', 'true');
    mark.title = word;
    place.replaceChildren(mark, unseen(` (${word})`));
    return;
  }
  const lost = line.state === 'perhaps' ? 'the connection broke before an answer came' : '';
  const why = line.why === '' ? lost : line.why;
  const words = made(
    'span',
    'why',
    `${line.state === 'sent' ? 'Sent' : word}${why === '' ? '' : `: ${why}`}`,
  );
  if (line.state === 'sent') {
    place.replaceChildren(words);
    return;
  }
  const button = made('button', '', 'Type it again');
  button.type = 'button';
  button.addEventListener('click', () => again(line.typed));
  place.replaceChildren(words, ' ', button);
}

/** @param {number} at */
export function timeOf(at) {
  const time = made('time', '', clock(at));
  time.dateTime = new Date(at).toISOString();
  return time;
}
