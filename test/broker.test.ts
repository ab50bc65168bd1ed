import { delay } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { Broker } from '../src/broker.ts';
import { type Log, localLog } from '../src/log.ts';
import type { Input } from '../src/message.ts';
import { holdEventLoop, idle, pass, turn } from './support/event-loop.ts';
import { clientOf } from './support/turn.ts';

const arrived = (client: string): Input => ({ type: 'arrived', client, address: '' });

/** A broker, and the clients of each turn that came out of it. */
function listen(log?: Log) {
  const broker = new Broker(log);
  const heard: string[][] = [];
  let completed = false;
  const subscription = broker.turns.subscribe({
    next: ({ inputs }) => heard.push(inputs.map(clientOf)),
    complete: () => {
      completed = true;
    },
  });
  return { broker, heard, subscription, completed: () => completed };
}

beforeEach(holdEventLoop);

test('what is published in a turn comes back together and in order, at its end', () => {
  const { broker, heard } = listen();
  broker.publish([arrived('a'), arrived('b')]);
  broker.publish([]);
  broker.publish([arrived('c')]);
  expect(heard).toEqual([]);
  turn();
  expect(heard).toEqual([['a', 'b', 'c']]);
  broker.publish([arrived('d')]);
  turn();
  expect(heard).toEqual([['a', 'b', 'c'], ['d']]);
});

test('nothing published is no turn', () => {
  const { broker, heard } = listen();
  broker.publish([]);
  turn();
  expect(heard).toEqual([]);
});

test('a turn is stamped by the log', () => {
  const broker = new Broker(localLog(() => 42));
  const heard: unknown[] = [];
  broker.turns.subscribe((stamped) => heard.push(stamped));
  broker.publish([arrived('a')]);
  turn();
  broker.publish([arrived('b')]);
  turn();
  expect(heard).toEqual([
    { sequence: 1, time: 42, first: 0, inputs: [arrived('a')] },
    { sequence: 2, time: 42, first: 0, inputs: [arrived('b')] },
  ]);
});

test('without a log of its own it has the clock of this machine', () => {
  const { broker, heard } = listen();
  let time = 0;
  const another = new Broker();
  another.turns.subscribe((stamped) => (time = stamped.time));
  pass(1234);
  another.publish([arrived('a')]);
  broker.publish([arrived('b')]);
  turn();
  expect(time).toBe(1_234_000);
  expect(heard).toEqual([['b']]);
});

test('it completes when all that was published has come back', () => {
  const { broker, heard, completed } = listen((turns) => turns.pipe(localLog(), delay(1000)));
  broker.publish([arrived('a')]);
  broker.complete();
  broker.publish([arrived('too late')]);
  turn();
  pass(0.9);
  expect(completed()).toBe(false);
  pass(0.2);
  expect(heard).toEqual([['a']]);
  expect(completed()).toBe(true);
});

test('unsubscribing leaves nothing for the event loop to do', () => {
  const { broker, subscription } = listen();
  broker.publish([arrived('a')]);
  subscription.unsubscribe();
  broker.publish([arrived('b')]);
  expect(idle()).toBe(true);
});
