import { expect, test } from 'vitest';
import type { Recall } from '../../src/effect.ts';
import { BATCH, Batches } from '../../src/store/batches.ts';
import { deeds, keep, receipt, room, said } from '../support/kept.ts';

const ops = room('#ops');
const mail = (client: string): Recall => ({
  do: 'recall',
  ...{ client, query: { of: 'mail', owner: 'o1', after: 0, count: 1 } },
});
const search = (client: string): Recall => ({
  do: 'recall',
  client,
  query: { of: 'words', words: 'x', room: undefined, insights: [], owner: undefined, count: 1 },
});

/** Takes a turn with lines. */
function turn(batches: Batches, sequence: number, ...texts: string[]): void {
  batches.begin();
  for (const deed of deeds(keep(ops, sequence, texts))) batches.add(deed, receipt(sequence));
}

test('what gathers while one is in flight goes together, in order, and no more than fits', () => {
  const batches = new Batches();
  turn(batches, 1, 'one');
  expect(batches.next()).toMatchObject({ parcel: { items: [{ run: { sequence: 1 } }] } });
  turn(batches, 2, 'two');
  turn(batches, 3, 'x'.repeat(BATCH));
  turn(batches, 4, 'four');
  expect(batches.done()).toEqual([receipt(1)]);
  expect(batches.next()).toMatchObject({
    parcel: { items: [{ run: { sequence: 2 } }, { run: { sequence: 3 } }] },
  });
  expect(batches.done()).toEqual([receipt(2), receipt(3)]);
  expect(batches.next()).toMatchObject({ parcel: { items: [{ run: { sequence: 4 } }] } });
  batches.done();
  expect(batches.next()).toBeUndefined();
  expect(batches.bytes).toBe(0);
});

test('few questions go together, for all of their answers come over at once', () => {
  const batches = new Batches();
  batches.begin();
  const clients = Array.from({ length: 20 }, (_, index) => `c${String(index)}`);
  for (const client of clients) batches.add(mail(client));
  const asked: string[][] = [];
  for (let task = batches.next(); task?.type === 'batch'; task = batches.next()) {
    asked.push(task.parcel.items.map((item) => (item as Recall).client));
    for (let left = task.parcel.items.length; left > 0; left--) expect(batches.answered()).toBe(true);
    batches.done();
  }
  expect(asked.map(({ length }) => length)).toEqual([8, 8, 4]);
  expect(asked.flat()).toEqual(clients);
  expect(batches.bytes).toBe(0);
});

test('what is missing is the lines in flight and those that wait, since the first of them was said', () => {
  const batches = new Batches();
  expect(batches.missing).toEqual({ lines: 0, since: undefined });
  turn(batches, 5, 'one', 'two');
  batches.next();
  turn(batches, 6, 'three');
  batches.add(mail('bob'));
  expect(batches.missing).toEqual({ lines: 3, since: said(5, ['x']).time });
  batches.done();
  expect(batches.missing).toEqual({ lines: 1, since: said(6, ['x']).time });
});

test('nobody waits behind a release: answers to what was asked before are nobody’s, and what is to be written stays', () => {
  const batches = new Batches();
  turn(batches, 1, 'one');
  for (const asked of [mail('alice'), mail('bob'), search('carol')]) batches.add(asked);
  batches.next();
  expect(batches.answered()).toBe(true);
  turn(batches, 2, 'two');
  for (const asked of [mail('dave'), search('erin')]) batches.add(asked);

  const { receipts, questions } = batches.release();
  expect(receipts).toEqual([receipt(1), receipt(2)]);
  expect(questions.map(({ client }) => client)).toEqual(['bob', 'carol', 'dave', 'erin']);
  expect(batches.missing.lines).toBe(2);
  // That of bob, what was in flight, and that of carol.
  expect(batches.answered()).toBe(false);
  expect(batches.done()).toEqual([]);
  expect(batches.isAsked).toBe(true);
  expect(batches.answered()).toBe(false);
  expect(batches.isAsked).toBe(false);

  batches.add(mail('frank'));
  expect(batches.next()).toMatchObject({
    parcel: { items: [{ run: { sequence: 2 } }, { client: 'frank' }] },
  });
  expect(batches.answered()).toBe(true);
  batches.done();
  expect(batches.bytes).toBe(0);
});
