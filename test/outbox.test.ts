import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { Backlog, Backlogs, SlowConsumer } from '../src/backlog.ts';
import { Batch } from '../src/batch.ts';
import { outbox } from '../src/outbox.ts';
import { Kernel } from './support/kernel.ts';
import { ENDLESS, SMALL } from './support/limits.ts';

const KiB = 1024;
const WRITE = 64 * KiB;

const batch = (text: string): Batch => Batch.root().append({ type: 'pong' }, text, true);
const line = (bytes: number, fill = 'x'): string => `${fill.repeat(bytes - 1)}\n`;

function post(limits = ENDLESS) {
  const backlogs = new Backlogs(limits);
  const batches = new Subject<Batch>();
  const backlog = new Backlog(backlogs, {
    id: 'a',
    report: () => undefined,
    letGo: (error) => {
      batches.error(error);
    },
  });
  const kernel = new Kernel();
  const ends: unknown[] = [];
  const subscription = batches.pipe(outbox(kernel, backlog)).subscribe({
    error: (error: unknown) => ends.push(error),
    complete: () => ends.push('complete'),
  });
  const put = (...texts: string[]): void => {
    for (const text of texts) batches.next(batch(text));
  };
  return { backlogs, backlog, batches, kernel, ends, subscription, put };
}

describe('writes', () => {
  test('go out one at a time, and what gathers during one goes into the next', () => {
    const { kernel, put } = post();
    put('one\n');
    put('two\n', 'three\n');
    put('four\n');
    expect(kernel.writes).toEqual(['one\n']);
    kernel.take();
    expect(kernel.writes).toEqual(['one\n', 'two\nthree\nfour\n']);
    put('five\n');
    kernel.takeAll();
    expect(kernel.writes.slice(2)).toEqual(['five\n']);
    put('six\n');
    expect(kernel.writes.at(-1)).toBe('six\n');
    expect(kernel.atOnce).toBe(1);
  });

  test('that the kernel takes at once wait for nothing; those behind one that it does not take go together', () => {
    const { kernel, put, backlog } = post();
    kernel.eager = true;
    put('one\n', 'two\n');
    expect([kernel.writes, backlog.bytes]).toEqual([['one\n', 'two\n'], 0]);
    kernel.eager = false;
    put('three\n', 'four\n');
    kernel.eager = true;
    put('five\n');
    expect([kernel.writes.slice(2), backlog.bytes]).toEqual([['three\n'], 16]);
    kernel.take();
    expect([kernel.writes.slice(3), backlog.bytes]).toEqual([['four\nfive\n'], 0]);
    put('six\n');
    expect(kernel.writes.at(-1)).toBe('six\n');
  });

  test('of a hundred thousand tiny batches that wait take little more memory than their bytes', () => {
    const { kernel, put } = post();
    put('first\n');
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 100_000; index++) put(`${String(index).padStart(9)}\n`);
    gc();
    // Each of them by itself would be an object of 100 bytes and more.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(3e6);
    kernel.takeAll();
    expect(kernel.writes.slice(1).join('').length).toBe(1_000_000);
  });

  test('are put together when it is their turn, so that what waits is not in memory twice', () => {
    const concat = vi.spyOn(Buffer, 'concat');
    const { kernel, put } = post();
    put('first\n', ...Array.from({ length: 200 }, () => line(1000)));
    kernel.take();
    expect(concat).toHaveBeenCalledTimes(1);
    kernel.take();
    expect(concat).toHaveBeenCalledTimes(2);
    concat.mockRestore();
  });

  test('are of up to 64 KiB, and end with a whole line', () => {
    const { kernel, put } = post();
    put('first\n', ...Array.from({ length: 200 }, () => line(1000)));
    kernel.takeAll();
    expect(kernel.writes.map((write) => write.length)).toEqual([6, 65_000, 65_000, 65_000, 5000]);
    expect(kernel.writes.every((write) => write.endsWith('\n'))).toBe(true);
  });

  test('are of up to 64 KiB where lines fill them exactly', () => {
    const { kernel, put } = post();
    put('first\n', ...Array.from({ length: 4 * KiB }, () => line(64)));
    kernel.takeAll();
    expect(kernel.writes.map((write) => write.length)).toEqual([6, WRITE, WRITE, WRITE, WRITE]);
  });

  test('of one batch are cut at its lines, too', () => {
    const { kernel, put } = post();
    put(line(40 * KiB, 'a') + line(20 * KiB, 'b') + line(10 * KiB, 'c') + line(60 * KiB, 'd'));
    kernel.takeAll();
    expect(kernel.writes.map((write) => write.length / KiB)).toEqual([60, 10, 60]);
  });

  test('of a line longer than 64 KiB are of this line alone', () => {
    const { kernel, put } = post();
    put('first\n', 'before\n', line(WRITE + 1, 'a'), line(3 * WRITE, 'b') + 'after\n', 'last\n');
    kernel.takeAll();
    expect(kernel.writes.map((write) => write.length)).toEqual([6, 7, WRITE + 1, 3 * WRITE, 11]);
  });

  test('of what follows a line longer than 64 KiB are of up to 64 KiB again', () => {
    const { kernel, put } = post();
    put(line(WRITE + 1) + line(100).repeat(1000));
    kernel.takeAll();
    expect(kernel.writes[0]?.length).toBe(WRITE + 1);
    expect(Math.max(...kernel.writes.slice(1).map((write) => write.length))).toBeLessThanOrEqual(WRITE);
  });

  test('bytes are those of UTF-8, not characters', () => {
    const { kernel, put } = post();
    const thirtyKiB = `${'ö'.repeat(15 * KiB - 1)}ö\n`;
    put('first\n', thirtyKiB, thirtyKiB, thirtyKiB);
    kernel.takeAll();
    expect(kernel.writes).toEqual(['first\n', thirtyKiB + thirtyKiB, thirtyKiB]);
  });
});

describe('ends', () => {
  test('completion drains', () => {
    const { kernel, put, batches, ends, backlogs } = post();
    put('one\n', 'two\n');
    batches.complete();
    expect(ends).toEqual([]);
    kernel.takeAll();
    expect(kernel.writes).toEqual(['one\n', 'two\n']);
    expect(ends).toEqual(['complete']);
    expect(backlogs.total).toBe(0);
  });

  test('an outbox in which nothing waits completes at once', () => {
    const { batches, ends } = post();
    batches.complete();
    expect(ends).toEqual(['complete']);
  });

  test('unsubscribing aborts: what waits is not written', () => {
    const { kernel, put, subscription } = post();
    put('one\n', 'two\n');
    subscription.unsubscribe();
    expect(kernel).toMatchObject({ writes: ['one\n'], aborted: 1, busy: false });
  });

  test('an error of the source aborts, too', () => {
    const { kernel, put, ends, batches } = post();
    const error = new Error('gone');
    put('one\n', 'two\n');
    batches.error(error);
    expect(ends).toEqual([error]);
    expect(kernel).toMatchObject({ writes: ['one\n'], aborted: 1, busy: false });
  });

  test('an error of a write is the error of the outbox, and nothing more is written', () => {
    const { kernel, put, ends } = post();
    const error = new Error('a bug');
    put('one\n', 'two\n');
    kernel.fail(error);
    put('three\n');
    expect(ends).toEqual([error]);
    expect(kernel.writes).toEqual(['one\n']);
  });

  test('a client too far behind is let go, not buffered', () => {
    const { kernel, put, ends, backlog, backlogs } = post(SMALL);
    put(line(500), line(499));
    expect(ends).toEqual([]);
    put(line(2));
    put(line(3));
    expect(ends).toEqual([new SlowConsumer('too slow: queue full')]);
    expect(kernel).toMatchObject({ writes: [line(500)], aborted: 1 });
    expect([backlog.bytes, backlogs.total]).toEqual([0, 0]);
  });
});

describe('the backlog', () => {
  test('counts what was not taken: what waits, and the write in hand', () => {
    const { kernel, put, backlog, backlogs } = post();
    const counts = (): number[] => [backlog.bytes, backlogs.total];
    put('one\n');
    expect(counts()).toEqual([4, 4]);
    put('thrée\n');
    expect(counts()).toEqual([11, 11]);
    kernel.take();
    expect(counts()).toEqual([7, 7]);
    kernel.take();
    expect(counts()).toEqual([0, 0]);
  });
});

test('any batches at any pace are written whole, in order, counted, and within the limits of a write', () => {
  const TAKE = 'take';
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 2 * WRITE }),
    fc.constantFrom(WRITE - 1, WRITE, WRITE + 1, 1024, 64),
  );
  const steps = fc.oneof(
    fc.array(lengths, { minLength: 1, maxLength: 8 }),
    fc.constant<typeof TAKE>(TAKE),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 20 }), (script) => {
      const { kernel, put, backlog } = post();
      let said = '';
      for (const step of script) {
        if (step === TAKE) kernel.take();
        else if (typeof step === 'boolean') kernel.eager = step;
        else {
          const text = step
            .map((length) => line(length, String.fromCharCode(97 + (said.length % 26))))
            .join('');
          said += text;
          put(text);
        }
        expect(backlog.bytes).toBe(said.length - kernel.taken);
      }
      kernel.takeAll();
      expect(kernel.writes.join('') === said).toBe(true);
      expect(kernel.atOnce).toBeLessThanOrEqual(1);
      for (const write of kernel.writes) {
        expect(write.endsWith('\n')).toBe(true);
        if (write.length > WRITE) expect(write.indexOf('\n')).toBe(write.length - 1);
      }
    }),
  );
});

test('a million batches that wait do not overflow the stack, and all are written', () => {
  const { kernel, batches, ends, backlogs } = post();
  const count = 1_000_000;
  const shared = batch('a line\n');
  for (let i = 0; i < count; i++) batches.next(shared);
  batches.complete();
  kernel.takeAll();
  expect(ends).toEqual(['complete']);
  expect(kernel.taken).toBe(count * 7);
  expect(kernel.writes.length).toBeLessThan(200);
  expect(backlogs.total).toBe(0);
});

test('a thousand writes of what waits, each taken at once, do not overflow the stack', () => {
  const { kernel, put, batches, ends } = post();
  put('first\n', line(WRITE + 1).repeat(1000));
  batches.complete();
  kernel.eager = true;
  kernel.take();
  expect(ends).toEqual(['complete']);
  expect(kernel.writes.length).toBe(1001);
});

test('a hundred thousand writes in a row do not overflow the stack', () => {
  const { kernel, put, batches, ends } = post();
  for (let i = 0; i < 100_000; i++) {
    put('a line\n');
    kernel.take();
  }
  batches.complete();
  expect(ends).toEqual(['complete']);
  expect(kernel.writes.length).toBe(100_000);
});
