/**
 * The chat, as a pure and deterministic state machine. It knows no socket, no stream, no clock and no random number;
 * what it is told is a turn, what it answers is what to deliver to whom.
 */
import { isOperator } from './commands/order.ts';
import { reserve } from './commands/owners.ts';
import { runCommand, tooMany, unreadable } from './commands/run.ts';
import { commandOf } from './commands/table.ts';
import { shutOut, takeIn } from './decisions.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { Flow } from './flow.ts';
import { Hall, type HallRecord } from './hall.ts';
import { disprove, login, prove } from './login.ts';
import type { ClientId, Command, Delivery, Input, Instruction, NodeId, Turn } from './message.ts';
import { nodeOf } from './node.ts';
import type { Client } from './client.ts';
import { isInk } from './plain.ts';
import { collected, fetchAll, fetchNext, recalled, recalledMail } from './recollection.ts';
import type { RegistryRecord } from './registry.ts';
import type { ChatSettings } from './settings.ts';
import { answer, heardOf, reject, say } from './speech.ts';
import { type InPortions, whole } from './portions.ts';

/** What one slice of a turn may cost, by the hall's weight; past it the rest of the turn is another slice. */
const SLICE = 125_000;
/** What it costs to let go of somebody whose node is gone: all of them come in one turn (measured). */
const GONE = 32;
/** Of a snapshot; another one where what is in it has changed. */
export const VERSION = 5;

/** What came of a turn, or of a slice of it. */
export interface Handled {
  readonly deliveries: readonly Delivery[];
  /** To be carried out after the deliveries. */
  readonly instructions: readonly Instruction[];
  readonly effects: readonly Effect[];
  /** What of the turn is not handled yet. */
  readonly rest: Turn | undefined;
}

export interface Snapshot extends HallRecord {
  readonly version: number;
}

/** Is it a line that is numbered where lines are? */
const isSaid = (command: Command): boolean =>
  command.kind !== 'word' || commandOf(command.word)?.says === true;

type Say = Extract<Command, { kind: 'say' }>;

const isRun = (command: Command): command is Say => command.kind === 'say' && command.rests.length > 1;
const singles = (run: Say): Say[] => run.rests.map((rest) => ({ ...run, rests: [rest] }));
const textsOf = (rests: readonly string[], head: string): string[] =>
  rests.map((rest) => (head + rest).trim());

/** They have no blanks at their ends, and rarely any at their beginnings. */
const trimmed = (rests: readonly string[]): readonly string[] => {
  for (const rest of rests) if (!isInk(rest.charCodeAt(0))) return rests.map((each) => each.trimStart());
  return rests;
};

export class Chat {
  readonly #hall: Hall;
  /** What was left of the last turn. */
  #rest: Turn | undefined;

  constructor(settings: ChatSettings) {
    const flow = new Flow(settings, {
      take: (input) => {
        this.#take(input);
      },
      order: (to, order) => {
        const of = order.do === 'next' ? this.#hall.people.somebodyFor(to) : to;
        this.#hall.instructions.push({ to: of, order });
      },
    });
    this.#hall = new Hall(settings, flow);
  }

  /** How many there are. */
  get rooms(): number {
    return this.#hall.rooms.size;
  }

  /** What it goes by. */
  get settings(): ChatSettings {
    return this.#hall.settings;
  }

  /** Everybody who is connected, at whichever node. */
  get clients(): Iterable<ClientId> {
    return this.#hall.people.ids;
  }

  /** Names that are somebody's, and bans. */
  get registry(): RegistryRecord {
    return this.#hall.ledger.registry.record();
  }

  /** All that the chat knows between two turns, as plain data. */
  snapshot(): Snapshot {
    return whole(this.copy());
  }

  /** The same, in portions; no other turn may begin until it is over. */
  *copy(): InPortions<Snapshot> {
    const record = yield* this.#hall.record();
    return { version: VERSION, ...record };
  }

  /** The chat that the snapshot is of: the turns that follow give the same answers. Throws where its version is another. */
  static restore({ version, ...record }: Snapshot): Chat {
    if (version !== VERSION)
      throw new Error(`a snapshot of version ${String(version)}; this is ${String(VERSION)}`);
    const chat = new Chat(record.settings);
    chat.#hall.become(record);
    return chat;
  }

  /** Changes the chat by one turn, or by as much of it as makes one slice. The same turns give the same answers. */
  handle(turn: Turn): Handled {
    const hall = this.#hall;
    hall.begin(turn, turn === this.#rest);
    let { inputs } = turn;
    let at = 0;
    while (hall.weight < SLICE) {
      // Who waited goes on before anything else is said.
      if (hall.hasBudget && hall.flow.goOn()) continue;
      const input = inputs[at];
      if (!input) break;
      if (input.type === 'node-lost') {
        // As many inputs as it had clients, so that they are handled in slices, too.
        inputs = [...inputs.slice(0, at), ...this.#goneWith(input.node), ...inputs.slice(at + 1)];
        continue;
      }
      this.#take(input);
      at++;
    }
    const left = at < inputs.length;
    hall.end(!left);
    const { deliveries, instructions } = hall;
    const { effects } = hall.ledger;
    this.#rest = left ? { ...turn, inputs: inputs.slice(at), first: turn.first + at } : undefined;
    return { deliveries, instructions, effects, rest: this.#rest };
  }

  /** Whoever has come to that node is gone with it, and nobody will say any more what has become of what was for them. */
  #goneWith(node: NodeId): Input[] {
    const hall = this.#hall;
    const clients = hall.people.lose(node);
    hall.flow.reportArchive(node, 'caught-up');
    for (const client of hall.people.all) {
      client.receipts?.lose(node);
      if (client.receipts && !hall.people.isLost(client.id)) this.#settled(client);
    }
    for (const { owner, key } of hall.ledger.rounds.lose(node)) fetchNext(hall, owner, key);
    return clients.map((client) => ({ type: 'gone', client }));
  }

  /** An error in the handling of one client's input is that client's end, and nobody else's. */
  #take(input: Input): void {
    const hall = this.#hall;
    switch (input.type) {
      case 'arrived':
        hall.people.arrive(input.client, input.address);
        return;
      case 'registry':
        hall.ledger.registry.become({ names: input.reservations, bans: input.bans });
        return;
      case 'decided':
        hall.weight += input.decisions.length;
        for (const decision of input.decisions) takeIn(hall, decision);
        hall.ledger.note({
          ...{ do: 'heard', node: input.node, number: input.number, decisions: input.decisions },
        });
        return;
      case 'settings':
        hall.settings = input.settings;
        return;
      case 'storage-level':
        hall.flow.reportArchive(input.node, input.level);
        return;
      case 'storage':
        this.#tellOperators({ type: 'storage', ok: input.ok, lost: input.lost }, input.node);
        if (input.ok) fetchAll(hall);
        return;
      // Mail is its owner's, whatever has become of the client.
      case 'recalled':
        if (input.query.of !== 'mail') break;
        recalledMail(hall, input.client, input.query, input.found);
        return;
      case 'taken':
        if (!input.receipt.mail) break;
        collected(hall, input.receipt, input.taken > 0);
        return;
      case 'node-lost': // `handle` has made inputs of it.
        return;
      default:
    }
    const client = hall.people.client(input.client);
    if (!client) return;
    try {
      this.#obey(client, input);
    } catch (error) {
      hall.refuse(client, { code: 'fault' });
      hall.dismiss(client, 'fault', error);
    }
  }

  #obey(client: Client, input: Input): void {
    const hall = this.#hall;
    switch (input.type) {
      case 'line':
      case 'proved':
      case 'unproved':
      case 'reserve':
      case 'ended':
        if (input.type === 'ended') client.yields = true;
        if (client.waits) client.park(input);
        else if (input.type === 'reserve') this.#reserve(client, input.version);
        else if (client.closing || client.departs) return;
        else if (input.type === 'ended') this.#ended(client);
        else if (input.type === 'proved') prove(hall, client, input);
        else if (input.type === 'unproved') disprove(hall, client, input);
        else if (isRun(input.command) && (!client.name || client.receipts?.on === true))
          for (const command of singles(input.command)) this.#obey(client, { ...input, command });
        else if (client.name) this.#said(client, input.command, input);
        else login(hall, client, input.command, input);
        return;
      case 'level':
        if (!client.gone) hall.flow.report(client, input.level);
        return;
      case 'recalled':
        recalled(hall, client, input.query, input.found);
        return;
      case 'banned':
        shutOut(hall, client, input.ban);
        return;
      case 'taken':
        if (input.receipt.away) heardOf(hall, client, input.receipt.away, input.taken > 0);
        else client.receipts?.taken(input.receipt, input.node, input.taken, input.lost);
        this.#settled(client);
        return;
      case 'overdue':
        if (client.ended) hall.dismiss(client, 'left');
        if (client.name || client.closing) return;
        hall.refuse(client, { code: 'login-timeout', limit: hall.settings.loginTimeout });
        hall.dismiss(client, 'no name in time');
        return;
      case 'stopping':
        client.stops = true;
        hall.flow.hurry(client);
        return;
      case 'stopped':
        hall.flow.hurry(client);
        if (client.waits) client.park(input);
        else if (!client.closing) hall.depart(client, client.departs ?? 'server stopping');
        return;
      case 'gone':
        // Nobody waits for it, and it hears nothing; what it said is still said, as turns have room for it.
        client.gone = true;
        if (hall.people.isLost(client.id)) hall.weight += GONE;
        hall.flow.report(client, 'caught-up');
        hall.flow.hurry(client);
        if (client.waits) {
          client.park(input);
          return;
        }
        hall.dismiss(client, client.ended ? 'left' : 'lost');
        hall.people.forget(client);
        return;
      case 'next': // It made this turn, in which the flow goes on.
      case 'arrived':
    }
  }

  /** What became of some of its lines is known. */
  #settled(client: Client): void {
    const hall = this.#hall;
    if (client.closing) return;
    answer(hall, client);
    if (client.departs) hall.depart(client, client.departs);
    else if (client.ended) this.#linger(client);
  }

  #reserve(client: Client, version: string): void {
    const hall = this.#hall;
    if (client.closing || !client.name) return;
    hall.order(client, { do: 'again' });
    if (client.departs) return;
    const answer = reserve(hall, client, version);
    if (answer === 'usage') return;
    if ('code' in answer) hall.refuse(client, answer);
    else hall.tell(client, answer);
  }

  /** Those who have come to another node than the one that it is about hear which one that is. */
  #tellOperators(event: Extract<Event, { type: 'storage' }>, node: NodeId): void {
    const hall = this.#hall;
    const elsewhere = { ...event, node };
    for (const client of hall.people.all)
      if (!client.closing && isOperator(hall, client))
        hall.tell(client, nodeOf(client.id) === node ? event : elsewhere);
  }

  #said(client: Client, command: Command, input: Input): void {
    const hall = this.#hall;
    if (client.receipts?.full === true && !client.leaving && isSaid(command)) {
      hall.flow.wait(client, client, input);
      return;
    }
    client.saidAt = hall.second;
    const { to } = client.choices;
    switch (command.kind) {
      case 'say':
        if (to.length > 0) say(hall, client, to, textsOf(command.rests, command.head), input);
        else if (command.to) say(hall, client, command.to, trimmed(command.rests), input);
        else for (let left = command.rests.length; left > 0; left--) reject(hall, client, tooMany(hall));
        return;
      case 'bare':
      case 'blank':
        say(hall, client, to, [command.kind === 'bare' ? command.text : ''], input);
        return;
      case 'word':
        runCommand(hall, client, command, input);
        return;
      case 'fault':
        reject(hall, client, unreadable(hall, command.fault));
    }
  }

  /** All that it said is handled. */
  #ended(client: Client): void {
    client.ended = true;
    this.#linger(client);
  }

  /** It is still written to for a moment, which begins once it has its receipts. */
  #linger(client: Client): void {
    if (client.isSettled) this.#hall.order(client, { do: 'linger' });
  }
}
