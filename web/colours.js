/** A name has the same colour always and everywhere; how light it is belongs to the theme (chat.css). */
import { keyOf } from './name.js';

/**
 * The hue of a name, in degrees. FNV-1a spreads names that differ in one letter.
 *
 * @param {string} name
 */
export function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const letter of keyOf(name)) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  // The low bits of FNV mix worst.
  return ((hash ^ (hash >>> 15)) >>> 0) % 360;
}
