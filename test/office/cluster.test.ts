import { beforeEach, describe, expect, test } from 'vitest';
import type { Notice } from '../../src/index.ts';
import { TestServer, until } from '../support/chat.ts';
import { connected } from '../support/cluster-node.ts';
import { freePort, type NatsServer, natsServer } from '../support/nats.ts';
import { Operator } from '../support/office.ts';
import { nodesPage } from '../../src/office/page.ts';
import { Rota } from '../../src/rota.ts';
import { Proxy } from '../support/proxy.ts';
import { writtenLog } from '../support/written-log.ts';

/** Milliseconds for what takes as long as it takes until the cluster counts as unreachable. */
const SLOW = 120_000;

let nats: NatsServer;

beforeEach(async () => {
  nats = await natsServer();
});

/** What a load balancer sees that asks again and again: each answer of `/readyz` that is another than the one before. */
class Balancer {
  readonly seen: string[] = [];
  readonly #operator: Operator;
  #isOver = false;

  constructor(operator: Operator) {
    this.#operator = operator;
    void this.#ask();
  }

  /** Asks until it has seen that, or something like it, since it was asked last. */
  async sees(answer: string | RegExp): Promise<void> {
    const isIt = (line: string): boolean => (answer instanceof RegExp ? answer.test(line) : answer === line);
    await until(() => this.seen.some(isIt), `it sees ${String(answer)}`).catch((error: unknown) => {
      throw new Error(`${String(error)}; it saw ${JSON.stringify(this.seen)}`);
    });
  }

  end(): void {
    this.#isOver = true;
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      const [ready, health] = await Promise.all([
        this.#operator.ask('/readyz').catch(() => undefined),
        this.#operator.ask('/healthz').catch(() => undefined),
      ]);
      const answer = ready
        ? `${String(ready.status)} ${ready.text.trim().replace(/\d+/, 'N')}`
        : 'nobody is there';
      if (health && health.status !== 200) this.seen.push(`health is ${String(health.status)}`);
      if (this.seen.at(-1) !== answer) this.seen.push(answer);
      await new Promise(setImmediate);
    }
  }
}

async function watched(): Promise<{ adminPort: number; operator: Operator; balancer: Balancer }> {
  const adminPort = await freePort();
  const operator = new Operator(adminPort);
  return { adminPort, operator, balancer: new Balancer(operator) };
}

describe('/readyz in a cluster', () => {
  test('is 503 while NATS is waited for and while the node catches up, and 200 once clients may come; health is 200', async () => {
    await writtenLog(nats.url, 'before', 30_000);
    await nats.kill();
    const { adminPort, balancer } = await watched();
    const starting = TestServer.start({ cluster: nats.url, clusterWait: true, adminPort });
    await balancer.sees('503 waits for NATS: connection refused');
    await nats.run();
    await balancer.sees('200 ready');
    balancer.end();
    expect(
      balancer.seen.filter((answer) => !/^nobody|^503 starting|^503 waits for NATS$/.test(answer)),
    ).toEqual([
      '503 waits for NATS: connection refused',
      '503 catches up with the log of the cluster: N messages to go',
      '200 ready',
    ]);
    await (await starting).login('alice');
  });

  test(
    'is 503 while NATS is away for longer than 10 s, and 200 when it is back; who is there stays, and health is 200',
    async () => {
      const { adminPort, operator, balancer } = await watched();
      const server = await TestServer.start({ cluster: nats.url, adminPort });
      const alice = await server.login('alice');
      await balancer.sees('200 ready');
      expect((await operator.metrics()).get('rxchat_cluster_reachable')).toBe(1);
      await nats.kill();
      alice.say('alice: are you there?');
      await balancer.sees('503 the cluster is unreachable');
      expect((await operator.metrics()).get('rxchat_cluster_reachable')).toBe(0);
      expect((await operator.metrics()).get('rxchat_cluster_quiet_seconds')).toBeGreaterThan(9);
      expect((await operator.metrics()).get('rxchat_cluster_unpublished_bytes')).toBeGreaterThan(0);
      balancer.seen.length = 0;
      await nats.run();
      await balancer.sees('200 ready');
      balancer.end();
      expect(balancer.seen).toEqual(['503 the cluster is unreachable', '200 ready']);
      await alice.sees('from alice: are you there?');
      expect((await operator.metrics()).get('rxchat_cluster_reachable')).toBe(1);
    },
    SLOW,
  );

  test('is 503 while the node begins anew, which waits where NATS is away; its port stays, and its counters go on', async () => {
    const proxy = await Proxy.before(nats.port);
    const { adminPort, operator, balancer } = await watched();
    const server = await TestServer.start({
      ...{ cluster: `nats://127.0.0.1:${String(proxy.port)}`, adminPort },
    });
    const alice = await server.login('alice');
    const { port } = server;
    const lines = (await operator.metrics()).get('rxchat_lines_total');
    expect(lines).toBeGreaterThan(0);
    // The log that it has read is not there any more.
    const { link, close } = await connected(nats.url);
    await link.manager.streams.delete('rxchat');
    await until(() => cutOffs(server) === 1, 'it is cut off');
    proxy.hold();
    close();
    await alice.end();
    alice.socket.destroy();
    balancer.seen.length = 0;
    await balancer.sees('503 was cut off from the cluster, and begins anew');
    await until(
      () =>
        server.notices.some(
          (notice) => notice.type === 'cluster' && !notice.ok && notice.error.startsWith('waits'),
        ),
      'it waits for NATS',
    );
    expect(balancer.seen).toEqual(['503 was cut off from the cluster, and begins anew']);
    expect((await operator.metrics()).get('rxchat_cluster_reachable')).toBe(0);
    proxy.release();
    await balancer.sees('200 ready');
    balancer.end();
    expect(server.port).toBe(port);
    await server.login('alice');
    const after = await operator.metrics();
    expect(after.get('rxchat_cluster_cut_off_total')).toBe(1);
    expect(after.get('rxchat_cluster_reachable')).toBe(1);
    expect(after.get('rxchat_lines_total')).toBeGreaterThan(lines ?? 0);
    expect(after.get('rxchat_ended_total{reason="cut off"}')).toBe(1);
  });
});

const cutOffs = ({ notices }: TestServer): number =>
  notices.filter((notice) => notice.type === 'cluster' && !notice.ok && notice.what === 'cut off').length;

describe('/metrics in a cluster', () => {
  test('counts what is published and read, and says where the node is', async () => {
    const { server, operator } = await Operator.start({ cluster: nats.url });
    const other = await TestServer.start({ cluster: nats.url });
    const [alice, bob] = [await server.login('alice'), await other.login('bob')];
    alice.say('bob: hello');
    await bob.sees('from alice: hello');
    const { link, close } = await connected(nats.url);
    const before = (await link.manager.streams.info('rxchat')).state.last_seq;
    const counts = await operator.metrics();
    const after = (await link.manager.streams.info('rxchat')).state.last_seq;
    close();
    const place = counts.get('rxchat_cluster_log_position') ?? NaN;
    expect(place).toBeGreaterThanOrEqual(before - 1);
    expect(place).toBeLessThanOrEqual(after);
    expect(counts.get('rxchat_cluster_nodes')).toBe(2);
    expect(counts.get('rxchat_cluster_reachable')).toBe(1);
    expect(counts.get('rxchat_cluster_unread_messages')).toBeLessThanOrEqual(2);
    expect(counts.get('rxchat_cluster_lag_seconds')).toBeLessThan(2);
    expect(counts.get('rxchat_cluster_quiet_seconds')).toBeLessThan(4);
    const published = counts.get('rxchat_cluster_published_total') ?? NaN;
    // Its first word, a name and what it says to itself, and a line.
    expect(published).toBeGreaterThanOrEqual(3);
    const back = counts.get('rxchat_cluster_round_trip_seconds_count') ?? NaN;
    expect(back).toBeGreaterThanOrEqual(3);
    expect(back).toBeLessThanOrEqual(published);
    expect(counts.get('rxchat_cluster_round_trip_seconds_sum')).toBeGreaterThan(0);
    expect(counts.get('rxchat_cluster_turns_total')).toBeGreaterThanOrEqual(4);
    // For each of the two: the settings, who came, the name, what it said to itself; and hello.
    expect(counts.get('rxchat_cluster_inputs_total')).toBeGreaterThanOrEqual(9);
    expect(counts.get('rxchat_cluster_bytes_total')).toBeGreaterThan(500);
    for (const name of ['snapshots', 'snapshot_bytes', 'cut_off'])
      expect(counts.get(`rxchat_cluster_${name}_total`), name).toBe(0);
  });

  test('has nothing of a cluster where there is none', async () => {
    const { operator } = await Operator.start();
    expect([...(await operator.metrics()).keys()].filter((name) => name.includes('cluster'))).toEqual([]);
  });
});

describe('/nodes', () => {
  interface Row {
    readonly id: string;
    readonly self: boolean;
    readonly silent: number;
    readonly clients: number;
  }

  test('says which nodes there are, when each was heard last, and how many clients are at it', async () => {
    const { server, operator } = await Operator.start({ cluster: nats.url });
    const proxy = await Proxy.before(nats.port);
    const other = await TestServer.start({ cluster: `nats://127.0.0.1:${String(proxy.port)}` });
    const [alice] = [await server.login('alice'), await other.login('bob'), await other.login('carol')];
    const [one, two] = [server, other].map(
      ({ notices: [first] }) => first?.type === 'listening' && first.node,
    );
    const silent = expect.any(Number) as number;
    const rows = await operator.list<Row>('/nodes');
    const expected = [
      { id: one, self: true, silent, clients: 1 },
      { id: two, self: false, silent, clients: 2 },
    ];
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(expect.arrayContaining(expected));
    for (const row of rows) expect(row.silent).toBeLessThan(5);
    // One in each line, for grep.
    expect((await operator.ask('/nodes')).text.split('\n')).toHaveLength(5);
    proxy.hold();
    const silenceOf = (rows: readonly Row[]): number => rows.find(({ self }) => !self)?.silent ?? 0;
    // Time is the log's, so somebody has to say something.
    while (silenceOf(await operator.list<Row>('/nodes')) < 6) {
      alice.say('/ping');
      await alice.hears('* pong');
      alice.forget();
    }
    proxy.release();
    while (silenceOf(await operator.list<Row>('/nodes')) > 4);
  }, 30_000);

  test('has those of a cluster only: without one there is no such list', async () => {
    const { operator } = await Operator.start();
    expect(await operator.ask('/nodes')).toMatchObject({
      status: 404,
      text: 'there is /metrics, /healthz, /readyz, /clients, /closed\n',
    });
  });

  test('has none while NATS is waited for', async () => {
    await nats.kill();
    const { adminPort, operator, balancer } = await watched();
    const starting = TestServer.start({ cluster: nats.url, clusterWait: true, adminPort });
    await balancer.sees('503 waits for NATS: connection refused');
    balancer.end();
    expect((await operator.ask('/nodes')).text).toBe('{"nodes":[]}\n');
    await nats.run();
    await starting;
    expect(await operator.list('/nodes')).toMatchObject([{ self: true, clients: 0 }]);
  });

  test('counts a hundred thousand clients in parts, a turn of the event loop for each', async () => {
    const clients = Array.from(
      { length: 100_000 },
      (_, nth) => `${nth % 4 === 0 ? 'a' : 'b'}-${String(nth)}`,
    );
    const present = [
      { node: 'a', isSelf: true, silence: 500 },
      { node: 'b', isSelf: false, silence: 1234 },
    ];
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const { body } = await nodesPage({ present }, clients, new Rota(1));
    let text = '';
    for await (const part of body) text += part;
    over = true;
    expect(JSON.parse(text)).toEqual({
      nodes: [
        { id: 'a', self: true, silent: 0.5, clients: 25_000 },
        { id: 'b', self: false, silent: 1.234, clients: 75_000 },
      ],
    });
    expect(turns).toBeGreaterThanOrEqual(20);
  });
});

describe('a node that reads the log more slowly than the others write it', () => {
  test(
    'says so once, is not ready, and is again once it has caught up; who is there stays',
    async () => {
      const proxy = await Proxy.before(nats.port);
      const { adminPort, operator, balancer } = await watched();
      const slow = await TestServer.start({
        ...{ cluster: `nats://127.0.0.1:${String(proxy.port)}`, adminPort },
      });
      const other = await TestServer.start({ cluster: nats.url });
      const [alice, bob] = [await slow.login('alice'), await other.login('bob')];
      // So slow a link may be one that seems to be broken, too.
      const told = (): Notice[] => notices(slow).filter((one) => 'what' in one && one.what === 'behind');
      proxy.slow(20_000);
      for (let line = 0; line < 800; line++) {
        bob.say(`bob: ${'x'.repeat(1000)}`);
        await bob.sees(new RegExp(`^from bob: `));
        bob.forget();
      }
      bob.say('alice: at last');
      await balancer.sees('503 cannot follow the log of the cluster: N messages behind');
      const late = await operator.metrics();
      expect(late.get('rxchat_cluster_unread_messages')).toBeGreaterThan(100);
      expect(late.get('rxchat_cluster_lag_seconds')).toBeGreaterThan(4);
      expect(late.get('rxchat_cluster_reachable')).toBe(1);
      expect(told()).toMatchObject([
        {
          ...{ ok: false, what: 'behind' },
          error: expect.stringMatching(
            /^this node cannot follow the log of the cluster: it is \d+ s behind, with \d+ messages to read$/,
          ) as string,
        },
      ]);
      proxy.slow(Infinity);
      await alice.sees('from bob: at last');
      await until(() => told().length === 2, 'it says that it follows again');
      expect(told()[1]).toEqual({ type: 'cluster', ok: true, what: 'behind' });
      balancer.seen.length = 0;
      await balancer.sees('200 ready');
      balancer.end();
      expect(notices(other)).toEqual([]);
    },
    SLOW,
  );
});

const notices = ({ notices }: TestServer): Notice[] => notices.filter(({ type }) => type === 'cluster');
