/** What was said before, as it is told again: line by line, until all of it is there. */

import { counted, pastWords } from './words.js';

/** @typedef {import('./conversations.js').Conversations} Conversations */
/** @typedef {import('./events.js').Message} Message */

export class Retold {
  /** What somebody has asked for; its end says what it was. @type {Message[]} */ #asked = [];
  /** What waited for me; it comes by itself. @type {Message[]} */ #mail = [];

  /** @param {Message} message */
  add(message) {
    if (message.past === 'mail') this.#mail.push(message);
    else this.#asked.push(message);
  }

  /** Lines that were asked for, now that they are all there. */
  asked() {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  /** The mail so far, by sender. */
  mail() {
    /** @type {Map<string, Message[]>} */
    const mail = new Map();
    for (const message of this.#mail) {
      const { from } = message;
      const others = mail.get(from);
      if (others) others.push(message);
      else mail.set(from, [message]);
    }
    this.#mail = [];
    return mail;
  }
}

/**
 * All is told that was to be told at once: what waited for me is in the conversations with whom it is from.
 *
 * @param {Conversations} chat
 * @param {number} at as of Date.now()
 */
export function settle(chat, at) {
  for (const [from, mail] of chat.retold.mail()) {
    const lines = mail.map((message) => pastLine(message, 'mail'));
    const text = `${counted(lines.length, 'line', 'lines')} kept for you while you were away`;
    chat.unseen(chat.with(from), { kind: 'past', at, text, of: 'mail', what: from, lines, more: false });
  }
}

/**
 * Lines that somebody asked for are all there. They stand where they were said; where there is no such conversation, or they
 * are from several, where it was asked for.
 *
 * @param {Conversations} chat
 * @param {import('./events.js').PastEnd} told
 * @param {number} at
 */
export function tellAgain(chat, told, at) {
  const { of, what, more } = told;
  const lines = chat.retold.asked().map((message) => pastLine(message, of));
  const isOfOne = of === 'room' || of === 'talk';
  const place = isOfOne ? chat.find(what) : undefined;
  const where = place ?? (of === 'talk' && lines.length > 0 ? chat.with(what) : chat.asked);
  if (isOfOne && where !== chat.chosen) chat.choose(where);
  if (lines.length === 0) chat.note(pastWords(told), at, 'news', where);
  else chat.retell(where, { kind: 'past', at, text: pastWords(told), of, what, lines, more });
}

/**
 * @param {Message} message
 * @param {import('./conversation.js').Past['of']} of
 * @returns {import('./conversation.js').Said}
 */
function pastLine({ time, from, room, text, about, to }, of) {
  const isMixed = of === 'words' || of === 'absence';
  const elsewhere = isMixed && room === undefined ? (to ?? 'you') : undefined;
  return {
    ...{ kind: 'said', at: Date.parse(time), from, text },
    ...(about && { about }),
    ...(elsewhere !== undefined && { elsewhere }),
    ...(isMixed && room !== undefined && { room }),
  };
}
