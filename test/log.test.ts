import { delay, from, of, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { localLog } from '../src/log.ts';
import type { Input, Turn } from '../src/message.ts';
import { logContract } from './support/log-contract.ts';

logContract('the log of one machine', localLog);

// A stand-in for a log behind a network, so that the contract itself does not come to count on turns coming at once.
logContract('a log that takes its time', (clock) => (turns) => turns.pipe(localLog(clock), delay(2)));

function stamped(clock: () => number, ...published: (readonly Input[])[]): Turn[] {
  let stamps: Turn[] = [];
  from(published)
    .pipe(localLog(clock), toArray())
    .subscribe((all) => {
      stamps = all;
    });
  return stamps;
}

test('the log of one machine stamps a turn at once, with the time of its clock', () => {
  const times = [1000, 2000, 2000, 3000];
  const turns = stamped(() => times.shift() ?? 0, [], [], [], []);
  expect(turns.map(({ time }) => time)).toEqual([1000, 2000, 2000, 3000]);
  const inputs: Input[] = [{ type: 'arrived', client: 'a', address: '' }];
  expect(stamped(() => 5, inputs)).toEqual([{ sequence: 1, time: 5, inputs, first: 0 }]);
});

test('the log of one machine joins nothing, and a turn of nothing is one, too', () => {
  const inputs: Input[] = [{ type: 'arrived', client: 'a', address: '' }];
  const turns = stamped(() => 5, inputs, [], inputs);
  expect(turns.map(({ inputs }) => inputs.length)).toEqual([1, 0, 1]);
});

test('a clock that is set back stands still until it has caught up', () => {
  const times = [1000, 3000, 2000, 2999, 3001];
  const turns = stamped(() => times.shift() ?? 0, [], [], [], [], []);
  expect(turns.map(({ time }) => time)).toEqual([1000, 3000, 3000, 3000, 3001]);
});

test('each subscription to a log begins anew', () => {
  const stamps = of<readonly Input[]>([]).pipe(localLog(() => 7));
  const heard: Turn[] = [];
  for (let i = 0; i < 2; i++) stamps.subscribe((turn) => heard.push(turn));
  expect(heard.map(({ sequence }) => sequence)).toEqual([1, 1]);
});
