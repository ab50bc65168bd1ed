/** What was said before, and is told again to who asked for it, or whose mail it is. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer, Message, Retold, Trouble } from './event.ts';
import type { Hall } from './hall.ts';
import { bytesOf } from './ledger.ts';
import type { ClientId, Input, ReceiptPart } from './message.ts';
import type { Found, OwnerId, Past, Query } from './past.ts';
import type { Client } from './client.ts';

/** What it costs to tell a line again, in deliveries of a line that many hear: it is written down for one only (measured). */
const RETOLD = 32;

/**
 * What `query` finds, or why that cannot be found; undefined as long as it is not known: then `client` waits, and says the same
 * again, as `input`, once it is.
 */
export function ask(hall: Hall, client: Client, input: Input, query: Query): Found | Trouble | undefined {
  if (!hall.ledger.keeps) return { code: 'nothing-kept' };
  if (client.leaving) return UNKNOWN;
  const { question } = client;
  // What it may see can have changed while it waited.
  if (!question || !isSame(question.query, query)) {
    client.question = { query, found: undefined };
    hall.ledger.recall(client.id, query);
  } else if (question.found) return question.found === 'unknown' ? UNKNOWN : question.found;
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
  for (const line of lines) hall.tell(client, retold(line, why));
  hall.weight += RETOLD * countOf(lines);
  return { type: 'past', ...about, lines: countOf(lines), more };
}

/** What was asked for is found, or, where `found` is undefined, cannot be found now. */
export function recalled(hall: Hall, client: Client, query: Query, found: Found | undefined): void {
  // It may have gone on without, and have asked for something else.
  if (!client.question || !isSame(client.question.query, query)) return;
  client.question = { query, found: found ?? 'unknown' };
  if (client.waitsFor === client) hall.flow.retry(client);
}

type Mail = Extract<Query, { of: 'mail' }>;

/** Mail is found that `id` was to be told: it is, and kept until the kernel has taken it. */
export function recalledMail(hall: Hall, id: ClientId, { owner }: Mail, found: Found | undefined): void {
  const client = hall.people.client(id);
  if (client?.name && client.owner === owner && !client.closing) {
    if (found?.last !== undefined && found.lines.length > 0) {
      const { lines, last, more } = found;
      const bytes = lines.reduce((sum, { texts }) => sum + bytesOf(texts), 0);
      const mail = { key: client.name.key, owner, last, count: countOf(lines), bytes, more };
      const receipt: ReceiptPart = { client: id, line: 0, part: 0, mail };
      hall.weight += RETOLD * lines.length;
      for (const [at, line] of lines.entries())
        hall.deliver(retold(line, 'mail'), [id], at === lines.length - 1 ? receipt : undefined);
      return;
    }
    // Once the disk is well, it is fetched again.
    hall.ledger.rounds.end(owner);
    if (!found) hall.refuse(client, UNKNOWN);
  } else fetchNext(hall, owner, hall.ledger.rounds.end(owner));
}

/** The kernel of its owner has taken it, or, if not `taken`, never will. */
export function collected(hall: Hall, { mail }: ReceiptPart, taken: boolean): void {
  if (!mail) return;
  const { key, owner, last, count, bytes, more } = mail;
  const { ledger } = hall;
  const { registry } = ledger;
  if (registry.get(key)?.owner !== owner) return;
  ledger.rounds.end(owner, taken ? last : undefined);
  if (taken) {
    registry.mailed(key, -count, -bytes);
    ledger.note({ do: 'collected', owner, last });
  }
  if (more || registry.get(key)?.mail) fetchNext(hall, owner, key);
}

/** The disk is well again: who could not be told its mail is told. */
export function fetchAll(hall: Hall): void {
  for (const { owner, name } of hall.people.all)
    if (owner !== undefined && name && hall.ledger.registry.get(name.key)?.mail)
      fetchNext(hall, owner, name.key);
}

/** What else waits for `owner` is told to whoever has its name by now. */
export function fetchNext(hall: Hall, owner: OwnerId, key: string | undefined): void {
  const holder = key === undefined ? undefined : hall.people.holder(key);
  if (holder?.owner === owner && !holder.closing) hall.ledger.fetchMail(holder.id, owner, key as string);
}

/**
 * Whatever the order of its fields, and also where one of them was written down, which leaves out what is undefined. How a name
 * is written, which may change while one waits, finds nothing else.
 */
const isSame = (one: Query, other: Query): boolean => isDeepStrictEqual(written(one), written(other));
const written = (query: Query): unknown =>
  JSON.parse(JSON.stringify(query, (field, value: unknown) => (field === 'shown' ? undefined : value)));

const UNKNOWN: Trouble = { code: 'not-found-now' };

const countOf = (lines: readonly Past[]): number => lines.reduce((sum, { texts }) => sum + texts.length, 0);

const retold = ({ from, room, to, texts, sequence, time, index }: Past, why: Retold['why']): Message => ({
  ...{ type: 'message', from, room, texts, about: undefined, index },
  stamp: { sequence, time },
  past: { why, to },
});
