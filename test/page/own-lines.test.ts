import { expect, test } from 'vitest';
import type { Problem, Receipt } from '../../web/events.js';
import { OwnLines } from '../../web/own-lines.js';

const receipt = (number: number, missed: string[] = []): Receipt => ({
  type: 'receipt',
  number,
  to: [],
  rooms: [],
  missed,
  mailed: [],
});
const error = (number: number, code = 'absent', limit?: number): Problem => ({
  type: 'error',
  code,
  number,
  text: 'bob is not here',
  ...(limit !== undefined && { limit }),
});

test('each line gets the answer with its number', () => {
  const own = new OwnLines();
  const [one, two, three] = ['one', 'two', 'three'].map((text) => own.say(text, `bob: ${text}`));
  own.answered(receipt(1));
  own.answered(error(2));
  own.answered(receipt(3, ['dave']));
  expect([one?.state, two?.state, three?.state]).toEqual(['sent', 'not-sent', 'sent']);
  expect([one?.why, two?.why, three?.why]).toEqual(['', 'bob is not here', 'not to dave']);
});

test('what had no answer when the connection broke is perhaps not sent, and numbers begin anew', () => {
  const own = new OwnLines();
  const sent = own.say('one', 'bob: one');
  own.answered(receipt(1));
  const lost = own.say('two', 'bob: two');
  expect(own.lose()).toEqual([lost]);
  expect([sent.state, lost.state]).toEqual(['sent', 'perhaps']);
  const next = own.say('three', 'bob: three');
  own.answered(receipt(1));
  expect([next.state, own.areWaiting]).toEqual(['sent', false]);
});

test('a command that was too long to be read as one has a number too, and does not shift those behind it', () => {
  const own = new OwnLines();
  const short = own.say('one', 'bob: one');
  expect(own.answered(error(1, 'line-too-long', 100))).toBe(undefined);
  own.answered(receipt(2));
  expect(short.state).toBe('sent');
});

test('a line that was too long is not sent', () => {
  const own = new OwnLines();
  const long = own.say('é'.repeat(60), `bob: ${'é'.repeat(60)}`);
  own.answered(error(1, 'line-too-long', 100));
  expect(long.state).toBe('not-sent');
});

test('a line says for whom it is kept, and where it could not be', () => {
  const fate = (answer: Partial<Receipt>): unknown => {
    const own = new OwnLines();
    const line = own.say('one', 'bob: one');
    own.answered({ ...receipt(1), ...answer });
    return [line.state, line.isKept, line.why];
  };
  const rooms = [{ room: '#ops', people: 2 }];
  expect(fate({ rooms, kept: true })).toEqual(['sent', true, '']);
  expect(fate({ rooms, kept: false })).toEqual(['sent', false, 'not kept, so nobody can read it again']);
  expect(fate({ mailed: ['bob'], kept: true })).toEqual(['kept', true, 'kept for bob, who is away']);
  expect(fate({ to: ['eve'], mailed: ['bob', 'dave'], missed: ['zoe'], kept: true })).toEqual([
    ...['sent', true, 'kept for bob and dave, who are away; not to zoe'],
  ]);
});
