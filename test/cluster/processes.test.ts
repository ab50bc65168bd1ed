import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/chat.ts';
import { ClusterLoad } from '../support/cluster-load.ts';
import { Command } from '../support/command.ts';
import { needsBuild } from '../support/needs.ts';
import { natsServer } from '../support/nats.ts';

beforeAll(needsBuild);

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 120_000;

/** Three processes that are one chat, and people on each of them. */
async function three(): Promise<{ url: string; nodes: Command[]; load: ClusterLoad }> {
  const { url } = await natsServer();
  const nodes = await Promise.all(Array.from({ length: 3 }, () => Command.start(['--cluster', url])));
  return { url, nodes, load: await ClusterLoad.on(nodes) };
}

/** Another one where that one was. */
async function inPlaceOf({ port }: Command, url: string): Promise<Command> {
  const command = new Command(['--port', String(port), '--cluster', url]);
  await command.listens();
  return command;
}

describe('three processes under load', () => {
  test(
    'go on without one that is killed: its clients are gone for all at the same moment, and lose only what had not come back to them',
    async () => {
      const { url, nodes, load } = await three();
      const [one, killed, other] = nodes as [Command, Command, Command];
      await load.goesOn();
      await killed.kill();
      load.doors.splice(1, 1);
      await load.goesOn([one, other]);
      await load.moved(killed);
      const again = await inPlaceOf(killed, url);
      load.doors.push(again);
      await load.witness(again);
      await load.goesOn();
      expect(await load.over()).toEqual([]);
      expect(load.ends.map(({ name, word }) => [name, word]).sort()).toEqual(
        ['b1', 'b2', 'b3', 'b4'].map((name) => [name, undefined]),
      );
    },
    SLOW,
  );

  test(
    'are restarted one after the other: who is let go is told, finds another node at once, and hears all the same',
    async () => {
      const { url, nodes, load } = await three();
      for (const [nth, node] of nodes.entries()) {
        await load.goesOn();
        node.child.kill('SIGTERM');
        await load.moved(node);
        expect(await node.exits()).toBe(0);
        const again = await inPlaceOf(node, url);
        load.doors[nth] = again;
        await load.witness(again);
      }
      await load.goesOn();
      expect(await load.over()).toEqual([]);
      expect(new Set(load.ends.map(({ word }) => word))).toEqual(new Set(['! the server is stopping']));
    },
    SLOW,
  );

  test(
    'go on beside one that stands still for a second, ten times: nobody is let go, and it hears all',
    async () => {
      const { nodes, load } = await three();
      const [one, slow, other] = nodes as [Command, Command, Command];
      for (let time = 0; time < 10; time++) {
        const since = performance.now();
        slow.child.kill('SIGSTOP');
        // That they go on takes less than the second, in which nothing is heard there.
        await load.goesOn([one, other], 10);
        await until(() => performance.now() - since > 1000, 'a second is over');
        slow.child.kill('SIGCONT');
        await load.goesOn([slow], 10);
      }
      expect(await load.over()).toEqual([]);
      expect(load.ends).toEqual([]);
    },
    SLOW,
  );
});
