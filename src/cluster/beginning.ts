/**
 * From where a node begins: from what it has kept itself, if the log still has what follows; else from the newest snapshot of the
 * others, or the beginning of the log. Where there is no log yet, what it has kept is what all begin with.
 */
import { randomUUID } from 'node:crypto';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { Chat } from '../chat.ts';
import type { ChatSettings } from '../settings.ts';
import type { Archive } from '../store/archive.ts';
import type { Basis } from '../store/basis.ts';
import type { Answers, Question } from '../store/post.ts';
import type { Link } from './link.ts';
import { EMPTY_LOG } from './chronicle.ts';
import { type Mark, stands } from './mark.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import { subjectOf } from './stream.ts';
import { ClusterUnusable } from './unusable.ts';
import type { Verifiers } from './verifiers.ts';
import { founding, sayingOf } from './wire.ts';
import { read, type State, written } from './written.ts';

/** What a server is called that has begun a cluster, as far as it has come with that. */
const ALONE = 'a server by itself, ';

/** By whom, and where. */
export interface Origin {
  readonly link: Link;
  readonly stream: string;
  readonly snapshots: Snapshots;
  readonly verifiers: Verifiers;
  readonly archive: Archive;
  /** By which the chat acts. */
  readonly rules: number;
  readonly settings: ChatSettings;
  /** Where it keeps that; empty is in memory. */
  readonly folder: string;
  /** Where the others have read something else than what is kept here: the last turn up to which they have not. */
  readonly trusted: number | undefined;
}

/**
 * What is known at the place where it begins, undefined at the beginning of the log; what is kept is as it was there. Rejects with
 * a ClusterUnusable where it cannot begin.
 */
export async function beginningOf(origin: Origin): Promise<State | undefined> {
  const { link, stream, snapshots } = origin;
  for (;;) {
    const info = await link.manager.streams.info(stream);
    const { basis, isEmpty } = await asked(origin, { ask: 'basis' });
    const own = await ownState(origin, info, basis);
    if (own) return own;
    if (info.state.last_seq === 0 && !isEmpty) {
      const state = await found(origin, info, basis);
      if (state) return state;
      // Somebody else was faster.
      continue;
    }
    const newest = await snapshots.newest((mark) => stands(link.manager, info, mark));
    refuseStranger(origin, info, { basis, isEmpty, newest });
    if (!newest) await refuseRest(origin, info);
    await settle(origin, info, newest);
    return newest?.state;
  }
}

/** What it has kept itself, if the log goes on from there. */
async function ownState(
  origin: Origin,
  info: StreamInfo,
  basis: Basis | undefined,
): Promise<State | undefined> {
  const { link, rules, trusted } = origin;
  if (trusted !== undefined || basis?.log !== info.created || basis.state === null) return undefined;
  const state = await read(basis.state).catch(() => undefined);
  if (state?.rules !== rules || !(await stands(link.manager, info, state.log.mark))) return undefined;
  await asked(origin, { ask: 'settle', basis, registry: state.chat.registry, holdings: undefined });
  await offer(origin, info, state.log.mark, basis.state);
  return state;
}

/** Where there is no snapshot any more that others could begin with, since nobody was there for long, there is one again. */
async function offer(
  { link, snapshots, archive }: Origin,
  info: StreamInfo,
  mark: Mark,
  written: Uint8Array,
): Promise<void> {
  if (info.state.first_seq <= 1 || (await snapshots.has((each) => stands(link.manager, info, each)))) return;
  const holdings = await archive.pack();
  if (holdings) await snapshots.add({ mark, written, holdings });
}

async function settle(
  origin: Origin,
  { created: log }: StreamInfo,
  newest: Snapshot | undefined,
): Promise<void> {
  await asked(origin, {
    ask: 'settle',
    basis: { log, turn: newest?.state.log.turns ?? 0, state: newest?.written ?? null },
    registry: newest?.state.chat.registry ?? { names: [], bans: [] },
    holdings: newest?.holdings,
    trusted: origin.trusted,
  });
}

/** Nobody is to lose what is in a folder that is not of this log. */
function refuseStranger(
  { stream, folder }: Origin,
  { created }: StreamInfo,
  { basis, isEmpty, newest }: { basis: Basis | undefined; isEmpty: boolean; newest: Snapshot | undefined },
): void {
  const isKnown = basis?.log === created || newest?.state.lineage.includes(basis?.log ?? '');
  if (folder !== '' && !isEmpty && isKnown !== true)
    throw new ClusterUnusable(
      basis && !basis.log.startsWith(ALONE)
        ? `what is kept in ${folder} is of another log than the one in the stream ${stream}: give this node another --data-dir, or look at --cluster and --cluster-name`
        : `what is kept in ${folder} is of a server by itself, and the cluster has begun without it: give another --cluster-name, or an empty --data-dir`,
    );
}

/** Nobody can begin in the middle: it is to be all of the log, from nothing on. */
async function refuseRest({ link, stream }: Origin, { state }: StreamInfo): Promise<void> {
  const { first_seq: first, last_seq: last } = state;
  const isRest =
    first > 1 || (last > 0 && sayingOf(await messageAt(link.manager, stream, first))?.kind === 'founding');
  if (isRest)
    throw new ClusterUnusable(
      `the log of the cluster begins at ${String(first)}, and there is no snapshot of what was before: stop all its nodes, remove the stream ${stream} of NATS, and start them again`,
    );
}

async function messageAt(manager: JetStreamManager, stream: string, seq: number): Promise<Uint8Array> {
  const message = await manager.streams.getMessage(stream, { seq });
  return message?.data ?? new Uint8Array();
}

/**
 * Makes what is kept here the beginning of the log: a snapshot, and a message that says so. Undefined where somebody else has
 * said something meanwhile.
 */
async function found(
  origin: Origin,
  { created }: StreamInfo,
  basis: Basis | undefined,
): Promise<State | undefined> {
  const { link, stream, snapshots, verifiers, rules, settings } = origin;
  const former = basis?.log ?? `${ALONE}${randomUUID()}`;
  const { registry, holdings } = await asked(origin, { ask: 'found', log: former });
  for (const [version, verifier] of registry.verifiers) {
    // What this node has never learnt may be there already, or come from another one.
    if (verifier !== '') await verifiers.put(version, verifier);
  }
  const chat = new Chat(settings);
  const { sequence, reservations, bans } = registry;
  chat.handle({ sequence, time: Date.now(), inputs: [{ type: 'registry', reservations, bans }], first: 0 });
  const mark: Mark = { place: 1, id: `founding ${randomUUID()}` };
  const state: State = {
    rules,
    lineage: [...(await lineageOf(basis)), former],
    log: { ...EMPTY_LOG, mark, turns: sequence },
    chat: chat.snapshot(),
  };
  const bytes = await written(state);
  await snapshots.add({ mark, written: bytes, holdings });
  try {
    await link.jetstream.publish(subjectOf(stream), founding(), {
      msgID: mark.id,
      expect: { streamName: stream, lastSequence: 0 },
    });
  } catch (error) {
    // Otherwise nobody knows whether the message is there, and if it is, all others need the snapshot.
    if (!(error instanceof JetStreamApiError)) throw error;
    await snapshots.remove(mark);
    // Where it is refused for another reason, it would be again, for ever.
    if (error.code !== JetStreamApiCodes.StreamWrongLastSequence) throw error;
    return undefined;
  }
  await asked(origin, {
    ask: 'settle',
    basis: { log: created, turn: sequence, state: bytes },
    registry: state.chat.registry,
    holdings: undefined,
  });
  return state;
}

async function lineageOf(basis: Basis | undefined): Promise<readonly string[]> {
  const state = basis?.state ? await read(basis.state).catch(() => undefined) : undefined;
  return state?.lineage ?? [];
}

/** Rejects with a ClusterUnusable where the disk does not do it, which may be another time. */
async function asked<Q extends Question>(
  { archive, folder }: Origin,
  question: Q,
): Promise<Answers[Q['ask']]> {
  try {
    return await archive.ask(question);
  } catch (error) {
    throw new ClusterUnusable(
      `what is kept in ${folder} cannot be made ready for the cluster: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
