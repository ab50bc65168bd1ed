import { describe, expect, test } from 'vitest';
import type { Input } from '../src/message.ts';
import { arrived, level, line, Scene, taken, turn } from './support/turn.ts';

const lost = (node: string): Input => ({ type: 'node-lost', node });

/** Alice and anna have come to node a, bob, ben and cora to other ones. */
const scene = (): Scene =>
  new Scene(
    { 'a-1': 'alice', 'a-2': 'anna', 'b-1': 'bob', 'b-2': 'ben', 'c-1': 'cora' },
    { '#ops': 'a-1 b-1 b-2 c-1' },
  );

describe('when a node is gone', () => {
  test('all who had come to it are, and nobody else; their rooms are told once', () => {
    expect(scene().play(lost('b'))).toEqual([
      'a-1 c-1 < * bob, ben left #ops',
      'b-1: end, lost',
      'b-2: end, lost',
    ]);
  });

  test('their names are free in the same turn', () => {
    const chat = scene();
    const told = chat.play(arrived('c-2'), lost('b'), line('c-2', 'bob'), 'a-1: bob: hi');
    expect(told).toContain('c-2 < from alice: hi');
  });

  test('what they said before is heard, and who waited for them goes on', () => {
    const chat = scene();
    const bulk = 'x'.repeat(16_000);
    chat.play(level('b-1', 'full'), level('c-1', 'full'));
    expect(chat.play('a-1: bob: hi')).toEqual(['a-1: hold']);
    expect(chat.play(`b-2: cora: ${bulk}`)).toEqual(['b-2: hold']);
    const told = chat.play(lost('b'));
    expect(told).toContain('a-1: release');
    expect(told).toContain(`c-1 < from ben: ${bulk}`);
  });

  test('a node that nobody had come to changes nothing', () => {
    expect(scene().play(lost('d'))).toEqual([]);
  });

  test('as many as it had are let go in slices', () => {
    const people = Object.fromEntries(
      Array.from({ length: 5000 }, (_, nth) => [`b-${String(nth)}`, `n${String(nth)}`]),
    );
    const chat = new Scene({ 'a-1': 'alice', ...people });
    for (const id of Object.keys(people)) chat.play(`${id}: /join #small${id.slice(-1)}`);
    const slices = chat.slices(lost('b'));
    expect(slices.length).toBeGreaterThan(1);
    expect(slices.flatMap(({ instructions }) => instructions)).toHaveLength(5000);
    expect(chat.play('a-1: /who')).toEqual(['a-1 < * here: alice']);
  });
});

describe('a receipt of a line that reaches several nodes', () => {
  /** Alice says it, with receipts; gives what was delivered. */
  function said(text: string): { chat: Scene; receipt: Parameters<typeof taken>[0] } {
    const chat = scene();
    chat.play('a-1: /receipts on');
    const [receipt] = chat
      .slices(`a-1: ${text}`)
      .flatMap(({ deliveries }) => deliveries.flatMap((one) => one.receipt ?? []));
    if (!receipt) throw new Error('nothing was said');
    return { chat, receipt };
  }

  test('comes when each of them has said what became of it', () => {
    const { chat, receipt } = said('#ops: hi');
    expect(chat.play(taken(receipt, 2, [], 'b'))).toEqual([]);
    expect(chat.play(taken(receipt, 1, [], 'c'))).toEqual(['a-1 < * sent 1 to 3 in #ops; kept']);
  });

  test('comes without those of a node that is gone, whom nobody knows any more', () => {
    const { chat, receipt } = said('#ops: hi');
    chat.play(taken(receipt, 1, [], 'c'));
    expect(chat.play(lost('b'))).toContain('a-1 < * sent 1 to 1 in #ops; kept');
  });

  test('says who of those it named was lost with their node', () => {
    const { chat, receipt } = said('bob, cora: hi');
    chat.play(taken(receipt, 1, [], 'c'));
    expect(chat.play(lost('b'))).toContain('a-1 < * sent 1 to cora; not bob');
  });

  test('is not changed by a node that is gone, and had said what became of it', () => {
    const { chat, receipt } = said('bob, cora: hi');
    chat.play(taken(receipt, 1, [], 'b'), lost('b'));
    expect(chat.play(taken(receipt, 1, [], 'c'))).toEqual(['a-1 < * sent 1 to bob, cora']);
  });
});

test('who says much in rooms waits for what is kept as long as one of the nodes is behind with it', () => {
  const chat = scene();
  const bulk = 'x'.repeat(16_000);
  const behind = (node: string, level: 'behind' | 'caught-up'): Input => ({
    type: 'storage-level',
    node,
    level,
  });
  for (let said = 0; said < 4; said++) chat.play(`a-1: #ops: ${bulk}`);
  chat.play(behind('a', 'behind'), behind('b', 'behind'), behind('c', 'behind'));
  expect(chat.play(`a-1: #ops: ${bulk}`)).toEqual(['a-1: hold']);
  expect(chat.play(behind('a', 'caught-up'), behind('c', 'caught-up'))).toEqual([]);
  expect(chat.play(lost('b'))).toContain('a-1: release');
});

test('another turn is asked for by somebody who is there, also where who waits for it was lost with a node', () => {
  const people = Object.fromEntries(
    Array.from({ length: 400 }, (_, nth) => [`a-${String(nth)}`, `n${String(nth)}`]),
  );
  const chat = new Scene({ ...people, 'b-1': 'bob' });
  for (const id of [...Object.keys(people), 'b-1']) chat.play(`${id}: /join #big`);
  const lines = Array.from({ length: 400 }, (_, nth) => `b-1: #big: ${String(nth)}`);
  const orders = chat.slices(...lines, lost('b')).flatMap(({ instructions }) => instructions);
  expect(orders.filter(({ order }) => order.do === 'next').map(({ to }) => to)).toEqual(['a-0']);
});

test('mail that was on its way to a node that is gone is told to its owner elsewhere', () => {
  const chat = new Scene({ 'a-1': 'alice', 'b-1': 'bob' });
  const [{ effects }] = chat.slices({ type: 'reserve', client: 'b-1', version: 'v' }) as [
    ReturnType<typeof chat.chat.handle>,
  ];
  const owner = effects.flatMap((effect) => (effect.do === 'reserve' ? effect.owner : []))[0] ?? '';
  chat.play('b-1: /quit', 'a-1: bob: hi');
  const name = { key: 'bob', shown: 'bob' };
  const proved = (client: string): Input => ({
    type: 'proved',
    client,
    use: 'login',
    name,
    owner,
    version: 'v',
  });
  const asks = (...inputs: Input[]): string[] =>
    chat.chat.handle(turn(inputs)).effects.flatMap((effect) => (effect.do === 'recall' ? effect.client : []));
  expect(asks(arrived('b-2'), proved('b-2'))).toEqual(['b-2']);
  expect(asks(arrived('c-1'), proved('c-1'))).toEqual([]);
  expect(asks(lost('b'))).toEqual(['c-1']);
});
