/** What somebody's first bytes open: the client always speaks first, so they decide, and no timer is needed. */

export type Opening = 'tls' | 'http' | 'lines' | 'endless';

/** Bytes of a first line, or of what begins TLS, that are waited for. */
export const OPENING_LIMIT = 16 * 1024;

const LF = 10;
/** A record of the type "handshake", of SSL 3 or any TLS (RFC 8446, 5.1), and what stands before its content. */
const HANDSHAKE = 0x16;
const VERSION = 3;
const RECORD_HEADER = 5;
/** The longest content of a record (RFC 8446, 5.1). */
const RECORD = 2 ** 14;

/** The end of a request line (RFC 9112, 3), of whatever version: also one that nobody speaks is not a chat. */
const REQUEST = / HTTP\/\d[\d.]*\r?$/;
/** Characters of a line's end in which it is looked for. */
const VERSION_LENGTH = 32;
/** What a request begins with. */
const METHOD = /^[A-Z]+ /;

/**
 * Undefined as long as more bytes have to come. TLS is TLS once its first record is whole: before that it costs nothing
 * but its bytes. A line is HTTP by its end, so `GET hunter2` is a line; `endless` begins like a request and goes on
 * for longer than any.
 */
export function openingOf(bytes: Buffer): Opening | undefined {
  if (bytes[0] === HANDSHAKE) return handshakeOf(bytes);
  const end = bytes.indexOf(LF);
  if (end < 0 && bytes.length <= OPENING_LIMIT) return undefined;
  // However much of it is there: what it is must not depend on how it came.
  if (end < 0 || end > OPENING_LIMIT)
    return METHOD.test(bytes.toString('latin1', 0, 32)) ? 'endless' : 'lines';
  return REQUEST.test(bytes.toString('latin1', Math.max(0, end - VERSION_LENGTH), end)) ? 'http' : 'lines';
}

function handshakeOf(bytes: Buffer): Opening | undefined {
  if (bytes.length > 1 && bytes[1] !== VERSION) return 'lines';
  if (bytes.length < RECORD_HEADER) return undefined;
  const content = bytes.readUInt16BE(3);
  if (content > RECORD) return 'lines';
  return bytes.length < RECORD_HEADER + content ? undefined : 'tls';
}
