/** Events as the chat would make them. */
import type { Message } from '../../src/event.ts';

/** What alice said, in the first turn, half a second past the beginning of 2025. */
export const message = (text: string, room?: string): Message => ({
  ...{ type: 'message', from: 'alice', room, texts: [text], about: undefined },
  ...{ stamp: { sequence: 1, time: Date.UTC(2025, 0, 1) + 500 }, index: 0 },
});
