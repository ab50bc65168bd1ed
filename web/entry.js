/** How one entry of a log looks. */
import { hueOf } from './colours.js';
import { made, unseen } from './elements.js';
import { partsOf } from './links.js';
import { clock } from './words.js';

/** @typedef {Exclude<import('./conversation.js').Entry, { kind: 'past' }>} Entry */
/** @typedef {import('./conversation.js').Said} Said */
/** @typedef {import('./conversation.js').Note} Note */
/** @typedef {import('./own-lines.js').OwnLine} OwnLine */

const ACTION = '/me ';
/** Milliseconds within which a name is shown once for what somebody says on end. */
const BREATH = 300_000;

/**
 * @typedef {object} Wishes What somebody may wish for in a log.
 * @property {(line: string) => void} take an offer
 * @property {(text: string) => void} again to have a text back where it was typed
 */

/**
 * @param {Entry} entry
 * @param {import('./conversation.js').Entry | undefined} before
 * @param {Wishes} wishes
 */
export function entryElement(entry, before, { take, again }) {
  const row = made('div', `entry ${entry.kind}`, timeOf(entry.at));
  if (goesOn(entry, before) && before && clock(before.at) === clock(entry.at))
    row.firstElementChild?.classList.add('again');
  if (entry.kind === 'note') row.append(...noteParts(entry, take));
  else row.append(...saidParts(entry, before));
  if (entry.kind === 'note' && entry.tone === 'trouble') row.classList.add('trouble');
  if (entry.kind === 'said' && entry.about === 'announcement') row.classList.add('announcement');
  if (entry.kind === 'said' && entry.mine) row.append(made('div', 'fate'));
  if (entry.kind === 'said' && entry.mine) showFate(row, entry.mine, again);
  return row;
}

/**
 * @param {Note} note
 * @param {Wishes['take']} take
 */
function noteParts({ text, offer }, take) {
  const body = made('div', 'text', text);
  body.dir = 'auto';
  if (offer) body.append(' ', offerElement(offer, take));
  return [body];
}

/**
 * @param {import('./conversation.js').Offer} offer
 * @param {Wishes['take']} take
 */
export function offerElement({ label, line }, take) {
  const button = made('button', 'offer', label);
  button.type = 'button';
  // Who wants to type it another time sees how.
  button.title = line;
  button.addEventListener('click', () => take(line));
  return button;
}

/** Why somebody says it, behind their name. @type {Record<NonNullable<Said['about']>, string>} */
const ABOUT = { away: ' (away)', kick: ' (why)', announcement: '' };

/**
 * @param {Said} said
 * @param {import('./conversation.js').Entry | undefined} before
 */
function saidParts(said, before) {
  const { from, text, about, elsewhere, room } = said;
  const isAction = text.startsWith(ACTION);
  const name = made('bdi', 'name', from);
  name.title = from;
  name.style.setProperty('--hue', String(hueOf(from)));
  const who = made('div', goesOn(said, before) ? 'who again' : 'who', name);
  if (about !== undefined) who.append(ABOUT[about]);
  who.append(unseen(isAction ? ' ' : ': '));
  const body = made(
    'div',
    isAction ? 'text action' : 'text',
    ...linked(isAction ? text.slice(ACTION.length) : text),
  );
  body.dir = 'auto';
  if (about === 'announcement') body.prepend(made('span', 'hint', 'to everybody: '));
  if (room !== undefined) body.prepend(made('span', 'hint', 'in ', made('bdi', '', room), ': '));
  if (elsewhere !== undefined) body.prepend(made('span', 'hint', 'to ', made('bdi', '', elsewhere), ': '));
  return [who, body];
}

/**
 * Is it said in one breath with what stands before it?
 *
 * @param {Entry} entry
 * @param {import('./conversation.js').Entry | undefined} before
 */
function goesOn(entry, before) {
  if (entry.kind !== 'said' || before?.kind !== 'said') return false;
  if (entry.from !== before.from || entry.at - before.at > BREATH) return false;
  return (
    !entry.text.startsWith(ACTION) &&
    entry.elsewhere === undefined &&
    before.elsewhere === undefined &&
    entry.room === before.room &&
    !entry.about &&
    !before.about
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
const FATES = {
  ...{ waiting: 'on its way', sent: 'sent', kept: 'Kept' },
  ...{ 'not-sent': 'Not sent', perhaps: 'Perhaps not sent' },
};

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
  const word = FATES[line.state] + (line.state === 'sent' && line.isKept ? ' and kept' : '');
  if (line.state === 'waiting' || (line.state === 'sent' && line.why === '')) {
    const mark = made('span', '', line.state === 'sent' ? '✓' : '…');
    mark.setAttribute('aria-hidden', 'true');
    mark.title = word;
    place.replaceChildren(mark, unseen(` (${word})`));
    return;
  }
  const lost = line.state === 'perhaps' ? 'the connection broke before an answer came' : '';
  const why = line.why === '' ? lost : line.why;
  if (line.state === 'kept') {
    place.replaceChildren(made('span', 'why', why.charAt(0).toUpperCase() + why.slice(1)));
    return;
  }
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
