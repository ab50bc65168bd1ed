import fc from 'fast-check';
import type { Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Delivery, Event, Instruction, Order } from '../src/message.ts';
import { Router } from '../src/router.ts';
import { encode } from '../src/text.ts';

const message = (text: string): Event => ({ type: 'message', from: 'alice', text });
const to = (text: string, ...ids: string[]): Delivery => ({ event: message(text), to: ids });
const order = (id: string, order: Order): Instruction => ({ to: id, order });

/** What came into one mailbox: texts of batches, orders, and how it ended. */
class Reader {
  readonly mail: unknown[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly subscription: Subscription;

  constructor(router: Router, id: string) {
    const mailbox = router.mailbox(id, (order) => this.mail.push(order.do));
    this.subscription = mailbox.subscribe({
      next: ({ bytes }) => {
        this.bytes.push(bytes);
        this.mail.push(Buffer.from(bytes).toString('utf8'));
      },
      error: (error: unknown) => this.mail.push(error),
      complete: () => this.mail.push('complete'),
    });
  }
}

function post(...ids: string[]) {
  const router = new Router();
  const readers = ids.map((id) => new Reader(router, id));
  const route = (deliveries: Delivery[], instructions: Instruction[] = []): void => {
    router.route({ deliveries, instructions, rest: undefined });
  };
  return { router, readers, route, mail: () => readers.map(({ mail }) => mail) };
}

describe('a mailbox', () => {
  test('gets one batch a turn, with all that is for it, in order', () => {
    const { route, mail } = post('a', 'b', 'c');
    route([to('1', 'a'), to('2', 'a', 'b'), to('3', 'b'), to('4', 'b', 'a')]);
    route([to('5', 'a')]);
    expect(mail()).toEqual([
      ['from alice: 1\nfrom alice: 2\nfrom alice: 4\n', 'from alice: 5\n'],
      ['from alice: 2\nfrom alice: 3\nfrom alice: 4\n'],
      [],
    ]);
  });

  test('gets its orders behind the batch of their turn, and before that of the next', () => {
    const { route, mail } = post('a', 'b');
    route(
      [to('1', 'a')],
      [order('a', { do: 'hold' }), order('b', { do: 'report' }), order('a', { do: 'release' })],
    );
    route([to('2', 'a')]);
    expect(mail()).toEqual([['from alice: 1\n', 'hold', 'release', 'from alice: 2\n'], ['report']]);
  });

  test('completes after the order to end, and gets nothing more', () => {
    const { route, mail } = post('a', 'b');
    const end: Order = { do: 'end', reason: 'quit' };
    route([to('1', 'a', 'b')], [order('a', end), order('a', { do: 'hold' })]);
    route([to('2', 'a', 'b')]);
    expect(mail()).toEqual([
      ['from alice: 1\n', 'end', 'complete'],
      ['from alice: 1\n', 'from alice: 2\n'],
    ]);
  });

  test('that was unsubscribed gets nothing more', () => {
    const { route, mail, readers } = post('a', 'b');
    route([to('1', 'a', 'b')]);
    readers[0]?.subscription.unsubscribe();
    route([to('2', 'a', 'b')], [order('a', { do: 'hold' })]);
    expect(mail()).toEqual([['from alice: 1\n'], ['from alice: 1\n', 'from alice: 2\n']]);
  });

  test('that is made to fail ends with that error, alone, and gets nothing more', () => {
    const { router, route, mail } = post('a', 'b');
    const error = new Error('too slow');
    router.fail('a', error);
    router.fail('nobody', error);
    route([to('1', 'a', 'b')], [order('a', { do: 'hold' })]);
    expect(mail()).toEqual([[error], ['from alice: 1\n']]);
  });

  test('that fails at what another one heard in the same turn gets nothing of it', () => {
    const { router, route, readers } = post('b');
    const error = new Error('memory full');
    router
      .mailbox('a', () => undefined)
      .subscribe(() => {
        router.fail('b', error);
      });
    route([to('1', 'a'), to('2', 'b')], [order('b', { do: 'hold' })]);
    expect(readers[0]?.mail).toEqual([error]);
  });

  test('that is closed by what another one heard in the same turn gets nothing of it', () => {
    const { router, route, readers } = post('b');
    router
      .mailbox('a', () => undefined)
      .subscribe(() => {
        readers[0]?.subscription.unsubscribe();
      });
    route([to('1', 'a'), to('2', 'b')], [order('b', { do: 'hold' })]);
    expect(readers[0]?.mail).toEqual([]);
  });

  test('is not open before it is subscribed, and may be opened again under the same id', () => {
    const { router, route, mail, readers } = post('a');
    const unopened = router.mailbox('b', () => undefined);
    route([to('1', 'b')]);
    unopened.subscribe({ next: () => readers[0]?.mail.push('b has mail') });
    route([to('2', 'b')]);
    expect(mail()).toEqual([['b has mail']]);
  });
});

describe('batches', () => {
  test('of a thousand clients who hear the same are one Buffer', () => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(index));
    const { route, readers } = post(...ids);
    route([to('1', ...ids), to('2', ...ids), to('3', ...ids)]);
    expect(new Set(readers.map(({ bytes }) => bytes[0])).size).toBe(1);
    expect(readers[999]?.mail).toEqual(['from alice: 1\nfrom alice: 2\nfrom alice: 3\n']);
  });

  test('are shared by those who hear the same, and by nobody else', () => {
    const { route, readers } = post('a', 'b', 'c', 'd');
    route([to('all', 'a', 'b', 'c', 'd'), to('private', 'd'), to('some', 'a', 'b')]);
    const [a, b, c, d] = readers.map(({ bytes }) => bytes[0]);
    expect(a).toBe(b);
    expect(new Set([a, c, d]).size).toBe(3);
  });

  test('of different turns are different', () => {
    const { route, readers } = post('a');
    const delivery = to('same', 'a');
    route([delivery]);
    route([delivery]);
    expect(readers[0]?.mail).toEqual(['from alice: same\n', 'from alice: same\n']);
    expect(readers[0]?.bytes[0]).not.toBe(readers[0]?.bytes[1]);
  });
});

test('whatever is delivered to whom, each hears exactly what was for it, in order', () => {
  const IDS = ['a', 'b', 'c', 'd', 'e'];
  const EVENTS: Event[] = [
    ...['one', 'two', 'three'].map(message),
    { type: 'help' },
    { type: 'problem', code: 'no-recipient' },
  ];
  const delivery = fc.record({ event: fc.constantFrom(...EVENTS), to: fc.subarray(IDS, { minLength: 1 }) });
  const turns = fc.array(fc.array(delivery, { maxLength: 12 }), { maxLength: 4 });
  fc.assert(
    fc.property(turns, fc.subarray(IDS), (script, open) => {
      const { route, readers } = post(...open);
      for (const deliveries of script) route(deliveries);
      for (const [index, id] of open.entries()) {
        const expected = script
          .map((turn) => turn.filter((each) => each.to.includes(id)).map((each) => encode(each.event)))
          .map((lines) => lines.join(''))
          .filter((text) => text !== '');
        expect(readers[index]?.mail).toEqual(expected);
      }
    }),
  );
});
