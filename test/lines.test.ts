import fc from 'fast-check';
import { concatAll, lastValueFrom, Observable, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Line } from '../src/cutter.ts';
import { type Gatekeeper, lines } from '../src/lines.ts';

const open = (): Gatekeeper => ({ wake: () => undefined, admit: () => true, drained: () => undefined });

/** Each chunk in the same memory, as a socket is read; `close` comes before the end. */
const inOneMemory = (chunks: readonly Buffer[], close = (): void => undefined): Observable<Buffer> =>
  new Observable((subscriber) => {
    const memory = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
    for (const chunk of chunks) {
      memory.set(chunk);
      subscriber.next(memory.subarray(0, chunk.length));
      memory.fill('\n');
    }
    close();
    subscriber.complete();
  });

const cut = (chunks: Buffer[], limit = 64): Promise<Line[]> =>
  lastValueFrom(inOneMemory(chunks).pipe(lines(limit, open()), concatAll(), toArray()));

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

  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('\n', '\r\n', '\r', '\ufeff', '\n\n').map((text) => Buffer.from(text)),
  );

  test('any split of a script gives the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(2000)), async (pieces, at) => {
        const script = Buffer.concat(pieces);
        expect(await cut(split(script, at))).toEqual(await cut([script]));
      }),
    );
  });

  test('a gate that lets only some pass, and the others when it is opened, changes none of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece),
        fc.array(fc.nat(2000)),
        fc.infiniteStream(fc.boolean()),
        async (pieces, at, moods) => {
          const script = Buffer.concat(pieces);
          let opened = false;
          const gate: Gatekeeper = {
            ...open(),
            admit: () => opened || (moods.next().value as boolean),
          };
          const held = inOneMemory(split(script, at), () => {
            opened = true;
          });
          const heard = lastValueFrom(held.pipe(lines(64, gate), concatAll(), toArray()));
          expect(await heard).toEqual(await cut([script]));
        },
      ),
    );
  });

  test('as many bytes are asked for as are read, and for each line as many as it has, wherever it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(2000)), async (pieces, at) => {
        const script = Buffer.concat(pieces);
        let asked = 0;
        const gate: Gatekeeper = {
          ...open(),
          admit: (bytes, line) => {
            asked += bytes;
            if (typeof line === 'string') expect(bytes).toBeGreaterThanOrEqual(Buffer.byteLength(line));
            return true;
          },
        };
        await lastValueFrom(inOneMemory(split(script, at)).pipe(lines(64, gate), toArray()));
        expect(asked).toBeGreaterThanOrEqual(script.filter((byte) => byte !== 0x0a).length);
      }),
    );
  });
});
