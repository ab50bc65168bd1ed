/** Commands about a name that is to be one's own. */
import { isLocal } from '../addresses.ts';
import type { Answer } from '../event.ts';
import type { Hall } from '../hall.ts';
import type { Name } from '../message.ts';
import { own } from '../owners.ts';
import type { Client } from '../client.ts';
import type { CommandEntry, Refusal } from './command.ts';

export const OWNER_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'reserve',
    elsewhere: ['register', 'password', 'passwd'],
    args: 'PASSWORD',
    help: 'make your name your own; from then on log in with "NAME PASSWORD"',
    example: '/reserve correct-horse-battery',
    reads: 0,
    secret: true,
    // What has a password behind it does not come here: it is checked where it came in.
    run: () => 'usage',
  },
  {
    word: 'unreserve',
    elsewhere: ['unregister'],
    args: '',
    help: 'leave your name to anybody; what was kept for it is gone',
    example: '/unreserve',
    minor: true,
    reads: 0,
    run(hall, client) {
      const { key, shown } = client.name as Name;
      const { owner } = client;
      if (owner === undefined) return { code: 'not-yours' };
      hall.disown(client);
      hall.ledger.release({ key, owner });
      hall.ledger.note({ do: 'release', key, owner });
      return { type: 'unreserved', name: shown };
    },
  },
];

/** `client` wants its name to be its own, with the password that was given under `version`. */
export function reserve(hall: Hall, client: Client, version: string): Answer | Refusal {
  const name = client.name as Name;
  const { registry } = hall.ledger;
  const old = registry.get(name.key);
  if (hall.people.holder(name.key) !== client) return { code: 'name-taken', name: name.shown };
  if (old && old.owner !== client.owner) return { code: 'name-reserved', name: name.shown, command: 'name' };
  // Otherwise the first stranger would keep order.
  if (!old && hall.isOfOperator(name.key) && !isLocal(client.address))
    return { code: 'operators-name', name: name.shown };
  if (!old && registry.isFull) return { code: 'too-many-reserved', limit: hall.settings.maxReserved };
  // Whoever reserves it later is somebody else.
  const owner = old?.owner ?? version;
  registry.reserve({ ...name, owner, version });
  hall.ledger.note({ do: 'reserve', ...name, owner, version });
  if (!old) own(hall, client, { ...name, owner, version, mail: 0, mailBytes: 0 });
  return { type: 'reserved', name: name.shown, again: old !== undefined };
}
