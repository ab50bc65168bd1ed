// The load generator for machines without a C compiler: what bench/load does, with the same arguments and the same
// answers, as fast as Node can. It says of itself that it drove, for the faster servers wait for it.
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const SEQ = 8;
// ncat has room for ten who are not accepted yet.
const AT_ONCE = 10;
const PATIENCE = 20_000;
const NUMBERS = [
  'port',
  'pid',
  'warm',
  'seconds',
  'text',
  'window',
  'pairs',
  'senders',
  'recipients',
  'slow',
  'clients',
];

const [scenario, ...args] = process.argv.slice(2);
const dialect = { aside: [] };
const option = {
  warm: 1,
  seconds: 3,
  text: 64,
  window: 256,
  pairs: 100,
  senders: 1,
  recipients: 100,
  slow: 0,
  clients: 1000,
};
for (let at = 0; at < args.length; at += 2) {
  const name = args[at].slice(2);
  const value = args[at + 1];
  if (NUMBERS.includes(name)) option[name] = Number(value);
  else if (name === 'aside') dialect.aside.push(value);
  else dialect[name] = value;
}

function fail(error) {
  console.log(JSON.stringify({ scenario, errors: 1, error }));
  process.exit(1);
}

for (const name of ['carrier', 'stamp', 'there'])
  if (dialect[name] !== undefined) fail(`--${name} needs the generator in C`);

const us = () => Number(process.hrtime.bigint() / 1000n);
const expand = (form, words) => form.replace(/\{(\w+)\}/g, (all, key) => words[key] ?? all);
let addresses = 0;
let stopped = false;

function serverCpu() {
  const fields = readFileSync(`/proc/${option.pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const ownCpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

class Client {
  /** What it hears, by the name of who says it. */
  hears = new Map();
  #held = Buffer.alloc(0);
  #in = undefined;
  #entered = dialect.after === undefined;

  constructor(letter, ordinal) {
    this.name = letter + ordinal.toString(36).padStart(3, '0');
    this.address = `127.0.0.${100 + (addresses++ % 150)}`;
  }

  enter(isSender) {
    this.socket = connect({
      port: option.port,
      host: '127.0.0.1',
      localAddress: this.address,
      noDelay: true,
    });
    this.socket.on('error', (error) => fail(`${this.name}: ${error.message}`));
    this.socket.on('close', () => this.left || fail(`the server closed ${this.name}`));
    this.socket.on('data', (data) => this.#read(data));
    const greeting = isSender ? (dialect['greet-sender'] ?? dialect.greet) : dialect.greet;
    this.socket.write(expand(greeting, { me: this.name }));
    return new Promise((resolve) => {
      this.#in = { text: expand(dialect.in, { me: this.name }), resolve };
    });
  }

  leave() {
    this.left = true;
    this.socket.destroy();
  }

  #read(data) {
    let bytes = this.#held.length > 0 ? Buffer.concat([this.#held, data]) : data;
    if (dialect.mark !== undefined)
      bytes = Buffer.from(bytes.toString('latin1').replace(/<user\d+> /g, ''), 'latin1');
    let at = 0;
    while (at < bytes.length) {
      const taken = this.#in === undefined ? this.#take(bytes, at) : this.#await(bytes, at);
      if (taken === 0) break;
      at += taken;
    }
    this.#held = bytes.subarray(at);
  }

  #await(bytes, at) {
    const end = bytes.indexOf(10, at) + 1;
    if (end === 0) return 0;
    const line = bytes.toString('latin1', at, end);
    if (dialect.refused !== undefined && line.startsWith(dialect.refused))
      fail(`${this.name} cannot log in: ${line}`);
    if (line.includes(this.#in.text)) {
      this.#in.resolve();
      this.#in = undefined;
    } else if (!this.#entered && line.includes(dialect.after)) {
      this.#entered = true;
      this.socket.write(expand(dialect.enter, { me: this.name }));
    } else {
      this.#answer(line);
    }
    return end - at;
  }

  /** How many bytes of a line that is due, or is nobody's. */
  #take(bytes, at) {
    for (const flow of this.hears.values()) {
      const taken = flow.take(this, bytes, at);
      if (taken !== 0) return Math.max(0, taken);
    }
    const end = bytes.indexOf(10, at) + 1;
    if (end === 0) return 0;
    const line = bytes.toString('latin1', at, end);
    if (!this.#answer(line) && !dialect.aside.some((start) => line.startsWith(start)))
      fail(`${this.name} got a stray line: ${line.slice(0, 60)}`);
    return end - at;
  }

  #answer(line) {
    if (dialect.ping === undefined || !line.startsWith(dialect.ping)) return false;
    this.socket.write(dialect.pong);
    return true;
  }
}

const load = { sending: true, measuring: false, lines: 0, due: 0, arrived: 0, last: us(), latencies: [] };

/** The lines of one sender to some recipients. */
class Flow {
  queued = 0;
  complete = 0;
  #sentAt = [];
  #missing = [];
  #next = new Map();

  constructor(sender, recipients, window, answer) {
    Object.assign(this, { sender, recipients, window, answer });
    const to = dialect.room ?? recipients.map(({ name }) => name).join(', ');
    const words = { to, from: sender.name, address: sender.address, bytes: String(option.text) };
    const filler = Array.from({ length: option.text }, (_, index) =>
      String.fromCharCode(97 + (index % 26)),
    ).join('');
    this.head = expand(dialect.line, words) + sender.name;
    this.tail = filler.slice(sender.name.length + SEQ) + dialect.end;
    this.saidHead = Buffer.from(expand(dialect.said, words) + sender.name);
    this.saidTail = Buffer.from(this.tail);
    for (const one of recipients) {
      one.hears.set(sender.name, this);
      this.#next.set(one, 0);
    }
  }

  fill() {
    const now = us();
    const fresh = this.complete + this.window - this.queued;
    if (fresh <= 0) return;
    let lines = '';
    for (let i = 0; i < fresh; i++, this.queued++) {
      const slot = this.queued % this.window;
      this.#sentAt[slot] = now;
      this.#missing[slot] = this.recipients.length;
      lines += this.head + String(this.queued % 1e8).padStart(SEQ, '0') + this.tail;
    }
    load.lines += fresh;
    load.due += fresh * this.recipients.length;
    this.sender.socket.write(lines);
  }

  /** 0 where the line is no line of this flow, -1 where it is not whole yet. */
  take(client, bytes, at) {
    const { saidHead, saidTail } = this;
    const length = saidHead.length + SEQ + saidTail.length;
    const got = Math.min(bytes.length - at, saidHead.length);
    if (bytes.compare(saidHead, 0, got, at, at + got) !== 0) return 0;
    if (bytes.length - at < length) return -1;
    const next = this.#next.get(client);
    const seq = Number(bytes.toString('latin1', at + saidHead.length, at + saidHead.length + SEQ));
    const tailAt = at + saidHead.length + SEQ;
    if (
      seq !== next % 1e8 ||
      bytes.compare(saidTail, 0, saidTail.length, tailAt, tailAt + saidTail.length) !== 0
    )
      fail(`${client.name} expected line ${next} and got: ${bytes.toString('latin1', at, at + 60)}`);
    this.#next.set(client, next + 1);
    this.#settle(next % this.window);
    return length;
  }

  #settle(slot) {
    const now = us();
    load.last = now;
    load.arrived++;
    if (load.measuring) load.latencies.push(now - this.#sentAt[slot]);
    if (--this.#missing[slot] > 0) return;
    while (this.complete < this.queued && this.#missing[this.complete % this.window] === 0) this.complete++;
    const other = this.answer?.() ?? this;
    if (load.sending) other.fill();
  }
}

async function logIn(letter, count, isSender) {
  const clients = Array.from({ length: count }, (_, index) => new Client(letter, index));
  for (let at = 0; at < count; at += AT_ONCE)
    await Promise.all(clients.slice(at, at + AT_ONCE).map((client) => client.enter(isSender)));
  return clients;
}

const now = () => ({
  at: us(),
  cpu: option.pid === undefined ? 0 : serverCpu(),
  own: ownCpu(),
  lines: load.lines,
  arrived: load.arrived,
});

async function measure() {
  const watch = setInterval(() => {
    if (load.arrived < load.due && us() - load.last > PATIENCE * 1000)
      fail(`no line arrived for 20 s, ${load.due - load.arrived} of ${load.due} are missing`);
  }, 500);
  await sleep(option.warm * 1000);
  const begin = now();
  load.measuring = true;
  await sleep(option.seconds * 1000);
  const end = now();
  load.sending = false;
  while (load.arrived < load.due) await sleep(5);
  clearInterval(watch);
  report(
    end.at - begin.at,
    end.arrived - begin.arrived,
    end.lines - begin.lines,
    load.latencies,
    end.cpu - begin.cpu,
    end.own - begin.own,
  );
}

function report(time, deliveries, lines, latencies, cpu, own) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const seconds = time / 1e6;
  console.log(
    JSON.stringify({
      ...{
        scenario,
        text: option.text,
        seconds,
        lines,
        deliveries,
        perSecond: Math.round(deliveries / seconds),
      },
      ...{ p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1), loadCpu: own, errors: 0 },
      ...(scenario === 'churn' && { mean: sorted.reduce((sum, one) => sum + one, 0) / (sorted.length || 1) }),
      ...(option.pid !== undefined && { serverCpu: cpu }),
    }),
  );
  process.exit(0);
}

async function untilStopped(say) {
  console.log(JSON.stringify({ scenario, ready: true }));
  while (!stopped) await sleep(20);
  if (say !== undefined) console.log(JSON.stringify({ scenario, errors: 0, ...say() }));
  process.exit(0);
}

const scenarios = {
  async direct() {
    const senders = await logIn('s', option.pairs, true);
    const receivers = await logIn('r', option.pairs, false);
    for (const [index, sender] of senders.entries())
      new Flow(sender, [receivers[index]], option.window).fill();
    await measure();
  },
  async pingpong() {
    const players = await logIn('p', 2 * option.pairs, false);
    const flows = [];
    for (const [index, player] of players.entries())
      flows.push(new Flow(player, [players[index ^ 1]], 1, () => flows[index ^ 1]));
    for (let pair = 0; pair < option.pairs; pair++) flows[2 * pair].fill();
    await measure();
  },
  async fan() {
    if (option.slow > 0) fail('slow readers need the generator in C');
    const senders = await logIn('s', option.senders, true);
    const recipients = await logIn('r', option.recipients, false);
    for (const sender of senders) new Flow(sender, recipients, option.window).fill();
    await measure();
  },
  async idle() {
    await logIn('c', option.clients, false);
    await untilStopped();
  },
  async churn() {
    await logIn('c', option.clients, false);
    const begin = us();
    const turns = [];
    let before = { cpu: 0, own: 0 };
    for (let index = 0; us() < begin + (option.warm + option.seconds) * 1e6; index++) {
      const at = us();
      const measuring = at > begin + option.warm * 1e6;
      if (measuring && turns.length === 0) before = now();
      const comer = new Client('x', index % 36 ** 3);
      await comer.enter(false);
      comer.leave();
      if (measuring) turns.push(us() - at);
    }
    const { cpu, own } = now();
    report(option.seconds * 1e6, turns.length, turns.length, turns, cpu - before.cpu, own - before.own);
  },
  flood: () => fail('floods need the generator in C'),
};

process.on('SIGTERM', () => (stopped = true));
if (scenarios[scenario] === undefined) fail(`no scenario is called ${scenario}`);
await scenarios[scenario]();
