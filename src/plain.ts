/** Printable ASCII: what nearly every line is, and what needs no care. */

const LF = 10;
const BLANK = 0x20;
const DEL = 0x7f;

/** Printable ASCII, and no blank? */
export const isInk = (code: number): boolean => code > BLANK && code < DEL;

/** Is all of it line ends and printable ASCII? Four words at a time where they are many: a third of what a regular expression takes. */
export function isPlain(bytes: Buffer): boolean {
  let at = 0;
  if (bytes.length > FEW) {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const othersAt = (from: number): number => othersIn(words.getInt32(from, true));
    for (const end = bytes.length - 15; at < end; at += 16)
      if ((othersAt(at) | othersAt(at + 4) | othersAt(at + 8) | othersAt(at + 12)) !== 0) return false;
  }
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if ((byte < BLANK && byte !== LF) || byte >= DEL) return false;
  }
  return true;
}

/**
 * The first bit of each of the four bytes that is neither a line end nor printable ASCII. Of a byte of seven bits, that bit is
 * set in what it makes with 0x60 if it is a blank or more, and with 0x7f if it is not zero: no byte carries into the next.
 */
function othersIn(word: number): number {
  const seven = word & each(0x7f);
  const isPrintable = seven + each(0x60);
  const isNoEnd = (seven ^ each(LF)) + each(0x7f);
  return ((~isPrintable & isNoEnd) | (seven + each(1)) | word) & each(0x80);
}

const each = (byte: number): number => byte * 0x01010101;
/** Bytes for which a view of them costs more than it saves. */
const FEW = 256;
