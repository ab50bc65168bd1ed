/** When two names are one: docs/protocol.md, "Names". */

/**
 * The key of a name or a room; equal where they are the same.
 *
 * @param {string} shown
 */
export function keyOf(shown) {
  const folded = shown.normalize('NFKD').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFKC');
}

/** @param {string} name */
export const isRoom = (name) => name.startsWith('#');

/**
 * `alice`, `alice and bob`, `alice, bob and 3 more`.
 *
 * @param {readonly string[]} names
 * @param {number} [more] how many there are besides
 */
export function listed(names, more = 0) {
  const all = more > 0 ? [...names, `${more} more`] : names;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
