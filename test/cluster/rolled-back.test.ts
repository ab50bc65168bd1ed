import { cpSync, renameSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { CutOff } from '../../src/cluster/log-jetstream.ts';
import { TestServer, until } from '../support/chat.ts';
import { ClusterNode } from '../support/cluster-node.ts';
import { type NatsServer, natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 120_000;

/** What NATS has now is on the disk; what it gets from here on is in memory only, until what is resolved with is called: then the power fails. */
async function synced(nats: NatsServer): Promise<() => Promise<void>> {
  await nats.kill();
  const disk = `${nats.folder}.disk`;
  cpSync(nats.folder, disk, { recursive: true });
  onTestFinished(() => {
    rmSync(disk, { recursive: true, force: true });
  });
  await nats.run();
  return async () => {
    await nats.kill();
    rmSync(nats.folder, { recursive: true });
    renameSync(disk, nats.folder);
  };
}

test(
  'where NATS has lost the end of its log, as by a power failure, all nodes notice, tell their clients, and are one chat again, in which nothing of it was said',
  async () => {
    const nats = await natsServer();
    const nodes = [
      await TestServer.start({ cluster: nats.url }),
      await TestServer.start({ cluster: nats.url }),
    ];
    const [one, other] = nodes as [TestServer, TestServer];
    const [alice, bob] = [await one.login('alice'), await other.login('bob')];
    for (const client of [alice, bob]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    alice.say('#ops: before');
    await bob.sees('from alice in #ops: before');

    const fail = await synced(nats);
    alice.say('/receipts on', '#ops: behind');
    await bob.sees('from alice in #ops: behind');
    await alice.sees('* sent 1 to 1 in #ops; kept');
    await fail();
    await nats.run();

    for (const client of [alice, bob]) {
      await client.end();
      expect(client.lines.at(-1)).toBe(
        '! this server was cut off from the others, and what you send from now on is not sent; closing',
      );
      client.socket.destroy();
    }
    for (const node of nodes) {
      expect(node.notices.find(({ type }) => type === 'cluster')).toMatchObject({
        ok: false,
        error: expect.stringMatching(
          /^cut off from the cluster: (the log ends at \d+, and was read up to \d+|at \d+ of the log stands \S+, and stood \S+); begins anew$/,
        ) as string,
      });
      await until(
        () => node.notices.filter(({ type }) => type === 'listening').length === 2,
        'it listens again',
      );
    }
    const [again, there] = [await one.back('alice'), await other.back('bob')];
    again.say('/history #ops', 'bob: here again');
    await there.sees('from alice: here again');
    await again.sees('* that is all of #ops');
    const told = again.lines.filter((line) => line.includes(' in #ops at '));
    expect(told).toEqual([expect.stringMatching(/: before$/)]);
  },
  SLOW,
);

test(
  'a node that sees the log again only when others have written as much as was lost notices, too',
  async () => {
    const nats = await natsServer();
    const proxy = await Proxy.before(nats.port);
    const late = await ClusterNode.entered(`nats://127.0.0.1:${String(proxy.port)}`, 'late');
    late.say(1);
    await until(() => late.heard.length === 1, 'it is heard');
    const fail = await synced(nats);
    for (let line = 2; line <= 5; line++) {
      late.say(1);
      await until(() => late.heard.length === line, 'it is heard');
    }
    const { place } = late.log.record().mark;
    proxy.hold();
    await fail();
    await nats.run();
    const other = await ClusterNode.entered(nats.url, 'other');
    while (other.log.record().mark.place < place + 2) {
      const lines = other.heard.length;
      other.say(1);
      await until(() => other.heard.length > lines, 'it is heard');
    }
    proxy.release();
    await until(() => late.error !== undefined, 'it knows');
    expect(late.error).toBeInstanceOf(CutOff);
    expect(String(late.error)).toMatch(/at \d+ of the log stands other\.\d+, and stood late\.\d+$/);
    expect(late.heard).toHaveLength(5);
  },
  SLOW,
);
