/** Somebody's text where it is shown to somebody else, or kept: nothing in it is for the terminal. */

/** What could drive a reader's terminal: C0 but for tab, DEL, C1, bidirectional controls, U+2028 and U+2029. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
/** Most texts are like this, and to find that out takes half the time (measured). */
const PRINTABLE = /^[ -~]*$/;
const TAB = 9;
/** Characters of somebody's input that an answer quotes. */
const QUOTED = 64;

/** The same text without what could drive the terminal of who reads it. */
export function safe(text: string): string {
  if (PRINTABLE.test(text) || !UNSAFE.test(text)) return text;
  // A 16 KiB line of nothing else takes 50 µs so, and 1 ms with `replace`.
  const units = new Uint16Array(text.length);
  for (let at = 0; at < units.length; at++) {
    const unit = text.charCodeAt(at);
    units[at] = isUnsafe(unit) ? 0xfffd : unit;
  }
  return Buffer.from(units.buffer).toString('utf16le');
}

const isUnsafe = (unit: number): boolean =>
  unit < 0x20
    ? unit !== TAB
    : (unit >= 0x7f && unit < 0xa0) || (unit >= 0x2028 && UNSAFE.test(String.fromCharCode(unit)));

/** Somebody's input in an answer: short, and nothing that a terminal would obey. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * QUOTED + 1));
  return safe(characters.length > QUOTED ? `${characters.slice(0, QUOTED).join('')}…` : text);
}

/**
 * The same text in memory of its own. A piece of a line keeps all that was decoded with it alive (V8 cuts strings
 * of 13 characters and more by reference), so what is to stay is copied.
 */
export function detach(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
