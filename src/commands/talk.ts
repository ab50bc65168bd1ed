/** Commands that say something, and where what is said goes. */
import { say } from '../speech.ts';
import type { CommandEntry } from './command.ts';

const NOWHERE = 'none';

export const TALK_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'to',
    args: '[#ROOM | NAME, ... | none]',
    help: 'where your lines go from now on',
    example: '/to #ops',
    reads: Infinity,
    run(_, client, { to }) {
      const nobody = to.filter(({ key }) => key === '');
      if (nobody.length > 0) return { code: 'absent', names: nobody.map(({ shown }) => shown) };
      const ends = to.length === 1 && to[0]?.key === NOWHERE;
      const once = to.filter(({ key }, index) => to.findIndex((name) => name.key === key) === index);
      if (to.length > 0) client.choose({ to: ends ? [] : once });
      return { type: 'target', to: client.choices.to.map(({ shown }) => shown) };
    },
  },
  {
    word: 'msg',
    elsewhere: ['tell', 'whisper', 'w'],
    args: 'NAME, #ROOM ...: TEXT',
    help: 'say something once, elsewhere',
    example: '/msg bob, #ops: hello',
    reads: 'line',
    says: true,
    run(hall, client, { to, text, input }) {
      if (to.length === 0) return 'usage';
      say(hall, client, to, [text], input);
      return undefined;
    },
  },
  {
    word: 'me',
    args: 'TEXT',
    help: 'say what you do, to where your lines go',
    example: '/me waves',
    reads: 0,
    says: true,
    run(hall, client, { text, input }) {
      if (client.choices.to.length === 0) return { code: 'no-target' };
      say(hall, client, client.choices.to, [`/me ${text}`.trimEnd()], input);
      return undefined;
    },
  },
];
