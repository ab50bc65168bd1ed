/** Who may not come in, or not speak; and what operators did. */
import { isIP } from 'node:net';
import type { Ban } from '../past.ts';
import { parseName } from '../name.ts';
import { networkOf } from '../network.ts';
import { quote, safe } from '../safe.ts';
import { periodOf } from '../time.ts';
import { type AdminTask, Misuse, operator, Refusal, table, when, type Words, write } from './task.ts';

const FLAGS = { mute: { describe: 'may be here, and not speak', boolean: true } } as const;

/** What a ban is of: an address or a network, or else a name. */
function target({ of, mute }: Words): Pick<Ban, 'of' | 'kind'> {
  const written = String(of);
  if (isIP(written) > 0 || written.includes('/')) {
    const network = networkOf(written);
    if (!network)
      throw new Misuse(`"${quote(written)}" is no address or network, like 192.0.2.7 or 2001:db8::/32`);
    if (mute === true) throw new Misuse('a mute is of a name');
    return { of: network.text, kind: 'address' };
  }
  const name = parseName(written);
  if (!name) throw new Misuse(`"${quote(written)}" is no name, address or network`);
  return { of: name.key, kind: mute === true ? 'mute' : 'name' };
}

export const ban: AdminTask = {
  usage: 'ban <of>',
  help: 'keep a name, an address or a network out, or, with --mute, a name silent',
  example: 'ban bob --for 2h --why "too loud"',
  flags: {
    ...FLAGS,
    for: { describe: 'for how long, like 2w, 7d or 12h; without it there is no end' },
    why: { describe: 'what everybody may know of the reason' },
  },
  run: (desk, words) => {
    const { of, kind } = target(words);
    const why = safe(String(words['why'] ?? ''));
    const period = words['for'] === undefined ? Infinity : periodOf(String(words['for']));
    if (!period)
      throw new Misuse(`--for must be a time like 2w, 7d or 12h, not "${quote(String(words['for']))}"`);
    const { bans } = desk.store.registry();
    const { maxBans } = desk.config;
    if (bans.length >= maxBans && !bans.some((each) => each.of === of && each.kind === kind))
      throw new Refusal(`there are ${String(maxBans)} bans, which is max-bans`);
    const since = Date.now();
    const until = period === Infinity ? undefined : since + period;
    write(
      desk,
      [{ do: 'ban', ban: { of, kind, until, by: operator(), since, why } }],
      kind === 'mute' ? 'mute' : 'ban',
      of,
      why,
    );
  },
};

export const unban: AdminTask = {
  usage: 'unban <of>',
  help: 'lift a ban, or, with --mute, let a name speak again',
  example: 'unban bob',
  flags: FLAGS,
  run: (desk, words) => {
    const { of, kind } = target(words);
    if (!desk.store.registry().bans.some((each) => each.of === of && each.kind === kind))
      throw new Refusal(`${of} is not ${kind === 'mute' ? 'muted' : 'banned'}`);
    write(desk, [{ do: 'unban', of, kind }], kind === 'mute' ? 'unmute' : 'unban', of);
  },
};

export const bans: AdminTask = {
  usage: 'bans',
  help: 'who is banned or muted, until when, by whom and why',
  example: 'bans',
  run: ({ store, stdout }) => {
    const rows = store
      .registry()
      .bans.map(({ of, kind, until, by, why }) => [
        ...[kind, of, until === undefined ? 'no end' : when(until), by, why],
      ]);
    stdout.write(table([['kind', 'of', 'until', 'by', 'why'], ...rows]));
  },
};

export const audit: AdminTask = {
  usage: 'audit',
  help: 'what operators did, the last first',
  example: 'audit --count 20',
  flags: { count: { describe: 'how many deeds; 100 without it' } },
  run: ({ store, stdout }, { count = '100' }) => {
    if (!/^\d{1,6}$/.test(String(count))) throw new Misuse('--count must be a whole number');
    const rows = store.tables
      .deeds(Number(count))
      .map(({ time, by, deed, of, why }) => [when(time), by, deed, of, why]);
    stdout.write(table([['when', 'by', 'deed', 'of', 'why'], ...rows]));
  },
};
