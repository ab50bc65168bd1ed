/** A snapshot, as it is written down: lines of JSON, so that it need not be made in one go. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type Snapshot, VERSION } from '../chat.ts';
import type { LogRecord } from './chronicle.ts';

/** All that a node has to know of a cluster at some place of its log. */
export interface State {
  /** By which its chat acts. */
  readonly rules: number;
  /** What this log goes on from: others that were before it, each by its name. */
  readonly lineage: readonly string[];
  readonly log: LogRecord;
  readonly chat: Snapshot;
}

/** Entries in a line. */
const SOME = 500;

type Lists = Record<string, Record<string, readonly unknown[]>>;

/** What of a chat is long. */
const LONG = [
  ['people', 'clients'],
  ['people', 'names'],
  ['rooms', 'rooms'],
  ['rooms', 'seats'],
  ['registry', 'names'],
  ['registry', 'bans'],
] as const;

/** Resolves with what stands for it; the event loop turns meanwhile. The state is not to be changed. */
export async function written({ chat, ...rest }: State): Promise<Uint8Array> {
  const short: Snapshot = {
    ...chat,
    people: { ...chat.people, clients: [], names: [] },
    rooms: { ...chat.rooms, rooms: [], seats: [] },
    registry: { ...chat.registry, names: [], bans: [] },
  };
  const lines = [Buffer.from(`${JSON.stringify({ ...rest, chat: short })}\n`)];
  for (const [part, list] of LONG) {
    const all = (chat as unknown as Lists)[part]?.[list] ?? [];
    for (let at = 0; at < all.length; at += SOME) {
      lines.push(Buffer.from(`${JSON.stringify([part, list, all.slice(at, at + SOME)])}\n`));
      await new Promise(setImmediate);
    }
  }
  return promisify(gzip)(Buffer.concat(lines));
}

/** Rejects where it is damaged, or was written by a chat of another version. */
export async function read(bytes: Uint8Array): Promise<State> {
  const lines = linesOf(await promisify(gunzip)(bytes));
  const state = JSON.parse(lines.next().value ?? '') as State;
  for (const line of lines) {
    const [part, list, some] = JSON.parse(line) as [string, string, unknown[]];
    ((state.chat as unknown as Lists)[part]?.[list] as unknown[]).push(...some);
  }
  // Of an older one it would be read as if it were of today.
  if (state.chat.version !== VERSION) throw new Error(`a snapshot of version ${String(state.chat.version)}`);
  return state;
}

/** One by one: of a million people all of them are more than the longest string that Node knows. */
function* linesOf(bytes: Buffer): Generator<string, undefined> {
  for (let at = 0, end; (end = bytes.indexOf('\n', at)) >= 0; at = end + 1)
    yield bytes.toString('utf8', at, end);
}
