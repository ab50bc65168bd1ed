import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Claim } from '../../src/cluster/agreement.ts';
import { beat, bye, hello, jsonOf, Parts, sayingOf, turnOf, untoldOf } from '../../src/cluster/wire.ts';
import type { Input, Name } from '../../src/message.ts';
import type { Past, Query } from '../../src/past.ts';

const LARGEST = 512 * 1024;

const CLAIM: Claim = { since: 1_796_085_010_308, turn: 2 ** 40 + 1, digest: 2 ** 32 - 1 };

const said = (text: string): Input => ({
  type: 'line',
  client: 'a-1',
  command: { kind: 'bare', name: undefined, text },
});

/** What there is at the other end. */
function sent(inputs: readonly Input[], parts = new Parts()): Input[] | undefined {
  let whole: Input[] | undefined;
  for (const message of turnOf(jsonOf(inputs), CLAIM)) {
    const saying = sayingOf(message);
    if (saying?.kind === 'part') parts.add('a', saying.json);
    else if (saying?.kind === 'turn') whole = parts.end('a', saying.json);
  }
  return whole;
}

test('what a node says by itself is read as it was said', () => {
  for (const wants of [false, true])
    expect(sayingOf(hello(7, '[1]', wants))).toEqual({
      ...{ kind: 'hello', rules: 7, wants },
      json: Buffer.from('[1]'),
    });
  expect(sayingOf(beat(CLAIM))).toEqual({ kind: 'beat', claim: CLAIM });
  const [turn = Buffer.alloc(0)] = turnOf('[1]', CLAIM);
  expect(sayingOf(turn)).toEqual({ kind: 'turn', claim: CLAIM, json: Buffer.from('[1]') });
  expect(sayingOf(bye())).toEqual({ kind: 'bye' });
});

test('what nobody knows says nothing', () => {
  expect(sayingOf(Buffer.from('something else'))).toBeUndefined();
  expect(sayingOf(Buffer.alloc(0))).toBeUndefined();
  for (const short of ['t[1]', 'b']) expect(sayingOf(Buffer.from(short))).toBeUndefined();
  expect(new Parts().end('a', Buffer.from('{ "no": json'))).toBeUndefined();
});

test('a turn is one message, as long as it is not longer than half of what NATS takes', () => {
  const short = jsonOf([said('hi')]);
  expect([...turnOf(short, CLAIM)]).toHaveLength(1);
  expect([...turnOf('x'.repeat(LARGEST), CLAIM)].map(({ length }) => length)).toEqual([LARGEST + 17]);
  expect([...turnOf('x'.repeat(LARGEST + 1), CLAIM)].map(({ length }) => length)).toEqual([LARGEST + 1, 18]);
});

test('a turn of whatever length arrives as it was, also where a letter is cut into two messages', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.array(fc.string({ unit: 'binary' })), (shift, texts) => {
      const inputs = [said(`${'x'.repeat(LARGEST - shift)}${'ö\u{1f600}'.repeat(20)}`), ...texts.map(said)];
      expect(sent(inputs)).toEqual(inputs);
    }),
    { numRuns: 50 },
  );
});

test('a line comes back as it was, to however many it is and however many follow it', () => {
  const NAME: fc.Arbitrary<Name> = fc.record({ shown: fc.string(), key: fc.string() });
  const TO = fc.option(fc.array(NAME, { maxLength: 3 }), { nil: undefined });
  const SAY = fc.record({
    ...{ type: fc.constant('line' as const), client: fc.string() },
    command: fc.record({
      ...{ kind: fc.constant('say' as const), head: fc.string() },
      ...{ to: TO, rests: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }) },
    }),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(SAY, fc.string().map(said))), (inputs) => {
      // What is undefined is not there in JSON, which is the same to who reads it.
      expect(sent(inputs)).toEqual(inputs);
    }),
  );
});

test('a line to one recipient takes hardly more bytes than what is said in it', () => {
  const text = 'x'.repeat(64);
  const to = [{ shown: 'Bob', key: 'bob' }];
  const line: Input = {
    ...{ type: 'line', client: 'AbCdEfGh-1' },
    command: { kind: 'say', head: 'Bob: ', to, rests: [text, text] },
  };
  expect(jsonOf([line])).toBe(JSON.stringify([['AbCdEfGh-1', 'Bob: ', 'Bob', 'bob', text, text]]));
});

const LETTER: Past = {
  ...{ from: 'bob', room: undefined, to: undefined, sequence: 1, time: 2, index: 3 },
  texts: ['x'.repeat(5000), 'the disk is full'],
};

test('of what was found for somebody others are told how long each text is, and no more', () => {
  const query: Query = { of: 'talk', owner: 'o', peer: 'bob', count: 20 };
  const found = { lines: [LETTER, { ...LETTER, texts: ['ö\u{1f600}'] }], more: true };
  const input: Input = { type: 'recalled', client: 'a-1', query, found };
  const [heard] = sent([input]) ?? [];
  if (heard?.type !== 'recalled') throw new Error('it is another input');
  const lengths = heard.found?.lines.map(({ texts }) => texts.map(({ length }) => length));
  expect(lengths).toEqual([[5000, 16], [3]]);
  expect(heard).toMatchObject({ client: 'a-1', query, found: { more: true } });
  expect(jsonOf([input]).length).toBeLessThan(200);
  expect(untoldOf([input, said('hi')])).toBe(5019);
  const nothing: Input = { ...input, found: undefined };
  expect(sent([nothing])).toEqual([nothing]);
});

test('of mail others are told all, since they count what is left of it', () => {
  const query: Query = { of: 'mail', owner: 'o', after: 0, count: 100 };
  const mail: Input = {
    ...{ type: 'recalled', client: 'a-1', query },
    found: { lines: [LETTER], more: false },
  };
  expect(sent([mail])).toEqual([mail]);
  expect(untoldOf([mail])).toBe(0);
});

test('parts of several nodes do not mix, and those of one that is gone are forgotten', () => {
  const parts = new Parts();
  parts.add('b', Buffer.from('[1,'));
  parts.add('c', Buffer.from('[3,'));
  expect(sent([said('x'.repeat(LARGEST))], parts)).toEqual([said('x'.repeat(LARGEST))]);
  parts.forget('c');
  expect(parts.end('b', Buffer.from('2]'))).toEqual([1, 2]);
  expect(parts.end('c', Buffer.from('4]'))).toBeUndefined();
});

test('who begins with a record of the parts puts them together', () => {
  const parts = new Parts();
  parts.add('a', Buffer.from('["ö'.slice(0, 3)));
  parts.add('a', Buffer.from('n'));
  const others = new Parts();
  others.become(JSON.parse(JSON.stringify(parts.record())) as ReturnType<Parts['record']>);
  expect(others.end('a', Buffer.from('e"]'))).toEqual(['öne']);
});
