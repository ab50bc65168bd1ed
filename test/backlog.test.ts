import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Backlog, type BacklogLimits, Backlogs } from '../src/backlog.ts';
import type { EndReason, Level } from '../src/message.ts';
import { Ticket } from '../src/ticket.ts';
import { ENDLESS, SMALL } from './support/limits.ts';

class Watched {
  readonly levels: Level[] = [];
  readonly reasons: EndReason[] = [];
  readonly backlog: Backlog;

  constructor(all: Backlogs) {
    this.backlog = new Backlog(all, {
      id: 'me',
      report: (level) => this.levels.push(level),
      letGo: ({ reason }) => this.reasons.push(reason),
    });
  }

  get reason(): EndReason | undefined {
    return this.reasons[0];
  }
}

function one(limits: Partial<BacklogLimits> = {}) {
  const all = new Backlogs({ ...SMALL, ...limits });
  const watched = new Watched(all);
  return { all, watched, backlog: watched.backlog };
}

describe('the level', () => {
  test('is behind, and caught up, the earlier the more waits for all', () => {
    const { all, watched, backlog } = one();
    new Watched(all).backlog.grow(500);
    new Watched(all).backlog.grow(500);
    backlog.grow(90); // of 10,000 there are 89 % left, and that is 90 of high-water
    expect(watched.levels).toEqual([]);
    new Watched(all).backlog.grow(500);
    backlog.grow(1); // 85
    expect(watched.levels).toEqual(['behind']);
    backlog.shrink(46);
    expect(watched.levels).toEqual(['behind']);
    backlog.shrink(3);
    expect(backlog.bytes).toBe(42);
    expect(watched.levels).toEqual(['behind', 'caught-up']);
  });

  test('of many who are equally slow is behind before they are too many for max-memory', () => {
    const all = new Backlogs(SMALL);
    const many = Array.from({ length: 500 }, () => new Watched(all));
    const growing = new Set(many);
    while (growing.size > 0) {
      for (const watched of growing) {
        watched.backlog.grow(1);
        if (watched.levels.length > 0) growing.delete(watched);
      }
    }
    expect(many.filter(({ reason }) => reason !== undefined)).toEqual([]);
    expect(all.total).toBeLessThan(SMALL.maxMemory);
  });

  test('is caught up when nothing waits, though nothing is left of max-memory', () => {
    const { all, watched, backlog } = one();
    backlog.grow(200);
    for (let index = 0; index < 98; index++) new Watched(all).backlog.grow(100);
    expect(all.highWater).toBe(0);
    backlog.shrink(200);
    expect(watched.levels).toEqual(['behind', 'caught-up']);
  });

  test('is behind above high-water, and caught up below half of it', () => {
    const { watched, backlog } = one({ maxMemory: 1e9 });
    backlog.grow(100);
    expect(watched.levels).toEqual([]);
    backlog.grow(1);
    expect(watched.levels).toEqual(['behind']);
    backlog.shrink(51);
    expect(backlog.bytes).toBe(50);
    expect(watched.levels).toEqual(['behind']);
    backlog.shrink(1);
    expect(watched.levels).toEqual(['behind', 'caught-up']);
  });

  test('is full above half of the queue, and stays so until it is caught up', () => {
    const { watched, backlog } = one();
    backlog.grow(101);
    backlog.grow(399);
    expect(watched.levels).toEqual(['behind']);
    backlog.grow(1);
    expect(watched.levels).toEqual(['behind', 'full']);
    backlog.shrink(401);
    backlog.grow(300);
    expect(watched.levels).toEqual(['behind', 'full']);
    backlog.shrink(351);
    expect(watched.levels).toEqual(['behind', 'full', 'caught-up']);
  });

  test('goes to full at once where one batch is that long', () => {
    const { watched, backlog } = one();
    backlog.grow(600);
    expect(watched.levels).toEqual(['full']);
  });

  test('is told when it changes and not again', () => {
    const { watched, backlog } = one();
    for (let i = 0; i < 3; i++) {
      backlog.grow(200);
      backlog.grow(10);
      backlog.shrink(200);
      backlog.shrink(5);
      backlog.shrink(5);
    }
    expect(watched.levels).toEqual(['behind', 'caught-up', 'behind', 'caught-up', 'behind', 'caught-up']);
  });
});

describe('a ticket', () => {
  const ticketed = (client: ReturnType<typeof one>, name: string): void => {
    const ticket = { client: 's', line: 1, part: 0 };
    client.backlog.confirm(
      new Ticket('', ticket, 1, ([input]) => {
        if (input?.type === 'taken') news.push(`${name} ${input.taken === 1 ? 'taken' : input.lost.join()}`);
      }),
    );
  };
  let news: string[] = [];
  beforeEach(() => {
    news = [];
  });

  test('is taken when all that waited before it is, and not before', () => {
    const client = one();
    client.backlog.grow(30);
    ticketed(client, 'first');
    client.backlog.grow(20);
    ticketed(client, 'second');
    client.backlog.shrink(29);
    expect(news).toEqual([]);
    client.backlog.shrink(1);
    expect(news).toEqual(['first taken']);
    client.backlog.grow(5);
    client.backlog.shrink(20);
    expect(news).toEqual(['first taken', 'second taken']);
  });

  test('is lost with the client, also where that is gone already', () => {
    const client = one();
    client.backlog.grow(30);
    ticketed(client, 'first');
    client.backlog.close();
    ticketed(client, 'second');
    expect(news).toEqual(['first me', 'second me']);
  });
});

describe('a client is let go', () => {
  test('at the end of its queue', () => {
    const { watched, backlog, all } = one();
    backlog.grow(999);
    expect(watched.reason).toBeUndefined();
    backlog.grow(1);
    expect(watched.reason).toBe('too slow: queue full');
    expect([backlog.bytes, all.total]).toEqual([0, 0]);
  });

  test('when it takes no byte for too long, however little waits', () => {
    const { watched, backlog, all } = one();
    all.sweep(100);
    backlog.grow(1);
    all.sweep(110);
    expect(watched.reason).toBeUndefined();
    all.sweep(110.25);
    expect(watched.reason).toBe('too slow: took nothing');
    expect(all.total).toBe(0);
  });

  test('when it takes no byte while more and more waits', () => {
    const { watched, backlog, all } = one();
    for (let now = 0; now <= 10; now += 2) {
      all.sweep(now);
      backlog.grow(1);
    }
    expect(watched.reason).toBeUndefined();
    all.sweep(11);
    expect(watched.reason).toBe('too slow: took nothing');
  });

  test('not while it takes a byte now and then', () => {
    const { watched, backlog, all } = one();
    backlog.grow(90);
    for (let now = 9; now < 9 * 80; now += 9) {
      all.sweep(now);
      backlog.shrink(1);
    }
    expect(watched.reason).toBeUndefined();
  });

  test('not for the time in which nothing waited', () => {
    const { watched, backlog, all } = one();
    backlog.grow(1);
    backlog.shrink(1);
    all.sweep(50);
    all.sweep(51);
    backlog.grow(1);
    all.sweep(61);
    expect(watched.reason).toBeUndefined();
    all.sweep(62);
    expect(watched.reason).toBe('too slow: took nothing');
  });

  test('when it is behind for too long, also if it takes a byte now and then', () => {
    const { watched, backlog, all } = one();
    all.sweep(100);
    backlog.grow(300);
    for (let now = 105; now <= 130; now += 5) {
      all.sweep(now);
      backlog.shrink(1);
    }
    expect(watched.reason).toBeUndefined();
    all.sweep(131);
    expect(watched.reason).toBe('too slow: behind for too long');
  });

  test('not for having been behind before it caught up', () => {
    const { watched, backlog, all } = one();
    backlog.grow(300);
    for (let now = 5; now <= 25; now += 5) {
      all.sweep(now);
      backlog.shrink(1);
    }
    backlog.shrink(290);
    backlog.grow(290);
    expect(watched.levels).toEqual(['behind', 'caught-up', 'behind']);
    for (let now = 30; now <= 55; now += 5) {
      all.sweep(now);
      backlog.shrink(1);
    }
    expect(watched.reason).toBeUndefined();
    all.sweep(56);
    expect(watched.reason).toBe('too slow: behind for too long');
  });

  test('not for being full: the time runs from when it fell behind', () => {
    const { watched, backlog, all } = one();
    backlog.grow(200);
    for (let now = 5; now <= 30; now += 5) {
      all.sweep(now);
      backlog.shrink(1);
      if (now === 20) backlog.grow(400);
    }
    expect(watched.levels).toEqual(['behind', 'full']);
    expect(watched.reason).toBeUndefined();
    all.sweep(31);
    expect(watched.reason).toBe('too slow: behind for too long');
  });
});

describe('when memory is full', () => {
  const limits = { ...ENDLESS, maxMemory: 100 };

  test('the client furthest behind goes, whoever asked for more', () => {
    const all = new Backlogs(limits);
    const [a, b, c] = [new Watched(all), new Watched(all), new Watched(all)];
    a.backlog.grow(30);
    b.backlog.grow(50);
    c.backlog.grow(20);
    expect([a.reason, b.reason, c.reason]).toEqual([undefined, undefined, undefined]);
    c.backlog.grow(1);
    expect([a.reason, b.reason, c.reason]).toEqual([undefined, 'too slow: memory full', undefined]);
    expect([all.total, a.backlog.bytes, b.backlog.bytes, c.backlog.bytes]).toEqual([51, 30, 0, 21]);
  });

  test('as many go as are needed, also the one that grew', () => {
    const all = new Backlogs(limits);
    const [a, b, c] = [new Watched(all), new Watched(all), new Watched(all)];
    a.backlog.grow(10);
    b.backlog.grow(90);
    c.backlog.grow(200);
    expect([a.reason, b.reason, c.reason]).toEqual([undefined, undefined, 'too slow: memory full']);
    expect(all.total).toBe(100);
  });

  test('a client that left is not counted, nor is it let go', () => {
    const all = new Backlogs(limits);
    const [a, b] = [new Watched(all), new Watched(all)];
    a.backlog.grow(90);
    a.backlog.close();
    expect(all.total).toBe(0);
    b.backlog.grow(100);
    all.sweep(1e12);
    expect([a.reason, b.reason]).toEqual([undefined, 'too slow: took nothing']);
  });
});

test('the total is the sum of what waits for those who are still here, whatever happens', () => {
  const step = fc.record({
    who: fc.nat(3),
    what: fc.constantFrom('grow', 'shrink', 'leave', 'sweep'),
    bytes: fc.nat(400),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all = new Backlogs({ ...SMALL, maxMemory: 1500 });
      const clients = Array.from({ length: 4 }, () => ({ watched: new Watched(all), here: true }));
      let now = 0;
      for (const { who, what, bytes } of steps) {
        const client = clients[who];
        if (!client) continue;
        const { watched } = client;
        const { backlog } = watched;
        const gone = (): boolean => !client.here || watched.reason !== undefined;
        if (what === 'sweep') all.sweep((now += bytes / 40));
        else if (gone()) continue;
        else if (what === 'grow') backlog.grow(bytes);
        else if (what === 'shrink') backlog.shrink(Math.min(bytes, backlog.bytes));
        else {
          backlog.close();
          client.here = false;
        }
        expect(all.total).toBe(clients.reduce((sum, each) => sum + each.watched.backlog.bytes, 0));
        expect(all.total).toBeLessThanOrEqual(1500);
        if (gone()) expect(backlog.bytes).toBe(0);
        else expect(backlog.bytes).toBeLessThan(SMALL.maxQueue);
        expect(watched.reasons.length).toBeLessThanOrEqual(1);
      }
    }),
  );
});
