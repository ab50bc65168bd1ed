/** What a name may be, and the key that makes two names the same. The rule is in docs/protocol.md, "Names". */
import type { Name } from './message.ts';

const ASCII = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const SHAPE = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]{0,31}$/u;
const MARKS_IN_A_ROW = /\p{M}{4}/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const LETTER = /\p{L}/gu;

/**
 * Reads a name: its NFC form to show and its key, or undefined where `text` is not a name.
 * Two names are the same name exactly when their keys are equal.
 */
export function parseName(text: string): Name | undefined {
  if (ASCII.test(text)) return { shown: text, key: text.toLowerCase() };
  if (text.length > 128) return undefined; // before any work: 32 code points are at most 64 units, and NFD may double them
  const shown = text.normalize('NFC');
  return obeys(shown) && obeys(shown.normalize('NFKC')) ? { shown, key: keyOf(shown) } : undefined;
}

// JavaScript has no case folding; lower, upper, lower brings "STRASSE" and "straße" together.
function keyOf(shown: string): string {
  const folded = shown.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').normalize('NFKC');
}

function obeys(text: string): boolean {
  return SHAPE.test(text) && !MARKS_IN_A_ROW.test(text) && !IGNORABLE.test(text) && ofOneScript(text);
}

function ofOneScript(text: string): boolean {
  const letters = text.match(LETTER)?.join('') ?? '';
  return letters === '' || SCRIPTS.some((script) => script.test(letters));
}

// Script_Extensions (UAX #24) lets a letter that several scripts use, such as the Japanese "ー", go with each of them.
const SCRIPTS = [
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
].map(
  (group) => new RegExp(`^[${group.map((script) => `\\p{scx=${script}}`).join('')}\\p{scx=Common}]+$`, 'u'),
);
