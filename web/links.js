/** Which parts of a text are links. All others stay what they are: text. */

/** @typedef {{ text: string, href?: string }} Part */

const ADDRESS = /\bhttps?:\/\/[^\s<>"\p{Cc}\p{Cf}\ufffd]+/giu;
/** What ends a sentence, or a quotation, around a link. */
const AFTER = /[.,;:!?'’”*_)\]}>…]$/u;
const OPENS = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

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
  let end = address;
  for (;;) {
    const last = end.at(-1) ?? '';
    if (!AFTER.test(end)) return end;
    const opening = OPENS.get(last);
    if (opening !== undefined && end.split(opening).length >= end.split(last).length) return end;
    end = end.slice(0, -1);
  }
}

/** @param {string} address */
function hrefOf(address) {
  if (!URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}
