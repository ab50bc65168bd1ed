import fc from 'fast-check';
import { concatAll, from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type Admission, type Line, lines } from '../src/lines.ts';

const open = (): Admission => ({ wake: () => undefined, admit: () => true, drained: () => undefined });

const cut = (chunks: Buffer[], limit = 64): Promise<Line[]> =>
  lastValueFrom(from(chunks).pipe(lines(limit, open()), concatAll(), toArray()));

/** The same bytes, cut at each of `at`. */
function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...new Set(at.map((end) => end % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const TOO_LONG = { fault: 'line-too-long' };
const NOT_UTF8 = { fault: 'not-utf8' };

describe('lines', () => {
  test('end at \\n; a \\r before it and a byte order mark before the first are dropped', async () => {
    expect(await cut([Buffer.from('\ufeffalice\r\n\ufeffbob\n\n\r\ncarol\n')])).toEqual([
      'alice',
      '\ufeffbob',
      '',
      '',
      'carol',
    ]);
  });

  test('a last line without an end counts', async () => {
    expect(await cut([Buffer.from('alice\nbo'), Buffer.from('b')])).toEqual(['alice', 'bob']);
  });

  test('a line of the limit passes, with \\r\\n too; one byte more is a fault, and the next line is heard', async () => {
    const most = 'x'.repeat(64);
    const script = Buffer.from(`${most}\n${most}\r\n${most}y\n${most}y\r\nnext\n`);
    expect(await cut([script])).toEqual([most, most, TOO_LONG, TOO_LONG, 'next']);
  });

  test('a line that is not UTF-8 is a fault of its own', async () => {
    const script = Buffer.concat([Buffer.from('one\n'), Buffer.from([0xff, 0xfe, 10]), Buffer.from('twö\n')]);
    expect(await cut([script])).toEqual(['one', NOT_UTF8, 'twö']);
  });

  test('any split of a script gives the same lines', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\n', '\r\n', '\r', '\ufeff', '\n\n').map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(2000)), async (pieces, at) => {
        const script = Buffer.concat(pieces);
        expect(await cut(split(script, at))).toEqual(await cut([script]));
      }),
    );
  });
});
