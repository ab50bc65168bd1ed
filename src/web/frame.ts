/** Lines as a message of a WebSocket: one frame of text, as a server sends it (RFC 6455, 5.2). */

/** The last frame of a message, and text. */
const TEXT = 0x81;
/** Lengths up to which seven bits hold it, and two bytes do; what stands in place of it where they do not. */
const SEVEN_BITS = 125;
const TWO_BYTES = 0xffff;
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;

let lastBytes: Uint8Array | undefined;
let lastFrame = Buffer.alloc(0);

/** The same bytes, asked for again and again, give the same frame: a batch that a thousand hear is framed once. */
export function frameOf(bytes: Uint8Array): Buffer {
  if (bytes === lastBytes) return lastFrame;
  const { length } = bytes;
  const header = length <= SEVEN_BITS ? 2 : length <= TWO_BYTES ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = TEXT;
  frame[1] = header === 2 ? length : header === 4 ? IN_TWO_BYTES : IN_EIGHT_BYTES;
  if (header === 4) frame.writeUInt16BE(length, 2);
  if (header === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(bytes, header);
  lastBytes = bytes;
  return (lastFrame = frame);
}
