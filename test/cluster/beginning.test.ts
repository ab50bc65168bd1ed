import { JetStreamApiCodes, JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Chat } from '../../src/chat.ts';
import { beginningOf, type Origin } from '../../src/cluster/beginning.ts';
import type { Link } from '../../src/cluster/link.ts';
import { EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import { Snapshots } from '../../src/cluster/snapshots.ts';
import { streamOf } from '../../src/cluster/stream.ts';
import { Verifiers } from '../../src/cluster/verifiers.ts';
import { written } from '../../src/cluster/written.ts';
import { AS_USUAL, connected } from '../support/cluster-node.ts';
import { folder, keep, open, room, TestArchive } from '../support/kept.ts';
import { natsServer } from '../support/nats.ts';
import { LIMITS } from '../support/turn.ts';
import { needsBuild } from '../support/needs.ts';

beforeAll(needsBuild);

describe('who makes what is kept the beginning of the log', () => {
  /** Somebody who has kept a line and a name, of whose password it has not learnt what is kept. */
  async function prepared(): Promise<Origin> {
    const { url } = await natsServer();
    const { link, close } = await connected(url);
    onTestFinished(close);
    const { created } = await streamOf(link.manager, 'rxchat', AS_USUAL);
    const snapshots = await Snapshots.of(link, { stream: 'rxchat', log: created, replicas: 1, rules: 1 });
    const verifiers = await Verifiers.of(link, 'rxchat', 1);
    const at = folder();
    open(at).tables.reserve({ do: 'reserve', key: 'bob', shown: 'Bob', owner: 'o1', version: 'v1' });
    const { archive } = await TestArchive.open({ folder: at, isNode: true });
    archive.perform([keep(room('#ops'), 7, ['a line'])]);
    return {
      ...{ link, stream: 'rxchat', snapshots, verifiers, archive },
      ...{ rules: 1, settings: LIMITS, folder: at, trusted: undefined },
    };
  }

  /** The same, but for how it publishes. */
  function publishing(origin: Origin, publish: JetStreamClient['publish']): Origin {
    const jetstream = Object.create(origin.link.jetstream) as JetStreamClient;
    const link = Object.create(origin.link) as Link;
    Object.defineProperty(jetstream, 'publish', { value: publish });
    Object.defineProperty(link, 'jetstream', { value: jetstream });
    return { ...origin, link };
  }

  test('goes on from there, if the connection broke before it knew that this was done', async () => {
    const origin = await prepared();
    const broken = publishing(origin, async (...args) => {
      await origin.link.jetstream.publish(...args);
      throw new Error('the connection has broken');
    });
    await expect(beginningOf(broken)).rejects.toThrow('the connection has broken');
    expect(await beginningOf(origin)).toMatchObject({ log: { mark: { place: 1 }, turns: 7 } });
  });

  const full = (origin: Origin): Origin =>
    publishing(origin, () => {
      throw new JetStreamApiError({
        code: 503,
        err_code: JetStreamApiCodes.StreamWrongLastSequence + 1,
        description: 'no room',
      });
    });

  test('says what NATS has against it', async () => {
    await expect(beginningOf(full(await prepared()))).rejects.toThrow('no room');
  });

  test('knows what that descends from, also when it tries again', async () => {
    const origin = await prepared();
    const chat = new Chat(LIMITS).snapshot();
    const state = await written({ rules: 1, lineage: ['an older log'], log: EMPTY_LOG, chat });
    const basis = { log: 'a log', turn: 7, state };
    await origin.archive.ask({ ask: 'settle', basis, registry: chat.registry, holdings: undefined });
    await expect(beginningOf(full(origin))).rejects.toThrow('no room');
    expect(await beginningOf(origin)).toMatchObject({ lineage: ['an older log', 'a log'] });
  });

  test('does not put nothing in the place of what others know of a password', async () => {
    const origin = await prepared();
    await origin.verifiers.put('v1', 'what others know');
    await beginningOf(origin);
    const bucket = await new Kvm(origin.link.jetstream).open('rxchat-verifiers');
    expect((await bucket.get('v1'))?.string()).toBe('what others know');
  });
});
