/** What a name may be, and the key that makes two names the same. The rule is in docs/protocol.md, "Names". */
import type { Name } from './message.ts';

const ASCII = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const SHAPE = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]{0,31}$/u;
const MARKS_IN_A_ROW = /\p{M}{4}/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const LETTER = /\p{L}/gu;
const HASH = 35;

/**
 * Reads a name: its NFC form to show and its key, or undefined where `text` is not a name.
 * Two names are the same name exactly when their keys are equal.
 */
export function parseName(text: string): Name | undefined {
  if (ASCII.test(text)) return { shown: text, key: text.toLowerCase() };
  if (text.length > 128) return undefined; // before any work: 32 code points are at most 64 units, and NFD may double them
  const shown = text.normalize('NFC');
  const compatible = shown.normalize('NFKC');
  if (!obeys(shown) || (compatible !== shown && !obeys(compatible))) return undefined;
  return { shown, key: keyOf(shown) };
}

/** Reads a room, `#` and a name; undefined where `text` is none. */
export function parseRoom(text: string): Name | undefined {
  const name = text.startsWith('#') ? parseName(text.slice(1)) : undefined;
  return name && { shown: `#${name.shown}`, key: `#${name.key}` };
}

/** Is it the name of a room? */
export const isRoom = ({ key }: Name): boolean => key.charCodeAt(0) === HASH;

// JavaScript has no case folding; lower, upper, lower brings "STRASSE" and "straße" together. Decomposed first, since the
// capitals of some Greek letters with marks have them in another order.
function keyOf(shown: string): string {
  const folded = shown.normalize('NFKD').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFKC');
}

function obeys(text: string): boolean {
  return SHAPE.test(text) && !MARKS_IN_A_ROW.test(text) && !IGNORABLE.test(text) && ofOneScript(text);
}

function ofOneScript(text: string): boolean {
  const letters = text.match(LETTER)?.join('');
  return (
    letters === undefined ||
    writtenWith(letters.codePointAt(0) as number).some(({ all }) => all.test(letters))
  );
}

/** Letters of scripts that may mix. */
interface Letters {
  /** Matches where all of it is such letters. */
  readonly all: RegExp;
  readonly scripts: readonly string[];
}

// Script_Extensions (UAX #24) lets a letter that several scripts use, such as the Japanese "ー", go with each of them.
const LETTERS: readonly Letters[] = [
  ['Latin'],
  ['Cyrillic'],
  ['Greek'],
  ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo'],
  // Every other script of Unicode 15; a newer one would not be known to every Node that runs this.
  ...(
    'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali ' +
    'Bhaiksuki Brahmi Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee ' +
    'Chorasmian Coptic Cuneiform Cypriot Cypro_Minoan Deseret Devanagari Dives_Akuru Dogra Duployan ' +
    'Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Gujarati ' +
    'Gunjala_Gondi Gurmukhi Hanifi_Rohingya Hanunoo Hatran Hebrew Imperial_Aramaic Inscriptional_Pahlavi ' +
    'Inscriptional_Parthian Javanese Kaithi Kannada Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer ' +
    'Khojki Khudawadi Lao Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam ' +
    'Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive ' +
    'Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari ' +
    'New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic ' +
    'Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya ' +
    'Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic ' +
    'Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo ' +
    'Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut ' +
    'Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi ' +
    'Zanabazar_Square'
  )
    .split(' ')
    .map((script) => [script]),
].map((scripts) => ({ scripts, all: new RegExp(`^${setOf(scripts)}+$`, 'u') }));

function setOf(scripts: readonly string[]): string {
  return `[${scripts.map((script) => `\\p{scx=${script}}`).join('')}\\p{scx=Common}]`;
}

// To ask 150 scripts for each name costs 24 µs, a hundred times what a name of ASCII does. So a letter is asked for once,
// first which dozen of them has it; what is remembered is at most as much as there are letters.
const DOZENS = Array.from({ length: Math.ceil(LETTERS.length / 12) }, (_, index) => {
  const letters = LETTERS.slice(12 * index, 12 * index + 12);
  return { letters, any: new RegExp(setOf(letters.flatMap(({ scripts }) => scripts)), 'u') };
});
const known = new Map<number, readonly Letters[]>();

/** Everything that the letter may be a part of. */
function writtenWith(codePoint: number): readonly Letters[] {
  const found = known.get(codePoint);
  if (found) return found;
  const letter = String.fromCodePoint(codePoint);
  const letters = DOZENS.filter(({ any }) => any.test(letter)).flatMap((dozen) => dozen.letters);
  const all = letters.filter((some) => some.all.test(letter));
  known.set(codePoint, all);
  return all;
}
