import { expect, test } from 'vitest';
import { Queue } from '../../src/vault/queue.ts';

/** A queue for one at a time in which three may wait, behind one that takes until `open`. */
function queue(): {
  done: string[];
  run: (origin: string, what: string) => Promise<string | undefined>;
  open: () => void;
} {
  const own = new Queue(1, 3);
  const done: string[] = [];
  let open = (): void => undefined;
  const shut = new Promise<void>((resolve) => {
    open = resolve;
  });
  void own.run('first', () => shut);
  const run = (origin: string, what: string): Promise<string | undefined> =>
    own.run(origin, () => {
      done.push(what);
      return Promise.resolve(what);
    });
  return { done, run, open };
}

test('those who wait come from each place in turn, and in order from there', async () => {
  const { done, run, open } = queue();
  const all = [run('a', 'a1'), run('a', 'a2'), run('b', 'b1')];
  open();
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b1']);
  expect(done).toEqual(['a1', 'b1', 'a2']);
});

test('where no more may wait, the last one of where the most wait gives way to who comes from elsewhere', async () => {
  const { run, open } = queue();
  const all = [
    run('a', 'a1'),
    run('a', 'a2'),
    run('a', 'a3'),
    run('b', 'b1'),
    run('a', 'a4'),
    run('b', 'b2'),
  ];
  open();
  expect(await Promise.all(all)).toEqual(['a1', 'a2', undefined, 'b1', undefined, undefined]);
});

test('where no more may wait, and from nowhere two do, nobody gives way', async () => {
  const { run, open } = queue();
  const all = [run('a', 'a1'), run('b', 'b1'), run('c', 'c1'), run('d', 'd1')];
  open();
  expect(await Promise.all(all)).toEqual(['a1', 'b1', 'c1', undefined]);
});

test('what fails makes room as what works does', async () => {
  const own = new Queue(1, 1);
  await expect(own.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await own.run('a', () => Promise.resolve(1))).toBe(1);
});
