/** What the server says, and what it changes in the conversations. */
import { keyOf } from './name.js';
import { missedOf } from './offers.js';
import { settle, tellAgain } from './retold.js';
import { wordsOf } from './words.js';

/** @typedef {import('./conversations.js').Conversations} Conversations */
/** @typedef {import('./events.js').Told} Told */

/**
 * @param {Conversations} chat
 * @param {Told} told
 * @param {number} at as of Date.now(), for what has no time of its own
 */
export function hear(chat, told, at) {
  if (told.type === 'message' && told.past !== undefined) {
    chat.retold.add(told);
    return;
  }
  settle(chat, at);
  switch (told.type) {
    case 'message':
      hearMessage(chat, told);
      return;
    case 'past':
      tellAgain(chat, told, at);
      return;
    case 'receipt':
    case 'error':
      hearAnswer(chat, told, at);
      return;
    case 'entered':
      enter(chat, told, at);
      return;
    case 'left':
      leave(chat, told, at);
      return;
    case 'renamed':
      rename(chat, told, at);
      return;
    case 'joined':
    case 'removed':
    case 'private':
      hearNews(chat, told, at);
      return;
    case 'invitation': {
      const text = wordsOf(told) ?? '';
      const offer = { label: `Join ${told.room}`, line: `/join ${told.room}` };
      chat.unseen(chat.server, { kind: 'note', at, text, tone: 'news', offer });
      return;
    }
    case 'cluster':
    case 'storage':
      announce(chat, { kind: 'note', at, text: wordsOf(told) ?? '', tone: told.ok ? 'news' : 'trouble' });
      return;
    case 'welcome':
      chat.note(told.text, at, 'news', chat.server);
      return;
    default: {
      if (told.type === 'away') chat.absence.isAway = told.away;
      else if (told.type === 'ignoring') chat.absence.ignored = told.names;
      const words = wordsOf(told);
      if (words !== undefined) chat.note(words, at, 'news', chat.asked);
    }
  }
}

/**
 * @param {Conversations} chat
 * @param {import('./events.js').Message} message
 */
function hearMessage(chat, { time, from, room, text, about }) {
  // What I say to myself stands there already.
  if (room === undefined && chat.isMe(from) && about === undefined) return;
  /** @type {import('./conversation.js').Said} */
  const said = { kind: 'said', at: Date.parse(time), from, text, ...(about && { about }) };
  if (about === 'announcement') announce(chat, said);
  else chat.unseen(chat.with(room ?? from), said);
}

/**
 * It is for whoever is here: it stands where I look, and where it is found again.
 *
 * @param {Conversations} chat
 * @param {import('./conversation.js').Entry} entry
 */
function announce(chat, entry) {
  chat.unseen(chat.chosen, entry);
  if (chat.chosen !== chat.server) chat.also(chat.server, { ...entry });
}

/**
 * @param {Conversations} chat
 * @param {import('./events.js').Receipt | import('./events.js').Problem} answer
 * @param {number} at
 */
function hearAnswer(chat, answer, at) {
  const line = answer.number === undefined ? undefined : chat.own.answered(answer);
  if (line) {
    chat.answered(line);
    return;
  }
  if (answer.type !== 'error') return;
  chat.note(answer.text, at, 'trouble', chat.asked);
  // It may have been private all along, or there are too many rooms.
  for (const room of answer.rooms ?? []) if (chat.absence.arrived(room)) chat.moved();
}

/**
 * @param {Conversations} chat
 * @param {import('./events.js').Entered} told
 * @param {number} at
 */
function enter(chat, told, at) {
  const room = chat.with(told.room);
  room.joined = true;
  room.people.clear();
  for (const name of [...told.names, chat.me]) room.came(name);
  room.more = told.more;
  const returns = chat.absence.arrived(told.room);
  if (returns) chat.note(chat.absence.words, at, 'news', room, missedOf(room, chat.isOwner));
  const offer = returns ? undefined : chat.arrives(room);
  chat.note(wordsOf(told) ?? '', at, 'news', room, offer);
  chat.moved();
}

/**
 * @param {Conversations} chat
 * @param {import('./events.js').Left} told
 * @param {number} at
 */
function leave(chat, told, at) {
  const room = chat.with(told.room);
  if (told.names.some((name) => chat.isMe(name))) {
    chat.close(room);
    return;
  }
  for (const name of told.names) room.went(name);
  room.more = Math.max(0, room.more - told.more);
  chat.note(wordsOf(told) ?? '', at, 'news', room);
  chat.moved();
}

/**
 * @param {Conversations} chat
 * @param {Extract<Told, { type: 'renamed' }>} told
 * @param {number} at
 */
function rename(chat, told, at) {
  const { was, name } = told;
  const isMine = chat.isMe(was);
  const words = isMine ? `You are now ${name}.` : (wordsOf(told) ?? '');
  if (isMine) chat.me = name;
  for (const one of chat.list) {
    if (one.kind !== 'room' || !one.people.has(keyOf(was))) continue;
    one.renamed(was, name);
    chat.note(words, at, 'news', one);
  }
  if (isMine && chat.asked.kind !== 'room') chat.note(words, at, 'news', chat.asked);
  const person = chat.find(was);
  if (person?.kind === 'person') {
    chat.rename(person, name);
    chat.note(words, at, 'news', person);
  }
  chat.people.names = chat.people.names.map((one) => (keyOf(one) === keyOf(was) ? name : one));
  chat.moved();
}

/**
 * @param {Conversations} chat
 * @param {Extract<Told, { type: 'joined' | 'removed' | 'private' }>} told
 * @param {number} at
 */
function hearNews(chat, told, at) {
  const room = chat.with(told.room);
  if (told.type === 'joined') {
    room.came(told.name);
    const { names } = chat.people;
    if (!names.some((name) => keyOf(name) === keyOf(told.name))) names.push(told.name);
  } else if (told.type === 'removed') {
    room.went(told.name);
    if (chat.isMe(told.name)) room.joined = false;
  } else room.isPrivate = true;
  chat.note(wordsOf(told) ?? '', at, 'news', room);
  chat.moved();
}
