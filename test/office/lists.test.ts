import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Rota } from '../../src/rota.ts';
import { clientsPage } from '../../src/office/page.ts';
import { Departures } from '../../src/office/departures.ts';
import { describe, expect, test } from 'vitest';
import type { Ended } from '../../src/index.ts';
import { Pair } from '../support/certificate.ts';
import { Client, until } from '../support/chat.ts';
import { Operator, resident } from '../support/office.ts';
import { WebClient } from '../support/web.ts';

const byName = (rows: Record<string, unknown>[], name: string): Record<string, unknown> | undefined =>
  rows.find((row) => row['name'] === name);

describe('/clients', () => {
  test('says who is here, from where, by what, since when, and what went which way', async () => {
    const { server, operator } = await Operator.start();
    const before = Date.now();
    const alice = await server.login('alice');
    alice.say('/join #ops');
    await alice.hears('* nobody else is in #ops');
    const rows = await operator.list('/clients');
    expect(rows).toEqual([
      {
        id: expect.any(String) as string,
        name: 'alice',
        address: '127.0.0.1',
        carrier: 'tcp',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        queue: 0,
        level: 'caught-up',
        held: [],
        lines: 3,
        bytesIn: 'alice\nalice: here\n/join #ops\n'.length,
        bytesOut: 'from alice: here\n* nobody else is in #ops\n'.length,
      },
    ]);
    const since = Date.parse(String(rows[0]?.['since']));
    // The clocks of this are not read at once.
    expect(since).toBeGreaterThan(before - 1000);
    expect(since).toBeLessThan(Date.now() + 1000);
  });

  test('says what carries whom, and /metrics how many', async () => {
    const { server, operator } = await Operator.start((await Pair.made()).options);
    await server.login('plain');
    const tls = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    await new Client(tls).login('secured');
    const browser = new WebClient(server);
    await browser.open;
    await browser.login('browser');
    const rows = await operator.list('/clients');
    expect(rows.map(({ name, carrier }) => [name, carrier])).toEqual([
      ['plain', 'tcp'],
      ['secured', 'tls'],
      ['browser', 'websocket'],
    ]);
    const metrics = await operator.metrics();
    for (const carrier of ['tcp', 'tls', 'websocket'])
      expect(metrics.get(`rxchat_clients{carrier="${carrier}"}`)).toBe(1);
  });

  test('has whoever has no name yet, without a name', async () => {
    const { server, operator } = await Operator.start();
    const stranger = server.connect();
    stranger.say('not a name!');
    await until(() => stranger.text !== '', 'it is refused');
    const [row] = await operator.list('/clients');
    expect(row).toMatchObject({ address: '127.0.0.1', lines: 1 });
    expect(row).not.toHaveProperty('name');
  });

  test('says what waits for whom, and who is held for it', async () => {
    const { server, operator } = await Operator.start({ highWater: 16_384 });
    const frozen = await server.login('frozen');
    frozen.socket.pause();
    const alice = await server.login('alice');
    // More than the kernel takes.
    for (let line = 0; line < 3000; line++) alice.say(`frozen: ${'x'.repeat(10_000)}`);
    let rows: Record<string, unknown>[] = [];
    const held = async (): Promise<boolean> => {
      rows = await operator.list('/clients');
      return JSON.stringify(byName(rows, 'alice')?.['held']) === '["recipient behind"]';
    };
    for (let time = 0; time < 500 && !(await held()); time++);
    expect(byName(rows, 'alice')).toMatchObject({ held: ['recipient behind'], queue: 0 });
    expect(byName(rows, 'frozen')).toMatchObject({ held: ['outbox behind'], level: 'behind' });
    expect(byName(rows, 'frozen')?.['queue']).toBeGreaterThan(16_384);
    const metrics = await operator.metrics();
    expect(metrics.get('rxchat_held_clients{reason="recipient behind"}')).toBe(1);
    expect(metrics.get('rxchat_waiting_bytes')).toBeGreaterThan(16_384);
  });

  test('of ten thousand goes out in parts, a turn of the event loop for each, however many ask', async () => {
    const residents = Array.from({ length: 10_000 }, (_, index) => resident(`c${String(index)}`));
    const rota = new Rota(1);
    let turns = 0;
    let parts = 0;
    let mostInATurn = 0;
    let inThisTurn = 0;
    let over = false;
    const turn = (): void => {
      turns++;
      inThisTurn = 0;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const read = async (): Promise<string> => {
      let whole = '';
      const { body } = clientsPage(residents, rota);
      for await (const part of body) {
        whole += part;
        parts++;
        mostInATurn = Math.max(mostInATurn, ++inThisTurn);
      }
      return whole;
    };
    const pages = await Promise.all([read(), read(), read()]);
    over = true;
    for (const page of pages) {
      const { clients } = JSON.parse(page) as { clients: { id: string }[] };
      expect(clients.every(({ id }, index) => id === residents[index]?.connection.id)).toBe(true);
      // One in each line, for grep.
      expect(page.split('\n')).toHaveLength(10_000 + 3);
    }
    expect(parts).toBe(3 * 21);
    expect(turns).toBeGreaterThanOrEqual(3 * 20);
    // A part, and perhaps the end behind the last one.
    expect(mostInATurn).toBeLessThanOrEqual(3);
  });
});

describe('/closed', () => {
  test('says who is gone, the latest first, with the reason and the figures of the log', async () => {
    const { server, operator } = await Operator.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.say('/quit');
    await alice.end();
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'alice is gone');
    bob.socket.resetAndDestroy();
    await until(() => server.notices.filter(({ type }) => type === 'ended').length === 2, 'bob, too');
    const ended = server.notices.filter((notice): notice is Ended => notice.type === 'ended');
    expect(await operator.list('/closed')).toEqual(
      ended.reverse().map((notice) => ({
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        ...notice,
        type: undefined,
      })),
    );
    expect(await operator.list('/closed')).toMatchObject([
      { name: 'bob', reason: 'lost' },
      { name: 'alice', reason: 'quit' },
    ]);
  });

  test('is the last 1,000', async () => {
    const { server, operator } = await Operator.start();
    const alice = await server.login('alice');
    alice.say('/quit');
    const names = Array.from({ length: 1000 }, (_, index) => `c${String(index)}`);
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'alice is gone');
    for (let at = 0; at < names.length; at += 100)
      await Promise.all(
        names.slice(at, at + 100).map(async (name) => {
          const client = new Client(connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }));
          client.socket.end(`${name}\n/quit\n`);
          await until(() => client.closed, 'it is gone');
        }),
      );
    await until(() => server.notices.filter(({ type }) => type === 'ended').length === 1001, 'all are');
    const rows = await operator.list('/closed');
    expect(rows.map(({ name }) => String(name)).sort()).toEqual(names.sort());
  }, 60_000);
});

test('a ring has the latest, before it is full and after', () => {
  const ended = (lines: number): Ended => ({
    ...{ type: 'ended', reason: 'left', name: undefined, address: '', bytesIn: 0, bytesOut: 0, seconds: 0 },
    lines,
  });
  const departures = new Departures(3);
  const seen = (): number[] => departures.latest().map(({ ended: { lines } }) => lines);
  const after = Array.from({ length: 7 }, (_, line) => {
    departures.add(ended(line), line);
    return seen();
  });
  expect(after).toEqual([[0], [1, 0], [2, 1, 0], [3, 2, 1], [4, 3, 2], [5, 4, 3], [6, 5, 4]]);
});
