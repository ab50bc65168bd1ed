import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInk, isPlain } from '../src/plain.ts';

test('bytes are plain where nothing but line ends and printable ASCII is in them, and only there', () => {
  const few = fc.array(fc.constantFrom(0, 9, 10, 11, 13, 31, 32, 65, 126, 127, 128, 138, 255), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.nat(600), fc.nat(600), few, fc.nat(3), (before, behind, odd, offset) => {
      const memory = Buffer.from([
        ...Buffer.alloc(offset, 255),
        ...Buffer.alloc(before, 'ab\n~ '),
        ...odd,
        ...Buffer.alloc(behind, '\ncd ~'),
      ]);
      const bytes = memory.subarray(offset);
      expect(isPlain(bytes)).toBe(/^[\n -~]*$/.test(bytes.toString('latin1')));
    }),
    { numRuns: 5000 },
  );
});

test('every byte alone, and in each place of four words', () => {
  for (let byte = 0; byte < 256; byte++) {
    const is = byte === 10 || (byte >= 32 && byte < 127);
    expect(isPlain(Buffer.of(byte)), String(byte)).toBe(is);
    for (let at = 300; at < 316; at++) {
      const bytes = Buffer.alloc(400, 'x');
      bytes[at] = byte;
      expect(isPlain(bytes), String(byte)).toBe(is);
    }
    expect(isInk(byte), String(byte)).toBe(is && byte > 32);
  }
});
