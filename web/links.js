/** Which parts of a text are links. All others stay what they are: text. */

/** @typedef {{ text: string, href?: string }} Part */

const ADDRESS = /\bhttps?:\/\/[^\s<>"\p{Cc}\p{Cf}\ufffd]+/giu;
/** What ends a sentence, or a quotation, around a link. */
const AFTER = new Set(".,;:!?'’”*_>…");
const PAIRS = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);
/** The host, and who is to log in there; a browser does not mind how many slashes stand before it. */
const HOST = /^https?:[/\\]*([^/\\?#]*)/iu;
/** Characters of a host (RFC 1035, 2.3.4), more or less. What longer ones are in Punycode takes the square of their length. */
const LONGEST_HOST = 255;
const BRACKETS = new Set('()[]{}');

/**
 * Cuts a text at its links, http and https only; the parts together are the text.
 *
 * @param {string} text
 * @returns {Part[]}
 */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutEnd(found);
    const href = hrefOf(address);
    if (href === undefined) continue;
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ text: address, href });
    from = index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/**
 * A closing bracket belongs to the address if it was opened there.
 *
 * @param {string} address
 */
function withoutEnd(address) {
  const counts = bracketsOf(address);
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    const opening = PAIRS.get(last);
    if (opening === undefined) {
      if (AFTER.has(last)) continue;
      break;
    }
    const closings = counts.get(last) ?? 0;
    if ((counts.get(opening) ?? 0) >= closings) break;
    counts.set(last, closings - 1);
  }
  return address.slice(0, end);
}

/**
 * How many there are of each. Counted once: there may be as many as the longest line has letters.
 *
 * @param {string} address
 */
function bracketsOf(address) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (let at = 0; at < address.length; at++) {
    const letter = address.charAt(at);
    if (BRACKETS.has(letter)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return counts;
}

/** @param {string} address */
function hrefOf(address) {
  const host = HOST.exec(address)?.[1] ?? '';
  if (host.length > LONGEST_HOST || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}
