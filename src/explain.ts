/** Why something was not done, in a sentence that says what to do next. */
import type { Trouble } from './event.ts';
import { timeOf } from './time.ts';
import { LONGEST, SHORTEST } from './vault/password.ts';

export function explain(why: Trouble): string {
  switch (why.code) {
    case 'name-taken':
      return `the name ${why.name} is taken; ${another(why.command)}`;
    case 'not-a-name':
      return `a name is 1 to 32 letters, digits, "_", "-" or "."; ${another(why.command)}`;
    case 'name-reserved':
      return `the name ${why.name} is somebody's own; type "${why.command ? '/name ' : ''}${why.name} PASSWORD", or another`;
    case 'wrong-password':
      return `that is not the password of ${why.name}; ${another(why.command)}`;
    case 'not-reserved':
      return `nobody has reserved ${why.name}, so it has no password; type "${why.command ? '/name ' : ''}${why.name}" alone, or another`;
    case 'plain-password':
      return 'a password is for TLS only, like "ncat --ssl HOST PORT", if this server has it: others could read it here';
    case 'bad-password':
      return `a password has ${String(SHORTEST)} to ${String(LONGEST)} characters`;
    case 'password-busy':
      return 'too many passwords are being looked at; try again in a moment';
    case 'password-wait':
      return `too many passwords were tried; try again in ${String(why.seconds)} s`;
    case 'taken-over':
      return `somebody has logged in as ${why.name} with its password; closing`;
    case 'mail-full':
      return `so much waits for ${why.names.join(', ')} already that no more is kept`;
    case 'not-kept':
      return `${list(why.names)} away, and nothing can be kept now`;
    case 'banned':
      return `you are banned${because(why)}; closing`;
    case 'muted':
      return `you may not speak here${because(why)}; it was not sent`;
    case 'put-out':
      return `${why.by} has put you out${why.why === '' ? '' : `: ${why.why}`}; closing`;
    case 'not-yours':
      return 'that is for a name that is yours; /reserve PASSWORD makes it so';
    case 'not-found-now':
      return 'that cannot be looked up now';
    case 'nothing-kept':
      return 'what is said here is not kept';
    case 'not-operator':
      return 'that is for operators';
    case 'keeps-order':
      return `${why.name} keeps order; only "rxchat admin" can do that`;
    case 'operators-name':
      return `${why.name} is to keep order, so reserve it from the server's own machine, or by "rxchat admin"`;
    case 'own-machine':
      return 'the machine of the server is in it; only "rxchat admin" can do that';
    case 'no-such-ban':
      return 'there is no such ban or mute; /bans lists them';
    case 'too-many-reserved':
      return `${String(why.limit)} names are reserved, and no more can be`;
    case 'too-many-bans':
      return `there are ${String(why.limit)} bans already; /unban one first`;
    case 'not-a-room':
      return 'a room is "#" and a name, like #ops';
    case 'no-name':
      return 'you have no name, so nothing was sent; closing';
    case 'not-a-chat-client':
      return 'this is a chat; a line is a name first';
    case 'absent':
      return `${list(why.names)} not here${mean(why.meant) ?? ''}`;
    case 'lost':
      return `${why.names.join(', ')} left before it was delivered`;
    case 'empty-room':
      return `nobody is in ${why.rooms.join(', ')}`;
    case 'alone':
      return `nobody else is in ${why.rooms.join(', ')}`;
    case 'private-room':
      return `${list(why.rooms)} private; somebody in it can /invite you`;
    case 'not-in-room':
      return `${why.name === undefined ? 'you are' : `${why.name} is`} not in ${why.room}`;
    case 'not-opener':
      return `only ${why.opener} may do that in ${why.room}`;
    case 'no-recipient':
      return 'say who it is for, like "bob: hello"; /help tells more';
    case 'no-target':
      return 'say where your lines go first, like "/to #ops"';
    case 'unknown-command':
      return `there is no /${why.word}${mean(why.meant && `/${why.meant}`) ?? '; /help lists what there is'}`;
    case 'usage':
      return `write it like "${why.example}"; /help ${why.word} tells more`;
    case 'line-too-long':
      return `that line is longer than ${String(why.limit)} bytes; it was not sent`;
    case 'not-utf8':
      return 'that line is not UTF-8; it was not sent';
    case 'too-many-recipients':
      return `that is more than ${String(why.limit)} recipients; it was not sent`;
    case 'too-many-rooms':
      return `you are in ${String(why.limit)} rooms already; /leave one first`;
    case 'too-many-ignored':
      return `you ignore ${String(why.limit)} already; /unignore one first`;
    case 'too-many-invited':
      return `${String(why.limit)} are invited to it already`;
    case 'full':
      return 'the server is full; try again later';
    case 'not-allowed':
      return 'this server is not for where you come from';
    case 'tls-only':
      return 'this server takes TLS only, like "ncat --ssl HOST PORT"; nothing was sent';
    case 'no-tls':
      return 'this server does not speak TLS';
    case 'no-proxy-header':
      return 'a proxy has to say first whom it speaks for (the PROXY protocol)';
    case 'proxy-not-trusted':
      return 'you are no proxy that this server knows (--trust-proxy)';
    case 'login-timeout':
      return `no name within ${String(why.limit)} s; closing`;
    case 'too-slow':
      return 'you read too slowly; closing';
    case 'cut-off':
      return cutOff(why);
    case 'stopping':
      return 'the server is stopping';
    case 'fault':
      return 'something went wrong here, and your last line may not have been sent; closing';
  }
}

const list = (names: readonly string[]): string => `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'}`;

const because = ({ why, until }: { readonly why: string; readonly until: number | undefined }): string =>
  `${until === undefined ? '' : ` until ${timeOf(until)}`}${why === '' ? '' : ` (${why})`}`;

const mean = (meant: string | undefined): string | undefined => meant && `; did you mean ${meant}?`;

const another = (command: 'name' | undefined): string => (command ? '/name takes another' : 'type another');

function cutOff({ lines, first, stopping, seconds }: Extract<Trouble, { code: 'cut-off' }>): string {
  const what =
    lines === 0
      ? 'what you send from now on is not sent'
      : `your last ${lines === 1 ? 'line' : `${String(lines)} lines`}${first === undefined ? '' : `, from "${first}" on,`} may not have been sent`;
  const why = stopping ? 'is stopping and could not reach the others' : 'was cut off from the others';
  const since =
    seconds === undefined
      ? ''
      : `, since it did not hear the same as they for ${String(seconds)} s: what was said here meanwhile may be missing there`;
  return `this server ${why}${since}, and ${what}; closing`;
}
