/** What people say to each other: who hears it, who has to wait with it, and what its sender is told. */
import { Audience } from './audience.ts';
import type { Problem, Trouble } from './event.ts';
import type { Hall } from './hall.ts';
import type { ClientId, Input, Name } from './message.ts';
import { nodesOf } from './node.ts';
import type { Reservation } from './past.ts';
import type { Client } from './client.ts';
import type { Receipt } from './receipts.ts';
import type { Room } from './rooms.ts';

/** What stands around a name and a text where they are heard: "from ", ": " and the line's end. */
const FRAME = 8;

/**
 * `client` says `texts`, line by line, to all of `to`; only one of them if its lines are numbered. `input` is where it did:
 * what has to wait waits in it.
 */
export function say(
  hall: Hall,
  client: Client,
  to: readonly Name[],
  texts: readonly string[],
  input: Input,
): void {
  if (to.length === 0) {
    for (let left = texts.length; left > 0; left--)
      reject(hall, client, { type: 'problem', code: 'no-recipient' });
    return;
  }
  const mute = silenced(hall, client);
  if (mute) {
    for (let left = texts.length; left > 0; left--) reject(hall, client, { type: 'problem', ...mute });
    return;
  }
  const audience = new Audience(hall, client, to);
  const { cost } = audience;
  const fitting = hall.fitting(client, texts, cost);
  const now = fitting < texts.length ? texts.slice(0, fitting) : texts;
  if (hall.holds(client, input, audience, cost, bytesOf(client, now), fitting)) return;
  sayTo(hall, client, audience, now);
  if (fitting < texts.length) hall.flow.postpone(client, behind(input, fitting));
}

/** Why `client` may not say anything now, if that is so. */
export function silenced(hall: Hall, client: Client): Trouble | undefined {
  const mute = client.muteAt(hall.now);
  return mute && { code: 'muted', why: mute.why, until: mute.until };
}

/** Nobody has to wait for anything any more. */
function sayTo(hall: Hall, client: Client, audience: Audience, texts: readonly string[]): void {
  const receipt = client.receipts?.open();
  const { named, crowds: rooms, away } = audience;
  if (named) {
    const { ids, deaf } = hearers(named, client);
    const part = receipt?.part(client.id, { named });
    const message = hall.message(client.name as Name, texts);
    hall.deliver(message, ids, part, deaf);
    hall.ledger.talked(client, named, message);
  }
  const full = away && mail(hall, client, away, texts, receipt);
  if (rooms) for (const room of rooms) sayIn(hall, client, room, texts, audience, receipt);
  if (named)
    for (const one of named)
      if (!client.ignores(one) && one.tellsAway(client)) hall.tell(client, awayMessage(hall, one));
  if (receipt) {
    const missed = [...audience.missed, ...(full?.names ?? [])];
    client.receipts?.close(receipt, missed, full ? [...audience.problems, full] : audience.problems);
    for (const node of hall.people.lostNodes) client.receipts?.lose(node);
    answer(hall, client);
    return;
  }
  if (full) hall.tell(client, full);
  if (!audience.missesSome) return;
  for (let left = texts.length; left > 0; left--)
    for (const problem of audience.problems) hall.tell(client, problem);
}

/** What there is room for waits for those who are away; gives of whom there is none. */
function mail(
  hall: Hall,
  client: Client,
  away: readonly Reservation[],
  texts: readonly string[],
  receipt: Receipt | undefined,
): (Problem & { readonly names: readonly string[] }) | undefined {
  const { ledger } = hall;
  const kept: string[] = [];
  const full: string[] = [];
  for (const owner of away) {
    const { shown } = owner;
    const room = ledger.roomFor(owner, texts);
    if (room < texts.length) full.push(shown);
    if (room === 0) continue;
    kept.push(shown);
    const part = receipt
      ? receipt.part(client.id, { kept: { mail: shown } })
      : kept.length === 1
        ? // For all of them: what a turn has brought is kept together, or not at all.
          { client: client.id, line: 0, part: 0, away: kept }
        : undefined;
    ledger.mail(client, owner, hall.message(client.name as Name, texts.slice(0, room)), part);
  }
  if (kept.length > 0 && !receipt) client.unanswered++;
  return full.length > 0 ? { type: 'problem', code: 'mail-full', names: full } : undefined;
}

/** What `client` said to those who are away is kept for them, or may not be. */
export function heardOf(hall: Hall, client: Client, names: readonly string[], isKept: boolean): void {
  client.unanswered--;
  if (client.closing) return;
  if (isKept) hall.tell(client, { type: 'kept', names });
  else hall.refuse(client, { code: 'not-kept', names });
}

/** What they are where they are heard. */
function bytesOf({ name }: Client, texts: readonly string[]): number {
  const frame = (name as Name).shown.length + FRAME;
  let bytes = 0;
  for (const text of texts) bytes += frame + text.length;
  return bytes;
}

/** The same input without the first lines of it. */
function behind(input: Input, lines: number): Input {
  if (input.type !== 'line' || input.command.kind !== 'say') return input;
  return { ...input, command: { ...input.command, rests: input.command.rests.slice(lines) } };
}

/** Those in `room` who have not heard it elsewhere hear it. */
function sayIn(
  hall: Hall,
  client: Client,
  room: Room,
  texts: readonly string[],
  audience: Audience,
  receipt?: Receipt,
): void {
  hall.tellDepartures(room);
  const event = hall.message(client.name as Name, [...texts], room);
  const inIt = room.has(client);
  let people = room.size - (inIt ? 1 : 0);
  const plain = !audience.named && audience.crowds?.length === 1 && !isIgnored(client, room);
  let left: Client[] | undefined;
  if (!plain) {
    left = [...room.members].filter((one) => one !== client && one.named !== audience.line);
    for (const one of left) one.named = audience.line;
    people = left.length;
  }
  const kept = hall.ledger.keeps ? receipt?.part(client.id, { kept: 'room' }) : undefined;
  if (people === 0) {
    // All of them heard it elsewhere; it was said here all the same.
    hall.ledger.said(room, event, false, kept);
    return;
  }
  const nodes = receipt && (left ? nodesOf(left.map(({ id }) => id)) : room.nodesWithout(client));
  const part = nodes && receipt.part(client.id, { nodes, room: room.name.shown });
  if (!left) {
    const joined = hall.deliverTo(room, event, inIt ? client.id : undefined, part);
    hall.ledger.said(room, event, joined, kept);
    return;
  }
  const { ids, deaf } = hearers(left, client);
  hall.deliver(event, ids, part, deaf);
  hall.ledger.said(room, event, false, kept);
}

function isIgnored(speaker: Client, room: Room): boolean {
  if (speaker.ignored === 0) return false;
  for (const member of room.members) if (member.ignores(speaker)) return true;
  return false;
}

/** What its opener says as somebody is put out of `room`; to all in it who want to hear it. */
export function sayWhy(hall: Hall, opener: Client, room: Room, why: string): void {
  const others = [...room.members].filter((one) => one !== opener);
  hall.deliver(hall.message(opener.name as Name, [why], room, 'kick'), hearers(others, opener).ids);
}

/** A line that was not sent at all: its sender is told why, and which it was, if its lines are numbered. */
export function reject(hall: Hall, client: Client, problem: Problem): void {
  const receipt = client.receipts?.open();
  if (!receipt) {
    hall.tell(client, problem);
    return;
  }
  client.receipts?.close(receipt, [], [problem]);
  answer(hall, client);
}

/** Tells `client` what became of those of its lines of which all is known. */
export function answer(hall: Hall, client: Client): void {
  if (!client.receipts) return;
  for (const event of client.receipts.due()) {
    if (event.type === 'receipt') hall.weight += event.to.length;
    hall.tell(client, event);
  }
  if (!client.receipts.full && client.waitsFor === client) hall.flow.retry(client);
}

const NOBODY: readonly ClientId[] = [];

/** The ids of those who want to hear `speaker`, and of those who do not. */
function hearers(
  clients: readonly Client[],
  speaker: Client,
): { ids: readonly ClientId[]; deaf: readonly ClientId[] } {
  if (speaker.ignored === 0) return { ids: clients.map(({ id }) => id), deaf: NOBODY };
  const ids: ClientId[] = [];
  const deaf: ClientId[] = [];
  for (const one of clients) (one.ignores(speaker) ? deaf : ids).push(one.id);
  return { ids, deaf };
}

function awayMessage(hall: Hall, who: Client): ReturnType<Hall['message']> {
  const text = silenced(hall, who) ? '' : (who.choices.away?.text ?? '');
  return hall.message(who.name as Name, [text], undefined, 'away');
}
