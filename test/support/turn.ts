/** The chat without a server: inputs as people would cause them, and answers as people would read them. */
import { Chat, type Handled } from '../../src/chat.ts';
import type { LineFault } from '../../src/cutter.ts';
import { Decoder } from '../../src/decoder.ts';
import type { ChatSettings } from '../../src/settings.ts';
import type { ClientId, Command, Input, Instruction, Level, ReceiptPart, Turn } from '../../src/message.ts';
import { nodeOf } from '../../src/node.ts';
import { text } from '../../src/text.ts';
import { passage, together } from './passages.ts';

export const LIMITS: ChatSettings = {
  maxLine: 16_384,
  maxRecipients: 128,
  maxRoomsPerClient: 100,
  loginTimeout: 60,
  maxQueue: 4 * 1024 * 1024,
  welcome: [],
  maxReserved: 100,
  maxBans: 100,
  mailMax: 10,
  maxMail: 1024 * 1024,
  keeps: true,
  operators: ['olga'],
};

/** One for each client, since it knows the first line. */
const decoders = new Map<ClientId, Decoder>();

/** What a line by itself asks for. */
export const readOne = (decoder: Decoder, line: string | LineFault): Command =>
  decoder.read([passage(line)])[0] as Command;

export function decode(text: string, client: ClientId = ''): Command {
  const decoder = decoders.get(client) ?? new Decoder({ maxRecipients: LIMITS.maxRecipients, raw: false });
  decoders.set(client, decoder);
  return readOne(decoder, text);
}

/** Where everybody comes from, if nothing else is said: the machine of the server. */
export const HERE = '::1';

export function arrived(client: ClientId, address = HERE): Input {
  decoders.delete(client);
  return { type: 'arrived', client, address };
}
export const asked = (client: ClientId, command: Command): Input => ({ type: 'line', client, command });
export const line = (client: ClientId, text: string): Input => asked(client, decode(text, client));
/** Lines that follow each other and are for the same, as they come together. */
export const run = (client: ClientId, to: string, texts: readonly string[]): Input => {
  const decoder = new Decoder({ maxRecipients: LIMITS.maxRecipients, raw: false });
  const [command, ...more] = decoder.read([together(...texts.map((one) => `${to}: ${one}`))]);
  if (!command || more.length > 0) throw new Error('they are not for the same');
  return asked(client, command);
};
export const level = (client: ClientId, level: Level): Input => ({ type: 'level', client, level });
export const ended = (client: ClientId): Input => ({ type: 'ended', client });
export const overdue = (client: ClientId): Input => ({ type: 'overdue', client });
export const next = (client: ClientId): Input => ({ type: 'next', client });
export const taken = (
  receipt: ReceiptPart,
  taken: number,
  lost: readonly ClientId[] = [],
  node = nodeOf(receipt.client),
): Input => ({
  ...{ type: 'taken', client: receipt.client, node, receipt, taken, lost },
});
export const stopping = (client: ClientId): Input => ({ type: 'stopping', client });
export const stopped = (client: ClientId): Input => ({ type: 'stopped', client });
export const gone = (client: ClientId): Input => ({ type: 'gone', client });

export const turn = (inputs: readonly Input[], time = 0): Turn => ({ sequence: 1, time, inputs, first: 0 });

/** One line for each delivery, such as `b c < from alice: hi`, then one for each instruction, such as `a: hold`. */
export function transcript({
  deliveries,
  instructions,
}: Pick<Handled, 'deliveries' | 'instructions'>): string[] {
  return [
    ...deliveries.map(({ event, to }) => `${to.join(' ')} < ${text.encode(event).trimEnd()}`),
    ...instructions.filter(isTold).map(({ to, order }) => {
      if (order.do === 'end') return `${to}: end, ${order.reason}`;
      return order.do === 'name' ? `${to}: name ${order.name}` : `${to}: ${order.do}`;
    }),
  ];
}

/** Whose input it is; of nobody where it is none's. */
export const clientOf = (input: Input): ClientId => ('client' in input ? input.client : '');

/** That a name was refused is read in what is told of it. */
const isTold = ({ order }: Instruction): boolean => order.do !== 'again';

/** A chat in which whoever is given is logged in, and what it answers to inputs as a transcript. */
export function chatOf(people: Readonly<Record<ClientId, string>>): (...inputs: Input[]) => string[] {
  const chat = new Chat(LIMITS);
  const handle = (...inputs: Input[]): string[] => transcript(chat.handle(turn(inputs)));
  for (const [client, name] of Object.entries(people)) handle(arrived(client), line(client, name));
  return handle;
}

/** What is done: an input, or what somebody types, such as `a: /join #ops`. */
export type Step = Input | string;

/** Something sent of which its sender wants to know who has taken it. */
interface UnderWay {
  readonly receipt: ReceiptPart;
  readonly to: readonly ClientId[];
}

/** A chat with people and rooms in it, in which time passes; everything is told as everybody would read it. */
export class Scene {
  /** Milliseconds since 1970. */
  time = Date.UTC(2025, 0, 31, 12);
  readonly chat: Chat;
  readonly #underWay: UnderWay[] = [];
  /** What of that is kept by the next turn. */
  #kept: Input[] = [];

  /** `rooms` says who is in which, such as `a b`; the first one opened it. */
  constructor(
    people: Readonly<Record<ClientId, string>>,
    rooms: Readonly<Record<string, string>> = {},
    limits: Partial<ChatSettings> = {},
  ) {
    this.chat = new Chat({ ...LIMITS, ...limits });
    for (const [client, name] of Object.entries(people)) this.play(arrived(client), line(client, name));
    for (const [room, members] of Object.entries(rooms))
      for (const client of members.split(' ')) this.play(`${client}: /join ${room}`);
  }

  /** All that comes of what is done in one turn: one line for each line and all who hear it, then the orders. */
  play(...steps: readonly Step[]): string[] {
    return this.slices(...steps).flatMap((handled) => this.#read(handled));
  }

  /** The same, with a turn for each step. */
  each(...steps: readonly Step[]): string[] {
    return steps.flatMap((step) => this.play(step));
  }

  /** What comes of each slice of a turn. */
  slices(...steps: readonly Step[]): Handled[] {
    const slices: Handled[] = [];
    let rest: Turn | undefined = turn([...this.#kept, ...steps.map(inputOf)], this.time);
    this.#kept = [];
    while (rest) {
      const handled = this.chat.handle(rest);
      slices.push(handled);
      for (const effect of handled.effects)
        if ('receipt' in effect && effect.receipt) this.#kept.push(taken(effect.receipt, 1));
      ({ rest } = handled);
    }
    return slices;
  }

  /** The same for all the turns that are asked for, too, until nothing waits for another one. */
  turns(...steps: readonly Step[]): Handled[][] {
    const turns = [this.slices(...steps)];
    for (;;) {
      const orders = turns.at(-1)?.flatMap(({ instructions }) => instructions) ?? [];
      const asking = orders.find(({ order }) => order.do === 'next');
      if (!asking) return turns;
      turns.push(this.slices(next(asking.to)));
    }
  }

  /** One of those lines that are under way with a receipt is taken by all it is for, but for those who are `lost`. */
  take(which = 0, ...lost: ClientId[]): Input {
    const [sent] = this.#underWay.splice(which, 1);
    if (!sent) throw new Error('nothing like that is under way');
    return taken(sent.receipt, sent.to.length - lost.length, lost);
  }

  #read({ deliveries, instructions }: Handled): string[] {
    const lines: string[] = [];
    for (const { event, to, except, receipt, deaf = [] } of deliveries) {
      const hearers = to.filter((id) => id !== except);
      if (receipt) this.#underWay.push({ receipt, to: [...hearers, ...deaf] });
      if (hearers.length === 0) continue;
      const read = text.encode(event).split('\n').slice(0, -1);
      lines.push(...read.map((one) => `${hearers.join(' ')} < ${one.trimEnd()}`));
    }
    return [...lines, ...transcript({ deliveries: [], instructions })];
  }
}

function inputOf(step: Step): Input {
  if (typeof step !== 'string') return step;
  const [client = '', ...typed] = step.split(': ');
  return line(client, typed.join(': '));
}
