import { describe, expect, test, vi } from 'vitest';
import type * as decoder from '../src/decoder.ts';
import type { Ended } from '../src/index.ts';
import { Party } from '../src/party.ts';
import { TestServer, until } from './support/chat.ts';
import { linesOf } from './support/passages.ts';

// A decoder with a bug: one word makes it throw.
vi.mock(import('../src/decoder.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    Decoder: class extends real.Decoder {
      override read(...[passages]: Parameters<decoder.Decoder['read']>): ReturnType<decoder.Decoder['read']> {
        if (passages.flatMap(linesOf).includes('bob: poison for the decoder'))
          throw new Error('a bug in the decoder');
        return super.read(passages);
      }
    },
  };
});

const faultsOf = (server: TestServer): Ended[] =>
  server.notices.filter((notice): notice is Ended => notice.type === 'ended' && notice.reason === 'fault');

describe('an error in the handling of one client ends that client and nobody else', () => {
  test('where its lines are decoded', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    const carol = await server.login('carol');
    alice.say('bob: before');
    await bob.hears('from alice: before');
    alice.say('bob: poison for the decoder');
    await alice.end();
    expect(alice.lines).toEqual([
      '! something went wrong here, and your last line may not have been sent; closing',
    ]);
    alice.socket.end();
    await until(() => faultsOf(server).length === 1, 'the fault is told');
    expect(faultsOf(server)[0]).toMatchObject({ name: 'alice', error: new Error('a bug in the decoder') });
    carol.say('bob: after', 'alice: are you there');
    await bob.hears('from alice: before', 'from carol: after');
    await carol.hears('! alice is not here');
    await server.login('alice');
  });

  test('where they are acted on', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    const carol = await server.login('carol');
    const spend = vi.spyOn(Party.prototype, 'spend').mockImplementationOnce(() => {
      throw new Error('a bug in the chat');
    });
    alice.say('bob: hello');
    await alice.end();
    spend.mockRestore();
    alice.socket.end();
    await until(() => faultsOf(server).length === 1, 'the fault is told');
    expect(faultsOf(server)[0]).toMatchObject({ name: 'alice', error: new Error('a bug in the chat') });
    carol.say('bob: after');
    await bob.hears('from carol: after');
    await server.login('alice');
  });
});
