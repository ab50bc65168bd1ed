/** What is decided about names and bans takes effect: whoever it is about is told. */
import type { Hall } from './hall.ts';
import type { Ban, Decision } from './past.ts';
import type { Client } from './client.ts';

/** Somebody else has decided it. */
export function takeIn(hall: Hall, decision: Decision): void {
  const { registry } = hall.ledger;
  switch (decision.do) {
    case 'reserve':
      registry.reserve(decision);
      // Who was called so a moment ago is not who it is now.
      hall.people.forgetFormer(decision.key);
      break;
    case 'release':
      if (registry.get(decision.key)?.owner === decision.owner) hall.ledger.release(decision);
      break;
    case 'ban':
      impose(hall, decision.ban);
      return;
    case 'unban':
      lift(hall, decision.kind, decision.of);
      return;
  }
  const holder = hall.people.holder(decision.key);
  if (holder) enforce(hall, holder);
}

/** A ban holds from now on. Who is banned by address is put out by whoever knows where they come from. */
export function impose(hall: Hall, ban: Ban): void {
  hall.ledger.registry.impose(ban);
  const holder = hall.people.holder(ban.of);
  if (holder && ban.kind === 'mute') holder.mute = ban;
  if (holder && ban.kind === 'name') shutOut(hall, holder, ban);
}

/** It does not any more; false where there is none. */
export function lift(hall: Hall, kind: Ban['kind'], of: string): boolean {
  const holder = hall.people.holder(of);
  if (holder && kind === 'mute') holder.mute = undefined;
  return hall.ledger.registry.lift(kind, of);
}

/** Whoever is banned is told to go. */
export function shutOut(hall: Hall, client: Client, { why, until }: Ban): void {
  if (client.closing) return;
  hall.refuse(client, { code: 'banned', why, until });
  hall.dismiss(client, 'banned');
}

/** Who has a name that is somebody else's by now is told to go. */
function enforce(hall: Hall, client: Client): void {
  if (!client.name || client.closing) return;
  const owner = hall.ledger.registry.get(client.name.key)?.owner;
  if (client.owner === owner) return;
  hall.disown(client);
  if (owner === undefined) return;
  hall.refuse(client, { code: 'name-reserved', name: client.name.shown });
  hall.dismiss(client, 'taken over');
}
