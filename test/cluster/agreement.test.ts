import { expect, test } from 'vitest';
import { Agreement, type Claim } from '../../src/cluster/agreement.ts';

/** Some moment. */
const T = 1_796_085_000_000;
/** Milliseconds, until one has to go that differs from who was there before. */
const PATIENCE = 10_000;
/** Turns of which somebody knows what they were. */
const KEPT = 16_384;

/** A node that came at that time, and has heard the messages of these ids. */
function reader(node: string, since: number, ids: readonly string[]): Agreement {
  const agreement = new Agreement(node, 0, 0);
  agreement.enter(since, 0);
  for (const [index, id] of ids.entries()) agreement.hear(id, T + index, 1);
  return agreement;
}

/** Says it every second, and when it had to go, in milliseconds from then on. */
function refutedAfter(agreement: Agreement, claims: Record<string, Claim>): number | undefined {
  for (let passed = 0; passed <= 6 * PATIENCE; passed += 1000)
    for (const [node, claim] of Object.entries(claims))
      if (agreement.compare(node, claim, passed) === 'refuted') return passed;
  return undefined;
}

const READ = ['a.1', 'b.1', 'a.2', 'b.2'];
const OTHER = ['a.1', 'b.1', 'b.2', 'a.2'];

test('nodes that have read the same agree, also where one has read further', () => {
  const [a, b] = [reader('a', T, READ), reader('b', T + 1, [...READ, 'a.3'])];
  expect(a.claim.digest).not.toBe(b.claim.digest);
  expect(refutedAfter(b, { a: a.claim })).toBeUndefined();
  expect(refutedAfter(reader('b', T + 1, READ), { a: a.claim })).toBeUndefined();
});

test('who differs from a node that was there before goes after 10 s', () => {
  for (const read of [OTHER, READ.slice(0, 3), [...READ.slice(0, 3), 'b.3']]) {
    const b = reader('b', T + 1, read);
    expect(refutedAfter(b, { a: reader('a', T, READ).claim })).toBe(PATIENCE);
  }
});

test('who reads the same at another time of the log differs, since it was said there once more', () => {
  const late = new Agreement('b', 0, 0);
  late.enter(T + 1, 0);
  for (const [index, id] of READ.entries()) late.hear(id, T + index + (index === 3 ? 1 : 0), 1);
  expect(refutedAfter(late, { a: reader('a', T, READ).claim })).toBe(PATIENCE);
});

test('of two that came at the same time one goes after 10 s', () => {
  const [a, b] = [reader('a', T, READ), reader('b', T, OTHER)];
  expect(refutedAfter(b, { a: a.claim })).toBe(PATIENCE);
  expect(refutedAfter(a, { b: b.claim })).toBeUndefined();
});

test('who was there before all others does not go, since those that do begin with what it has', () => {
  const a = reader('a', T, OTHER);
  const [b, c] = [reader('b', T + 1, READ).claim, reader('c', T + 2, READ).claim];
  expect(refutedAfter(a, { b, c })).toBeUndefined();
});

test('who differs for a while, and then does not, stays, and knows up to where it did not', () => {
  const [a, b] = [reader('a', T, READ).claim, reader('b', T + 1, READ)];
  for (let passed = 1000; passed < 6 * PATIENCE; passed += PATIENCE / 2) {
    expect(b.compare('a', { ...a, digest: 1 }, passed)).toBe('differs');
    expect(b.compare('a', a, passed + 1)).toBe('same');
    expect(b.agreed(passed + 3001)).toEqual({ turn: 4, seconds: 3 });
  }
});

test('who differs from one that came later, or from one that has read of fewer inputs, knows that it differs', () => {
  const [a, b] = [reader('a', T, READ), reader('b', T + 1, OTHER).claim];
  expect(a.compare('b', b, 0)).toBe('differs');
  const fewer = new Agreement('b', 0, 0);
  fewer.enter(T + 1, 0);
  for (const [index, id] of READ.entries()) fewer.hear(id, T + index, index === 3 ? 0 : 1);
  expect(fewer.compare('a', a.claim, 0)).toBe('differs');
});

test('who hears its own first word once more came no later for that', () => {
  const a = reader('a', T, READ);
  a.enter(T + 5000, 5000);
  expect(a.claim.since).toBe(T);
});

test('who is not there yet is not refuted, nor by one that is not', () => {
  const [a, b] = [reader('a', T, READ), reader('b', T + 1, OTHER)];
  const newcomer = new Agreement('c', 0, 0);
  for (const id of OTHER) newcomer.hear(id, T, 1);
  expect(newcomer.claim.since).toBe(0);
  expect(refutedAfter(newcomer, { a: a.claim })).toBeUndefined();
  expect(refutedAfter(b, { c: { ...newcomer.claim, digest: 1 } })).toBeUndefined();
});

test('what was read so long ago that nobody knows it any more is not compared, nor what was before the beginning', () => {
  const ids = Array.from({ length: KEPT }, (_, index) => `x.${String(index)}`);
  const [a, b] = [reader('a', T, READ).claim, reader('b', T + 1, [...OTHER, ...ids])];
  expect(refutedAfter(b, { a })).toBeUndefined();
  expect(refutedAfter(reader('b', T + 1, [...OTHER, ...ids.slice(5)]), { a })).toBe(PATIENCE);
  const later = new Agreement('c', 5, 17);
  later.enter(T + 1, 0);
  expect(refutedAfter(later, { a })).toBeUndefined();
});

test('who begins in the middle, with the digest of that, agrees with those who have read all of it', () => {
  const a = reader('a', T, [...READ, 'a.3', 'b.3']);
  const half = reader('a', T, READ);
  const c = new Agreement('c', READ.length, half.digest);
  c.enter(T + 1, 0);
  expect(refutedAfter(c, { a: half.claim })).toBeUndefined();
  for (const [index, id] of ['a.3', 'b.3'].entries()) c.hear(id, T + READ.length + index, 1);
  expect(c.claim).toEqual({ ...a.claim, since: T + 1 });
  const d = new Agreement('d', READ.length, 1);
  d.enter(T + 1, 0);
  expect(refutedAfter(d, { a: half.claim })).toBe(PATIENCE);
});
