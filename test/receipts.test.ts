import { describe, expect, test } from 'vitest';
import type { Input } from '../src/message.ts';
import { Receipt } from '../src/receipts.ts';
import { text } from '../src/text.ts';
import { asked, ended, gone, level, Scene, stopped, stopping } from './support/turn.ts';

const NO_RECIPIENT = 'say who it is for, like "bob: hello"; /help tells more';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Alice wants receipts; dave is alone in #dev. */
function scene(): Scene {
  const chat = new Scene({ a: 'alice', b: 'bob', c: 'carol', d: 'dave' }, { '#ops': 'a b c', '#dev': 'd' });
  chat.play('a: /receipts on');
  return chat;
}

describe('a receipt', () => {
  test('comes when the last one has taken the line, not before', () => {
    const chat = scene();
    expect(chat.play('a: bob, carol, #dev: hi')).toEqual([
      'b c < from alice: hi',
      'd < from alice in #dev: hi',
    ]);
    expect(chat.play(chat.take(1))).toEqual([]);
    expect(chat.play(chat.take())).toEqual(['a < * sent 1 to bob, carol, 1 in #dev; kept']);
  });

  test.each([
    ['for a room tells how many have it', '#ops: hi', 1, '* sent 1 to 2 in #ops; kept'],
    ['for a room from outside, too', '#dev: hi', 1, '* sent 1 to 1 in #dev; kept'],
    ['tells whom it did not reach', 'eve, bob, #void: hi', 1, '* sent 1 to bob; not eve, #void'],
    ['for oneself is like any other', 'alice: hi', 1, '* sent 1 to alice'],
    ['counts each once', 'bob, BOB, #ops, #OPS: hi', 2, '* sent 1 to bob, 1 in #ops; kept'],
    ['is for /msg, too', '/msg bob: hi', 1, '* sent 1 to bob'],
    ['for an empty text is one, too', 'bob:', 1, '* sent 1 to bob'],
  ])('%s', (_, line, parts, answer) => {
    const chat = scene();
    chat.play(`a: ${line}`);
    const answers = range(parts).map(() => chat.play(chat.take()));
    expect(answers).toEqual([...range(parts - 1).map(() => []), [`a < ${answer}`]]);
  });

  test('is for what is said where lines go, too', () => {
    const chat = scene();
    chat.each('a: /to bob', 'a: hi', 'a: /me waves', 'a: //usr', 'a: ');
    const answers = range(4).flatMap(() => chat.play(chat.take()));
    expect(answers).toEqual(range(4).map((index) => `a < * sent ${String(index + 1)} to bob`));
  });

  test('comes in the order of the lines, whoever is the first to take theirs', () => {
    const chat = scene();
    chat.each('a: bob: 1', 'a: carol: 2', 'a: eve: 3', 'a: dave: 4');
    expect(chat.play(chat.take(1))).toEqual([]);
    expect(chat.play(chat.take())).toEqual([
      'a < * sent 1 to bob',
      'a < * sent 2 to carol',
      'a < ! not sent 3: eve is not here',
    ]);
    expect(chat.play(chat.take())).toEqual(['a < * sent 4 to dave']);
  });

  test('has its number in the order in which lines were said, though they had to wait', () => {
    const chat = scene();
    chat.play(level('b', 'full'), 'a: bob: 1', 'a: eve: 2', 'a: carol: 3');
    expect(chat.play(level('b', 'caught-up'))).toEqual([
      'b < from alice: 1',
      'c < from alice: 3',
      'a: release',
    ]);
    expect(chat.play(chat.take(1), chat.take())).toEqual([
      'a < * sent 1 to bob',
      'a < ! not sent 2: eve is not here',
      'a < * sent 3 to carol',
    ]);
  });

  test('names people as they were called when it was said', () => {
    const chat = scene();
    chat.play('a: bob: hi', 'b: /name robert', 'a: bob: hi');
    expect(chat.play(chat.take(), chat.take())).toEqual(['a < * sent 1 to bob', 'a < * sent 2 to robert']);
  });

  test('is nobody’s who did not ask for it, or is gone', () => {
    const chat = scene();
    expect(chat.play('b: eve: hi')).toEqual(['b < ! eve is not here']);
    chat.play('a: carol: hi', gone('a'));
    expect(chat.play(chat.take())).toEqual([]);
  });

  test('is waited for by /quit, and by what is behind it', () => {
    const chat = scene();
    chat.play('a: carol: hi', 'a: /quit', 'a: carol: too late');
    expect(chat.play(chat.take())).toEqual([
      'a < * sent 1 to carol',
      'b c < * alice left #ops',
      'a: end, quit',
    ]);
  });
});

describe('somebody who ignores the sender counts as reached, and no sooner than if they had heard it', () => {
  test.each([
    ['alone', 'bob: hi', 1, '* sent 1 to bob'],
    ['among others', 'bob, carol: hi', 1, '* sent 1 to bob, carol'],
    ['in a room', '#ops: hi', 1, '* sent 1 to 2 in #ops; kept'],
    ['directly and in a room', 'bob, #ops: hi', 2, '* sent 1 to bob, 1 in #ops; kept'],
  ])('%s', (_, line, parts, answer) => {
    const chat = scene();
    chat.play('b: /ignore alice');
    expect(chat.play(`a: ${line}`).filter((one) => one.startsWith('a'))).toEqual([]);
    for (let part = 1; part < parts; part++) expect(chat.play(chat.take())).toEqual([]);
    expect(chat.play(chat.take())).toEqual([`a < ${answer}`]);
  });

  test('as the only other one in a room', () => {
    const chat = scene();
    chat.play('c: /leave #ops', 'b: /ignore alice');
    expect(chat.play('a: #ops: hi')).toEqual([]);
    expect(chat.play(chat.take())).toEqual(['a < * sent 1 to 1 in #ops; kept']);
  });
});

describe('whoever is gone before it has taken a line', () => {
  test.each([
    ['does not count as reached', 'bob: hi', ['b'], '! not sent 1: bob left before it was delivered'],
    ['does not keep others from it', 'bob, carol: hi', ['b'], '* sent 1 to carol; not bob'],
    ['is told with those who were not here', 'bob, carol, eve: hi', ['c'], '* sent 1 to bob; not eve, carol'],
    [
      'is told with all who are',
      'bob, carol: hi',
      ['b', 'c'],
      '! not sent 1: bob, carol left before it was delivered',
    ],
    ['is counted in a room', '#ops: hi', ['c'], '* sent 1 to 1 in #ops; kept'],
    [
      'is not told of one by one in a room',
      '#ops: hi',
      ['b', 'c'],
      '! not sent 1: #ops left before it was delivered',
    ],
  ])('%s', (_, line, lost, answer) => {
    const chat = scene();
    chat.play(`a: ${line}`);
    expect(chat.play(...lost.map((id) => gone(id)), chat.take(0, ...lost))).toContain(`a < ${answer}`);
  });
});

test('a line for somebody who is away, and for whom nothing can be kept now, is not sent to that one', () => {
  const receipt = new Receipt(1, 1);
  const { part: mail } = receipt.part('a', { kept: { mail: 'eve' } });
  receipt.close([], []);
  receipt.taken(mail, '', 0, ['']);
  const problems = [{ type: 'problem', code: 'not-kept', names: ['eve'] }];
  expect(receipt.answer).toEqual({ type: 'unsent', number: 1, problems, missed: ['eve'] });

  const { part: direct } = receipt.part('a', {
    named: [{ id: 'b', name: { key: 'bob', shown: 'bob' } }],
  });
  receipt.taken(direct, '', 1, []);
  expect(receipt.answer).toMatchObject({ type: 'receipt', to: ['bob'], missed: ['eve'], kept: undefined });
});

test.each([
  ['all of it', 'room eve', '* sent 1 to 2 in #ops; kept for eve\n'],
  [
    'what was said to who is away, and not what was said in the room',
    'eve',
    '* sent 1 to 2 in #ops; kept for eve only\n',
  ],
  [
    'what was said in the room, and not what was to wait for somebody',
    'room',
    '* sent 1 to 2 in #ops; kept; not eve\n',
  ],
  ['nothing of it', '', '* sent 1 to 2 in #ops; not kept; not eve\n'],
])('a line to a room and to somebody who is away tells what of it is kept: %s', (_, kept, line) => {
  // Either may be known first.
  for (const order of [
    ['room', 'eve'],
    ['eve', 'room'],
  ]) {
    const receipt = new Receipt(1, 1);
    const heard = receipt.part('a', { nodes: new Map([['', 2]]), room: '#ops' });
    for (const what of order) {
      const { part } = receipt.part('a', { kept: what === 'room' ? 'room' : { mail: what } });
      const isKept = kept.split(' ').includes(what);
      receipt.taken(part, '', isKept ? 1 : 0, isKept ? [] : ['']);
    }
    receipt.taken(heard.part, '', 2, []);
    receipt.close([], []);
    expect(text.encode(receipt.answer)).toBe(line);
  }
});

describe('a line that was not sent is numbered, too', () => {
  const fault = (fault: 'line-too-long' | 'not-utf8'): Input => asked('a', { kind: 'fault', fault });

  test.each<[string, string | Input, string]>([
    ['for nobody', 'a: : hi', NO_RECIPIENT],
    ['without a colon', 'a: hi', NO_RECIPIENT],
    ['of nothing', 'a: ', NO_RECIPIENT],
    ['of /me where lines go nowhere', 'a: /me waves', 'say where your lines go first, like "/to #ops"'],
    ['for somebody absent', 'a: eve: hi', 'eve is not here'],
    ['for several who are absent', 'a: eve, frank: hi', 'eve, frank are not here'],
    ['for an empty room', 'a: #void: hi', 'nobody is in #void'],
    ['for a private room', 'a: #dev: hi', '#dev is private; somebody in it can /invite you'],
    ['for nobody and an empty room', 'a: eve, #void: hi', 'eve is not here; nobody is in #void'],
    ['for too many', `a: ${range(129).join()}: hi`, 'that is more than 128 recipients; it was not sent'],
    [
      'by /msg for too many',
      `a: /msg ${range(129).join()}: hi`,
      'that is more than 128 recipients; it was not sent',
    ],
    ['by /msg for nobody', 'a: /msg hi', 'write it like "/msg bob, #ops: hello"; /help msg tells more'],
    ['that is too long', fault('line-too-long'), 'that line is longer than 16384 bytes; it was not sent'],
    ['that is not UTF-8', fault('not-utf8'), 'that line is not UTF-8; it was not sent'],
  ])('%s', (_, step, problem) => {
    const chat = scene();
    chat.play('d: /private #dev');
    expect(chat.play(step, step)).toEqual([`a < ! not sent 1: ${problem}`, `a < ! not sent 2: ${problem}`]);
  });

  test('with whom may have been meant', () => {
    expect(scene().play('a: bpb: hi')).toEqual(['a < ! not sent 1: bpb is not here; did you mean bob?']);
  });

  test('for a room that one is alone in', () => {
    const chat = scene();
    chat.play('a: /join #new');
    expect(chat.play('a: #new: hi')).toEqual(['a < ! not sent 1: nobody else is in #new']);
  });

  test('but a command is not', () => {
    const chat = scene();
    const commands = [
      '/ping',
      '/foo',
      '/join',
      '/join ops',
      '/who eve',
      '/to',
      '/kick',
      '/name !!',
      '/receipts on',
    ];
    for (const answer of chat.play(...commands.map((one) => `a: ${one}`)))
      expect(answer).not.toContain('sent');
    expect(chat.play('a: eve: hi')).toEqual(['a < ! not sent 1: eve is not here']);
  });
});

describe('numbers', () => {
  test('begin at 1 when receipts are turned on, and go on where they were on already', () => {
    const chat = scene();
    expect(
      chat.each(
        'a: eve: hi',
        'a: /receipts on',
        'a: eve: hi',
        'a: /receipts off',
        'a: eve: hi',
        'a: /receipts on',
        'a: eve: hi',
      ),
    ).toEqual([
      'a < ! not sent 1: eve is not here',
      'a < * receipts on',
      'a < ! not sent 2: eve is not here',
      'a < * receipts off',
      'a < ! eve is not here',
      'a < * receipts on',
      'a < ! not sent 1: eve is not here',
    ]);
  });

  test('of lines said before receipts were turned off are answered, before those said later', () => {
    const chat = scene();
    chat.each('a: bob: 1', 'a: carol: 2', 'a: /receipts off', 'a: bob: 3', 'a: /receipts on', 'a: bob: 4');
    expect(chat.play(chat.take(2), chat.take(1))).toEqual([]);
    expect(chat.play(chat.take())).toEqual([
      'a < * sent 1 to bob',
      'a < * sent 2 to carol',
      'a < * sent 1 to bob',
    ]);
  });
});

describe('with 256 answers outstanding', () => {
  function full(): Scene {
    const chat = scene();
    chat.play(...range(256).map((index) => `a: bob: ${String(index + 1)}`));
    return chat;
  }

  test('the next line waits, and all behind it, and each goes on once an answer was given', () => {
    const chat = full();
    expect(chat.play('a: /ping')).toEqual(['a < * pong']);
    expect(chat.play('a: carol: 257', 'a: carol: 258', 'a: /ping')).toEqual(['a: hold']);
    expect(chat.play(chat.take(1))).toEqual([]);
    expect(chat.play(chat.take())).toEqual([
      'a < * sent 1 to bob',
      'a < * sent 2 to bob',
      'c < from alice: 257',
      'c < from alice: 258',
      'a < * pong',
      'a: release',
    ]);
    expect(chat.play('a: carol: 259')).toEqual(['a: hold']);
    expect(chat.play(chat.take())).toEqual(['a < * sent 3 to bob', 'c < from alice: 259', 'a: release']);
  });

  test('or 1,024 names in them, it is the same', () => {
    const many = range(128).map((index) => `n${String(index)}`);
    const chat = new Scene({ a: 'alice', ...Object.fromEntries(many.map((id) => [id, id])) });
    chat.play('a: /receipts on');
    chat.play(...range(8).map((index) => `a: ${many.join()}: ${String(index)}`));
    expect(chat.play('a: n1: wait')).toEqual(['a: hold']);
  });

  test.each<[string, string | Input]>([
    ['for nobody', 'a: hello'],
    ['for somebody absent', 'a: eve: hi'],
    ['of /msg that is none', 'a: /msg hi'],
    ['that is too long', asked('a', { kind: 'fault', fault: 'line-too-long' })],
  ])('a line %s waits, too', (_, step) => {
    const chat = full();
    expect(chat.play(step)).toEqual(['a: hold']);
    expect(chat.play(chat.take())).toEqual(['a < * sent 1 to bob', 'a: release']);
  });

  test('a line does not wait once receipts are off', () => {
    expect(full().play('a: /receipts off', 'a: carol: hi')).toEqual([
      'a < * receipts off',
      'c < from alice: hi',
    ]);
  });

  test.each<[string, Input]>([
    ['lost', gone('a')],
    ['who stops with the server', stopping('a')],
  ])('a line of somebody %s waits no more', (_, input) => {
    const chat = full();
    chat.play('a: carol: hi');
    expect(chat.play(input)).toContain('c < from alice: hi');
  });
});

describe('when the server stops', () => {
  test('whoever has no answer yet is told of it first, and says nothing more', () => {
    const chat = scene();
    chat.play('a: bob: hi');
    expect(chat.play(stopping('a'), stopped('a'), 'a: carol: too late')).toEqual([]);
    expect(chat.play(chat.take())).toEqual([
      'a < * sent 1 to bob',
      'a < ! the server is stopping',
      'b c < * alice left #ops',
      'a: end, server stopping',
    ]);
  });
});

describe('whoever ended its side', () => {
  test('is told all that is outstanding before its moment begins', () => {
    const chat = scene();
    expect(chat.play('a: bob: 1', 'a: carol: 2', ended('a'))).toHaveLength(2);
    expect(chat.play(chat.take(1))).toEqual([]);
    expect(chat.play(chat.take(0, 'b'))).toEqual([
      'a < ! not sent 1: bob left before it was delivered',
      'a < * sent 2 to carol',
      'a: linger',
    ]);
  });

  test('has its moment at once where nothing is outstanding', () => {
    expect(scene().play('a: eve: hi', ended('a'))).toEqual([
      'a < ! not sent 1: eve is not here',
      'a: linger',
    ]);
  });
});
