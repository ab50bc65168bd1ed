import { cpSync, renameSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type Client, TestServer, until } from '../support/chat.ts';
import { natsServer } from '../support/nats.ts';

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 120_000;

/** Logs in as soon as nobody has that name any more. */
async function back(server: TestServer, name: string, ...others: string[]): Promise<Client> {
  const client = server.connect();
  client.say(name, '/ping');
  await client.sees('* pong');
  if (!client.text.includes('is taken')) return client;
  client.socket.destroy();
  return back(server, name, ...others);
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

    // What is on the disk; what comes behind it was acknowledged, and is in memory only.
    await nats.kill();
    const disk = `${nats.folder}.disk`;
    cpSync(nats.folder, disk, { recursive: true });
    onTestFinished(() => {
      rmSync(disk, { recursive: true, force: true });
    });
    await nats.run();
    alice.say('/receipts on', '#ops: behind');
    await bob.sees('from alice in #ops: behind');
    await alice.sees('* sent 1 to 1 in #ops; kept');
    await nats.kill();
    rmSync(nats.folder, { recursive: true });
    renameSync(disk, nats.folder);
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
          /^cut off from the cluster: the log ends at \d+, and was read up to \d+; begins anew$/,
        ) as string,
      });
      await until(
        () => node.notices.filter(({ type }) => type === 'listening').length === 2,
        'it listens again',
      );
    }
    const [again, there] = [await back(one, 'alice'), await back(other, 'bob')];
    again.say('/history #ops', 'bob: here again');
    await there.sees('from alice: here again');
    await again.sees('* that is all of #ops');
    const told = again.lines.filter((line) => line.includes(' in #ops at '));
    expect(told).toEqual([expect.stringMatching(/: before$/)]);
  },
  SLOW,
);
