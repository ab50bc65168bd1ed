/** What a command does for whoever says it, and what that one is told. */
import type { Answer, Problem, Trouble } from '../event.ts';
import type { Hall } from '../hall.ts';
import type { Command, Input } from '../message.ts';
import type { Client } from '../client.ts';
import { quote } from '../safe.ts';
import { reject, silenced } from '../speech.ts';
import type { CommandEntry, Arguments } from './command.ts';
import { isOperator } from './order.ts';
import { commandOf, meantCommand } from './table.ts';

type Word = Extract<Command, { kind: 'word' }>;

/** `client` says it; `input` is where it did: if it has to wait, it waits in it. */
export function runCommand(hall: Hall, client: Client, { word, to, text }: Word, input: Input): void {
  const command = commandOf(word);
  if (!command) {
    hall.refuse(client, { code: 'unknown-command', word: quote(word), meant: meantCommand(word) });
    return;
  }
  if (command.operator === true && !isOperator(hall, client)) {
    hall.refuse(client, { code: 'not-operator' });
    return;
  }
  const result = to ? run(hall, command, client, { to, text, input }) : tooMany(hall);
  // Of what it has asked for, the answer is for this time only.
  if (!client.waits) client.question = undefined;
  if (result === undefined) return;
  const { example, says } = command;
  const why: Answer | Trouble = result === 'usage' ? { code: 'usage', word, example } : result;
  if (!('code' in why)) hall.tell(client, why);
  else if (says === true) reject(hall, client, { type: 'problem', ...why });
  else hall.refuse(client, why);
}

/** Why a line is refused that names too many. */
export const tooMany = ({ settings }: Hall): Problem => ({
  type: 'problem',
  code: 'too-many-recipients',
  limit: settings.maxRecipients,
});

/** Why a line is refused that could not even be read. */
export function unreadable({ settings }: Hall, code: Extract<Command, { kind: 'fault' }>['fault']): Problem {
  return code === 'not-utf8' ? { type: 'problem', code } : { type: 'problem', code, limit: settings.maxLine };
}

function run(
  hall: Hall,
  command: CommandEntry,
  client: Client,
  said: Arguments,
): ReturnType<CommandEntry['run']> {
  const mute = command.tells?.(hall, said) === true ? silenced(hall, client) : undefined;
  return mute ?? command.run(hall, client, said);
}
