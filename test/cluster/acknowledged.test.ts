import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { Notice } from '../../src/index.ts';
import { type Client, TestServer, until } from '../support/chat.ts';
import { ClusterNode } from '../support/cluster-node.ts';
import { natsServer } from '../support/nats.ts';
import { NatsCluster } from '../support/nats-cluster.ts';
import { numbersOf, Sender, type Told, toldIn, upTo } from '../support/sender.ts';

/** Milliseconds for NATS that is killed and started again and again, and until three servers of it have found a leader. */
const SLOW = 240_000;
const LONG = 90_000;

const ROOM = '#flood';

/** Somebody who hears what is said in the room, and hears it as a program does. */
async function inRoom(server: TestServer, name: string): Promise<Client> {
  const client = await server.login(name);
  client.say('/format json', `/join ${ROOM}`);
  await until(() => toldIn(client.lines).some(({ type }) => type === 'entered'), 'it is in the room');
  client.forget();
  return client;
}

/** What was said there, as one has heard it. */
const heardBy = ({ lines }: Client): Told[] =>
  toldIn(lines.filter((line) => line.startsWith('{"type":"message"')));

/** What was said there, as it stands in the log. */
async function inLog(url: string, count: number): Promise<string[]> {
  const reader = await ClusterNode.entered(url, 'reader');
  const texts = (): string[] =>
    reader.turns.flatMap(({ inputs }) =>
      inputs.flatMap((input) =>
        input.type === 'line' && input.command.kind === 'say' && input.command.head.includes(ROOM)
          ? input.command.rests.map((rest) => rest.trim())
          : [],
      ),
    );
  await until(() => texts().length >= count, 'all of it is read');
  return texts();
}

/** The log was not any more what this node had read of it. */
const isCutOff = ({ notices }: TestServer): boolean => notices.some(isCut);

const isCut = (notice: Notice): boolean => notice.type === 'cluster' && notice.what === 'cut off';

/** A server that is cut off begins anew, and so once more where NATS sends it what is not in the log. */
const listens = ({ notices }: TestServer): boolean =>
  notices.findLast((notice) => notice.type === 'listening' || isCut(notice))?.type === 'listening';

/** What is said at one of them is heard at the other, as soon as neither is cut off. */
async function areOne(one: TestServer, other: TestServer): Promise<void> {
  for (let time = 1; ; time++) {
    await until(() => listens(one) && listens(other), 'both are there', LONG);
    const [zoe, yan] = [one.connect(), other.connect()];
    const isOver = (): boolean => [zoe, yan].some(({ ended, closed }) => ended || closed);
    yan.say(`yan${String(time)}`, '/ping');
    await until(() => yan.lines.includes('* pong') || isOver(), 'one is there', LONG);
    zoe.say(`zoe${String(time)}`, `yan${String(time)}: hello`);
    const hello = `from zoe${String(time)}: hello`;
    await until(() => yan.lines.includes(hello) || isOver(), 'it is heard', LONG);
    if (yan.lines.includes(hello)) return;
  }
}

test.each([
  ['one server of NATS may be killed in mid-flood, 15 times, and started again:', 15, 1, () => natsServer()],
  [
    'three servers of NATS may be killed in mid-flood, all at once, 3 times, and started again; if they lose the end of the log, as these do at times, it is told, and if not,',
    ...([3, 3, () => NatsCluster.start()] as const),
  ],
] as const)(
  '%s what a receipt was given for is in the log, and all have heard it, once and in one order',
  async (_, times, clusterReplicas, start) => {
    const nats = await start();
    // Every so many lines there is one for bob, who is not here.
    const options = { cluster: nats.url, clusterReplicas, mailMax: 100_000 };
    const [one, other] = [await TestServer.start(options), await TestServer.start(options)];
    const bob = await one.login('bob');
    bob.say('/reserve correct horse');
    await bob.sees(/^\* bob is yours/);
    bob.say('/quit');
    await bob.end();
    const listeners = [await inRoom(one, 'laura'), await inRoom(other, 'leo')];
    const floods = [await inRoom(one, 'alice'), await inRoom(other, 'carol'), await inRoom(one, 'dave')];
    const senders = floods.map(
      (client, nth) => new Sender(client, ['alice', 'carol', 'dave'][nth] as string, ROOM),
    );

    const mayLose = clusterReplicas > 1;
    const cutOff = (): TestServer[] => [one, other].filter(isCutOff);
    /** Whoever was at a node that was cut off has heard of it, and which of their lines may not have been sent. */
    const areTold = async (): Promise<void> => {
      await until(
        () =>
          cutOff().length > 0 &&
          cutOff().every(({ clients }) => clients.every(({ closed, ended }) => closed || ended)),
        'who differs is cut off',
        LONG,
      );
      const last = [
        ...listeners.map(({ lines }) => toldIn(lines).at(-1)),
        ...senders.map(({ last }) => last),
      ];
      const clients = [...listeners, ...floods];
      for (const [nth, client] of clients.entries())
        if (client.ended && cutOff().some((node) => node.clients.includes(client)))
          expect(last[nth]).toMatchObject({ type: 'error', code: 'cut-off' });
      await areOne(one, other);
    };
    for (let time = 1; time <= times; time++) {
      const enough = senders.map(({ promised }) => promised + 1 + ((time * 37) % 250));
      await until(
        () =>
          cutOff().length > 0 ||
          senders.some(({ wrong }) => wrong !== undefined) ||
          senders.every(({ promised }, nth) => promised >= (enough[nth] as number)),
        'receipts come, and are what they should be',
        LONG,
      );
      if (mayLose && (cutOff().length > 0 || senders.some(({ wrong }) => wrong !== undefined)))
        return areTold();
      await nats.kill();
      await nats.run();
    }
    const promised = senders.map((sender) => sender.promised);
    for (const { socket } of floods) socket.destroy();
    const haveLeft = (): boolean =>
      senders.every(({ name }) => listeners.every((client) => left(client, name)));
    await until(() => haveLeft() || cutOff().length > 0, 'it is known that they have left', LONG);
    const differ = (): boolean => !isDeepStrictEqual(...(listeners.map(heardBy) as [Told[], Told[]]));
    if (mayLose && (cutOff().length > 0 || differ())) return areTold();
    expect(cutOff()).toEqual([]);

    const [heard = [], same] = listeners.map(heardBy);
    expect(same).toEqual(heard);
    const log = await inLog(nats.url, heard.length);
    expect(log).toEqual(heard.map(({ text }) => text));
    for (const [nth, sender] of senders.entries()) {
      expect(sender.wrong).toBeUndefined();
      const numbers = numbersOf(sender, heard);
      expect(numbers).toEqual(upTo(numbers.length));
      expect(numbers.length).toBeGreaterThanOrEqual(promised[nth] as number);
    }
  },
  SLOW,
);

/** Somebody has left the room, as one has heard. */
const left = ({ lines }: Client, name: string): boolean =>
  lines.some((line) => line.startsWith('{"type":"left"') && line.includes(`"${name}"`));
