import { describe, expect, test } from 'vitest';
import { Batch } from '../src/batch.ts';
import { message } from './support/events.ts';

const event = message;
const [ONE, TWO] = [event('one'), event('two')];
const text = (batch: Batch): string => Buffer.from(batch.bytes).toString('utf8');

describe('a batch', () => {
  test('is its lines in order, as UTF-8, encoded once', () => {
    const batch = Batch.root().append(ONE, 'öne\n', true).append(TWO, 'two\n', false);
    expect(text(batch)).toBe('öne\ntwo\n');
    expect(batch.bytes).toBe(batch.bytes);
  });

  test('is UTF-8 also where it is long, whatever is in it', () => {
    for (const end of ['', '~', '\x7f', '\x80', 'ÿ', 'Ā', 'あ', '🙂']) {
      const lines = 'x'.repeat(5000) + end + '\n';
      expect(text(Batch.root().append(ONE, lines, true))).toBe(lines);
    }
  });

  test('by a shared event is the same object for everyone', () => {
    const root = Batch.root();
    const first = root.append(ONE, 'one\n', true);
    expect(root.append(ONE, 'one\n', true)).toBe(first);
    expect(root.append(ONE, 'one\n', true).append(TWO, 'two\n', true)).toBe(first.append(TWO, 'two\n', true));
  });

  test('by another event is another, also where both read the same', () => {
    const root = Batch.root();
    expect(root.append(event('one'), 'one\n', true)).not.toBe(root.append(event('one'), 'one\n', true));
  });

  test('by an event for one is nobody else’s, and leaves the shared one as it was', () => {
    const shared = Batch.root().append(ONE, 'one\n', true);
    const alone = shared.append(TWO, 'two\n', false).append(TWO, 'three\n', false);
    const another = shared.append(TWO, 'four\n', false);
    expect([shared, alone, another].map(text)).toEqual(['one\n', 'one\ntwo\nthree\n', 'one\nfour\n']);
  });

  test('begins for each at the same empty root', () => {
    const root = Batch.root();
    const [one, two] = [root.append(ONE, 'one\n', false), root.append(TWO, 'two\n', false)];
    expect([one, two, root].map(text)).toEqual(['one\n', 'two\n', '']);
  });

  test('goes on from an event for one by a shared one, and back', () => {
    const alone = Batch.root().append(ONE, 'one\n', false);
    const batch = alone.append(TWO, 'two\n', true).append(ONE, 'three\n', false);
    expect(text(batch)).toBe('one\ntwo\nthree\n');
  });
});
