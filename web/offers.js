/** What the page offers to ask for, to whoever does not want to type it. Nothing is asked for by itself. */

/** @typedef {import('./conversation.js').Conversation} Conversation */
/** @typedef {import('./conversation.js').Offer} Offer */

const LINES = 20;

/** What was said in the rooms of somebody whose name is their own, while they were gone. @type {Offer} */
export const CATCHUP = { label: 'Catch up', line: '/catchup' };

/**
 * What was said before I came, in a room or to somebody.
 *
 * @param {Conversation} conversation
 * @returns {Offer}
 */
export const beforeOf = ({ name }) => ({
  label: 'Read what was said before',
  line: `/history ${name} ${LINES}`,
});

/**
 * What was said while I was away, as far as it is kept for me.
 *
 * @param {Conversation} conversation
 * @param {boolean} isOwner my name is my own
 * @returns {Offer | undefined}
 */
export function missedOf({ kind, name }, isOwner) {
  if (kind !== 'room' && !isOwner) return undefined;
  return kind === 'server' ? CATCHUP : { label: 'Read what was said', line: `/history ${name} ${LINES}` };
}
