/** What operators do, in the model of the chat. */
import type { Ban } from '../../src/past.ts';
import { impose, isOperator, lift, MOST_BANS, OPERATOR } from './model-book.ts';
import { isName, type Person, type Place, same } from './model-place.ts';

type Rule = (place: Place, me: Person, words: readonly string[], rest: string) => void;

const NOT_OPERATOR = '! that is for operators';
const usage = (word: string, example: string): string =>
  `! write it like "/${word} ${example}"; /help ${word} tells more`;
const audit = (place: Place, { name }: Person, deed: string, of: string, why: string): void => {
  place.book.done.push(`${name} did ${deed} ${of}: ${why}`);
};

/** For those only who keep order. */
const ordered =
  (rule: Rule): Rule =>
  (place, me, words, rest) => {
    if (isOperator(me)) rule(place, me, words, rest);
    else me.hears.push(NOT_OPERATOR);
  };

export const ORDERS: Readonly<Record<string, Rule>> = {
  ban: ordered((place, me, words) => {
    forbid(place, me, words, 'ban', '192.0.2.0/24 for 2h flooding');
  }),
  mute: ordered((place, me, words) => {
    forbid(place, me, words, 'mute', 'bob for 10min please calm down');
  }),
  unban: ordered((place, me, [of]) => {
    allow(place, me, of, 'ban');
  }),
  unmute: ordered((place, me, [of]) => {
    allow(place, me, of, 'mute');
  }),
  bans: ordered((place, me) => {
    audit(place, me, 'bans', '', '');
    for (const { of, kind, by, why } of place.book.bans)
      me.hears.push(
        `* ${of}${kind === 'mute' ? ' may not speak' : ''}, by ${by}${why === '' ? '' : `: ${why}`}`,
      );
    if (place.book.bans.length === 0) me.hears.push('* nobody is banned');
  }),
  announce: ordered((place, me, _words, text) => {
    if (text === '') me.hears.push(usage('announce', 'the server restarts at noon'));
    else {
      for (const one of place.people)
        if (one.name !== '' && one.over === '') one.hears.push(`from ${me.name}: (announcement) ${text}`);
      audit(place, me, 'announce', '', text);
    }
  }),
};

/** Whoever is called so is put out of the server. */
export function putOut(place: Place, me: Person, whom: string, why: string): void {
  const guest = place.holder(whom);
  if (!guest) {
    me.hears.push(`! ${whom} is not here`);
    return;
  }
  guest.hears.push(`! ${me.name} has put you out${why === '' ? '' : `: ${why}`}; closing`);
  place.end(guest, 'put out');
  audit(place, me, 'kick', guest.name, why);
  me.hears.push(`* put out ${guest.name}`);
}

function forbid(
  place: Place,
  me: Person,
  words: readonly string[],
  deed: 'ban' | 'mute',
  example: string,
): void {
  const { book } = place;
  const [of = '', ...more] = words;
  const isAddress = deed === 'ban' && of.startsWith('10.');
  if (!isName(of) && !isAddress) {
    me.hears.push(usage(deed, example));
    return;
  }
  const why = more.join(' ');
  const kind = deed === 'mute' ? 'mute' : isAddress ? 'address' : 'name';
  const ban: Ban = { of: of.toLowerCase(), kind, until: undefined, by: me.name, since: place.now, why };
  if (same(of, OPERATOR)) {
    me.hears.push(`! ${of} keeps order; only "rxchat admin" can do that`);
    return;
  }
  if (book.bans.length >= MOST_BANS && !book.ban(kind, of)) {
    me.hears.push(`! there are ${String(MOST_BANS)} bans already; /unban one first`);
    return;
  }
  impose(place, ban);
  book.done.push(`ban ${kind} ${ban.of}`);
  audit(place, me, deed, of, why);
  me.hears.push(`* ${deed === 'ban' ? 'banned' : 'muted'} ${of} without end`);
}

function allow(place: Place, me: Person, of: string | undefined, deed: 'ban' | 'mute'): void {
  const { book } = place;
  if (of === undefined) {
    me.hears.push(usage(`un${deed}`, deed === 'ban' ? '192.0.2.0/24' : 'bob'));
    return;
  }
  const kinds = deed === 'mute' ? (['mute'] as const) : (['name', 'address'] as const);
  const lifted = kinds.filter((kind) => lift(place, kind, of));
  for (const kind of lifted) book.done.push(`unban ${kind} ${of.toLowerCase()}`);
  if (lifted.length === 0) {
    me.hears.push('! there is no such ban or mute; /bans lists them');
    return;
  }
  audit(place, me, `un${deed}`, of, '');
  me.hears.push(`* ${of} may ${deed === 'ban' ? 'come in' : 'speak'} again`);
}
