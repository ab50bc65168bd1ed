import { expect, test } from 'vitest';
import { Rota } from '../src/rota.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

test('so much is done in a turn of the event loop, and the rest in order in the next ones', async () => {
  const rota = new Rota(2);
  const done: number[] = [];
  for (let each = 0; each < 5; each++) rota.schedule(() => done.push(each));
  expect(done).toEqual([0, 1]);
  await turn();
  expect(done).toEqual([0, 1, 2, 3]);
  rota.schedule(() => done.push(5));
  await turn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
});

test('work that nobody wants any more is not done, and leaves its place to others', async () => {
  const rota = new Rota(1);
  const done: number[] = [];
  rota.schedule(() => done.push(0));
  const unwanted = rota.schedule(() => done.push(1));
  rota.schedule(() => done.push(2));
  unwanted.unsubscribe();
  await turn();
  expect(done).toEqual([0, 2]);
});
