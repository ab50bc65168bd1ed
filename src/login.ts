/** How somebody comes in: by a name, or by a name and its password; and how that is refused. */
import { rename } from './commands/people.ts';
import { runCommand, unreadable } from './commands/run.ts';
import { commandOf } from './commands/table.ts';
import type { Problem } from './event.ts';
import type { Hall } from './hall.ts';
import type { Command, Input, Name } from './message.ts';
import { banOf, claim, hush, obstacleOf, own, proven, takeOver } from './owners.ts';
import type { Client } from './client.ts';
import { silenced } from './speech.ts';

/** Refused names after which a connection is closed. */
const REFUSALS = 5;

/** `client`, who has no name, says something: that is a name, or a command for which none is needed, or no login. */
export function login(hall: Hall, client: Client, command: Command, input: Input): void {
  if (command.kind === 'bare' && command.name) {
    enter(hall, client, command.name);
  } else if (command.kind === 'word' && commandOf(command.word)?.nameless === true) {
    runCommand(hall, client, command, input);
  } else if (command.kind === 'blank') {
    // Somebody at a terminal who waits for a prompt: nothing can be lost with it.
    hall.refuse(client, { code: 'not-a-name' });
  } else if (client.refusals > 0) {
    refuse(hall, client, { type: 'problem', code: 'no-name' });
  } else if (command.kind === 'fault') {
    refuse(hall, client, unreadable(hall, command.fault));
  } else {
    refuse(hall, client, { type: 'problem', code: 'not-a-name' });
  }
}

/** `client` wants a name that takes no password. */
function enter(hall: Hall, client: Client, name: Name): void {
  const holder = hall.people.holder(name.key);
  const obstacle = obstacleOf(hall, name);
  if (obstacle) {
    refuse(hall, client, obstacle);
    return;
  }
  if (holder && !holder.yields) {
    refuse(hall, client, { type: 'problem', code: 'name-taken', name: name.shown });
    return;
  }
  if (holder) hall.yieldName(holder);
  admit(hall, client, name);
}

/** `client` has the password of the name; whoever has the name has to go. */
export function prove(hall: Hall, client: Client, input: Extract<Input, { type: 'proved' }>): void {
  const { name, use } = input;
  if (!proven(hall, input)) {
    disprove(hall, client, { ...input, type: 'unproved', why: 'wrong-password' });
    return;
  }
  const banned = banOf(hall, name.key);
  if (banned) {
    hall.tell(client, banned);
    hall.dismiss(client, 'banned');
    return;
  }
  if (use === 'name') {
    const refusal = client.name && (silenced(hall, client) ?? rename(hall, client, name, input, input));
    if (refusal) hall.refuse(client, refusal === 'usage' ? { code: 'not-a-name', command: 'name' } : refusal);
    return;
  }
  const reservation = claim(hall, client, input);
  if (!reservation) {
    // It was until its holder had said what it had to say.
    prove(hall, client, input);
    return;
  }
  const holder = hall.people.holder(name.key);
  if (holder && holder !== client) takeOver(hall, holder, client);
  admit(hall, client, name);
  own(hall, client, reservation);
}

/** `client` has given a password that does not do. */
export function disprove(
  hall: Hall,
  client: Client,
  { use, name, why, seconds = 0 }: Extract<Input, { type: 'unproved' }>,
): void {
  const command = use === 'login' ? {} : { command: use };
  const about = { type: 'problem', name: name?.shown ?? '' } as const;
  const problem: Problem =
    why === 'password-wait'
      ? { type: 'problem', code: why, seconds, ...command }
      : why === 'wrong-password' || why === 'not-reserved'
        ? { ...about, code: why, ...(use === 'login' ? {} : { command: 'name' }) }
        : { type: 'problem', code: why, ...command };
  // Behind a refused name it is no attempt at another one, but a text.
  if (use === 'login' && why === 'not-reserved' && client.refusals > 0)
    refuse(hall, client, { type: 'problem', code: 'no-name' });
  else if (use === 'login') refuse(hall, client, problem);
  else hall.tell(client, problem);
}

/** A refused login never makes a name of the text behind it: what is not a name then is the end. */
function refuse(hall: Hall, client: Client, problem: Problem): void {
  client.refusals++;
  const isBanned = problem.code === 'banned';
  const over = isBanned || problem.code === 'no-name' || client.refusals >= REFUSALS;
  hall.tell(client, over && !isBanned ? { type: 'problem', code: 'no-name' } : problem);
  if (over) hall.dismiss(client, isBanned ? 'banned' : 'no name');
  else hall.order(client, { do: 'again' });
}

function admit(hall: Hall, client: Client, name: Name): void {
  hall.people.call(client, name, hall.now);
  client.since = client.saidAt = hall.second;
  hush(hall, client);
  hall.order(client, { do: 'name', name: name.shown });
  for (const text of hall.settings.welcome) hall.tell(client, { type: 'welcome', text });
}
