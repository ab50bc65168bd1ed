import { expect, test } from 'vitest';
import { Chat } from '../src/chat.ts';
import { NAMES } from '../src/options.ts';
import { differing, settingsOf } from '../src/settings.ts';
import { arrived, line, LIMITS, Scene } from './support/turn.ts';

test('what the chat goes by can change at a turn, for those who are here, too', () => {
  const chat = new Scene({ a: 'alice' }, { '#one': 'a' });
  const settings = { ...LIMITS, maxRoomsPerClient: 1, welcome: ['be kind'] };
  expect(chat.play('a: /join #two')).toEqual(['a < * nobody else is in #two']);
  chat.play({ type: 'settings', settings });
  expect(chat.play('a: /join #three')).toEqual(['a < ! you are in 1 rooms already; /leave one first']);
  expect(chat.play(arrived('b'), line('b', 'bob'))).toContain('b < * be kind');
  const again = Chat.restore(
    JSON.parse(JSON.stringify(chat.chat.snapshot())) as ReturnType<Chat['snapshot']>,
  );
  expect(again.snapshot().settings).toEqual(settings);
});

test('who keeps order changes with it', () => {
  const chat = new Scene({ a: 'alice' });
  chat.play({ type: 'reserve', client: 'a', version: 'v' });
  expect(chat.play('a: /bans')).toEqual(['a < ! that is for operators']);
  chat.play({ type: 'settings', settings: { ...LIMITS, operators: ['alice'] } });
  expect(chat.play('a: /bans')).toEqual(['a < * nobody is banned']);
});

test('two differ in options by their names; in which order operators are named does not matter', () => {
  const one = { ...LIMITS, operators: ['alice', 'bob'], welcome: ['one', 'two'] };
  expect(differing(one, { ...one, operators: ['bob', 'alice'] })).toEqual([]);
  expect(differing(one, { ...one, welcome: ['two', 'one'] })).toEqual(['welcome']);
  expect(differing(one, { ...one, operators: ['bob'], keeps: !one.keeps, maxLine: one.maxLine + 1 })).toEqual(
    ['keep', 'operator', 'maxLine'],
  );
});

test('the options in which two may differ are options of the command', () => {
  const others = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, ['other']]));
  for (const name of differing(LIMITS, others as unknown as typeof LIMITS)) expect(NAMES).toContain(name);
  expect(differing(LIMITS, others as unknown as typeof LIMITS)).toHaveLength(Object.keys(LIMITS).length);
});

test('nothing else of the options goes with it', () => {
  expect(settingsOf({ ...LIMITS, ...{ port: 8080 } })).toEqual(LIMITS);
});
