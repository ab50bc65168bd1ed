import { beforeEach, describe, expect, test } from 'vitest';
import type { NodeNotice, Options } from '../../src/index.ts';
import { stopped, TestServer, until } from '../support/chat.ts';
import { Command } from '../support/command.ts';
import { type NatsServer, natsServer } from '../support/nats.ts';
import { installed, needs, needsBuild, ROOT } from '../support/needs.ts';
import { Proxy } from '../support/proxy.ts';
import { PROMPT, Tmux } from '../support/tmux.ts';

/** Milliseconds for what takes as long as the log needs to give a node up. */
const SLOW = 120_000;

let nats: NatsServer;

beforeEach(async () => {
  nats = await natsServer();
});

const started = (options: Options = {}): Promise<TestServer> =>
  TestServer.start({ cluster: nats.url, ...options });

/** What whoever runs it is told of the nodes. */
const newsOf = ({ notices }: TestServer): NodeNotice[] => notices.filter((notice) => notice.type === 'node');

/** How it was introduced: the id of its node, and how many others there were. */
function introduction({ notices }: TestServer): { node: string | undefined; others: number | undefined } {
  const listening = notices.findLast((notice) => notice.type === 'listening');
  return { node: listening?.node, others: listening?.others };
}

const hears = (server: TestServer, count: number): Promise<void> =>
  until(() => newsOf(server).length >= count, `it is told of ${String(count)}`);

describe('whoever runs a node', () => {
  test('is told which others come and end, once, and how many there are then; of the nodes before it, how many', async () => {
    const one = await started();
    const other = await started();
    await hears(one, 1);
    const third = await started();
    await hears(one, 2);
    await hears(other, 1);
    expect([one, other, third].map((server) => introduction(server).others)).toEqual([0, 1, 2]);
    const [, second, last] = [one, other, third].map((server) => introduction(server).node);
    await stopped(other);
    await hears(one, 3);
    await hears(third, 1);
    expect(newsOf(one)).toEqual([
      { type: 'node', what: 'come', node: second, nodes: 2 },
      { type: 'node', what: 'come', node: last, nodes: 3 },
      { type: 'node', what: 'ended', node: second, nodes: 2 },
    ]);
    expect(newsOf(other)).toEqual([{ type: 'node', what: 'come', node: last, nodes: 3 }]);
    expect(newsOf(third)).toEqual([{ type: 'node', what: 'ended', node: second, nodes: 2 }]);
  });

  test('of a cluster of another name is told that there are none, and of nobody', async () => {
    const one = await started();
    const mistyped = await started({ clusterName: 'rxhcat' });
    expect(introduction(mistyped).others).toBe(0);
    await one.login('alice');
    expect([...newsOf(one), ...newsOf(mistyped)]).toEqual([]);
  });

  test(
    'is told that one is given up of which nothing was heard for 15 s, and that another one has come in its place',
    async () => {
      const proxy = await Proxy.before(nats.port);
      const silent = await started({ cluster: `nats://127.0.0.1:${String(proxy.port)}` });
      const other = await started();
      const [before] = [introduction(silent).node];
      proxy.hold();
      await hears(other, 1);
      expect(newsOf(other)).toEqual([
        { type: 'node', what: 'given up', node: before, nodes: 1, seconds: 15 },
      ]);
      proxy.release();
      await hears(other, 2);
      await until(
        () => silent.notices.filter(({ type }) => type === 'listening').length === 2,
        'it begins anew',
      );
      const { node, others } = introduction(silent);
      expect(others).toBe(1);
      expect(newsOf(other)[1]).toEqual({ type: 'node', what: 'come', node, nodes: 2 });
      expect(node).not.toBe(before);
    },
    SLOW,
  );
});

describe('a node with other options of the chat', () => {
  test('is told of on all nodes, itself among them, by the names of the options and without what they say', async () => {
    const one = await started({ operator: 'alice,bob', maxLine: 1000, keep: '1d' });
    const two = await started({ operator: 'bob,alice', maxLine: 1000, keep: '2d', history: 3 });
    await hears(one, 1);
    expect([...newsOf(one), ...newsOf(two)].map(({ what }) => what)).toEqual(['come']);
    const other = await started({ maxLine: 2000, keep: 'none', welcome: 'be kind' });
    const { node } = introduction(other);
    const told = {
      ...{ type: 'node', what: 'other options', node },
      options: ['keep', 'welcome', 'operator', 'max-line'],
    };
    await hears(one, 3);
    await hears(two, 2);
    await hears(other, 1);
    expect(newsOf(one).slice(1)).toEqual([{ type: 'node', what: 'come', node, nodes: 3 }, told]);
    expect(newsOf(two)).toEqual([{ type: 'node', what: 'come', node, nodes: 3 }, told]);
    expect(newsOf(other)).toEqual([told]);
    // Who has just started it knows first that it is there.
    expect(other.notices[0]?.type).toBe('listening');
  });

  test('is not told of again to who comes later, and has the same', async () => {
    const one = await started({ maxRecipients: 1 });
    const other = await started({ maxRecipients: 2 });
    await hears(one, 2);
    await stopped(one);
    await hears(other, 2);
    const third = await started({ maxRecipients: 2 });
    await hears(other, 3);
    await third.login('alice');
    expect(newsOf(third)).toEqual([]);
    expect(newsOf(other).map(({ what }) => what)).toEqual(['other options', 'ended', 'come']);
  });
});

describe('the log of a node', () => {
  beforeEach(needsBuild);

  test(
    'has one entry for another one that comes, has other options, and is killed; its line at the start says how many there are',
    async () => {
      const args = ['--cluster', nats.url];
      const one = await Command.start(args);
      expect(one.stdout).toMatch(/^It is the node \S+, the only node of the cluster rxchat$/m);
      expect(one.stdout).toMatch(
        /^What is said is kept in memory only, and by NATS, as the log of the cluster; --data-dir DIR keeps it here, too$/m,
      );
      const killed = await Command.start([...args, '--max-line', '2KiB', '--keep', 'none']);
      const [, node] =
        /^It is the node (\S+) of the cluster rxchat, with 1 other node$/m.exec(killed.stdout) ?? [];
      expect(node).toBeDefined();
      expect(killed.stdout).toMatch(/^What is said is kept by NATS only, as the log of the cluster$/m);
      await until(() => one.entries('node').length === 2, 'both are logged');
      await killed.kill();
      await until(() => one.entries('node').length === 3, 'its loss is logged', 60_000);
      const entry = { msg: 'node', node, time: expect.any(String) as string };
      expect(one.entries('node')).toEqual([
        { ...entry, level: 30, what: 'come', nodes: 2 },
        { ...entry, level: 40, what: 'other options', options: ['keep', 'max-line'] },
        { ...entry, level: 40, what: 'given up', nodes: 1, seconds: 15 },
      ]);
    },
    SLOW,
  );

  test(
    'has a line for each of them on a terminal',
    async (context) => {
      needs('tmux', installed('tmux'), context);
      const terminal = await new Tmux().open();
      await terminal.type(
        `cd '${ROOT}' && '${process.execPath}' bin/rxchat.js --port 0 --cluster ${nats.url}`,
      );
      const start = [
        /^rxchat listens on /,
        /^It is the node \S+, the only node of the cluster rxchat$/,
        /^What is said is kept in memory only, and by NATS, as the log of the cluster; /,
      ];
      await terminal.shows(...start);
      const proxy = await Proxy.before(nats.port);
      const silent = await started({ cluster: `nats://127.0.0.1:${String(proxy.port)}`, maxLine: 2000 });
      const lines = [
        `node ${String(introduction(silent).node)} has come; there are 2 nodes`,
        `node ${String(introduction(silent).node)} has other options, which hold for all nodes now: max-line`,
      ].map(timed);
      await terminal.shows(...start, ...lines);
      const other = await started({ maxLine: 2000 });
      await stopped(other);
      const { node } = introduction(other);
      lines.push(
        timed(`node ${String(node)} has come; there are 3 nodes`),
        timed(`node ${String(node)} has ended; there are 2 nodes`),
      );
      await terminal.shows(...start, ...lines);
      proxy.hold();
      const third = await started({ maxLine: 2000 });
      lines.push(timed(`node ${String(introduction(third).node)} has come; there are 3 nodes`));
      await until(() => newsOf(third).length === 1, 'one is given up');
      lines.push(
        timed(
          `node ${String(introduction(silent).node)} is given up, since nothing was heard of it for 15 s; there are 2 nodes`,
        ),
      );
      await terminal.shows(...start, ...lines);
      // Its own end is none of these.
      await terminal.press('C-c');
      await terminal.shows(...lines, /^(\^C)?\d\d:\d\d:\d\d stopping; 0 clients to go$/, PROMPT);
    },
    SLOW,
  );
});

/** As an entry of the log on a terminal has it. */
const timed = (line: string): RegExp => new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${line}$`);
