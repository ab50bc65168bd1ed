import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TestServer, until } from './support/chat.ts';
import { Checker, type Stay } from './support/checker.ts';
import { randomFrom } from './support/random.ts';
import { Cutter } from './support/streams.ts';

const said = (line: string): string => line.slice(line.indexOf(': ') + 2);

describe('the checker notices', () => {
  /** Alice says three things to bob and carol; what came of it is up to `happens`. */
  function faultsAfter(
    happens: (stays: { alice: Stay; bob: Stay; carol: Stay }, said: string[]) => void,
  ): string[] {
    const checker = new Checker();
    const [alice, bob, carol] = [checker.arrives('alice'), checker.arrives('bob'), checker.arrives('carol')];
    const lines = [1, 2, 3].map(() => `from alice: ${said(alice.says(['bob', 'carol'], 'a text'))}`);
    happens({ alice, bob, carol }, lines);
    return checker.faults().map((fault) => fault.split(':')[0] as string);
  }
  const hearAll = (stay: Stay, lines: readonly string[]): void => {
    for (const line of lines) stay.hears(line);
  };

  test('nothing where all is well', () => {
    const faults = faultsAfter(({ bob, carol }, lines) => {
      hearAll(bob, lines);
      hearAll(carol, lines);
    });
    expect(faults).toEqual([]);
  });

  test('a torn line', () => {
    const faults = faultsAfter(({ bob, carol }, [one = '', two = '', three = '']) => {
      hearAll(carol, [one, two, three]);
      hearAll(bob, [one, two.slice(0, -6) + three, three]);
    });
    expect(faults).toContain('torn');
  });

  test('a line that says it is from somebody else', () => {
    const faults = faultsAfter(({ bob, carol }, [one = '', ...others]) => {
      hearAll(carol, [one, ...others]);
      hearAll(bob, [one.replace('from alice', 'from dave'), ...others]);
    });
    expect(faults).toContain('torn');
  });

  test('a line for somebody else', () => {
    const faults = faultsAfter(({ alice, bob, carol }, lines) => {
      hearAll(bob, lines);
      hearAll(carol, lines);
      alice.hears(lines[0] as string);
    });
    expect(faults).toEqual(['astray']);
  });

  test('a doubled line, also on two connections of one name', () => {
    const checker = new Checker();
    const [alice, first, second] = [checker.arrives('alice'), checker.arrives('bob'), checker.arrives('bob')];
    const line = `from alice: ${said(alice.says(['bob']))}`;
    first.hears(line);
    second.hears(line);
    expect(checker.faults()).toEqual(['doubled: bob heard alice#1 twice']);
  });

  test('lines of one sender in another order', () => {
    const faults = faultsAfter(({ bob, carol }, [one = '', two = '', three = '']) => {
      hearAll(bob, [two, one, three]);
      hearAll(carol, [two, one, three]);
    });
    expect(faults).toEqual(['reordered', 'reordered']);
  });

  test('orders that differ between two people, or go round among three', () => {
    const checker = new Checker();
    const [a, b, c] = [checker.arrives('a'), checker.arrives('b'), checker.arrives('c')];
    const everyone = ['a', 'b', 'c'];
    const [x = '', y = '', z = ''] = [a, b, c].map(
      (stay) => `from ${stay.name}: ${said(stay.says(everyone))}`,
    );
    for (const stay of [a, b, c]) stay.cut = true; // so that what is missing is none
    hearAll(a, [x, y]);
    hearAll(b, [y, z]);
    expect(checker.faults()).toEqual([]);
    hearAll(c, [z, x]);
    expect(checker.faults()).toEqual(['orders differ: no order fits all who heard a#1, b#1, c#1']);
  });

  test('a line lost in the middle, even to somebody who was cut off later', () => {
    const faults = faultsAfter(({ bob, carol }, [one = '', two = '', three = '']) => {
      bob.cut = true;
      hearAll(bob, [one, three]);
      hearAll(carol, [one, two, three]);
    });
    expect(faults).toEqual(['lost']);
  });

  test('a line lost in silence, and not one that was announced or whose recipient was cut off', () => {
    const hearTwo = ({ bob, carol }: { bob: Stay; carol: Stay }, lines: string[]): void => {
      hearAll(carol, lines);
      hearAll(bob, lines.slice(0, 2));
    };
    expect(faultsAfter(hearTwo)).toEqual(['silent']);
    const told = faultsAfter((stays, lines) => {
      hearTwo(stays, lines);
      stays.alice.hears('! bob is not here');
    });
    expect(told).toEqual([]);
    const cut = faultsAfter((stays, lines) => {
      hearTwo(stays, lines);
      stays.bob.cut = true;
    });
    expect(cut).toEqual([]);
  });

  test('a line of somebody who was cut off that not all have heard, and not one that nobody has', () => {
    const hear = (all: (lines: string[]) => string[]): string[] =>
      faultsAfter(({ alice, bob, carol }, lines) => {
        // Both are there before she says two more.
        hearAll(bob, lines);
        hearAll(carol, lines);
        const [four = '', five = ''] = [4, 5].map(() => `from alice: ${said(alice.says(['bob', 'carol']))}`);
        alice.mayLose = 4;
        hearAll(carol, all([four, five]));
        hearAll(bob, [four]);
      });
    expect(hear(([four = '']) => [four])).toEqual([]);
    expect(hear((lines) => lines)).toEqual(['uneven']);
    expect(hear(() => [])).toEqual(['uneven']);
  });

  test('a line that may not be lost, though later ones of the same sender may', () => {
    const faults = faultsAfter(({ alice, bob, carol }, lines) => {
      hearAll(bob, lines.slice(0, 1));
      hearAll(carol, lines.slice(0, 1));
      alice.mayLose = 3;
    });
    expect(faults).toEqual(['silent', 'silent']);
  });

  test('a complaint, but not that of a refused login', () => {
    const hearRefusal = ({ alice, bob, carol }: { alice: Stay; bob: Stay; carol: Stay }, lines: string[]) => {
      hearAll(bob, lines);
      hearAll(carol, lines);
      alice.hears('! the name alice is taken');
    };
    expect(faultsAfter(hearRefusal)).toEqual(['complaint']);
    const tried = faultsAfter((stays, lines) => {
      hearRefusal(stays, lines);
      stays.alice.cut = true;
    });
    expect(tried).toEqual([]);
  });

  test('an announcement for what arrived', () => {
    const faults = faultsAfter(({ alice, bob, carol }, lines) => {
      hearAll(bob, lines);
      hearAll(carol, lines);
      alice.hears('! bob, carol are not here');
    });
    expect(faults).toEqual(['untrue', 'untrue']);
  });
});

/** A stay with its socket. */
class Visitor {
  readonly stay: Stay;
  readonly socket: Socket;
  present = false;
  refused = false;
  closed = false;
  ended = false;
  /** Resolves when it has heard itself, was refused or is closed. */
  readonly settled: Promise<void>;
  /** Called with each line. */
  heard: () => void = () => undefined;

  constructor(port: number, name: string, checker: Checker, chunk?: () => number) {
    this.stay = checker.arrives(name);
    const hears = (line: string): void => {
      if (line.startsWith('! the name')) this.refused = true;
      this.stay.hears(line);
      this.heard();
    };
    const cutter = new Cutter(hears);
    const at = { port, host: '127.0.0.1', allowHalfOpen: true };
    // Short reads are real: Node asks the kernel for no more than the buffer holds.
    this.socket = chunk
      ? connect({
          ...at,
          onread: {
            buffer: () => Buffer.alloc(chunk()),
            callback: (count, bytes) => {
              cutter.push(Buffer.from(bytes.subarray(0, count)));
              return true;
            },
          },
        })
      : connect(at).on('data', (bytes: Buffer) => {
          cutter.push(bytes);
        });
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => {
      this.ended = true;
      this.socket.end();
    });
    this.settled = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.closed = true;
        this.heard();
        resolve();
      });
      this.heard = () => {
        this.present = this.stay.heard.some((line) => line.startsWith(`from ${name}: ${name}#`));
        if (this.present || this.refused) resolve();
      };
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
    this.socket.write(`${name}\n${this.stay.says([name])}\n`);
  }
}

test('whatever the sockets do, everybody hears whole lines, once and in one order, and what is missing is announced', async () => {
  const seed = Date.now() % 2 ** 31;
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const checker = new Checker();
  const server = await TestServer.start();
  const STEPS = 4000;
  const steady = Array.from({ length: 12 }, (_, index) => `steady${String(index)}`);
  const fickle = Array.from({ length: 6 }, (_, index) => `fickle${String(index)}`);
  const everyone = [...steady, ...fickle, 'nobody'];

  const visit = async (name: string, chunk?: () => number): Promise<Visitor> => {
    for (;;) {
      const visitor = new Visitor(server.port, name, checker, chunk);
      await visitor.settled;
      if (visitor.present) return visitor;
      // The name is still held: what this one said was sent to nobody.
      visitor.stay.cut = true;
      visitor.socket.destroy();
    }
  };
  const stays: Visitor[] = await Promise.all(
    steady.map((name, index) => visit(name, index % 2 ? () => 1 + Math.floor(random() * 50) : undefined)),
  );
  const coming = new Map<string, Visitor | 'coming'>();
  const come = (name: string): void => {
    coming.set(name, 'coming');
    void visit(name).then((visitor) => {
      stays.push(visitor);
      coming.set(name, visitor);
    });
  };
  fickle.forEach(come);

  for (let step = 0; step < STEPS; step++) {
    const one = coming.get(pick(fickle));
    const leaves = random();
    if (one instanceof Visitor && leaves < 0.1) {
      const { name } = one.stay;
      if (leaves < 0.05) {
        one.stay.cut = true;
        one.socket.resetAndDestroy();
        come(name);
      } else {
        // It hears everything up to its end, so nothing may be missing; only then it comes again.
        coming.set(name, 'coming');
        one.socket.once('close', () => {
          come(name);
        });
        one.socket.end();
      }
    }
    const present = [...stays.slice(0, steady.length), ...coming.values()].filter(
      (visitor): visitor is Visitor => visitor instanceof Visitor,
    );
    const sender = pick(present);
    const to = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(everyone));
    const filler = random() < 0.05 ? 'ö'.repeat(Math.floor(random() * 4000)) : 'word';
    sender.socket.write(`${sender.stay.says(to, filler)}\n`);
    if (random() < 0.3) await new Promise(setImmediate);
  }

  await until(() => [...coming.values()].every((one) => one instanceof Visitor), 'everyone is back');
  for (const { socket } of stays) if (!socket.destroyed) socket.end();
  await until(() => stays.every(({ closed }) => closed), 'everybody has heard everything');
  expect(checker.count).toBeGreaterThanOrEqual(STEPS);
  expect({ seed, faults: checker.faults().slice(0, 10) }).toEqual({ seed, faults: [] });
});

test('who reconnects 1,000 times under one name while messages fly always hears, and on one connection only', async () => {
  const checker = new Checker();
  const server = await TestServer.start();
  const talkers = await Promise.all(
    Array.from({ length: 3 }, async (_, index) => {
      const talker = new Visitor(server.port, `talker${String(index)}`, checker);
      await talker.settled;
      return talker;
    }),
  );
  let talking = true;
  const talks = talkers.map(async ({ stay, socket }) => {
    while (talking) {
      socket.write(`${stay.says(['phoenix'])}\n`);
      await new Promise(setImmediate);
    }
  });
  let stays = 0;
  let refusals = 0;
  while (stays < 1000) {
    const visitor = new Visitor(server.port, 'phoenix', checker);
    await visitor.settled;
    if (!visitor.present) {
      refusals++;
      visitor.stay.cut = true;
      visitor.socket.destroy();
      continue;
    }
    stays++;
    // Never deaf: each stay hears the others, too.
    await new Promise<void>((resolve) => {
      visitor.heard = () => {
        if (visitor.closed || visitor.stay.heard.some((line) => line.startsWith('from talker'))) resolve();
      };
      visitor.heard();
    });
    visitor.stay.cut = true;
    if (stays % 2) visitor.socket.resetAndDestroy();
    else visitor.socket.destroy();
    expect(visitor.stay.heard.some((line) => line.startsWith('from talker'))).toBe(true);
  }
  talking = false;
  await Promise.all(talks);
  for (const { socket } of talkers) socket.end();
  await until(() => talkers.every(({ closed }) => closed), 'the talkers are told everything');
  expect(refusals).toBeLessThan(5000);
  expect(checker.faults().slice(0, 10)).toEqual([]);
}, 60_000);
