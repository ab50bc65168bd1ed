import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openingOf } from '../src/door/opening.ts';

const of = (text: string) => openingOf(Buffer.from(text, 'latin1'));
const record = (content: number, has = content) =>
  Buffer.concat([Buffer.from([0x16, 3, 1, content >> 8, content & 255]), Buffer.alloc(has, 1)]);

describe('a first line', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'http'],
    ['GET / HTTP/1.0\nHost: x\n', 'http'],
    ['POST /x?alice HTTP/1.1\r\nalice\r\nbob: hello\r\n', 'http'],
    ['PRI * HTTP/2.0\r\n\r\n', 'http'],
    ['get / HTTP/9.9\n', 'http'],
    ['GET hunter2\n', 'lines'],
    ['GET / HTTP/1.1 \n', 'lines'],
    ['HTTP/1.1\n', 'lines'],
    ['alice\n', 'lines'],
    ['\n', 'lines'],
    ['alice\nGET / HTTP/1.1\n', 'lines'],
  ])('%j opens %s', (text, opening) => {
    expect(of(text)).toBe(opening);
  });

  test('is waited for as long as it may be one of HTTP, and no longer', () => {
    expect(of('')).toBeUndefined();
    expect(of('alice')).toBeUndefined();
    expect(of(`GET /${'x'.repeat(16 * 1024 - 5)}`)).toBeUndefined();
    expect(of(`GET /${'x'.repeat(16 * 1024)}`)).toBe('endless');
    expect(of('x'.repeat(16 * 1024 + 1))).toBe('lines');
    expect(of(`POST /${'x'.repeat(20_000)} HTTP/1.1\r\nalice\n`)).toBe('endless');
  });
});

describe('TLS', () => {
  test('is TLS once its first record is whole', () => {
    expect(openingOf(record(100))).toBe('tls');
    expect(openingOf(record(100, 150))).toBe('tls');
    for (let length = 1; length < 105; length++)
      expect(openingOf(record(100).subarray(0, length)), String(length)).toBeUndefined();
  });

  test('is none where the record is longer than any, or of something else', () => {
    expect(openingOf(record(2 ** 14 + 1, 0))).toBe('lines');
    expect(openingOf(Buffer.from([0x16, 2]))).toBe('lines');
    expect(openingOf(Buffer.from([0x15, 3, 1, 0, 2, 1, 0, 10]))).toBe('lines');
  });
});

test('what was decided stays so, whatever follows', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 50 }), (bytes, more) => {
      const opening = openingOf(Buffer.from(bytes));
      if (opening) expect(openingOf(Buffer.concat([bytes, more]))).toBe(opening);
    }),
    { numRuns: 2000 },
  );
});
