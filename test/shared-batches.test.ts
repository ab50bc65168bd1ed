import { expect, onTestFinished, test, vi } from 'vitest';
import { Chat } from '../src/chat.ts';
import type { Input } from '../src/message.ts';
import { Router } from '../src/router.ts';
import { text } from '../src/text.ts';
import { arrived, line, LIMITS, turn } from './support/turn.ts';

test('joining a room of 10,000 costs its members one batch, which all of them share', async () => {
  const COUNT = 10_000;
  const chat = new Chat(LIMITS);
  const router = new Router('', () => undefined);
  const emptying = router.emptying.subscribe();
  onTestFinished(() => {
    emptying.unsubscribe();
  });
  const batches = new Set<Uint8Array>();
  let mails = 0;
  const ids = Array.from({ length: COUNT + 1 }, (_, index) => `n${String(index)}`);
  const [late = '', ...members] = ids;
  for (const id of ids) {
    const owner = { codec: text, obey: () => undefined, confirm: () => undefined };
    router.mailbox(id, owner).subscribe(({ bytes }) => {
      if (id === late) return;
      mails++;
      batches.add(bytes);
    });
  }
  const handle = (inputs: readonly Input[]): void => {
    let handled = chat.handle(turn(inputs));
    router.route(handled);
    while (handled.rest) {
      handled = chat.handle(handled.rest);
      router.route(handled);
    }
  };
  handle(ids.flatMap((id) => [arrived(id), line(id, id)]));
  // Not one by one: each of them would be told of all who come after it.
  const room = chat.snapshot();
  const name = { shown: '#all', key: '#all' };
  const full = Chat.restore({
    ...room,
    rooms: {
      rooms: [{ name, private: undefined, insight: [], members, behind: [], invited: [] }],
      seats: members.map((id) => [id, [name.key]]),
    },
  });
  mails = 0;
  batches.clear();
  router.route(full.handle(turn([line(late, '/join #all')])));
  await vi.waitUntil(() => mails >= COUNT);
  expect({ mails, batches: batches.size }).toEqual({ mails: COUNT, batches: 1 });
  expect([...batches].map((bytes) => Buffer.from(bytes).toString())).toEqual([`* ${late} joined #all\n`]);
});
