/** Which lines have all the words that somebody looks for. */

/** Words that are looked for; who types more has said enough. */
const MOST = 16;
const ASCII = /^[\0-\x7f]*$/;
const ACCENTS = /[\u0300-\u036f]/g;
const TOKENS = /[\p{L}\p{N}\p{M}]+/gu;

/** The same text for who does not mind capitals and accents, with as many lines. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const plain = text.normalize('NFD').replaceAll(ACCENTS, '').normalize('NFC');
  return plain.toLowerCase().replaceAll('ς', 'σ');
}

/** The words of a text that was folded: letters and digits that follow each other. */
export const wordsOf = (folded: string): string[] => folded.match(TOKENS) ?? [];

/** What somebody looks for. */
export class Wanted {
  /** Whole words, but for the last, which may go on. Empty where nothing is looked for. */
  readonly #words: readonly string[];

  constructor(typed: string) {
    this.#words = wordsOf(fold(typed)).slice(0, MOST);
  }

  get isNothing(): boolean {
    return this.#words.length === 0;
  }

  /** For FTS5: whatever was typed, these are words to it. */
  get query(): string {
    return `${this.#words.map((word) => `"${word}"`).join(' AND ')} *`;
  }

  /** Which of the lines of `text` have them all; the last one first, and counted from 0. */
  *linesIn(text: string): Generator<{ readonly nth: number; readonly line: string }> {
    const folded = fold(text);
    if (!this.#words.every((word) => folded.includes(word))) return;
    // Only where the longest of them stands: a row may have thousands of lines.
    const longest = this.#words.reduce((one, other) => (other.length > one.length ? other : one));
    let written: string[] | undefined;
    for (let at = folded.lastIndexOf(longest); at >= 0;) {
      const start = folded.lastIndexOf('\n', at) + 1;
      const end = folded.indexOf('\n', at);
      if (this.#isIn(folded.slice(start, end < 0 ? undefined : end))) {
        const nth = folded.slice(0, start).split('\n').length - 1;
        written ??= text.split('\n');
        yield { nth, line: written[nth] as string };
      }
      at = start < 2 ? -1 : folded.lastIndexOf(longest, start - 2);
    }
  }

  #isIn(line: string): boolean {
    if (!this.#words.every((word) => line.includes(word))) return false;
    const words = new Set(wordsOf(line));
    const last = this.#words.at(-1) as string;
    return (
      this.#words.slice(0, -1).every((word) => words.has(word)) &&
      (words.has(last) || [...words].some((word) => word.startsWith(last)))
    );
  }
}
