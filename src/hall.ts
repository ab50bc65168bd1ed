/** Where the chat takes place: its state, and what can be done in it. Commands and speech act on it. */
import type { Event, Message, News, Stamp, Trouble } from './event.ts';
import type { Flow, FlowRecord, Reach } from './flow.ts';
import { Ledger } from './ledger.ts';
import type {
  ClientId,
  Delivery,
  EndReason,
  Input,
  Instruction,
  Name,
  Order,
  ReceiptPart,
  Turn,
} from './message.ts';
import type { Client } from './client.ts';
import { People, type PeopleRecord } from './people.ts';
import type { RegistryRecord } from './registry.ts';
import type { RoundsRecord } from './rounds.ts';
import { type Room, Rooms, type RoomsRecord } from './rooms.ts';
import type { ChatSettings } from './settings.ts';
import type { InPortions } from './portions.ts';

/** What a turn may cost, by `weight`, before only what costs little is handled in it. A slice has room for some of that, too. */
const BUDGET = 100_000;
/** What costs more than this does not cost little. */
const MANY = 16;
/** Characters of a text that make a delivery of it cost as much as another one. */
const LONG = 1024;
/** Names in a piece of news; who is not named is counted. */
const NAMED = 20;
/** What it costs, for each in a room, that somebody joins or leaves: they are told, and who they are is written down anew. */
export const CHANGED = 3;
/** Milliseconds between two comparisons of a name that nobody has with those that somebody has. */
const COMPARE_EVERY = 100;

/** What a snapshot holds of a hall. */
export interface HallRecord {
  readonly settings: ChatSettings;
  readonly people: PeopleRecord;
  readonly rooms: RoomsRecord;
  readonly flow: FlowRecord;
  readonly registry: RegistryRecord;
  readonly rounds: RoundsRecord;
  readonly comparedAt: number;
}

export class Hall {
  readonly people = new People();
  readonly rooms = new Rooms();
  readonly flow: Flow;
  readonly ledger: Ledger;
  stamp: Stamp = { sequence: 0, time: 0 };
  /**
   * What this slice of the turn costs: everybody who is looked at since a line may be for them counts for one, whether it
   * is then or not; a delivery that is long, or is to be confirmed, for more.
   */
  weight = 0;
  /** The same of the slices before. */
  #before = 0;
  deliveries: Delivery[] = [];
  instructions: Instruction[] = [];
  /** Which line is being handled; never the same number twice. */
  #line = 0;
  /** How many messages this turn has. */
  #messages = 0;
  /** Milliseconds since 1970 at which names were last compared. */
  #comparedAt = 0;
  #settings: ChatSettings;
  #operators = new Set<string>();
  /** Those who left a room and are not told of yet. */
  readonly #departures = new Map<Room, string[]>();

  constructor(settings: ChatSettings, flow: Flow) {
    this.#settings = settings;
    this.flow = flow;
    this.ledger = new Ledger(settings);
    this.settings = settings;
  }

  get settings(): ChatSettings {
    return this.#settings;
  }

  /** From now on it goes by these. */
  set settings(settings: ChatSettings) {
    this.#settings = settings;
    this.#operators = new Set(settings.operators);
    this.ledger.settings = settings;
    this.flow.settings = settings;
  }

  /** Is the owner of the name with that key one who keeps order? */
  isOfOperator(key: string): boolean {
    return this.#operators.has(key);
  }

  /** Milliseconds since 1970, by the log's clock. */
  get now(): number {
    return this.stamp.time;
  }

  /** The same in seconds. */
  get second(): number {
    return Math.floor(this.stamp.time / 1000);
  }

  /** May more be said in this turn that does not cost little? */
  get hasBudget(): boolean {
    return this.#before + this.weight < BUDGET;
  }

  /** How many of the `texts` of `client` has this turn room for, one at least, if each costs so much, and long ones more? */
  fitting(client: Client, texts: readonly string[], cost: number): number {
    if (cost <= MANY || client.stops) return texts.length;
    let left = BUDGET - this.#before - this.weight;
    const last = texts.findIndex((text) => (left -= cost * (1 + longOf(text))) <= 0);
    return last < 0 ? texts.length : last + 1;
  }

  /** A turn, or another slice of it, begins. */
  begin({ sequence, time }: Turn, isSlice: boolean): void {
    this.#before = isSlice ? this.#before + this.weight : 0;
    this.weight = 0;
    this.deliveries = [];
    this.instructions = [];
    this.ledger.effects = [];
    if (isSlice) return;
    this.stamp = { sequence, time };
    this.#messages = 0;
    this.flow.begin();
  }

  /** The slice is over, and perhaps the turn with it. */
  end(isTurn: boolean): void {
    for (const room of this.#departures.keys()) this.tellDepartures(room);
    if (isTurn) this.flow.end();
  }

  /**
   * Does `client` have to wait with `input`, for whom it reaches or for another turn? Each of its `lines` costs so much,
   * and all of them are so many bytes. Otherwise that is counted.
   */
  holds(client: Client, input: Input, reach: Reach, cost: number, bytes: number, lines = 1): boolean {
    if (cost > MANY && !client.stops && !this.hasBudget) {
      this.flow.postpone(client, input);
      return true;
    }
    if (this.flow.holds(client, input, reach, bytes, this.now)) return true;
    this.weight += cost * lines;
    return false;
  }

  /** A number for the line that is being said. */
  nextLine(): number {
    return ++this.#line;
  }

  /** True ten times a second: it takes a while, and anybody may ask for it. */
  mayCompare(): boolean {
    if (this.now < this.#comparedAt + COMPARE_EVERY) return false;
    this.#comparedAt = this.now;
    return true;
  }

  /** Of what `from` says line by line; the texts are the message's own from now on. */
  message(from: Name, texts: readonly string[], room?: Room, about?: Message['about']): Message {
    const index = this.#messages;
    this.#messages += texts.length;
    return {
      type: 'message',
      from: from.shown,
      room: room?.name.shown,
      texts,
      about,
      stamp: this.stamp,
      index,
    };
  }

  tell(client: Client, event: Event): void {
    this.weight++;
    this.deliver(event, [client.id]);
  }

  /** What `client` asked for is not done. */
  refuse(client: Client, why: Trouble): void {
    this.tell(client, { type: 'problem', ...why });
  }

  /** `deaf` do not want to hear it; that is not to be seen from the receipt. */
  deliver(
    event: Event,
    to: readonly ClientId[],
    receipt?: ReceiptPart,
    deaf: readonly ClientId[] = NOBODY,
  ): void {
    if (to.length === 0 && (!receipt || deaf.length === 0)) return;
    if (event.type === 'message') for (const text of event.texts) this.weight += to.length * longOf(text);
    if (receipt) this.weight += to.length;
    this.deliveries.push(receipt ? { event, to, receipt, deaf } : { event, to });
  }

  /**
   * The same for all in `room`, but for one if there is an exception. What one says line by line becomes one event: a
   * hundred lines are then one step for each who hears them. True where it became part of the one before.
   */
  deliverTo(room: Room, event: Event, except?: ClientId, receipt?: ReceiptPart): boolean {
    const before = this.deliveries.length;
    this.deliver(event, room.ids, receipt);
    if (this.deliveries.length === before) return false;
    const delivery: Delivery = { event, to: room.ids, crowd: true, except, receipt };
    if (join(this.deliveries[before - 1], delivery)) {
      this.deliveries.pop();
      return true;
    }
    this.deliveries[before] = delivery;
    return false;
  }

  /** Everybody in `room` is told; but for one, if there is an exception. */
  announce(room: Room, event: News | Message, except?: Client): void {
    this.tellDepartures(room);
    this.deliverTo(room, event, except?.id);
  }

  order(to: Client, order: Order): void {
    this.instructions.push({ to: to.id, order });
  }

  /** `client` is in `room` from now on. */
  enter(client: Client, room: Room): void {
    const { sequence } = this.stamp;
    room.enter(client, sequence);
    if (client.owner !== undefined)
      this.ledger.seat({ do: 'enter', owner: client.owner, room: room.place, sequence });
  }

  /** `room` is for its people and whom they invite from now on. */
  hide(room: Room): void {
    if (room.isPrivate) return;
    const { sequence } = this.stamp;
    const was = room.place;
    this.rooms.hide(room, sequence);
    for (const { owner } of room.members) {
      if (owner === undefined) continue;
      this.ledger.seat({ do: 'leave', owner, room: was, sequence });
      this.ledger.seat({ do: 'enter', owner, room: room.place, sequence });
    }
  }

  /** `client` is in `room` no longer. */
  leave(client: Client, room: Room): void {
    const { owner } = client;
    if (owner !== undefined)
      this.ledger.seat({ do: 'leave', owner, room: room.place, sequence: this.stamp.sequence });
    this.rooms.leave(room, client);
    this.flow.retry(client);
  }

  /** `client` leaves `room` without a word; who stays is told at the end of the turn, or before the room hears more. */
  slip(client: Client, room: Room): void {
    this.leave(client, room);
    if (room.size === 0) {
      this.#departures.delete(room);
      return;
    }
    const names = this.#departures.get(room);
    const { shown } = client.name as Name;
    if (names) names.push(shown);
    else this.#departures.set(room, [shown]);
  }

  /** `client`, who has ended its side, yields its name to somebody else, and is in no room any more. */
  yieldName(client: Client): void {
    for (const room of this.rooms.of(client)) this.slip(client, room);
  }

  /** `client` goes as soon as it has its receipts, and says nothing more until then. */
  depart(client: Client, reason: 'quit' | 'server stopping'): void {
    if (!client.isSettled) {
      client.departs = reason;
      return;
    }
    if (reason === 'server stopping') this.refuse(client, { code: 'stopping' });
    this.dismiss(client, reason);
  }

  /** `client` is told to go: nobody waits for it, its name is for others, and its rooms are without it. */
  dismiss(client: Client, reason: EndReason, error?: unknown): void {
    if (client.closing) return;
    this.flow.hurry(client);
    if (isClosing(client)) return; // by what it had said before
    this.disown(client);
    this.people.release(client);
    for (const room of this.rooms.of(client)) this.slip(client, room);
    this.order(client, error === undefined ? { do: 'end', reason } : { do: 'end', reason, error });
    this.flow.dismiss(client);
  }

  /** The name of `client` is nobody's own, or it has another from now on. */
  disown(client: Client): void {
    const { owner } = client;
    if (owner === undefined) return;
    client.owner = undefined;
    this.ledger.seat({ do: 'gone', owner, sequence: this.stamp.sequence });
  }

  /** Between two turns; no other one may begin until it is over. */
  *record(): InPortions<HallRecord> {
    const { settings, flow } = this;
    const people = yield* this.people.record();
    const rooms = yield* this.rooms.record();
    return {
      ...{ settings, people, rooms, flow: flow.record() },
      ...{ registry: this.ledger.registry.record(), rounds: this.ledger.rounds.record() },
      comparedAt: this.#comparedAt,
    };
  }

  /** Becomes what was recorded. */
  become({ settings, people, rooms, flow, registry, rounds, comparedAt }: HallRecord): void {
    this.settings = settings;
    this.ledger.registry.become(registry);
    this.ledger.rounds.become(rounds);
    const client = (id: ClientId): Client => this.people.client(id) as Client;
    this.people.become(people, this.flow.archive);
    this.rooms.become(rooms, client);
    this.flow.become(flow, client);
    this.#comparedAt = comparedAt;
  }

  /** Those in `room` are told who left it without a word. */
  tellDepartures(room: Room): void {
    const names = this.#departures.get(room);
    if (!names) return;
    this.#departures.delete(room);
    this.weight += CHANGED * room.size;
    const more = Math.max(0, names.length - NAMED);
    this.deliverTo(room, { type: 'left', room: room.name.shown, names: names.slice(0, NAMED), more });
  }
}

const NOBODY: readonly ClientId[] = [];

/** Makes what somebody said part of what the same one said to the same people right before it; false where that is not so. */
function join(before: Delivery | undefined, later: Delivery): boolean {
  if (before?.to !== later.to || before.except !== later.except) return false;
  const [one, other] = [before.event, later.event];
  if (one.type !== 'message' || other.type !== 'message' || before.receipt || later.receipt) return false;
  if (one.from !== other.from || one.index + one.texts.length !== other.index || one.about || other.about)
    return false;
  (one.texts as string[]).push(...other.texts);
  return true;
}

/** How many times what a short text costs a long one costs more. */
const longOf = (text: string): number => Math.floor(text.length / LONG);

// A function, for the compiler does not see that what was parked may have changed it.
const isClosing = (client: Client): boolean => client.closing;
