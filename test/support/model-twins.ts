/** Chats that are told the same, one of which is copied now and then: they have to answer the same. */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { expect } from 'vitest';
import { Chat, type Handled, type Snapshot } from '../../src/chat.ts';
import type { ClientId, Input, Level, ReceiptPart, Turn } from '../../src/message.ts';
import { NAMES } from './model-lines.ts';
import * as inputs from './turn.ts';

const { LIMITS } = inputs;
const NOON = Date.UTC(2025, 0, 31, 12);

/** Ways to keep a snapshot. */
const WAYS = {
  'as it is': (snapshot: Snapshot) => snapshot,
  JSON: (snapshot: Snapshot) => JSON.parse(JSON.stringify(snapshot)) as Snapshot,
  v8: (snapshot: Snapshot) => deserialize(serialize(snapshot)) as Snapshot,
  structuredClone: (snapshot: Snapshot) => structuredClone(snapshot),
};

/** So many that a line to their room makes many deliveries. */
const CROWD = Array.from({ length: 101 }, (_, index) => `n${String(index)}`);
/** What one of them says to the others, so that the turn has no room for many deliveries any more. */
const HUGE = 'x'.repeat(8_000_000);
/** Stands for a text that makes a bulk sender. */
export const BULK = 'BULK';
const LONG = 'x'.repeat(70_000);
/** Stands for a line that is said more often than there may be receipts outstanding. */
export const OFTEN = 'OFTEN';
const TIMES = 257;

/** Chats that are told the same at a time. */
const MOST = 4;

export type Action =
  | { readonly do: 'arrive'; readonly seat: string; readonly line: string }
  | { readonly do: 'type'; readonly seat: string; readonly line: string }
  | { readonly do: 'ended' | 'overdue' | 'stopping' | 'stopped' | 'gone'; readonly seat: string }
  | { readonly do: 'level'; readonly seat: string; readonly level: Level }
  /** What the last deliveries but so many carried is in the kernels of `most` of those it was for, or lost. */
  | { readonly do: 'taken'; readonly which: number; readonly most: number; readonly lost: boolean }
  /** The turn is over, and the next one begins so many milliseconds later; with room for little, if it `isFull`. */
  | { readonly do: 'turn'; readonly pause: number; readonly isFull: boolean }
  | { readonly do: 'cut'; readonly way: keyof typeof WAYS };

/** Like `toEqual`, which takes much longer where two are the same. */
function expectEqual(one: object, other: object): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toEqual(other);
}

/** What is done by who sits somewhere. */
type Deed = Exclude<Action, { readonly do: 'arrive' | 'taken' | 'turn' | 'cut' }>;

/** The inputs of a line that somebody typed. */
function linesOf(id: ClientId, line: string): Input[] {
  if (line === OFTEN) {
    const often = inputs.line(id, '/msg bob: hi');
    return [inputs.line(id, '/receipts on'), ...Array.from({ length: TIMES }, () => often)];
  }
  const input = inputs.line(id, line);
  if (input.type !== 'line' || input.command.kind !== 'say') return [input];
  const { command } = input;
  return [inputs.asked(id, { ...command, rests: command.rests.map((rest) => rest.replace(BULK, LONG)) })];
}

/** What comes of the whole turn. */
function slicesOf(chat: Chat, turn: Turn): Handled[] {
  const slices: Handled[] = [];
  for (let rest: Turn | undefined = turn; rest; rest = slices.at(-1)?.rest) slices.push(chat.handle(rest));
  return slices;
}

/** What there is in a snapshot that is not always there. */
function sights({ people: { clients }, rooms, flow }: Snapshot): string[] {
  const some = {
    waiting: clients.some(({ party }) => party.waitsFor !== undefined),
    postponed: clients.some(({ party }) => party.queued),
    parked: clients.some(({ party }) => party.parked.length > 1),
    later: flow.later.length > 0,
    behind: rooms.rooms.some(({ behind }) => behind.length > 0),
    private: rooms.rooms.some(({ private: incarnation }) => incarnation !== undefined),
    invited: rooms.rooms.some(({ invited }) => invited.length > 0),
    receipts: clients.some(({ receipts }) => (receipts?.outstanding.length ?? 0) > 0),
    'too many receipts': clients.some(({ receipts }) => (receipts?.outstanding.length ?? 0) >= 256),
    away: clients.some(({ away }) => away !== undefined && away.told.length > 0),
    ignoring: clients.some(({ ignores }) => ignores.length > 0),
    renamed: clients.some(({ state }) => state.former.length > 0),
    helped: clients.some(({ state }) => state.helpedAt > 0),
    yielded: clients.some(({ state }) => state.ended),
  };
  return Object.entries(some).flatMap(([sight, is]) => (is ? [sight] : []));
}

/** A delivery that not all have taken. */
interface Pending {
  readonly receipt: ReceiptPart;
  readonly hearers: ClientId[];
}

/** A chat that no snapshot is taken of, and others that are told the same and have to answer the same. */
export class Twins {
  readonly #crowd: readonly ClientId[];
  readonly #original = new Chat(LIMITS);
  /** The first is the one that snapshots are taken of; the others were made of them. */
  readonly #others = [new Chat(LIMITS)];
  /** Snapshots that a chat was made of, and what they were when they were taken. */
  readonly #kept: { readonly snapshot: Snapshot; readonly was: string }[] = [];
  readonly #sitting = new Map<string, { readonly id: ClientId; ended: boolean }>();
  readonly #pending: Pending[] = [];
  #inputs: Input[] = [];
  #arrivals = 0;
  #sequence = 0;
  #time = NOON;
  /** What there was in the snapshots. */
  readonly seen: string[] = [];

  constructor(isCrowded: boolean) {
    this.#crowd = isCrowded ? CROWD : [];
    for (const [index, seat] of ['a', 'b', 'c', 'd'].entries()) {
      this.play({ do: 'arrive', seat, line: NAMES[index] ?? '' });
      this.play({ do: 'type', seat, line: '/join #ops' });
    }
    for (const id of this.#crowd)
      this.#inputs.push(inputs.arrived(id), inputs.line(id, id), inputs.line(id, '/join #all'));
  }

  play(action: Action): void {
    if (action.do === 'turn' || action.do === 'cut') {
      this.#turn();
      if (action.do === 'cut') this.#cut(action.way);
      else this.#pause(action.pause, action.isFull);
    } else if (action.do === 'taken') this.#taken(action.which, action.most, action.lost);
    else if (action.do === 'arrive') this.#arrive(action.seat, action.line);
    else {
      const client = this.#sitting.get(action.seat);
      if (client) this.#act(client, action);
    }
  }

  /** All that were told the same know the same, and the snapshots are what they were. */
  end(): void {
    this.#turn();
    const last = this.#original.snapshot();
    for (const chat of this.#others) expectEqual(chat.snapshot(), last);
    for (const { snapshot, was } of this.#kept) expect(JSON.stringify(snapshot)).toBe(was);
  }

  #arrive(seat: string, line: string): void {
    if (this.#sitting.has(seat)) return;
    const id = `${seat}${String(this.#arrivals++)}`;
    this.#sitting.set(seat, { id, ended: false });
    this.#inputs.push(inputs.arrived(id), inputs.line(id, line));
  }

  #act(client: { readonly id: ClientId; ended: boolean }, action: Deed): void {
    const { id } = client;
    switch (action.do) {
      case 'level':
        this.#inputs.push(inputs.level(id, action.level));
        return;
      case 'type':
        // Nobody can say anything behind the end of their stream.
        if (!client.ended) this.#inputs.push(...linesOf(id, action.line));
        return;
      case 'ended':
        if (!client.ended) this.#inputs.push(inputs.ended(id));
        client.ended = true;
        return;
      case 'gone':
        this.#sitting.delete(action.seat);
        this.#inputs.push(inputs.gone(id));
        return;
      default:
        this.#inputs.push(inputs[action.do](id));
    }
  }

  #taken(which: number, most: number, lost: boolean): void {
    const pending = this.#pending.at(-1 - which);
    if (!pending) return;
    const hearers = pending.hearers.splice(0, most);
    this.#inputs.push(inputs.taken(pending.receipt, lost ? 0 : hearers.length, lost ? hearers : []));
    if (pending.hearers.length === 0) this.#pending.splice(this.#pending.indexOf(pending), 1);
  }

  #turn(): void {
    const turn = { ...inputs.turn(this.#inputs, this.#time), sequence: this.#sequence++ };
    this.#inputs = [];
    const slices = slicesOf(this.#original, turn);
    for (const chat of this.#others) expectEqual(slicesOf(chat, turn), slices);
    for (const slice of slices) this.#heed(slice);
  }

  /** Does what the sessions would. */
  #heed({ deliveries, instructions }: Handled): void {
    for (const { receipt, to, except, deaf = [] } of deliveries)
      if (receipt) this.#pending.push({ receipt, hearers: [...to, ...deaf].filter((id) => id !== except) });
    for (const { to, order } of instructions) {
      if (order.do === 'next') this.#inputs.push(inputs.next(to));
      if (order.do === 'end' && order.reason === 'fault') throw order.error;
      if (order.do === 'hold' || order.do === 'next') this.seen.push(order.do);
    }
  }

  #pause(time: number, isFull: boolean): void {
    this.#time += time;
    const [one, another, ...others] = this.#crowd;
    if (!isFull || one === undefined || another === undefined) return;
    const to = [another, ...others].map((id) => ({ shown: id, key: id }));
    this.#inputs.push(inputs.asked(one, { kind: 'say', head: '', to, rests: [HUGE] }));
    this.#inputs.push(inputs.line(another, '#all: hi'));
  }

  #cut(way: keyof typeof WAYS): void {
    const [watched] = this.#others;
    if (!watched) return;
    const snapshot = watched.snapshot();
    this.#kept.push({ snapshot, was: JSON.stringify(snapshot) });
    const chat = Chat.restore(LIMITS, WAYS[way](snapshot));
    expectEqual(chat.snapshot(), snapshot);
    this.#others.push(chat);
    if (this.#others.length > MOST) this.#others.splice(1, 1);
    this.seen.push(...sights(snapshot));
  }
}
