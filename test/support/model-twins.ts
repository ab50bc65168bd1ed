/** Chats that are told the same, one of which is copied now and then: they have to answer the same. */
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { expect } from 'vitest';
import { Chat, type Handled, type Snapshot } from '../../src/chat.ts';
import type { ClientId, Input, Level, ReceiptPart, Turn, Unproved } from '../../src/message.ts';
import type { Decision, Found, Past, Query } from '../../src/past.ts';
import { expectKeptOnce, expectProven, expectWaitingOnce } from './model-invariants.ts';
import { NAMES } from './model-lines.ts';
import * as inputs from './turn.ts';

const LIMITS = { ...inputs.LIMITS, operators: ['ann'], mailMax: 3, maxReserved: 3 };
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
  /** Its name is to be its own. */
  | { readonly do: 'reserve'; readonly seat: string }
  /** It has told the password of a name, of today or an older one, or one that does not do. */
  | { readonly do: 'prove'; readonly seat: string; readonly name: string; readonly isOld: boolean }
  | { readonly do: 'unproved'; readonly seat: string; readonly why: Unproved }
  | { readonly do: 'banned'; readonly seat: string }
  /** What was asked for as the last but so many is answered, with so many lines, or cannot be. */
  | { readonly do: 'recalled'; readonly which: number; readonly lines: number | undefined }
  /** Somebody else has changed names and bans. */
  | { readonly do: 'register'; readonly name: string; readonly way: 'reserve' | 'release' | 'ban' }
  | { readonly do: 'storage-level'; readonly level: Level }
  | { readonly do: 'storage'; readonly ok: boolean }
  /** The turn is over, and the next one begins so many milliseconds later; with room for little, if it `isFull`. */
  | { readonly do: 'turn'; readonly pause: number; readonly isFull: boolean }
  | { readonly do: 'cut'; readonly way: keyof typeof WAYS };

/** Like `toEqual`, which takes much longer where two are the same. */
function expectEqual(one: object, other: object): void {
  if (!isDeepStrictEqual(one, other)) expect(one).toEqual(other);
}

/** What is done by who sits somewhere. */
type Deed = Extract<Action, { readonly seat: string }>;

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
function sights({ people: { clients }, rooms, flow, registry }: Snapshot): string[] {
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
    owned: clients.some(({ state }) => state.owner !== undefined),
    asking: clients.some(({ state }) => state.question && !state.question.found),
    found: clients.some(({ state }) => state.question?.found !== undefined),
    muted: clients.some(({ state }) => state.mute !== undefined),
    insight: rooms.rooms.some(({ insight }) => insight.length > 1),
    'waits for the disk': flow.archive.waiting.length > 0,
    mail: registry.names.some(({ mail }) => mail > 0),
    bans: registry.bans.length > 0,
  };
  return Object.entries(some).flatMap(([sight, is]) => (is ? [sight] : []));
}

/** A delivery that not all have taken. */
interface Pending {
  readonly receipt: ReceiptPart;
  readonly hearers: ClientId[];
}

/** Whoever keeps what is said, where it takes it, too. */
const KEEPER = '';
const SAYS: ReadonlySet<Action['do']> = new Set(['type', 'ended', 'reserve', 'prove', 'unproved']);
const BAN = { until: undefined, by: 'root', since: NOON, why: 'spam' };

const nameOf = (name: string): { readonly shown: string; readonly key: string } => ({
  shown: name,
  key: name,
});

/** So many lines, all alike. */
function foundOf(lines: number, { of }: Query): Found {
  const line: Past = {
    ...{ sequence: 1, index: 0, time: NOON, from: 'bob', texts: ['hi', 'ho'] },
    ...{ room: of === 'mail' ? undefined : '#ops', to: undefined },
  };
  const some = Array.from({ length: lines }, (_, index) => ({ ...line, index: 2 * index }));
  return { lines: some, more: lines > 1, ...(of === 'mail' && { last: lines }) };
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
  readonly #asked: { readonly client: ClientId; readonly query: Query }[] = [];
  #inputs: Input[] = [];
  /** Of the last line of each that was answered. */
  readonly #numbers = new Map<ClientId, number>();
  #passwords = 0;
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
    this.play({ do: 'reserve', seat: 'a' });
    for (const id of this.#crowd)
      this.#inputs.push(inputs.arrived(id), inputs.line(id, id), inputs.line(id, '/join #all'));
  }

  play(action: Action): void {
    if (action.do === 'turn' || action.do === 'cut') {
      this.#turn();
      if (action.do === 'cut') this.#cut(action.way);
      else this.#pause(action.pause, action.isFull);
    } else if (action.do === 'taken') this.#taken(action.which, action.most, action.lost);
    else if (action.do === 'recalled') this.#recalled(action.which, action.lines);
    else if (action.do === 'register') this.#register(action.name, action.way);
    else if (action.do === 'storage-level')
      this.#inputs.push({ type: 'storage-level', node: '', level: action.level });
    else if (action.do === 'storage')
      this.#inputs.push({ type: 'storage', node: '', ok: action.ok, lost: 1 });
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

  #act(client: { readonly id: ClientId; ended: boolean }, action: Exclude<Deed, { do: 'arrive' }>): void {
    const { id } = client;
    // Nobody can say anything behind the end of their stream.
    if (client.ended && SAYS.has(action.do)) return;
    switch (action.do) {
      case 'reserve':
        this.#inputs.push({ type: 'reserve', client: id, version: `v${String(++this.#passwords)}` });
        return;
      case 'prove':
        this.#prove(id, action.name, action.isOld);
        return;
      case 'unproved':
        this.#inputs.push({
          ...{ type: 'unproved', client: id, use: this.#useOf(id), name: nameOf('bob'), why: action.why },
          seconds: 7,
        });
        return;
      case 'banned': {
        const ban = { ...BAN, of: '10.0.0.1', kind: 'address' } as const;
        this.#inputs.push({ type: 'banned', client: id, ban });
        return;
      }
      case 'level':
        this.#inputs.push(inputs.level(id, action.level));
        return;
      case 'type':
        this.#inputs.push(...linesOf(id, action.line));
        return;
      case 'ended':
        this.#inputs.push(inputs.ended(id));
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

  #useOf(id: ClientId): 'login' | 'name' {
    const client = this.#original.snapshot().people.clients.find(({ party }) => party.id === id);
    return client?.state.name ? 'name' : 'login';
  }

  #prove(client: ClientId, name: string, isOld: boolean): void {
    const own = this.#original.snapshot().registry.names.find(({ key }) => key === name);
    const { owner, version } = own ?? { owner: 'nobody', version: 'none' };
    const proof = { owner, version: isOld ? 'an old one' : version };
    this.#inputs.push({ type: 'proved', client, use: this.#useOf(client), name: nameOf(name), ...proof });
  }

  #recalled(which: number, lines: number | undefined): void {
    const [asked] = this.#asked.splice(-1 - which, 1);
    if (!asked) return;
    const found: Found | undefined = lines === undefined ? undefined : foundOf(lines, asked.query);
    this.#inputs.push({ type: 'recalled', ...asked, found });
  }

  #register(name: string, way: 'reserve' | 'release' | 'ban'): void {
    const old = this.#original.snapshot().registry.names.find(({ key }) => key === name);
    const owner = `o${String(++this.#passwords)}`;
    const decision: Decision =
      way === 'reserve'
        ? { do: 'reserve', key: name, shown: name, owner, version: owner }
        : way === 'release'
          ? { do: 'release', key: name, owner: old?.owner ?? '' }
          : { do: 'ban', ban: { ...BAN, of: name, kind: 'name' } };
    this.#inputs.push({ type: 'decided', node: '', number: this.#passwords, decisions: [decision] });
  }

  #turn(): void {
    const turn = { ...inputs.turn(this.#inputs, this.#time), sequence: this.#sequence++ };
    this.#inputs = [];
    const slices = slicesOf(this.#original, turn);
    for (const chat of this.#others) expectEqual(slicesOf(chat, turn), slices);
    for (const slice of slices) this.#heed(slice);
  }

  /** Does what the sessions would. */
  #heed({ deliveries, instructions, effects }: Handled): void {
    expectKeptOnce({ deliveries, effects });
    for (const { event, to } of deliveries)
      if (event.type === 'receipt' || event.type === 'unsent') this.#answered(to[0] ?? '', event.number);
    for (const effect of effects) {
      if ('receipt' in effect && effect.receipt)
        this.#pending.push({ receipt: effect.receipt, hearers: [KEEPER] });
      if (effect.do === 'recall') this.#asked.push(effect);
      this.seen.push(effect.do);
    }
    for (const { receipt, to, except, deaf = [] } of deliveries)
      if (receipt) this.#pending.push({ receipt, hearers: [...to, ...deaf].filter((id) => id !== except) });
    for (const { to, order } of instructions) {
      if (order.do === 'next') this.#inputs.push(inputs.next(to));
      if (order.do === 'end' && order.reason === 'fault') throw order.error;
      if (order.do === 'hold' || order.do === 'next') this.seen.push(order.do);
    }
  }

  /** Each line has one answer, in order; they are counted anew when they are turned on again. */
  #answered(client: ClientId, number: number): void {
    if (number !== 1) expect(number).toBe((this.#numbers.get(client) ?? 0) + 1);
    this.#numbers.set(client, number);
    this.seen.push('answer');
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
    expectProven({ after: snapshot });
    expectWaitingOnce({ after: snapshot });
    this.#kept.push({ snapshot, was: JSON.stringify(snapshot) });
    const chat = Chat.restore(WAYS[way](snapshot));
    expectEqual(chat.snapshot(), snapshot);
    this.#others.push(chat);
    if (this.#others.length > MOST) this.#others.splice(1, 1);
    this.seen.push(...sights(snapshot));
  }
}
