import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { frameOf } from '../../src/web/frame.ts';

// It is exported, but not typed.
const { Receiver } = createRequire(import.meta.url)('ws') as { Receiver: new () => Writable };

/** What the library makes of a frame. */
function read(frame: Buffer): string[] {
  const messages: string[] = [];
  const receiver = new Receiver();
  receiver.on('message', (message: Buffer) => messages.push(message.toString()));
  receiver.write(frame);
  return messages;
}

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('%d bytes are one message', (length) => {
  const text = 'x'.repeat(length);
  expect(read(frameOf(Buffer.from(text)))).toEqual([text]);
});

test('a batch that many hear is framed once', () => {
  const [one, other] = [Buffer.from('from alice: hello\n'), Buffer.from('from alice: hello\n')];
  expect(frameOf(one)).toBe(frameOf(one));
  expect(frameOf(other)).not.toBe(frameOf(one));
  expect(frameOf(other)).toEqual(frameOf(one));
});
