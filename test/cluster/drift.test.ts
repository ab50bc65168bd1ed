import { expect, test } from 'vitest';
import { CutOff } from '../../src/cluster/log-jetstream.ts';
import { subjectOf } from '../../src/cluster/stream.ts';
import { TestServer, until } from '../support/chat.ts';
import { ClusterNode, connected } from '../support/cluster-node.ts';
import { natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';
import { ShiftedCopy } from '../support/shifted-copy.ts';

/** Milliseconds for nodes that wait for what others say. */
const SLOW = 120_000;
const LONG = 60_000;

function nodeOf({ notices }: TestServer): string {
  const [listening] = notices.filter((notice) => notice.type === 'listening');
  if (listening?.node === undefined) throw new Error('it is no node');
  return listening.node;
}

/** How often it has begun. */
const listened = ({ notices }: TestServer): number =>
  notices.filter(({ type }) => type === 'listening').length;

const reasonsOf = ({ notices }: TestServer): string[] =>
  notices.flatMap((notice) => (notice.type === 'cluster' && !notice.ok ? [notice.error] : []));

const REFUTED = 'cut off from the cluster: another node has read something else in the log; begins anew';

test('a node of whose messages one is missing in the log is cut off, and knows what it had said by then', async () => {
  const { url } = await natsServer();
  const [a, b] = [await ClusterNode.entered(url, 'a'), await ClusterNode.entered(url, 'b')];
  a.say(1);
  await until(() => b.heard.length === 1, 'it is heard');
  const { link, close } = await connected(url);
  await link.jetstream.publish(subjectOf('rxchat'), 'b', { msgID: 'a.100' });
  close();
  await until(() => a.error !== undefined, 'it knows');
  expect(a.error).toBeInstanceOf(CutOff);
  expect(String(a.error)).toMatch('what this node has said before is missing in the log');
  expect(b.error).toBeUndefined();
});

test.each([
  ['the node that came last is', 'that is let go, and begins with what the other has', 1],
  [
    'the node that came first is',
    'the other is let go, and once more where it has read the log again, and begins with what the first one has then',
    2,
  ],
] as const)(
  'where %s sent something else by its server of NATS, %s: all are one chat again, and are told',
  async (which, _, times) => {
    const nats = await natsServer();
    const proxy = await Proxy.before(nats.port);
    const through = `nats://127.0.0.1:${String(proxy.port)}`;
    const isLast = which === 'the node that came last is';
    const first = await TestServer.start({ cluster: isLast ? nats.url : through });
    const last = await TestServer.start({ cluster: isLast ? through : nats.url });
    const [alice, bob] = [await first.login('alice'), await last.login('bob')];
    for (const client of [alice, bob]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    const [wrong, sender] = isLast ? [last, alice] : [first, bob];
    sender.say('#ops: before');
    for (const client of [alice, bob].filter((client) => client !== sender))
      await client.sees(/ in #ops: before$/);

    // Of a message of the other node it reads that it is one that it has read already.
    proxy.lie(new RegExp(`Nats-Msg-Id: (?!${nodeOf(wrong)})[\\w-]{8}\\.\\d+(?=\\r)`), (id) => {
      const dot = id.lastIndexOf('.') + 1;
      return id.slice(0, dot) + '1'.padStart(id.length - dot, '0');
    });
    sender.say('#ops: missed');
    await until(() => !proxy.isToLie, 'it has read that');
    sender.say('#ops: behind');

    await until(() => bob.ended, 'bob is let go');
    expect(bob.lines.at(-1)).toMatch(
      /^! this server was cut off from the others, since it did not hear the same as they for 1\d s: what was said here meanwhile may be missing there, and/,
    );
    await until(() => listened(last) > times, 'it is there again', LONG);
    const again = await last.back('bob');
    again.say('alice: here again');
    await alice.sees('from bob: here again');
    const heard = isLast ? ['before', 'missed', 'behind'] : ['before', 'behind'];
    for (const client of [alice, again]) {
      client.say('/history #ops');
      await client.sees('* that is all of #ops');
      const told = client.lines.filter((line) => line.includes(' in #ops at '));
      expect(told.map((line) => line.slice(line.lastIndexOf(' ') + 1))).toEqual(heard);
    }
    expect([first, last].map(reasonsOf)).toEqual([[], Array.from({ length: times }, () => REFUTED)]);
    expect(alice.ended).toBe(false);
  },
  SLOW,
);

test(
  'where the node that came first reads from a copy of the log in which all stands elsewhere, it is that node that is let go, and nobody else',
  async () => {
    const nats = await natsServer();
    const copy = await ShiftedCopy.of(nats.port);
    const first = await TestServer.start({ cluster: copy.url });
    const last = await TestServer.start({ cluster: nats.url });
    const [alice, bob] = [await first.login('alice'), await last.login('bob')];
    for (const client of [alice, bob]) {
      client.say('/join #ops');
      await client.sees(/#ops/);
    }
    copy.miss('MISSED');
    bob.say('#ops: MISSED');
    await until(() => copy.hasMissed, 'it is missing');
    bob.say('#ops: behind');
    await until(() => alice.ended, 'alice is let go');
    expect(bob.ended).toBe(false);
    await until(() => listened(first) > 1, 'it is there again');
    const again = await first.back('alice');
    again.say('bob: here again');
    await bob.sees('from alice: here again');
    expect([first, last].map(reasonsOf)).toEqual([
      [expect.stringMatching(/at \d+ of the log stands \S+, and stood \S+; begins anew$/)],
      [],
    ]);
  },
  SLOW,
);
