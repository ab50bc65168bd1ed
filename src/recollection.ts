/** What was said before, and is told again to who asked for it, or whose mail it is. */
import type { Answer, Message, Retold } from './event.ts';
import type { Hall } from './hall.ts';
import { unitsOf } from './ledger.ts';
import type { Input, Name, ReceiptPart } from './message.ts';
import type { Found, Past, Query } from './past.ts';
import type { Client } from './people.ts';

/**
 * What `query` finds; undefined as long as that is not known: then `client` waits, and says the same again, as `input`, once
 * it is. `unknown` where it cannot be found now.
 */
export function ask(hall: Hall, client: Client, input: Input, query: Query): Found | 'unknown' | undefined {
  const { found } = client;
  if (found !== undefined || client.leaving) {
    client.found = undefined;
    client.asks = false;
    return found ?? 'unknown';
  }
  if (!client.asks) hall.ledger.recall(client.id, query);
  client.asks = true;
  hall.flow.wait(client, client, input);
  return undefined;
}

/** The answer behind lines that are told again. */
export type Told = Extract<Answer, { type: 'past' }>;

/** Tells `client` the lines; gives what is said behind them. */
export function tell(
  hall: Hall,
  client: Client,
  { lines, more }: Found,
  why: Retold['why'],
  about: Pick<Told, 'of' | 'what'>,
): Told {
  for (const line of lines) {
    hall.weight += line.texts.length;
    hall.tell(client, retold(line, why));
  }
  return { type: 'past', ...about, lines: countOf(lines), more };
}

/** What was asked for is found, or, where `found` is undefined, cannot be found now. */
export function recalled(hall: Hall, client: Client, query: Query, found: Found | undefined): void {
  if (query.of !== 'mail') {
    if (!client.asks) return; // it went on without
    client.found = found ?? 'unknown';
    if (client.waitsFor === client) hall.flow.retry(client);
    return;
  }
  if (client.closing || client.owner !== query.owner) return;
  if (found) tellMail(hall, client, query.owner, found);
  else hall.refuse(client, { code: 'not-found-now' });
}

/** It is kept until the kernel has taken it. */
function tellMail(hall: Hall, client: Client, owner: string, { lines, more, last }: Found): void {
  if (last === undefined) return;
  const { key } = client.name as Name;
  const bytes = lines.reduce((sum, { texts }) => sum + unitsOf(texts), 0);
  const mail = { key, owner, last, count: countOf(lines), bytes, more };
  const receipt: ReceiptPart = { client: client.id, line: 0, part: 0, mail };
  for (const [at, line] of lines.entries())
    hall.deliver(retold(line, 'mail'), [client.id], at === lines.length - 1 ? receipt : undefined);
}

/** The kernel of its owner has taken it. */
export function collected(hall: Hall, { client, mail }: ReceiptPart): void {
  if (!mail) return;
  const { key, owner, last, count, bytes, more } = mail;
  const { ledger } = hall;
  if (ledger.registry.get(key)?.owner === owner) ledger.registry.mailed(key, -count, -bytes);
  ledger.note({ do: 'collected', owner, last });
  if (more) ledger.fetchMail(client, owner, last);
}

const countOf = (lines: readonly Past[]): number => lines.reduce((sum, { texts }) => sum + texts.length, 0);

const retold = ({ from, room, to, texts, sequence, time, index }: Past, why: Retold['why']): Message => ({
  ...{ type: 'message', from, room, texts, about: undefined, index },
  stamp: { sequence, time },
  past: { why, to },
});
