/**
 * The chat, as a pure and deterministic state machine. It knows no socket, no stream, no clock and no random number;
 * what it is told is a turn, what it answers is what to deliver to whom.
 */
import type { CommandEntry, Said } from './commands/command.ts';
import { commandOf, meantCommand } from './commands/table.ts';
import { isOperator } from './commands/order.ts';
import { reserve } from './commands/owners.ts';
import { rename } from './commands/people.ts';
import { shutOut, takeIn } from './decisions.ts';
import type { Effect } from './effect.ts';
import type { Answer, Event, Problem, Trouble } from './event.ts';
import { Flow } from './flow.ts';
import { type ChatLimits, Hall, type HallRecord } from './hall.ts';
import type { Command, Delivery, Input, Instruction, Name, Turn } from './message.ts';
import { banOf, hush, obstacleOf, own, proven, takeOver } from './owners.ts';
import type { Client } from './people.ts';
import { isInk } from './plain.ts';
import { collected, recalled } from './recollection.ts';
import { quote } from './safe.ts';
import { answer, reject, say, silenced } from './speech.ts';

/** The part of its queue that may come to a recipient in one turn from those who had to wait; in bytes. */
const QUOTA = 1 / 16;
/** What one slice of a turn may cost, by the hall's weight; past it the rest of the turn is another slice. */
const SLICE = 125_000;
/** Refused names after which a connection is closed. */
const REFUSALS = 5;
/** Of a snapshot; another one where what is in it has changed. */
const VERSION = 4;

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

type Word = Extract<Command, { kind: 'word' }>;

export class Chat {
  readonly #hall: Hall;
  /** What was left of the last turn. */
  #rest: Turn | undefined;

  constructor(limits: ChatLimits) {
    const flow = new Flow(limits.maxQueue * QUOTA, {
      take: (input) => {
        this.#take(input);
      },
      order: (to, order) => {
        this.#hall.instructions.push({ to, order });
      },
    });
    this.#hall = new Hall(limits, flow);
  }

  /** How many there are. */
  get rooms(): number {
    return this.#hall.rooms.size;
  }

  /** All that the chat knows between two turns, as plain data. */
  snapshot(): Snapshot {
    return { version: VERSION, ...this.#hall.record() };
  }

  /** The chat that the snapshot is of: the turns that follow give the same answers. Throws where its version is another. */
  static restore(limits: ChatLimits, { version, ...record }: Snapshot): Chat {
    const known: number = VERSION;
    if (version !== known)
      throw new Error(`a snapshot of version ${String(version)}; this is ${String(known)}`);
    const chat = new Chat(limits);
    chat.#hall.become(record);
    return chat;
  }

  /** Changes the chat by one turn, or by as much of it as makes one slice. The same turns give the same answers. */
  handle(turn: Turn): Handled {
    const hall = this.#hall;
    hall.begin(turn, turn === this.#rest);
    const { inputs } = turn;
    let at = 0;
    while (hall.weight < SLICE) {
      // Who waited goes on before anything else is said.
      if (hall.hasBudget && hall.flow.goOn()) continue;
      const input = inputs[at];
      if (!input) break;
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
        hall.ledger.note({ do: 'heard', number: input.number, decisions: input.decisions });
        return;
      case 'storage-level':
        hall.flow.report(hall.flow.archive, input.level);
        return;
      case 'storage':
        this.#tellOperators({ type: 'storage', ok: input.ok, lost: input.lost });
        return;
      case 'taken':
        // Whoever has taken it may be gone by now.
        if (input.receipt.mail && input.taken > 0) collected(hall, input.receipt);
        break;
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
        else if (client.closing || client.departs) return;
        else if (input.type === 'ended') this.#ended(client);
        else if (input.type === 'proved') this.#proved(client, input);
        else if (input.type === 'unproved') this.#unproved(client, input);
        else if (input.type === 'reserve') this.#reserve(client, input.version);
        else if (isRun(input.command) && (!client.name || client.receipts?.on === true))
          for (const command of singles(input.command)) this.#obey(client, { ...input, command });
        else if (client.name) this.#said(client, input.command, input);
        else this.#login(client, input.command, input);
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
        if (input.receipt.mail) return;
        client.receipts?.taken(input.receipt, input.taken, input.lost);
        if (client.closing) return;
        answer(hall, client);
        if (client.departs) hall.depart(client, client.departs);
        else if (client.ended) this.#linger(client);
        return;
      case 'overdue':
        if (client.ended) hall.dismiss(client, 'left');
        if (client.name || client.closing) return;
        hall.refuse(client, { code: 'login-timeout', limit: hall.limits.loginTimeout });
        hall.dismiss(client, 'no name in time');
        return;
      case 'stopping':
        hall.stopping = true;
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

  #login(client: Client, command: Command, input: Input): void {
    const hall = this.#hall;
    if (command.kind === 'bare' && command.name) {
      this.#enter(client, command.name);
    } else if (command.kind === 'word' && commandOf(command.word)?.nameless === true) {
      this.#do(client, command, input);
    } else if (command.kind === 'blank') {
      // Somebody at a terminal who waits for a prompt: nothing can be lost with it.
      hall.refuse(client, { code: 'not-a-name' });
    } else if (client.refusals > 0) {
      this.#refuse(client, { type: 'problem', code: 'no-name' });
    } else if (command.kind === 'fault') {
      this.#refuse(client, this.#fault(command.fault));
    } else {
      this.#refuse(client, { type: 'problem', code: 'not-a-name' });
    }
  }

  #enter(client: Client, name: Name): void {
    const hall = this.#hall;
    const holder = hall.people.holder(name.key);
    const obstacle = obstacleOf(hall, name);
    if (obstacle) {
      this.#refuse(client, obstacle);
      return;
    }
    if (holder && !holder.yields) {
      this.#refuse(client, { type: 'problem', code: 'name-taken', name: name.shown });
      return;
    }
    if (holder) hall.yieldName(holder);
    this.#admit(client, name);
  }

  #admit(client: Client, name: Name): void {
    const hall = this.#hall;
    hall.people.call(client, name, hall.now);
    client.since = client.saidAt = hall.second;
    hush(hall, client);
    hall.order(client, { do: 'name', name: name.shown });
    for (const text of hall.limits.welcome) hall.tell(client, { type: 'welcome', text });
  }

  /** It has the password of the name; whoever has the name has to go. */
  #proved(client: Client, input: Extract<Input, { type: 'proved' }>): void {
    const hall = this.#hall;
    const { name, use } = input;
    const reservation = proven(hall, input);
    if (!reservation) {
      this.#unproved(client, { ...input, type: 'unproved', why: 'wrong-password' });
      return;
    }
    const banned = banOf(hall, name.key);
    if (banned) {
      hall.tell(client, banned);
      hall.dismiss(client, 'banned');
      return;
    }
    if (use === 'name') {
      const refusal =
        client.name && (silenced(hall, client) ?? rename(hall, client, name, input, reservation));
      if (refusal)
        hall.refuse(client, refusal === 'usage' ? { code: 'not-a-name', command: 'name' } : refusal);
      return;
    }
    const holder = hall.people.holder(name.key);
    if (holder) takeOver(hall, holder, client);
    this.#admit(client, name);
    own(hall, client, reservation);
  }

  #unproved(client: Client, { use, name, why, seconds = 0 }: Extract<Input, { type: 'unproved' }>): void {
    const command = use === 'login' ? {} : { command: use };
    const about = { type: 'problem', name: name?.shown ?? '' } as const;
    const problem: Problem =
      why === 'password-wait'
        ? { type: 'problem', code: why, seconds, ...command }
        : why === 'wrong-password' || why === 'not-reserved'
          ? { ...about, code: why, ...(use === 'login' ? {} : { command: 'name' }) }
          : { type: 'problem', code: why, ...command };
    if (use === 'login') this.#refuse(client, problem);
    else this.#hall.tell(client, problem);
  }

  #reserve(client: Client, version: string): void {
    if (!client.name) return;
    const answer = reserve(this.#hall, client, version);
    if (answer === 'usage') return;
    if ('code' in answer) this.#hall.refuse(client, answer);
    else this.#hall.tell(client, answer);
  }

  #tellOperators(event: Event): void {
    const hall = this.#hall;
    for (const client of hall.people.all)
      if (!client.closing && isOperator(hall, client)) hall.tell(client, event);
  }

  /** A refused login never makes a name of the text behind it: what is not a name then is the end. */
  #refuse(client: Client, problem: Problem): void {
    client.refusals++;
    const isBanned = problem.code === 'banned';
    const over = isBanned || problem.code === 'no-name' || client.refusals >= REFUSALS;
    this.#hall.tell(client, over && !isBanned ? { type: 'problem', code: 'no-name' } : problem);
    if (over) this.#hall.dismiss(client, problem.code === 'banned' ? 'banned' : 'no name');
    else this.#hall.order(client, { do: 'again' });
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
        else for (let left = command.rests.length; left > 0; left--) reject(hall, client, this.#tooMany());
        return;
      case 'bare':
      case 'blank':
        say(hall, client, to, [command.kind === 'bare' ? command.text : ''], input);
        return;
      case 'word':
        this.#do(client, command, input);
        return;
      case 'fault':
        reject(hall, client, this.#fault(command.fault));
    }
  }

  #do(client: Client, { word, to, text }: Word, input: Input): void {
    const hall = this.#hall;
    const command = commandOf(word);
    if (!command) {
      hall.refuse(client, { code: 'unknown-command', word: quote(word), meant: meantCommand(word) });
      return;
    }
    if (command.operator === true && !isOperator(hall, client)) {
      hall.refuse(client, { code: 'not-operator' });
      return;
    }
    const result = to ? this.#run(command, client, { to, text, input }) : this.#tooMany();
    if (result === undefined) return;
    const { example, says } = command;
    const why: Answer | Trouble = result === 'usage' ? { code: 'usage', word, example } : result;
    if (!('code' in why)) hall.tell(client, why);
    else if (says === true) reject(hall, client, { type: 'problem', ...why });
    else hall.refuse(client, why);
  }

  #run(command: CommandEntry, client: Client, said: Said): ReturnType<CommandEntry['run']> {
    const hall = this.#hall;
    const mute = command.tells?.(hall, said) === true ? silenced(hall, client) : undefined;
    return mute ?? command.run(hall, client, said);
  }

  #tooMany(): Problem {
    return { type: 'problem', code: 'too-many-recipients', limit: this.#hall.limits.maxRecipients };
  }

  #fault(code: 'line-too-long' | 'not-utf8'): Problem {
    if (code === 'not-utf8') return { type: 'problem', code };
    return { type: 'problem', code, limit: this.#hall.limits.maxLine };
  }

  /** All that it said is handled. */
  #ended(client: Client): void {
    client.ended = true;
    this.#linger(client);
  }

  /** It is still written to for a moment, which begins once it has its receipts. */
  #linger(client: Client): void {
    if (client.receipts?.settled !== false) this.#hall.order(client, { do: 'linger' });
  }
}
