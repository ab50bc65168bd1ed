/** Where the chat takes place: its state, and what can be done in it. Commands and speech act on it. */
import type { Event, Message, News, Stamp, Trouble } from './event.ts';
import type { Flow, Reach } from './flow.ts';
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
import { type Client, People } from './people.ts';
import { type Room, Rooms } from './rooms.ts';

/** Deliveries, a long one counting for more, past which only what makes few of them is handled in a turn. */
const BUDGET = 300_000;
/** Deliveries of one line past which they are many. */
const MANY = 100;
/** Characters of a text that count for one delivery more. */
const LONG = 1024;
/** Names in a piece of news; who is not named is counted. */
const NAMED = 20;

/** Bytes, seconds and numbers of the options of the same names. */
export interface ChatLimits {
  readonly maxLine: number;
  readonly maxRecipients: number;
  readonly maxRoomsPerClient: number;
  readonly maxQueue: number;
  readonly loginTimeout: number;
  /** Lines that everybody is told after the login. */
  readonly welcome: readonly string[];
}

export class Hall {
  readonly limits: ChatLimits;
  readonly people = new People();
  readonly rooms = new Rooms();
  readonly flow: Flow;
  stamp: Stamp = { sequence: 0, time: 0 };
  /** What this slice of the turn makes: deliveries, a long one counting for more. */
  weight = 0;
  /** The same of the slices before. */
  #before = 0;
  deliveries: Delivery[] = [];
  instructions: Instruction[] = [];
  /** Which line is being handled; never the same number twice. */
  #line = 0;
  /** How many messages this turn has. */
  #messages = 0;
  /** Nobody was compared yet in this turn with a name that nobody has. */
  #mayCompare = true;
  /** Those who left a room and are not told of yet. */
  readonly #departures = new Map<Room, string[]>();

  constructor(limits: ChatLimits, flow: Flow) {
    this.limits = limits;
    this.flow = flow;
  }

  /** Milliseconds since 1970, by the log's clock. */
  get now(): number {
    return this.stamp.time;
  }

  /** The same in seconds. */
  get second(): number {
    return Math.floor(this.stamp.time / 1000);
  }

  /** May more be said in this turn that makes many deliveries? */
  get hasBudget(): boolean {
    return this.#before + this.weight < BUDGET;
  }

  /** A turn, or another slice of it, begins. */
  begin({ sequence, time }: Turn, isSlice: boolean): void {
    this.#before = isSlice ? this.#before + this.weight : 0;
    this.weight = 0;
    this.deliveries = [];
    this.instructions = [];
    if (isSlice) return;
    this.stamp = { sequence, time };
    this.#messages = 0;
    this.#mayCompare = true;
    this.flow.begin();
  }

  /** The slice is over, and perhaps the turn with it. */
  end(isTurn: boolean): void {
    for (const room of this.#departures.keys()) this.tellDepartures(room);
    if (isTurn) this.flow.end();
  }

  /**
   * Does `client` have to wait with `input`, for whom it reaches or for another turn? It makes so many deliveries of so
   * many bytes. Otherwise they are counted.
   */
  holds(client: Client, input: Input, reach: Reach, deliveries: number, bytes: number): boolean {
    if (deliveries > MANY && !this.hasBudget && !client.leaving) {
      this.flow.postpone(client, input);
      return true;
    }
    return this.flow.holds(client, input, reach, bytes, this.now);
  }

  /** A number for the line that is being said. */
  nextLine(): number {
    return ++this.#line;
  }

  /** True once in a turn: it takes a while, and anybody may ask for it. */
  mayCompare(): boolean {
    const may = this.#mayCompare;
    this.#mayCompare = false;
    return may;
  }

  message(from: Name, text: string, room?: Room, about?: Message['about']): Message {
    return {
      type: 'message',
      from: from.shown,
      room: room?.name.shown,
      text,
      about,
      stamp: this.stamp,
      index: this.#messages++,
    };
  }

  tell(client: Client, event: Event): void {
    this.deliver(event, [client.id]);
  }

  /** What `client` asked for is not done. */
  refuse(client: Client, why: Trouble): void {
    this.tell(client, { type: 'problem', ...why });
  }

  deliver(event: Event, to: readonly ClientId[], receipt?: ReceiptPart): void {
    if (to.length === 0) return;
    this.weight += to.length * (event.type === 'message' ? 1 + Math.floor(event.text.length / LONG) : 1);
    this.deliveries.push(receipt ? { event, to, receipt } : { event, to });
  }

  /** The same for all in `room`, but for one if there is an exception. */
  deliverTo(room: Room, event: Event, except?: ClientId, receipt?: ReceiptPart): void {
    const before = this.deliveries.length;
    this.deliver(event, room.ids);
    if (this.deliveries.length > before)
      this.deliveries[before] = { event, to: room.ids, crowd: true, except, receipt };
  }

  /** Everybody in `room` is told; but for one, if there is an exception. */
  announce(room: Room, event: News | Message, except?: Client): void {
    this.tellDepartures(room);
    this.deliverTo(room, event, except?.id);
  }

  order(to: Client, order: Order): void {
    this.instructions.push({ to: to.id, order });
  }

  /** `client` is in `room` no longer. */
  leave(client: Client, room: Room): void {
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
    if (client.receipts?.settled === false) {
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
    this.people.release(client);
    for (const room of this.rooms.of(client)) this.slip(client, room);
    this.order(client, error === undefined ? { do: 'end', reason } : { do: 'end', reason, error });
    this.flow.dismiss(client);
  }

  /** Those in `room` are told who left it without a word. */
  tellDepartures(room: Room): void {
    const names = this.#departures.get(room);
    if (!names) return;
    this.#departures.delete(room);
    const more = Math.max(0, names.length - NAMED);
    this.deliverTo(room, { type: 'left', room: room.name.shown, names: names.slice(0, NAMED), more });
  }
}

// A function, for the compiler does not see that what was parked may have changed it.
const isClosing = (client: Client): boolean => client.closing;
