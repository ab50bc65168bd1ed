import { expect, test } from 'vitest';
import type { Problem } from '../../web/events.js';
import { Patience } from '../../web/patience.js';

const problem = (code: string): Problem => ({ type: 'error', code, text: 'the words of the server' });

test('where nothing was said, and where the server is full, there is another try, some time later', () => {
  const patience = new Patience();
  expect(patience.after(undefined, 'maya', 0)).toEqual({ why: 'The connection is lost.', seconds: 0 });
  for (const code of ['full', 'as-text'])
    expect(patience.after(problem(code), 'maya', 0)).toEqual({
      ...{ why: 'The server says: the words of the server.', seconds: 30 },
    });
});

test('a name that is taken is waited for for two minutes', () => {
  const patience = new Patience();
  const taken = (now: number): unknown => patience.after(problem('name-taken'), 'maya', now);
  expect([taken(1000), taken(121_000)]).toMatchObject([{ seconds: 0 }, { seconds: 0 }]);
  expect(taken(121_001)).toBe(undefined);
  patience.over();
  expect(taken(121_002)).toMatchObject({ seconds: 0 });
});

test('whoever may not come in does not try again', () => {
  expect(new Patience().after(problem('not-allowed'), 'maya', 0)).toBe(undefined);
});
