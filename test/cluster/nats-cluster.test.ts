import { expect, test } from 'vitest';
import { TestServer } from '../support/chat.ts';
import { ClusterLoad } from '../support/cluster-load.ts';
import { natsServer } from '../support/nats.ts';
import { NatsCluster } from '../support/nats-cluster.ts';

/** Milliseconds for servers of NATS that look for a leader. */
const SLOW = 120_000;

/** How often the leader is lost, and how often the only one. */
const TIMES = 2;
const OFTEN = 6;

test(
  'three servers of NATS are one log for three nodes, and one that leads it may be killed under load: nobody is let go, and nothing is lost',
  async () => {
    const nats = await NatsCluster.start();
    const options = { cluster: nats.url, clusterReplicas: 3 };
    const nodes = [];
    for (let nth = 0; nth < 3; nth++) nodes.push(await TestServer.start(options));
    const load = await ClusterLoad.on(nodes);
    await load.goesOn();
    for (let time = 0; time < TIMES; time++) {
      const leader = await nats.leaderOf('rxchat');
      await leader.kill();
      await load.goesOn();
      await leader.run();
      await nats.isWhole('rxchat');
    }
    expect(await load.over()).toEqual([]);
    expect(load.ends).toEqual([]);
  },
  SLOW,
);

test(
  'the only server of NATS may be killed under load and started again: nobody is let go, and nothing is lost',
  async () => {
    const nats = await natsServer();
    const nodes = [];
    for (let nth = 0; nth < 3; nth++) nodes.push(await TestServer.start({ cluster: nats.url }));
    const load = await ClusterLoad.on(nodes);
    for (let time = 0; time < OFTEN; time++) {
      await load.goesOn();
      await nats.kill();
      await nats.run();
    }
    await load.goesOn();
    expect(await load.over()).toEqual([]);
    expect(load.ends).toEqual([]);
  },
  SLOW,
);
