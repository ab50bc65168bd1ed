/** Lines as a connection has them. */
import type { LineFault, Lines } from '../../src/cutter.ts';
import type { Passage } from '../../src/lines.ts';

/** Lines that pass together. */
export function together(...lines: readonly string[]): Lines {
  const text = lines.map((line) => `${line}\n`).join('');
  return { text, plain: /^[\n -~]*$/.test(text) };
}

export const passage = (line: string | LineFault): Passage =>
  typeof line === 'string' ? together(line) : line;

/** The lines of what has passed, and what was not one. */
export const linesOf = (passed: Passage): (string | LineFault)[] =>
  'text' in passed ? passed.text.split('\n').slice(0, -1) : [passed];
