import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseName } from '../src/name.ts';

const key = (text: string): string | undefined => parseName(text)?.key;

/** Some letters of one script, the awkward ones among them: those that grow, shrink or change script by folding. */
const LETTERS = {
  latin: [...Array.from('aAbBiIkKsSzZåÅéÉßẞſİıŉǰﬁﬃﬆªºKÅĳǅｋＫ'), 'e\u0301', 'I\u0307'],
  greek: [...Array.from('αΑσΣςιΙωΩΐΰᾳᾲᾼῼϐϑϒΩ'), 'α\u0345', 'ι\u0308\u0301'],
  cyrillic: [...Array.from('аАйЙёЁіІяЯ'), 'и\u0306'],
  cjk: [...Array.from('漢字かがカガｶﾞー한ㄱ豈'), 'か\u3099', '\u1112\u1161\u11ab'],
  deseret: ['𐐀', '𐐨', '𐐷'],
};
const OTHERS = ['0', '9', '٣', '１', '_', '-', '.', '\u0301', '\u0307', '\u0323', '\u0345', '\u3099'];

/** Texts that mostly are names; `fc.string` alone hardly ever makes one. */
const likely = fc
  .constantFrom(...Object.values(LETTERS))
  .chain((letters) => fc.array(fc.constantFrom(...letters, ...letters, ...OTHERS), { maxLength: 36 }))
  .map((parts) => parts.join(''));
const any = fc.oneof(likely, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme' }));

describe('a name', () => {
  test.each([
    ['a letter', 'a'],
    ['letters, digits and _ - .', 'Alice_2.b-c'],
    ['a digit first', '2fast'],
    ['only digits', '007'],
    ['32 letters', 'x'.repeat(32)],
    ['32 letters outside the basic plane, which are 64 units', '𐐷'.repeat(32)],
    ['33 code points that are 32 as shown', `e\u0301${'x'.repeat(31)}`],
    ['letters with marks', 'q\u0301\u0302\u0303x\u0323\u0331\u0330'],
    ['Greek', 'σίσυφος'],
    ['Cyrillic with digits', 'Иван2'],
    ['Han, Kana and Hangul together', '漢字かなカナ한글'],
    ['a letter that Hiragana and Katakana share, with either', 'かーカー'],
    ['digits of another script', 'bob٣'],
    ['marks of another script', 'bo\u093fb'],
    ['fullwidth letters', 'Ａｌｉｃｅ'],
    ['a prototype property', 'constructor'],
  ])('is %s', (_, text) => {
    expect(parseName(text)?.shown).toBe(text.normalize('NFC'));
  });

  test.each([
    ['nothing', ''],
    ['33 letters', 'x'.repeat(33)],
    ['33 letters outside the basic plane', '𐐷'.repeat(33)],
    ['a mark first', '\u0301a'],
    ['_ first', '_a'],
    ['- first', '-a'],
    ['. first', '.a'],
    ['a space in it', 'al ice'],
    ['a space around it', ' alice'],
    ['a line end behind it', 'alice\n'],
    ['a colon in it', 'a:b'],
    ['a comma in it', 'a,b'],
    ['a room', '#ops'],
    ['a command', '/quit'],
    ['an answer', '* ok'],
    ['a number that is not a decimal digit', 'a②'],
    ['a letter number', 'Ⅳ'],
    ['an emoji', 'a😀'],
    ['four marks in a row', 'q\u0301\u0302\u0303\u0304'],
    ['Latin with Cyrillic', 'p\u0430ypal'],
    ['Latin with Greek', 'aα'],
    ['Latin with Kana', 'aか'],
    ['Latin with a letter of Kana only', 'aー'],
    ['Cyrillic with Han', 'и漢'],
    ['with a zero width joiner', 'al\u200dice'],
    ['with a soft hyphen', 'al\u00adice'],
    ['with a Hangul filler', '한\u3164'],
    ['only a Hangul filler', '\u3164'],
    ['with a halfwidth Hangul filler', '한\uffa0'],
    ['with a variation selector', 'a\ufe0f'],
    ['with a grapheme joiner, though it is a mark', 'a\u034f'],
    ['with a bidirectional override', 'a\u202eb'],
    ['with a control character', 'a\x1bb'],
    ['half of a surrogate pair', '\ud801'],
    ['in NFKC longer than 32', 'ﬃ'.repeat(11)],
    ['in NFKC of two scripts', 'aµ'],
    ['in NFKC with spaces', 'ﷺ'],
    ['in NFKC with a middle dot', 'coŀlega'],
    ['in NFKC with a mark first', 'ﾞ'],
    ['in NFKC with four marks in a row', 'あ\u0301\u0302\u0303ﾞ'],
  ])('is not %s', (_, text) => {
    expect(parseName(text)).toBeUndefined();
  });

  test.each([
    ['upper and lower case', 'Alice', 'aLICE'],
    ['ss and sharp s', 'STRASSE', 'straße'],
    ['capital sharp s', 'STRAẞE', 'strasse'],
    ['final sigma', 'ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['final and other sigma', 'σίσυφοσ', 'σίσυφος'],
    ['the Kelvin sign', '\u212aelvin', 'kelvin'],
    ['the Angstrom sign', '\u212bsa', 'åsa'],
    ['fullwidth letters', 'Ａｌｉｃｅ', 'alice'],
    ['fullwidth digits', 'a１', 'a1'],
    ['a ligature', 'ﬁnn', 'Finn'],
    ['long s', 'ſam', 'Sam'],
    ['composed and decomposed', 'Zo\u00eb', 'zoe\u0308'],
    ['halfwidth Kana', 'ｶﾞ', 'ガ'],
    ['i without a dot, by way of I', 'ı', 'I'],
    ['İ and i with a dot above', 'İ', 'i\u0307'],
    ['case outside the basic plane', '𐐀', '𐐨'],
  ])('is the same by %s', (_, one, other) => {
    expect(key(one)).toBeDefined();
    expect(key(one)).toBe(key(other));
  });

  test.each([
    ['İ', 'i'],
    ['bob', 'bób'],
    ['a-b', 'a_b'],
    ['a', '\u0430'],
    ['か', 'カ'],
    ['か', 'が'],
    ['ß', 's'],
    ['bob3', 'bob٣'],
  ])('%s is not %s', (one, other) => {
    expect(key(one)).toBeDefined();
    expect(key(other)).toBeDefined();
    expect(key(one)).not.toBe(key(other));
  });

  test.each([
    ['Alice', 'alice'],
    ['Straße', 'strasse'],
    ['σίσυφος', 'σίσυφοσ'],
    ['Ａ１', 'a1'],
    ['ZOE\u0308', 'zo\u00eb'],
  ])('%s has the key %s', (text, expected) => {
    expect(key(text)).toBe(expected);
  });

  test('is shown in NFC, in the case it was typed in', () => {
    expect(parseName('ZOE\u0308')?.shown).toBe('ZO\u00cb');
    expect(parseName('\u212belvin')?.shown).toBe('\u00c5elvin');
    expect(parseName('Ａlice')?.shown).toBe('Ａlice');
  });
});

describe('for any text', () => {
  test('a name is read again as itself: its shown form gives the same shown form and key', () => {
    fc.assert(
      fc.property(any, (text) => {
        const name = parseName(text);
        if (name) expect(parseName(name.shown)).toEqual(name);
      }),
      { numRuns: 2000 },
    );
  });

  test('the small and the capital form of a letter with marks have the same key', () => {
    const letters = Array.from({ length: 0x1ff }, (_, index) => String.fromCodePoint(0x1e00 + index));
    const marks = Array.from({ length: 0x70 }, (_, index) => String.fromCodePoint(0x300 + index));
    for (const letter of letters.filter((one) => /\p{L}/u.test(one))) {
      for (const mark of ['', ...marks]) {
        const name = letter + mark;
        if (parseName(name) && parseName(name.toLowerCase()))
          expect(key(name.toLowerCase()), name).toBe(key(name));
      }
    }
  });

  test('a key that is a name is its own key', () => {
    fc.assert(
      fc.property(likely, (text) => {
        const name = parseName(text);
        // It need not be one: 32 times ß is 64 times s.
        const again = name && parseName(name.key);
        if (again) expect(again.key).toBe(name.key);
      }),
      { numRuns: 2000 },
    );
  });

  test('NFC and NFD are the same name', () => {
    fc.assert(
      fc.property(any, (text) => {
        expect(parseName(text.normalize('NFD'))).toEqual(parseName(text.normalize('NFC')));
      }),
      { numRuns: 2000 },
    );
  });

  test('what is shown is of at most 32 code points, begins well, and holds no gap, control or heap of marks', () => {
    fc.assert(
      fc.property(any, (text) => {
        const shown = parseName(text)?.shown;
        if (shown === undefined) return;
        expect(Array.from(shown).length).toBeLessThanOrEqual(32);
        expect(shown).toMatch(/^[\p{L}\p{Nd}]/u);
        expect(shown).not.toMatch(/[\s\p{C}:,#/]|\p{M}{4}/u);
      }),
      { numRuns: 2000 },
    );
  });

  test('a name is one for every text, or none: nothing throws, halves of surrogate pairs neither', () => {
    const units = fc.array(fc.nat(0xffff), { maxLength: 140 });
    fc.assert(
      fc.property(units, (codes) => {
        const name = parseName(String.fromCharCode(...codes));
        expect(name?.key).not.toBe('');
      }),
    );
  });
});
