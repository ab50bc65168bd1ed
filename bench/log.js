// Drives the log of a cluster without sockets or a chat, on the NATS whose port is given:
//   node bench/log.js rate PORT WARM SECONDS    one node says lines as fast as they come back; then another one reads them
//   node bench/log.js fill PORT PEOPLE LINES    people log in, and say so many lines in all
//   node bench/log.js stay PORT PEOPLE SIZE     people log in, and go into rooms of that size; until SIGTERM
// The last line that it prints is JSON.
import { firstValueFrom, ReplaySubject, Subject } from 'rxjs';
import { EMPTY_LOG } from '../dist/cluster/chronicle.js';
import { RULES } from '../dist/cluster/cluster-node.js';
import { link } from '../dist/cluster/link.js';
import { JetStreamLog } from '../dist/cluster/log-jetstream.js';
import { streamOf } from '../dist/cluster/stream.js';
import { clientId, newNode } from '../dist/node.js';
import { comes, nameOf, said } from './people.js';

const STREAM = 'rxchat';
/** Inputs of a turn: as many lines of this length as a server reads in one. */
const TURN = 500;
const TEXT = 'x'.repeat(64);
const SPEAKERS = 1000;
/** Turns that are said again and again. */
const READY = 20;

const [mode, port, first, second] = process.argv.slice(2);
const print = (result) => console.log(JSON.stringify({ scenario: mode, errors: 0, ...result }));

/** One node's end of it. */
class End {
  node = newNode();
  /** Inputs that have come. */
  heard = 0;
  #inputs = new Subject();
  #isPressed = false;
  #wake;
  #until = { heard: Infinity, resolve: undefined };

  constructor(on) {
    const log = new JetStreamLog({
      ...{ link: on, stream: STREAM, node: this.node, rules: RULES, greeting: [], from: EMPTY_LOG },
      pressed: (is) => {
        this.#isPressed = is;
        if (!is) this.#wake?.();
      },
    });
    this.#inputs.pipe(log.log).subscribe({
      next: ({ inputs }) => {
        this.heard += inputs.length;
        if (this.heard >= this.#until.heard) this.#until.resolve();
      },
      error: ({ message }) => {
        print({ errors: 1, error: message });
        process.exit(1);
      },
    });
  }

  /** Until the next turn, and until there is room for it. */
  async say(inputs) {
    this.#inputs.next(inputs);
    await new Promise((resolve) => (this.#isPressed ? (this.#wake = resolve) : setImmediate(resolve)));
  }

  /** Until so many have come. */
  hear(inputs) {
    return new Promise((resolve) => {
      this.#until = { heard: inputs, resolve };
      if (this.heard >= inputs) resolve();
    });
  }
}

async function sayAll(end, inputs) {
  let all = 0;
  let turn = [];
  for (const some of inputs) {
    turn.push(...some);
    all += some.length;
    if (turn.length < TURN) continue;
    await end.say(turn);
    turn = [];
  }
  await end.say(turn);
  return all;
}

function* people(node, count, linesOf) {
  for (let nth = 0; nth < count; nth++) yield comes(node, nth, linesOf(nth));
}

function* lines(node, count, speakers) {
  for (let nth = 0; nth < count; nth++)
    yield said(node, nth % speakers, `${nameOf((nth + 1) % speakers)}: ${TEXT}\n`);
}

async function rate(on, warm, seconds) {
  const end = new End(on);
  // Made before: what it takes to read them is not the log's.
  const all = [...lines(end.node, READY * TURN, SPEAKERS)].flat();
  const turns = Array.from({ length: READY }, (_, at) => all.slice(at * TURN, (at + 1) * TURN));
  let sent = 0;
  const during = async (time) => {
    const [begin, from] = [performance.now(), end.heard];
    const cpu = process.cpuUsage();
    while (performance.now() - begin < time * 1000) {
      await end.say(turns[(sent / TURN) % READY]);
      sent += TURN;
    }
    const { user, system } = process.cpuUsage(cpu);
    const [spent, heard] = [(performance.now() - begin) / 1000, end.heard - from];
    return { perSecond: heard / spent, ownCpu: (user + system) / heard };
  };
  await during(warm);
  const measured = await during(seconds);
  await end.hear(sent);
  const { bytes, messages } = (await on.manager.streams.info(STREAM)).state;
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  await new End(on).hear(sent);
  const { user, system } = process.cpuUsage(cpu);
  const readPerSecond = sent / ((performance.now() - begin) / 1000);
  return {
    ...measured,
    readPerSecond,
    readCpu: (user + system) / sent,
    bytesEach: bytes / sent,
    together: sent / messages,
  };
}

async function fill(on, count, spoken) {
  const end = new End(on);
  const came = await sayAll(
    end,
    people(end.node, count, () => ''),
  );
  const all = came + (await sayAll(end, lines(end.node, spoken, count)));
  await end.hear(all);
  return { inputs: all };
}

async function stay(on, count, size) {
  const end = new End(on);
  const room = (nth) => `/join #r${Math.floor(nth / size).toString(36)}\n`;
  let all = await sayAll(end, people(end.node, count, room));
  await end.hear(all);
  // Of who comes into a room a turn takes so many; each of the others needs another turn, which its node asks for.
  for (let turn = 0; turn < count / 100; turn++) {
    await end.say([{ type: 'next', client: clientId(end.node, 0) }]);
    await end.hear(++all);
  }
  print({ ready: true });
  await new Promise((resolve) => process.once('SIGTERM', resolve));
  return {};
}

const links = new ReplaySubject(1);
const servers = `nats://127.0.0.1:${port}`;
link({ servers, creds: '', ca: '', cert: '', key: '' }).subscribe(links);
const on = await firstValueFrom(links);
await streamOf(on.manager, STREAM, { age: undefined, bytes: undefined, replicas: undefined });
print(await { rate, fill, stay }[mode](on, Number(first), Number(second)));
process.exit(0);
