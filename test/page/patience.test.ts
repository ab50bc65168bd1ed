import { expect, test } from 'vitest';
import type { Problem } from '../../web/events.js';
import { isAnothers, Patience, sentAway } from '../../web/patience.js';

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

test('where too many passwords were tried, the next try is when the server says', () => {
  const after = (problem: Problem): unknown => new Patience().after(problem, 'maya', 0);
  expect(after({ ...problem('password-wait'), seconds: 8 })).toMatchObject({ seconds: 8 });
  expect(after(problem('password-busy'))).toMatchObject({ seconds: 5 });
  expect(after(problem('wrong-password'))).toBe(undefined);
});

test('whoever was told to go comes back only by their own wish; where the server stopped, by itself', () => {
  expect(['taken-over', 'put-out', 'banned'].map((code) => sentAway(problem(code))?.back)).toEqual([
    'Take the name back',
    'Come in again',
    'Try again',
  ]);
  expect(sentAway({ ...problem('put-out'), text: 'olga has put you out; closing' })?.why).toBe(
    'The server says: olga has put you out.',
  );
  expect([sentAway(problem('stopping')), sentAway(undefined)]).toEqual([undefined, undefined]);
});

test('a name that somebody reserves ends who has it; that it cannot be taken ends nobody', () => {
  expect(isAnothers(problem('name-reserved'))).toBe(true);
  expect(isAnothers({ ...problem('name-reserved'), command: 'name' })).toBe(false);
});
