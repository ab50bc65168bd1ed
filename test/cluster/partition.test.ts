import { expect, test } from 'vitest';
import { TestServer, until } from '../support/chat.ts';
import { ClusterLoad } from '../support/cluster-load.ts';
import { natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';

/** Milliseconds for which nothing is heard of a node, until nobody waits for it any more; and of the longer partition. */
const SILENT = 15_000;
const MINUTE = 60_000;
/** And of the shorter ones, which follow one another: none of them is as long as that. */
const SHORT = [1000, 1000, 10_000];

/** A node at NATS itself, and others behind a network of their own. */
async function nodesBehind(proxies: number): Promise<{ nodes: TestServer[]; networks: Proxy[] }> {
  const nats = await natsServer();
  const networks: Proxy[] = [];
  const nodes = [await TestServer.start({ cluster: nats.url })];
  for (let left = proxies; left > 0; left--) {
    const proxy = await Proxy.before(nats.port);
    networks.push(proxy);
    nodes.push(await TestServer.start({ cluster: `nats://127.0.0.1:${String(proxy.port)}` }));
  }
  return { nodes, networks };
}

test(
  'a node that is cut off for a second, or for ten, loses nothing, again and again; one that is cut off for a minute is given up, tells its clients which of their lines may be lost, and begins anew',
  async () => {
    const { nodes, networks } = await nodesBehind(2);
    const [near, away, shaky] = nodes as [TestServer, TestServer, TestServer];
    const [long, short] = networks as [Proxy, Proxy];
    const load = await ClusterLoad.on(nodes);
    await load.goesOn();

    long.hold();
    const since = performance.now();
    const past = (): number => performance.now() - since;
    const stranded = load.guests.filter(({ door }) => door === away);
    for (let round = 0; past() < MINUTE; round++) {
      short.hold();
      const end = past() + (SHORT[round % SHORT.length] as number);
      await until(() => past() > end, 'the network is there again');
      // What was on its way comes, or does not.
      if (round % 2 === 1) short.cut();
      short.release();
      await load.goesOn([near, shaky], 10);
    }
    const givenUp = (load.leftAt(away) as number) - since;
    expect(givenUp).toBeGreaterThan(SILENT - 1000);
    expect(givenUp).toBeLessThan(SILENT + 5000);
    for (const { news, door } of stranded) {
      expect(door).toBe(away);
      expect(news).toContain('* the cluster is unreachable; your lines wait');
    }

    long.release();
    await load.moved(away);
    expect(load.ends.map(({ name }) => name).sort()).toEqual(stranded.map(({ name }) => name));
    for (const { word } of load.ends)
      expect(word).toMatch(
        /^! this server was cut off from the others, and your last \d+ lines, from "b.*" on, may not have been sent; closing$/,
      );
    await until(
      () => away.notices.filter(({ type }) => type === 'listening').length === 2,
      'it listens again',
    );
    await load.witness(away);
    await load.goesOn();
    expect(await load.over()).toEqual([]);
    expect(load.ends).toHaveLength(stranded.length);
  },
  3 * MINUTE,
);

test(
  'a node that is slow to read the log holds nobody else, and loses nothing',
  async () => {
    const { nodes, networks } = await nodesBehind(2);
    const [near, slow, other] = nodes as [TestServer, TestServer, TestServer];
    const load = await ClusterLoad.on(nodes);
    await load.goesOn();
    networks[0]?.slow(50_000);
    const before = [near, slow].map((node) => load.heardAt(node));
    await load.goesOn([near, other], 300);
    const [there = 0, here = 0] = [near, slow].map((node, at) => load.heardAt(node) - (before[at] ?? 0));
    expect(here).toBeLessThan(there / 2);
    networks[0]?.slow(Infinity);
    await load.goesOn();
    expect(await load.over()).toEqual([]);
    expect(load.ends).toEqual([]);
  },
  MINUTE,
);
