import fc from 'fast-check';
import type { Subscription } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Event } from '../src/event.ts';
import type { Delivery, Input, Instruction, Order } from '../src/message.ts';
import { type Owner, Router } from '../src/router.ts';
import { text } from '../src/text.ts';
import type { Ticket } from '../src/ticket.ts';
import { holdEventLoop, idle, turn } from './support/event-loop.ts';
import { message } from './support/events.ts';

const to = (text: string, ...ids: string[]): Delivery => ({ event: message(text), to: ids });
const order = (id: string, order: Order): Instruction => ({ to: id, order });

/** What came into one mailbox: texts of batches, orders, and how it ended. */
class Reader implements Owner {
  codec = text;
  readonly tickets: Ticket[] = [];
  readonly mail: unknown[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly subscription: Subscription;

  constructor(router: Router, id: string) {
    this.subscription = router.mailbox(id, this).subscribe({
      next: ({ bytes }) => {
        this.bytes.push(bytes);
        this.mail.push(Buffer.from(bytes).toString('utf8'));
      },
      error: (error: unknown) => this.mail.push(error),
      complete: () => this.mail.push('complete'),
    });
  }

  obey(order: Order): void {
    this.mail.push(order.do);
  }

  confirm(ticket: Ticket): void {
    this.tickets.push(ticket);
  }
}

const nobody: Owner = { codec: text, obey: () => undefined, confirm: () => undefined };

function post(...ids: string[]) {
  const published: Input[] = [];
  const router = new Router('', (inputs) => published.push(...inputs));
  const emptying = router.emptying.subscribe();
  onTestFinished(() => {
    emptying.unsubscribe();
  });
  const readers = ids.map((id) => new Reader(router, id));
  const route = (deliveries: Delivery[], instructions: Instruction[] = []): void => {
    router.route({ deliveries, instructions });
  };
  return { router, readers, route, published, mail: () => readers.map(({ mail }) => mail) };
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
      [order('a', { do: 'hold' }), order('b', { do: 'next' }), order('a', { do: 'release' })],
    );
    route([to('2', 'a')]);
    expect(mail()).toEqual([['from alice: 1\n', 'hold', 'release', 'from alice: 2\n'], ['next']]);
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
    router.mailbox('a', nobody).subscribe(() => {
      router.fail('b', error);
    });
    route([to('1', 'a'), to('2', 'b')], [order('b', { do: 'hold' })]);
    expect(readers[0]?.mail).toEqual([error]);
  });

  test('that is closed by what another one heard in the same turn gets nothing of it', () => {
    const { router, route, readers } = post('b');
    router.mailbox('a', nobody).subscribe(() => {
      readers[0]?.subscription.unsubscribe();
    });
    route([to('1', 'a'), to('2', 'b')], [order('b', { do: 'hold' })]);
    expect(readers[0]?.mail).toEqual([]);
  });

  test('is not open before it is subscribed, and may be opened again under the same id', () => {
    const { router, route, mail, readers } = post('a');
    const unopened = router.mailbox('b', nobody);
    route([to('1', 'b')]);
    unopened.subscribe({ next: () => readers[0]?.mail.push('b has mail') });
    route([to('2', 'b')]);
    expect(mail()).toEqual([['b has mail']]);
  });
});

describe('batches', () => {
  test('of a thousand clients who hear the same are one Buffer', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => String(index));
    const { route, readers } = post(...ids);
    route([to('1', ...ids), to('2', ...ids), to('3', ...ids)]);
    await vi.waitUntil(() => readers[999]?.mail.length === 1);
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

describe('what is for many', () => {
  const crowd = Array.from({ length: 101 }, (_, index) => String(index));

  test.each([
    [100, [100]],
    [101, [32, 64, 96, 101]],
  ])(
    'is what is for more than 100: of %i, so many have it after each turn of the event loop: %j',
    (count, have) => {
      holdEventLoop();
      const { route, readers } = post(...crowd.slice(0, count));
      route([to('hi', ...crowd.slice(0, count))]);
      const after = have.map(() => {
        const heard = readers.filter(({ mail }) => mail.length > 0).length;
        turn();
        return heard;
      });
      expect(after).toEqual(have);
      expect(idle()).toBe(true);
    },
  );

  test('comes to those who wait together with what is said meanwhile, in order, and is shared', () => {
    holdEventLoop();
    const { route, readers } = post(...crowd);
    route([to('1', ...crowd)]);
    route([to('2', ...crowd)]);
    turn();
    route([to('3', ...crowd)]);
    for (let times = 0; times < 10; times++) turn();
    expect(readers[0]?.mail).toEqual(['from alice: 1\n', 'from alice: 2\nfrom alice: 3\n']);
    expect(readers[100]?.mail).toEqual(['from alice: 1\nfrom alice: 2\nfrom alice: 3\n']);
    expect(readers[100]?.bytes[0]).toBe(readers[99]?.bytes[0]);
    expect(idle()).toBe(true);
  });

  test('comes at once to whoever hears something that is for few, and in order', () => {
    holdEventLoop();
    const { route, readers } = post(...crowd);
    route([to('many', ...crowd), to('few', '100')]);
    expect(readers[100]?.mail).toEqual(['from alice: many\nfrom alice: few\n']);
    route([to('fewer', '99')]);
    expect(readers[99]?.mail).toEqual(['from alice: many\nfrom alice: fewer\n']);
    expect(readers[98]?.mail).toEqual([]);
  });

  test('comes at once to whoever waits with much', () => {
    holdEventLoop();
    const { route, readers } = post(...crowd);
    const long = 'x'.repeat(20_000);
    for (let times = 0; times < 4; times++) route([to(long, ...crowd)]);
    expect(readers[100]?.mail.map((text) => (text as string).length)).toEqual([
      4 * `from alice: ${long}\n`.length,
    ]);
  });

  test('waits no longer because some of them hear much that is for few', () => {
    holdEventLoop();
    const all = Array.from({ length: 400 }, (_, index) => String(index));
    const { route, readers } = post(...all);
    for (let times = 0; times < 50; times++) {
      const few = all.slice(0, 300);
      route([
        to('many', ...all),
        to('1', ...few.slice(0, 100)),
        to('2', ...few.slice(100, 200)),
        to('3', ...few.slice(200)),
      ]);
      turn();
    }
    // The other hundred, 32 of them a turn.
    for (const { mail } of readers.slice(300)) expect(mail.length).toBeGreaterThan(10);
  });

  test('comes before the order to end', () => {
    holdEventLoop();
    const { route, readers } = post(...crowd);
    route([to('hi', ...crowd)], [order('100', { do: 'end', reason: 'quit' })]);
    expect(readers[100]?.mail).toEqual(['from alice: hi\n', 'end', 'complete']);
  });

  test('is confirmed when it is heard, and is lost with whoever goes before', () => {
    holdEventLoop();
    const { route, readers, published } = post(...crowd);
    const receipt = { client: 's', line: 1, part: 0 };
    route([{ event: message('hi'), to: crowd, receipt }]);
    expect(readers[100]?.tickets).toEqual([]);
    readers[99]?.subscription.unsubscribe();
    for (let times = 0; times < 4; times++) turn();
    for (const { tickets } of readers) tickets[0]?.taken();
    expect(published).toEqual([{ type: 'taken', client: 's', node: '', receipt, taken: 100, lost: ['99'] }]);
  });

  test('of ten thousand is heard by each in order, however it is mixed with what is for few', () => {
    holdEventLoop();
    const all = Array.from({ length: 10_000 }, (_, index) => String(index));
    const { route, readers } = post(...all);
    for (let line = 0; line < 50; line++) {
      route([to(`m${String(line)}`, ...all), to(`f${String(line)}`, String(line * 199))]);
      turn();
    }
    while (!idle()) turn();
    const texts = readers.map(({ mail }) => mail.join(''));
    const many = (text: string): string => text.replace(/from alice: f.*\n/g, '');
    expect(new Set(texts.map(many)).size).toBe(1);
    expect(texts[199]).toMatch(/m1\nfrom alice: f1\nfrom alice: m2\n/);
  });
});

describe('an order for another turn', () => {
  test('is published, though whoever it is for is gone', () => {
    const { route, published } = post();
    route([], [order('gone', { do: 'next' })]);
    expect(published).toEqual([{ type: 'next', client: 'gone' }]);
  });
});

describe('a delivery with an exception', () => {
  test('is for all but one, in a crowd as among few', () => {
    for (const size of [3, 30]) {
      const ids = Array.from({ length: size }, (_, index) => String(index));
      const { route, mail } = post(...ids);
      route([{ event: message('hi'), to: ids, except: '1' }]);
      expect(mail()).toEqual(ids.map((id) => (id === '1' ? [] : ['from alice: hi\n'])));
    }
  });

  test('finds who came and who went since the last one', () => {
    const ids = Array.from({ length: 30 }, (_, index) => String(index));
    const { router, route, readers } = post(...ids);
    route([to('1', ...ids)]);
    readers[3]?.subscription.unsubscribe();
    const late = new Reader(router, 'late');
    route([to('2', ...ids, 'late')]);
    expect(late.mail).toEqual(['from alice: 2\n']);
    expect(readers[3]?.mail).toEqual(['from alice: 1\n']);
  });
});

describe('a format', () => {
  const format = (id: string, format: 'text' | 'json', time = false): Delivery => ({
    event: { type: 'format', format, time },
    to: [id],
  });

  test('is that of its own line and of what follows, in the same turn and later, for one client', () => {
    const { route, mail } = post('a', 'b');
    route([to('1', 'a', 'b'), format('a', 'json'), to('2', 'a', 'b')]);
    route([to('3', 'a', 'b'), format('a', 'text', true), to('4', 'a', 'b')]);
    const [a, b] = mail().map((texts) => texts.join(''));
    expect(a?.split('\n').slice(0, -1)).toEqual([
      'from alice: 1',
      '{"type":"format","format":"json","time":false}',
      expect.stringMatching(/^\{"type":"message",.*"text":"2"\}$/),
      expect.stringMatching(/^\{"type":"message",.*"text":"3"\}$/),
      '* format text, time on',
      'from alice at 2025-01-01T00:00:00Z: 4',
    ]);
    expect(b).toBe(['1', '2', '3', '4'].map((text) => `from alice: ${text}\n`).join(''));
  });

  test('shares its batches among those who have it', () => {
    const { route, readers } = post('a', 'b', 'c', 'd');
    route([format('a', 'json'), format('b', 'json')]);
    route([to('hi', 'a', 'b', 'c', 'd')]);
    const [a, b, c, d] = readers.map(({ bytes }) => bytes.at(-1));
    expect(a).toBe(b);
    expect(c).toBe(d);
    expect(a).not.toBe(c);
  });
});

describe('a receipt', () => {
  const part = { client: 's', line: 1, part: 0 };

  test('is published once all have taken it or are gone, with who is', () => {
    const { route, readers, published } = post('a', 'b', 'c');
    route([{ event: message('hi'), to: ['a', 'b', 'c', 'nobody'], except: 'c', receipt: part }]);
    expect(readers.map(({ tickets }) => tickets.length)).toEqual([1, 1, 0]);
    readers[0]?.tickets[0]?.taken();
    expect(published).toEqual([]);
    readers[1]?.tickets[0]?.lost('b');
    expect(published).toEqual([
      { type: 'taken', client: 's', node: '', receipt: part, taken: 1, lost: ['nobody', 'b'] },
    ]);
  });

  test('waits for those who do not want to hear it as for the others, with what they do hear', () => {
    const { route, readers, published } = post('a', 'b');
    route([{ event: message('hi'), to: ['a'], deaf: ['b', 'nobody'], receipt: part }, to('heard', 'b')]);
    expect(readers[1]?.mail).toEqual(['from alice: heard\n']);
    for (const { tickets } of readers) tickets[0]?.taken();
    expect(published).toEqual([
      { type: 'taken', client: 's', node: '', receipt: part, taken: 2, lost: ['nobody'] },
    ]);
  });

  test('of what nobody is there for is published at once', () => {
    const { route, published } = post();
    route([{ event: message('hi'), to: ['a'], receipt: part }]);
    expect(published).toEqual([
      { type: 'taken', client: 's', node: '', receipt: part, taken: 0, lost: ['a'] },
    ]);
  });
});

test('whatever is delivered to whom, each hears exactly what was for it, in order', () => {
  const IDS = ['a', 'b', 'c', 'd', 'e'];
  const EVENTS: Event[] = [
    ...['one', 'two', 'three'].map((one) => message(one)),
    { type: 'pong' },
    { type: 'problem', code: 'no-recipient' },
  ];
  // The same arrays again and again, as those of rooms are.
  const CROWDS = [IDS, ['a', 'b', 'c'], ['d']];
  const delivery = fc.oneof(
    fc.record<Delivery>({ event: fc.constantFrom(...EVENTS), to: fc.subarray(IDS, { minLength: 1 }) }),
    fc
      .record({
        event: fc.constantFrom(...EVENTS),
        to: fc.constantFrom(...CROWDS),
        crowd: fc.constant<true>(true),
        who: fc.option(fc.nat(4), { nil: undefined }),
      })
      .map(({ who, ...rest }): Delivery => ({ ...rest, except: who === undefined ? who : rest.to[who] })),
  );
  const turns = fc.array(fc.array(delivery, { maxLength: 12 }), { maxLength: 4 });
  fc.assert(
    fc.property(turns, fc.subarray(IDS), (script, open) => {
      const { route, readers } = post(...open);
      for (const deliveries of script) route(deliveries);
      for (const [index, id] of open.entries()) {
        const expected = script
          .map((turn) =>
            turn
              .filter((each) => each.to.includes(id) && each.except !== id)
              .map((each) => text.encode(each.event)),
          )
          .map((lines) => lines.join(''))
          .filter((text) => text !== '');
        expect(readers[index]?.mail).toEqual(expected);
      }
    }),
  );
});
