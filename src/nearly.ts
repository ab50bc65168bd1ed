/** What somebody may have meant who mistyped. */
import leven from 'leven';

/** Letters up to which a word is too short for two mistakes in it. */
const SHORT = 3;
/** Letters past which nothing is compared. */
const LONG = 32;

/** The candidate that `word` is nearly, in the order of the candidates; undefined where none is near. */
export function nearly(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || word.length > LONG) return undefined;
  let nearest: string | undefined;
  let mistakes = word.length > SHORT ? 3 : 2;
  for (const candidate of candidates) {
    if (isSwapped(word, candidate)) return candidate;
    if (Math.abs(candidate.length - word.length) >= mistakes) continue;
    // It gives up, and says so many, as soon as there are as many: most names are told apart by their first letters.
    const distance = leven(word, candidate, { maxDistance: mistakes });
    if (distance >= mistakes) continue;
    nearest = candidate;
    mistakes = distance;
  }
  return nearest;
}

/** Is it the same but for two letters side by side? That is the commonest slip, and counts as two mistakes otherwise. */
function isSwapped(word: string, other: string): boolean {
  if (word.length !== other.length) return false;
  let at = 0;
  while (at < word.length && word[at] === other[at]) at++;
  return (
    at + 1 < word.length &&
    word[at] === other[at + 1] &&
    word[at + 1] === other[at] &&
    word.slice(at + 2) === other.slice(at + 2)
  );
}
