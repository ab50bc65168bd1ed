/** Commands about how one's lines are answered and written. */
import type { Answer } from '../event.ts';
import type { Client } from '../client.ts';
import { Receipts } from '../receipts.ts';
import type { CommandEntry } from './command.ts';

export const SETTING_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'receipts',
    args: 'on | off',
    help: 'hear of each of your lines whether it was sent',
    example: '/receipts on',
    reads: 0,
    run(_, client, { text }) {
      const on = switched(text);
      if (on === undefined) return 'usage';
      client.receipts ??= new Receipts();
      client.receipts.turn(on);
      return { type: 'receipts', on };
    },
  },
  {
    word: 'format',
    args: 'json | text',
    help: 'lines for programs, or for people',
    example: '/format json',
    reads: 0,
    nameless: true,
    run(_, client, { text }) {
      const format = text.toLowerCase();
      if (format !== 'json' && format !== 'text') return 'usage';
      client.choose({ format });
      return formatOf(client);
    },
  },
  {
    word: 'time',
    args: 'on | off',
    help: 'hear when something was said',
    example: '/time on',
    minor: true,
    reads: 0,
    nameless: true,
    run(_, client, { text }) {
      const times = switched(text);
      if (times === undefined) return 'usage';
      client.choose({ times });
      return formatOf(client);
    },
  },
];

const SWITCH: Readonly<Record<string, boolean>> = { on: true, off: false };
const switched = (text: string): boolean | undefined =>
  Object.hasOwn(SWITCH, text.toLowerCase()) ? SWITCH[text.toLowerCase()] : undefined;

const formatOf = ({ choices: { format, times } }: Client): Answer => ({
  type: 'format',
  format,
  time: times,
});
