/**
 * The chat: names and rules, as a pure and deterministic state machine. It knows no socket, no stream, no clock and
 * no random number; what it is told is a turn, what it answers is what to deliver to whom.
 */
import type { Word } from './commands.ts';
import { Flow, Party } from './flow.ts';
import type {
  ClientId,
  Command,
  Delivery,
  EndReason,
  Event,
  Input,
  Instruction,
  Name,
  Order,
  Problem,
  Turn,
} from './message.ts';

/** Deliveries in one slice of a turn, a long one counting for more; past it the rest of the turn is another slice. */
const SLICE = 100_000;
/** Characters of a text that count for one delivery more. */
const LONG = 1024;
/** A recipient may be written this part of its queue in one turn: what is a character here is up to three bytes. */
const QUOTA = 1 / 16;
/** What stands around a name and a text where they are heard: "from ", ": " and the line's end. */
const FRAME = 8;
/** Refused names after which a connection is closed. */
const REFUSALS = 5;

export interface ChatLimits {
  readonly maxLine: number;
  readonly maxRecipients: number;
  /** Bytes. */
  readonly maxQueue: number;
  /** Seconds; only to be told. */
  readonly loginTimeout: number;
}

/** What came of a turn, or of a slice of it. */
export interface Handled {
  readonly deliveries: readonly Delivery[];
  /** To be carried out after the deliveries. */
  readonly instructions: readonly Instruction[];
  /** What of the turn is not handled yet. */
  readonly rest: Turn | undefined;
}

class Client extends Party {
  name: Name | undefined;
  refusals = 0;
  /** It has ended its side: its name is for whoever asks for it. */
  yields = false;
  /** It has ended its side, and all that it said is handled. */
  ended = false;
  /** The last line that named it, so that one line reaches it once. */
  named = 0;
}

export class Chat {
  readonly #limits: ChatLimits;
  readonly #clients = new Map<ClientId, Client>();
  readonly #names = new Map<string, Client>();
  readonly #flow: Flow;
  #now = 0;
  #line = 0;
  #weight = 0;
  #deliveries: Delivery[] = [];
  #instructions: Instruction[] = [];

  constructor(limits: ChatLimits) {
    this.#limits = limits;
    this.#flow = new Flow(limits.maxQueue * QUOTA, {
      take: (input) => {
        this.#take(input);
      },
      order: (to, order) => {
        this.#order(to, order);
      },
    });
  }

  /** Changes the chat by one turn, or by as much of it as makes one slice. The same turns give the same answers. */
  handle(turn: Turn): Handled {
    this.#now = turn.time;
    this.#weight = 0;
    this.#deliveries = [];
    this.#instructions = [];
    if (turn.first === 0) this.#flow.begin();
    const { inputs } = turn;
    let at = 0;
    while (this.#weight < SLICE) {
      // Who waited goes on before anything else is said.
      if (this.#flow.goOn()) continue;
      const input = inputs[at];
      if (!input) break;
      this.#take(input);
      at++;
    }
    const left = at < inputs.length || this.#flow.pending;
    return {
      deliveries: this.#deliveries,
      instructions: this.#instructions,
      rest: left ? { ...turn, inputs: inputs.slice(at), first: turn.first + at } : undefined,
    };
  }

  /** An error in the handling of one client's input is that client's end, and nobody else's. */
  #take(input: Input): void {
    if (input.type === 'arrived') {
      this.#clients.set(input.client, new Client(input.client));
      return;
    }
    const client = this.#clients.get(input.client);
    if (!client) return;
    try {
      this.#obey(client, input);
    } catch (error) {
      this.#tell(client, { type: 'problem', code: 'fault' });
      this.#end(client, 'fault', error);
    }
  }

  #obey(client: Client, input: Input): void {
    switch (input.type) {
      case 'line':
      case 'ended':
        if (input.type === 'ended') client.yields = true;
        if (client.waitsFor) client.parked.push(input);
        else if (client.closing) return;
        else if (input.type === 'ended') this.#ended(client);
        else if (client.name) this.#said(client, input.command, input);
        else this.#login(client, input.command);
        return;
      case 'level':
        this.#flow.report(client, input.level);
        return;
      case 'overdue':
        if (client.ended) this.#end(client, 'left');
        if (client.name || client.closing) return;
        this.#tell(client, { type: 'problem', code: 'login-timeout', limit: this.#limits.loginTimeout });
        this.#end(client, 'no name in time');
        return;
      case 'stopping':
        this.#flow.hurry(client);
        return;
      case 'stopped':
        if (client.closing) return;
        this.#tell(client, { type: 'problem', code: 'stopping' });
        this.#end(client, 'server stopping');
        return;
      case 'gone':
        this.#end(client, client.ended ? 'left' : 'lost');
        this.#clients.delete(client.id);
        return;
      case 'arrived':
    }
  }

  #login(client: Client, command: Command): void {
    if (command.kind === 'bare' && command.name) {
      const { name } = command;
      const holder = this.#names.get(name.key);
      if (!holder || holder.yields) {
        client.name = name;
        this.#names.set(name.key, client);
        this.#order(client.id, { do: 'name', name: name.shown });
        return;
      }
      this.#refuse(client, { type: 'problem', code: 'name-taken', name: name.shown });
    } else if (command.kind === 'http') {
      this.#tell(client, { type: 'problem', code: 'not-a-chat-client' });
      this.#end(client, 'not a chat client');
    } else if (command.kind === 'word' && Object.hasOwn(this.#words, command.word)) {
      this.#words[command.word as Word](client);
    } else if (command.kind === 'blank') {
      // Somebody at a terminal who waits for a prompt: nothing can be lost with it.
      this.#tell(client, { type: 'problem', code: 'not-a-name' });
    } else if (client.refusals > 0) {
      this.#refuse(client, { type: 'problem', code: 'no-name' });
    } else if (command.kind === 'fault' && command.fault !== 'too-many-recipients') {
      this.#refuse(client, this.#fault(command.fault));
    } else {
      this.#refuse(client, { type: 'problem', code: 'not-a-name' });
    }
  }

  /** A refused login never makes a name of the text behind it: what is not a name then is the end. */
  #refuse(client: Client, problem: Problem): void {
    client.refusals++;
    const over = problem.code === 'no-name' || client.refusals >= REFUSALS;
    this.#tell(client, over ? { type: 'problem', code: 'no-name' } : problem);
    if (over) this.#end(client, 'no name');
  }

  #said(client: Client, command: Command, input: Input): void {
    switch (command.kind) {
      case 'say':
        this.#say(client, client.name as Name, command.to, command.text, input);
        return;
      case 'word':
        this.#word(client, command.word);
        return;
      case 'bare':
      case 'blank':
      case 'http':
        this.#tell(client, { type: 'problem', code: 'no-recipient' });
        return;
      case 'fault':
        this.#tell(client, this.#fault(command.fault));
    }
  }

  #say(client: Client, name: Name, to: readonly Name[], text: string, input: Input): void {
    if (to.length === 0) {
      this.#tell(client, { type: 'problem', code: 'no-recipient' });
      return;
    }
    const line = ++this.#line;
    const bytes = name.shown.length + text.length + FRAME;
    const bulk = client.spend(bytes, this.#now);
    let here: ClientId[] | undefined;
    let absent: Map<string, string> | undefined;
    let blocker: Client | undefined;
    for (const { key, shown } of to) {
      const recipient = this.#names.get(key);
      if (!recipient) {
        absent ??= new Map();
        const which = key || shown;
        if (!absent.has(which)) absent.set(which, shown);
      } else if (recipient.named !== line) {
        recipient.named = line;
        if (this.#flow.blocks(recipient, client, bulk)) blocker ??= recipient;
        this.#flow.write(recipient, bytes);
        if (here) here.push(recipient.id);
        else here = [recipient.id]; // nearly always the only one, and an empty array makes room for many
      }
    }
    if (blocker) {
      client.refund();
      for (const id of here ?? []) this.#flow.write(this.#clients.get(id) as Client, -bytes);
      this.#flow.wait(client, blocker, input);
      return;
    }
    if (here) {
      this.#weight += here.length * Math.floor(text.length / LONG);
      this.#deliver({ type: 'message', from: name.shown, text }, here);
    }
    if (absent) this.#tell(client, { type: 'problem', code: 'absent', names: [...absent.values()] });
  }

  #word(client: Client, word: string): void {
    if (Object.hasOwn(this.#words, word)) this.#words[word as Word](client);
    else this.#tell(client, { type: 'problem', code: 'unknown-command', word });
  }

  readonly #words: Record<Word, (client: Client) => void> = {
    help: (client) => {
      this.#tell(client, { type: 'help' });
    },
    quit: (client) => {
      this.#end(client, 'quit');
    },
  };

  #fault(code: 'line-too-long' | 'not-utf8' | 'too-many-recipients'): Problem {
    if (code === 'not-utf8') return { type: 'problem', code };
    const limit = code === 'line-too-long' ? this.#limits.maxLine : this.#limits.maxRecipients;
    return { type: 'problem', code, limit };
  }

  /** All that it said is handled. It is still written to for a moment. */
  #ended(client: Client): void {
    client.ended = true;
    this.#order(client.id, { do: 'linger' });
  }

  #end(client: Client, reason: EndReason, error?: unknown): void {
    if (client.closing) return;
    this.#flow.hurry(client);
    if (isClosing(client)) return; // by what it had said before
    // By the connection, not by the name: somebody else may hold it by now.
    if (client.name && this.#names.get(client.name.key) === client) this.#names.delete(client.name.key);
    this.#order(client.id, error === undefined ? { do: 'end', reason } : { do: 'end', reason, error });
    this.#flow.leave(client);
  }

  #tell(client: Client, event: Event): void {
    this.#deliver(event, [client.id]);
  }

  #deliver(event: Event, to: readonly ClientId[]): void {
    this.#weight += to.length;
    this.#deliveries.push({ event, to });
  }

  #order(to: ClientId, order: Order): void {
    this.#instructions.push({ to, order });
  }
}

// A function, for the compiler does not see that what was parked may have changed it.
const isClosing = (client: Client): boolean => client.closing;
