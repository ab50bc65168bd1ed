/** What operators do to keep order. */
import type { Answer } from '../event.ts';
import { hasLocal, isLocal, subscriberOf } from '../addresses.ts';
import { impose, lift } from '../decisions.ts';
import type { Hall } from '../hall.ts';
import type { Name } from '../message.ts';
import { parseName } from '../name.ts';
import { type Network, networkOf, overlap } from '../network.ts';
import type { Ban } from '../past.ts';
import type { Client } from '../client.ts';
import { quote } from '../safe.ts';
import { periodOf } from '../time.ts';
import { type CommandEntry, LISTED, type Refusal, type Arguments } from './command.ts';

/** Characters of a reason. */
const WHY = 256;

export const ORDER_COMMANDS: readonly CommandEntry[] = [
  {
    word: 'ban',
    args: 'NAME | ADDRESS | NETWORK [for TIME] [WHY]',
    help: 'keep somebody out',
    example: '/ban 192.0.2.0/24 for 2h flooding',
    reads: 0,
    tells: (_, { text }) => orderOf(text)?.why !== '',
    operator: true,
    run: (hall, client, said) => forbid(hall, client, said, 'ban'),
  },
  {
    word: 'unban',
    args: 'NAME | ADDRESS | NETWORK',
    help: 'let them in again',
    example: '/unban 192.0.2.0/24',
    reads: 0,
    operator: true,
    run: (hall, client, { text }) => allow(hall, client, text, 'ban'),
  },
  {
    word: 'bans',
    args: '',
    help: 'who may not come in, or not speak',
    example: '/bans',
    reads: 0,
    cost: 4096,
    operator: true,
    run(hall, client) {
      const bans = hall.ledger.registry.bans(hall.now);
      audit(hall, client, 'bans', '', '');
      return { type: 'bans', bans: bans.slice(-LISTED), more: Math.max(0, bans.length - LISTED) };
    },
  },
  {
    word: 'mute',
    args: 'NAME [for TIME] [WHY]',
    help: 'let somebody hear, but not speak',
    example: '/mute bob for 10min please calm down',
    reads: 0,
    tells: (_, { text }) => orderOf(text)?.why !== '',
    operator: true,
    run: (hall, client, said) => forbid(hall, client, said, 'mute'),
  },
  {
    word: 'unmute',
    args: 'NAME',
    help: 'let somebody speak again',
    example: '/unmute bob',
    reads: 0,
    operator: true,
    run: (hall, client, { text }) => allow(hall, client, text, 'mute'),
  },
  {
    word: 'announce',
    args: 'TEXT',
    help: 'tell everybody',
    example: '/announce the server restarts at noon',
    reads: 0,
    tells: () => true,
    operator: true,
    run(hall, client, { text }) {
      if (text === '') return 'usage';
      const message = { ...hall.message(client.name as Name, [text]), about: 'announcement' as const };
      const everybody = [...hall.people.all].filter(({ name, closing }) => name && !closing);
      hall.weight += everybody.length;
      hall.deliver(
        message,
        everybody.map(({ id }) => id),
      );
      audit(hall, client, 'announce', '', text);
      return undefined;
    },
  },
];

export const isOperator = (hall: Hall, { owner, name }: Client): boolean =>
  owner !== undefined && name !== undefined && hall.isOfOperator(name.key);

/** Whoever is called so is put out of the server. */
export function kick(hall: Hall, client: Client, whom: Name, why: string): Answer | Refusal {
  const guest = hall.people.holder(whom.key);
  if (!guest || guest.closing) return { code: 'absent', names: [whom.shown] };
  const shown = (guest.name as Name).shown;
  hall.refuse(guest, { code: 'put-out', by: (client.name as Name).shown, why });
  hall.dismiss(guest, 'put out');
  audit(hall, client, 'kick', shown, why);
  return { type: 'ordered', deed: 'kick', of: shown, until: undefined };
}

function forbid(hall: Hall, client: Client, { text }: Arguments, deed: 'ban' | 'mute'): Answer | Refusal {
  const order = orderOf(text);
  if (!order) return 'usage';
  const { of, period, why } = order;
  const name = parseName(of);
  const network = deed === 'ban' ? networkOf(of) : undefined;
  if (!network && !name) return 'usage';
  const spared = network ? sparedIn(hall, network) : sparedOf(hall, name);
  if (spared) return spared;
  const ban: Ban = {
    of: network?.text ?? name?.key ?? '',
    kind: network ? 'address' : deed === 'ban' ? 'name' : 'mute',
    until: period === undefined ? undefined : hall.now + period,
    ...{ by: (client.name as Name).shown, since: hall.now, why: why.slice(0, WHY) },
  };
  if (!hall.ledger.registry.takes(ban, hall.now))
    return { code: 'too-many-bans', limit: hall.settings.maxBans };
  const address = ban.kind === 'name' ? elusiveAddress(hall, ban.of) : undefined;
  impose(hall, ban);
  hall.ledger.note({ do: 'ban', ban });
  audit(hall, client, deed, of, why);
  // As it counts, which may be more than was written: 10.1.2.3/8 is all of 10.0.0.0/8.
  return {
    type: 'ordered',
    deed,
    of: network?.text ?? of,
    until: ban.until,
    ...(address !== undefined && { address }),
  };
}

/** Those who keep order cannot keep each other out: whoever runs the server has chosen them. */
function sparedOf(hall: Hall, name: Name | undefined): Refusal | undefined {
  return name && hall.isOfOperator(name.key) ? { code: 'keeps-order', name: name.shown } : undefined;
}

/** Nor themselves, nor those who are at the machine of the server, from which there is always a way back. */
function sparedIn(hall: Hall, network: Network): Refusal | undefined {
  if (hasLocal(network)) return { code: 'own-machine' };
  for (const one of hall.people.all) {
    if (!one.name || !isOperator(hall, one)) continue;
    const from = networkOf(one.address);
    if (from && overlap(network, from)) return { code: 'keeps-order', name: one.name.shown };
  }
  return undefined;
}

/** From where whoever has the name comes, as far as they can come back from there under another one. */
function elusiveAddress(hall: Hall, key: string): string | undefined {
  const holder = hall.people.holder(key);
  if (!holder || holder.owner !== undefined || isLocal(holder.address)) return undefined;
  const origin = subscriberOf(holder.address);
  return networkOf(origin)?.text;
}

/** What an operator wants: whom it is about, for how long in milliseconds, and why; undefined where `for` is followed by no period. */
function orderOf(text: string): { of: string; period: number | undefined; why: string } | undefined {
  const [, of = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  if (!/^for(\s|$)/.test(rest)) return { of, period: undefined, why: rest };
  // One word, or a number and its unit.
  for (const form of [/^for\s+(\S+)\s*(.*)$/s, /^for\s+(\S+\s+\S+)\s*(.*)$/s]) {
    const [, time = '', why = ''] = form.exec(rest) ?? [];
    const period = periodOf(time);
    if (period) return { of, period, why };
  }
  return undefined;
}

function allow(hall: Hall, client: Client, of: string, deed: 'ban' | 'mute'): Answer | Refusal {
  if (of === '') return 'usage';
  const key = parseName(of)?.key ?? of;
  const address = networkOf(of)?.text ?? of;
  const kinds: readonly Ban['kind'][] = deed === 'mute' ? ['mute'] : ['name', 'address'];
  const bans = kinds.map((kind) => ({ kind, of: kind === 'address' ? address : key }));
  const lifted = bans.filter((each) => lift(hall, each.kind, each.of));
  for (const each of lifted) hall.ledger.note({ do: 'unban', ...each });
  if (lifted.length === 0) return { code: 'no-such-ban' };
  audit(hall, client, `un${deed}`, of, '');
  return { type: 'ordered', deed: `un${deed}`, of, until: undefined };
}

function audit(hall: Hall, client: Client, deed: string, of: string, why: string): void {
  const by = (client.name as Name).shown;
  hall.ledger.note({ do: 'audit', ...hall.stamp, by, deed, of: quote(of), why: why.slice(0, WHY) });
}
