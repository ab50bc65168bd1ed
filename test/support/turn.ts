/** The chat without a server: inputs as people would cause them, and answers as people would read them. */
import { Chat, type Handled } from '../../src/chat.ts';
import type { ClientId, Command, Input, Level, Turn } from '../../src/message.ts';
import { Decoder, encode } from '../../src/text.ts';

export const LIMITS = { maxLine: 16_384, maxRecipients: 128, loginTimeout: 60, maxQueue: 4 * 1024 * 1024 };

/** One for each client, since it knows the first line. */
const decoders = new Map<ClientId, Decoder>();

export function decode(text: string, client: ClientId = ''): Command {
  const decoder = decoders.get(client) ?? new Decoder({ maxRecipients: LIMITS.maxRecipients, raw: false });
  decoders.set(client, decoder);
  return decoder.decode(text);
}

export function arrived(client: ClientId): Input {
  decoders.delete(client);
  return { type: 'arrived', client };
}
export const asked = (client: ClientId, command: Command): Input => ({ type: 'line', client, command });
export const line = (client: ClientId, text: string): Input => asked(client, decode(text, client));
export const level = (client: ClientId, level: Level): Input => ({ type: 'level', client, level });
export const ended = (client: ClientId): Input => ({ type: 'ended', client });
export const overdue = (client: ClientId): Input => ({ type: 'overdue', client });
export const stopping = (client: ClientId): Input => ({ type: 'stopping', client });
export const stopped = (client: ClientId): Input => ({ type: 'stopped', client });
export const gone = (client: ClientId): Input => ({ type: 'gone', client });

export const turn = (inputs: readonly Input[], time = 0): Turn => ({ sequence: 1, time, inputs, first: 0 });

/** One line for each delivery, such as `b c < from alice: hi`, then one for each instruction, such as `a: hold`. */
export function transcript({ deliveries, instructions }: Handled): string[] {
  return [
    ...deliveries.map(({ event, to }) => `${to.join(' ')} < ${encode(event).trimEnd()}`),
    ...instructions.map(({ to, order }) => {
      if (order.do === 'end') return `${to}: end, ${order.reason}`;
      return order.do === 'name' ? `${to}: name ${order.name}` : `${to}: ${order.do}`;
    }),
  ];
}

/** A chat in which whoever is given is logged in, and what it answers to inputs as a transcript. */
export function chatOf(people: Readonly<Record<ClientId, string>>): (...inputs: Input[]) => string[] {
  const chat = new Chat(LIMITS);
  const handle = (...inputs: Input[]): string[] => transcript(chat.handle(turn(inputs)));
  for (const [client, name] of Object.entries(people)) handle(arrived(client), line(client, name));
  return handle;
}
