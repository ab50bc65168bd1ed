/** The one table of commands: what dispatches them, how they are read, and what `/help` says of them. */
import { nearly } from '../nearly.ts';
import { quote } from '../safe.ts';
import type { CommandEntry } from './command.ts';
import { DOOR_COMMANDS } from './doors.ts';
import { HISTORY_COMMANDS } from './history.ts';
import { isOperator, ORDER_COMMANDS } from './order.ts';
import { OWNER_COMMANDS } from './owners.ts';
import { PEOPLE_COMMANDS } from './people.ts';
import { ROOM_COMMANDS } from './rooms.ts';
import { SETTING_COMMANDS } from './settings.ts';
import { TALK_COMMANDS } from './talk.ts';

const HERE: readonly CommandEntry[] = [
  {
    word: 'ping',
    args: '',
    help: 'answers pong',
    example: '/ping',
    minor: true,
    reads: 0,
    nameless: true,
    run: () => ({ type: 'pong' }),
  },
  {
    word: 'help',
    args: '[COMMAND]',
    help: 'this list, or about one command',
    example: '/help join',
    reads: 0,
    cost: 2048,
    nameless: true,
    run(hall, client, { text }) {
      if (text === '') return { type: 'help', commands: isOperator(hall, client) ? COMMANDS : EVERYBODYS };
      const asked = text.replace(/^\//, '');
      const word = asked.toLowerCase();
      const command = commandOf(word);
      if (!command) return { code: 'unknown-command', word: quote(asked), meant: meantCommand(word) };
      const { args, help, example } = command;
      return { type: 'command', word, args, help, example };
    },
  },
  {
    word: 'quit',
    elsewhere: ['exit', 'bye'],
    args: '',
    help: 'leave; ctrl-c does it, too',
    example: '/quit',
    reads: 0,
    nameless: true,
    run(hall, client) {
      hall.depart(client, 'quit');
    },
  },
];

export const COMMANDS: readonly CommandEntry[] = [
  ...TALK_COMMANDS,
  ...ROOM_COMMANDS,
  ...DOOR_COMMANDS,
  ...PEOPLE_COMMANDS,
  ...HISTORY_COMMANDS,
  ...OWNER_COMMANDS,
  ...SETTING_COMMANDS,
  ...HERE,
  ...ORDER_COMMANDS,
];

const EVERYBODYS = COMMANDS.filter(({ operator }) => operator !== true);

const BY_WORD = new Map(COMMANDS.map((command) => [command.word, command]));

export const commandOf = (word: string): CommandEntry | undefined => BY_WORD.get(word);

/** The command that somebody meant who wrote `word`, perhaps. */
export const meantCommand = (word: string): string | undefined =>
  COMMANDS.find(({ elsewhere }) => elsewhere?.includes(word))?.word ?? nearly(word, [...BY_WORD.keys()]);
