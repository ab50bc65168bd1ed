import fc from 'fast-check';
import { concatAll, lastValueFrom, Observable, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { LineFault } from '../src/cutter.ts';
import { type Gatekeeper, lines } from '../src/lines.ts';
import { linesOf } from './support/passages.ts';

const open = (): Gatekeeper => ({
  wake: () => undefined,
  room: 1024,
  admit: ({ text }) => text.length,
  admitPiece: () => true,
  drained: () => undefined,
});

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

const cut = async (chunks: Buffer[], limit = 64): Promise<(string | LineFault)[]> =>
  (await lastValueFrom(inOneMemory(chunks).pipe(lines(limit, open()), concatAll(), toArray()))).flatMap(
    linesOf,
  );

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
        fc.infiniteStream(fc.nat(300)),
        async (pieces, at, moods) => {
          const script = Buffer.concat(pieces);
          let opened = false;
          const mood = (): number => moods.next().value as number;
          const gate: Gatekeeper = {
            ...open(),
            get room() {
              return mood();
            },
            // As many lines as begin in that many characters.
            admit: ({ text }) => (opened ? text.length : text.lastIndexOf('\n', mood() - 1) + 1),
            admitPiece: (bytes) => opened || bytes < mood(),
          };
          const held = inOneMemory(split(script, at), () => {
            opened = true;
          });
          const heard = lastValueFrom(held.pipe(lines(64, gate), concatAll(), toArray()));
          expect((await heard).flatMap(linesOf)).toEqual(await cut([script]));
        },
      ),
    );
  });

  test('as many bytes are asked for as are read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.array(fc.nat(2000)), async (pieces, at) => {
        const script = Buffer.concat(pieces);
        let asked = 0;
        const gate: Gatekeeper = {
          ...open(),
          admit: ({ text }) => {
            asked += Buffer.byteLength(text);
            return text.length;
          },
          admitPiece: (bytes) => {
            asked += bytes;
            return true;
          },
        };
        await lastValueFrom(inOneMemory(split(script, at)).pipe(lines(64, gate), toArray()));
        // A byte order mark and line ends are dropped before.
        const dropped = 3 + script.filter((byte) => byte === 0x0a || byte === 0x0d).length;
        expect(asked).toBeGreaterThanOrEqual(script.length - dropped);
      }),
    );
  });
});
