/**
 * What every log has to do, as a test: for the log of one machine, and for one behind a network, where what is
 * published comes back when it comes back. So nothing here counts on it to come at once: it is waited for.
 */
import fc from 'fast-check';
import { concatMap, from, lastValueFrom, map, of, Subject, timeout, timer, toArray } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../src/broker.ts';
import type { Log } from '../../src/log.ts';
import type { Input, Turn } from '../../src/message.ts';
import { until } from './chat.ts';
import { clientOf } from './turn.ts';

type Inputs = readonly Input[];

/** Milliseconds in which everything has to be back. */
const DEADLINE = 10_000;

/**
 * `create` makes a log that nobody has published to. It may take its time from `clock`, in milliseconds since 1970,
 * or have a clock of its own.
 */
export function logContract(name: string, create: (clock: () => number) => Log): void {
  /** Publishes all of `published`, some of it in the same turn of the event loop, and waits for what comes back. */
  const back = (published: readonly Inputs[], clock: () => number = Date.now): Promise<Turn[]> =>
    lastValueFrom(
      from(published).pipe(
        concatMap((inputs, index) => (index % 3 === 0 ? timer(0).pipe(map(() => inputs)) : of(inputs))),
        create(clock),
        toArray(),
        timeout(DEADLINE),
      ),
    );

  describe(name, () => {
    test('gives back what was published: in order, nothing lost or repeated, and no turn split', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(INPUTS, { maxLength: 20 }), async (published) => {
          const turns = await back(published);
          expect(turns.flatMap(({ inputs }) => inputs)).toEqual(published.flat());
          const ends = new Set(endsOf(published));
          expect(endsOf(turns.map(({ inputs }) => inputs)).filter((end) => !ends.has(end))).toEqual([]);
        }),
        { numRuns: 25 },
      );
    });

    test('gives back every kind of input as it was', async () => {
      const turns = await back([EVERY_KIND]);
      expect(turns.map(({ inputs }) => inputs)).toEqual([EVERY_KIND]);
    });

    test('gives back a turn of many inputs as one turn, and loses nothing around one of none', async () => {
      const many = Array.from({ length: 20_000 }, (_, index) => say(String(index)));
      const turns = await back([[], many, []]);
      expect(turns.map(({ inputs }) => inputs).filter(({ length }) => length > 0)).toEqual([many]);
    });

    test('gives back one input that is very long', async () => {
      const long = say('wörd '.repeat(300_000));
      const turns = await back([[say('before')], [long], [say('behind')]]);
      expect(turns.flatMap(({ inputs }) => inputs)).toEqual([say('before'), long, say('behind')]);
    });

    test('numbers turns from 1 without a gap, and a turn begins at its first input', async () => {
      const published = Array.from({ length: 50 }, (_, index) => [say(String(index))]);
      const turns = await back(published);
      expect(turns.length).toBeGreaterThan(1);
      expect(turns.map(({ sequence }) => sequence)).toEqual(turns.map((_, index) => index + 1));
      expect(turns.map(({ first }) => first)).toEqual(turns.map(() => 0));
    });

    test('has a time that never goes back, also where the clock is set back', async () => {
      const start = Date.now();
      let steps = 0;
      // Forward, then an hour back, again and again.
      const clock = (): number => start + (steps++ % 3) * 1000 - Math.floor(steps / 3) * 3_600_000;
      const published = Array.from({ length: 30 }, (_, index) => [say(String(index))]);
      const times = (await back(published, clock)).map(({ time }) => time);
      expect(times.length).toBeGreaterThan(1);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.every(Number.isFinite)).toBe(true);
    });

    test('completes once all has come back, and not before its source', async () => {
      const published = new Subject<Inputs>();
      const happened: string[] = [];
      const subscription = published.pipe(create(Date.now)).subscribe({
        next: ({ inputs }) => happened.push(...inputs.map(textOf)),
        complete: () => happened.push('complete'),
      });
      onTestFinished(() => {
        subscription.unsubscribe();
      });
      published.next([say('one')]);
      await until(() => happened.length > 0, 'the first turn is back');
      expect(happened).toEqual(['one']);
      published.next([say('two')]);
      published.next([say('three')]);
      published.complete();
      await until(() => happened.includes('complete'), 'it completes');
      expect(happened).toEqual(['one', 'two', 'three', 'complete']);
    });

    test('completes where nothing was published', async () => {
      expect(await back([])).toEqual([]);
    });

    test('in a broker never emits inside the publish of whoever hears a turn', async () => {
      const broker = new Broker(create(Date.now));
      const heard: string[] = [];
      let publishing = false;
      let inside = 0;
      const subscription = broker.turns.subscribe(({ inputs }) => {
        if (publishing) inside++;
        for (const input of inputs) {
          const client = clientOf(input);
          heard.push(client);
          if (heard.length > 50) continue;
          publishing = true;
          broker.publish([{ type: 'arrived', client: `${client}+`, address: '' }]);
          publishing = false;
        }
      });
      onTestFinished(() => {
        subscription.unsubscribe();
      });
      broker.publish([{ type: 'arrived', client: '', address: '' }]);
      await until(() => heard.length > 50, 'what was published in answer is back');
      expect(inside).toBe(0);
      expect(heard).toEqual(heard.map((_, index) => '+'.repeat(index)));
    });
  });
}

function say(text: string): Input {
  const bob = { shown: 'Bob', key: 'bob' };
  return { type: 'line', client: 'a-1', command: { kind: 'say', head: 'Bob:', to: [bob], rests: [text] } };
}

/** What `say` says. */
const textOf = (input: Input): string =>
  input.type === 'line' && input.command.kind === 'say' ? input.command.rests.join() : '';

/** After how many inputs a turn ends. */
function endsOf(turns: readonly Inputs[]): number[] {
  let inputs = 0;
  return turns.map(({ length }) => (inputs += length));
}

const EVERY_KIND: Inputs = [
  { type: 'arrived', client: 'a-1', address: '192.0.2.7' },
  say('wörds: \u{1f600} "quoted"\t\\'),
  {
    type: 'line',
    client: 'a-1',
    command: { kind: 'word', word: 'kick', to: [{ shown: '#A', key: '#a' }], text: 'x' },
  },
  { type: 'line', client: 'a-1', command: { kind: 'bare', name: { shown: 'A', key: 'a' }, text: 'A' } },
  { type: 'line', client: 'a-1', command: { kind: 'fault', fault: 'not-utf8' } },
  { type: 'ended', client: 'a-1' },
  { type: 'overdue', client: 'a-1' },
  { type: 'level', client: 'a-1', level: 'behind' },
  { type: 'next', client: 'a-1' },
  {
    ...{ type: 'taken', client: 'a-1', node: '', receipt: { client: 'a-1', line: 7, part: 1 } },
    ...{ taken: 3, lost: ['a-2'] },
  },
  { type: 'stopping', client: 'a-1' },
  { type: 'stopped', client: 'a-1' },
  { type: 'gone', client: 'a-1' },
];

const INPUTS = fc.array(
  fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }).map(say), fc.constantFrom(...EVERY_KIND)),
  { maxLength: 8 },
);
