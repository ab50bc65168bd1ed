/** All that the page knows: who I am, who is here, which conversations there are. It knows no document and no socket. */
import { Conversation } from './conversation.js';
import { isRoom, keyOf } from './name.js';
import { OwnLines } from './own-lines.js';
import { clock, spell, wordsOf } from './words.js';

/** @typedef {import('./conversation.js').Entry} Entry */
/** @typedef {import('./events.js').Told} Told */
/**
 * @typedef {object} Changes What is to be shown anew.
 * @property {Map<Conversation, Entry[]>} added
 * @property {Set<import('./own-lines.js').OwnLine>} lines whose state is another
 * @property {boolean} around people, rooms, unread counts, or which conversation is chosen
 */

export class Conversations {
  me = '';
  /** @type {Map<string, Conversation>} */ #all = new Map();
  server = new Conversation('server', '');
  chosen = this.server;
  /** Does somebody look at the conversation chosen? */
  looking = true;
  own = new OwnLines();
  /** There is no connection: what is known is as of then. */
  isLost = false;
  /** Who is here, as of the last answer. */
  people = { names: /** @type {string[]} */ ([]), more: 0 };
  /** The rooms that there are, as of the last answer. */
  rooms = { rooms: /** @type {import('./events.js').RoomEntry[]} */ ([]), more: 0 };
  /** @type {readonly import('./events.js').CommandHelp[]} */ commands = [];
  /** Where the last command was typed: what answers it belongs there. */
  #asked = this.server;
  /** Keys of the rooms that I am on my way back to. @type {Set<string>} */
  #returning = new Set();
  #back = '';
  #changes = nothing();

  constructor() {
    this.forget();
  }

  /** All of it, as at the beginning; who looks still does. */
  forget() {
    this.me = '';
    this.isLost = false;
    this.own = new OwnLines();
    this.server = new Conversation('server', '');
    this.#all = new Map([[this.server.key, this.server]]);
    this.people = { names: [], more: 0 };
    this.rooms = { rooms: [], more: 0 };
    this.#returning.clear();
    this.#asked = this.server;
    this.choose(this.server);
  }

  get list() {
    return [...this.#all.values()];
  }

  get unread() {
    return this.list.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** What has changed since this was asked last. */
  take() {
    const changes = this.#changes;
    this.#changes = nothing();
    return changes;
  }

  /** @param {string} name of a person or a room, or empty */
  find(name) {
    return this.#all.get(keyOf(name));
  }

  /**
   * The conversation of that name, begun if need be.
   *
   * @param {string} name
   */
  with(name) {
    const found = this.find(name);
    if (found) return found;
    const begun = new Conversation(isRoom(name) ? 'room' : 'person', name);
    this.#all.set(begun.key, begun);
    this.#changes.around = true;
    return begun;
  }

  /** @param {Conversation} conversation */
  choose(conversation) {
    if (conversation !== this.chosen) this.chosen.firstNew = undefined;
    this.chosen = conversation;
    this.seen();
    this.#changes.around = true;
  }

  /** The conversation chosen is being looked at. */
  seen() {
    if (this.chosen.unread === 0) return;
    this.chosen.unread = 0;
    this.#changes.around = true;
  }

  /** @param {Conversation} conversation */
  close(conversation) {
    if (conversation === this.server) return;
    this.#all.delete(conversation.key);
    this.#returning.delete(conversation.key);
    this.#changes.around = true;
    if (conversation === this.chosen) this.choose(this.server);
  }

  /**
   * I said it, and the line is on its way.
   *
   * @param {import('./typed.js').Say} said
   * @param {string} typed
   * @param {number} at
   */
  said({ to, text, line }, typed, at) {
    const mine = this.own.say(typed, line);
    const keys = new Set(to.filter((name) => !isRoom(name) || this.find(name)).map(keyOf));
    const where = [...keys].map((key) => this.with(to.find((name) => keyOf(name) === key) ?? ''));
    for (const one of where) this.#add(one, { kind: 'said', at, from: this.me, text, mine });
    if (where.includes(this.chosen)) return;
    this.#add(this.chosen, { kind: 'said', at, from: this.me, text, mine, elsewhere: to.join(', ') });
  }

  /** A command is on its way. */
  asks() {
    this.#asked = this.chosen;
  }

  /**
   * The page itself says something.
   *
   * @param {string} text
   * @param {number} at
   * @param {'news' | 'trouble'} [tone]
   */
  note(text, at, tone = 'news', conversation = this.chosen) {
    this.#add(conversation, { kind: 'note', at, text, tone });
  }

  /**
   * The connection is gone: what had no answer will have none.
   *
   * @returns {string[]} the rooms that I was in
   */
  lost() {
    for (const line of this.own.lose()) this.#changes.lines.add(line);
    for (const room of this.list) {
      if (!room.joined) continue;
      room.joined = false;
      this.#returning.add(room.key);
    }
    this.isLost = true;
    this.#changes.around = true;
    return this.returning;
  }

  /** The rooms that I was in when the connection was lost. */
  get returning() {
    return [...this.#returning].map((key) => this.#all.get(key)?.name ?? '').filter((name) => name !== '');
  }

  /**
   * I am here again.
   *
   * @param {number} from
   * @param {number} until
   */
  returned(from, until) {
    this.isLost = false;
    this.#changes.around = true;
    this.#back = `You were away from ${clock(from)} to ${clock(until)}, for ${spell((until - from) / 1000)}. What was said meanwhile is not here.`;
    for (const one of this.list) if (one.kind !== 'room') this.note(this.#back, until, 'news', one);
  }

  /**
   * @param {Told} told
   * @param {number} at
   */
  hear(told, at) {
    switch (told.type) {
      case 'message':
        this.#message(told);
        return;
      case 'receipt':
      case 'error':
        this.#answer(told, at);
        return;
      case 'entered':
        this.#entered(told, at);
        return;
      case 'left':
        this.#left(told, at);
        return;
      case 'renamed':
        this.#renamed(told, at);
        return;
      case 'joined':
      case 'removed':
      case 'private':
        this.#news(told, at);
        return;
      case 'invitation':
        this.#unseen(this.server, {
          kind: 'note',
          at,
          text: wordsOf(told) ?? '',
          tone: 'news',
          join: told.room,
        });
        return;
      case 'welcome':
        this.note(told.text, at, 'news', this.server);
        return;
      default: {
        const words = wordsOf(told);
        if (words !== undefined) this.note(words, at, 'news', this.#place);
      }
    }
  }

  /** @param {import('./events.js').People} people */
  hereAre({ names, more }) {
    this.people = { names, more };
    this.#changes.around = true;
  }

  /** @param {{ rooms: import('./events.js').RoomEntry[], more: number }} rooms */
  roomsAre({ rooms, more }) {
    this.rooms = { rooms, more };
    this.#changes.around = true;
    for (const { room, private: isPrivate } of rooms) {
      const here = this.find(room);
      if (here) here.isPrivate = isPrivate;
    }
  }

  /**
   * Is somebody I talk with here, and am I in a room that I look at? As far as is known.
   *
   * @param {Conversation} conversation
   */
  isThere({ kind, key, joined }) {
    if (this.isLost || kind === 'server' || this.#returning.has(key)) return true;
    if (kind === 'room') return joined;
    return this.people.more > 0 || this.people.names.some((name) => keyOf(name) === key);
  }

  /** Is that what I am called? @param {string} name */
  isMe(name) {
    return keyOf(name) === keyOf(this.me);
  }

  get #place() {
    return this.find(this.#asked.name) ?? this.server;
  }

  /** @param {import('./events.js').Message} message */
  #message({ time, from, room, text, about }) {
    // What I say to myself stands there already.
    if (room === undefined && this.isMe(from) && about === undefined) return;
    /** @type {import('./conversation.js').Said} */
    const said = { kind: 'said', at: Date.parse(time), from, text, ...(about && { about }) };
    this.#unseen(this.with(room ?? from), said);
  }

  /**
   * @param {import('./events.js').Receipt | import('./events.js').Problem} answer
   * @param {number} at
   */
  #answer(answer, at) {
    const line = answer.number === undefined ? undefined : this.own.answered(answer);
    if (line) this.#changes.lines.add(line);
    else if (answer.type === 'error') this.note(answer.text, at, 'trouble', this.#place);
  }

  /**
   * @param {import('./events.js').Entered} told
   * @param {number} at
   */
  #entered(told, at) {
    const room = this.with(told.room);
    room.joined = true;
    room.people.clear();
    for (const name of [...told.names, this.me]) room.came(name);
    room.more = told.more;
    const returns = this.#returning.delete(room.key);
    if (returns) this.note(this.#back, at, 'news', room);
    this.note(wordsOf(told) ?? '', at, 'news', room);
    if (!returns) this.choose(room);
    this.#changes.around = true;
  }

  /**
   * @param {import('./events.js').Left} told
   * @param {number} at
   */
  #left(told, at) {
    const room = this.with(told.room);
    if (told.names.some((name) => this.isMe(name))) {
      this.close(room);
      return;
    }
    for (const name of told.names) room.went(name);
    room.more = Math.max(0, room.more - told.more);
    this.note(wordsOf(told) ?? '', at, 'news', room);
    this.#changes.around = true;
  }

  /**
   * @param {{ type: 'renamed', was: string, name: string }} told
   * @param {number} at
   */
  #renamed(told, at) {
    const { was, name } = told;
    const words = this.isMe(was) ? `You are now ${name}.` : (wordsOf(told) ?? '');
    for (const one of this.list) {
      if (one.kind !== 'room' || !one.people.has(keyOf(was))) continue;
      one.renamed(was, name);
      this.note(words, at, 'news', one);
    }
    if (this.isMe(was)) {
      this.me = name;
      if (this.#place.kind !== 'room') this.note(words, at, 'news', this.#place);
    }
    const person = this.find(was);
    if (person?.kind === 'person') {
      const other = this.find(name);
      // I talked with somebody else of that name before.
      if (other && other !== person) this.close(other);
      this.#all.delete(person.key);
      person.name = name;
      this.#all.set(person.key, person);
      this.note(words, at, 'news', person);
    }
    this.people.names = this.people.names.map((one) => (keyOf(one) === keyOf(was) ? name : one));
    this.#changes.around = true;
  }

  /**
   * @param {Extract<Told, { type: 'joined' | 'removed' | 'private' }>} told
   * @param {number} at
   */
  #news(told, at) {
    const room = this.with(told.room);
    if (told.type === 'joined') {
      room.came(told.name);
      if (!this.people.names.some((name) => keyOf(name) === keyOf(told.name)))
        this.people.names.push(told.name);
    } else if (told.type === 'removed') {
      room.went(told.name);
      if (this.isMe(told.name)) room.joined = false;
    } else room.isPrivate = true;
    this.note(wordsOf(told) ?? '', at, 'news', room);
    this.#changes.around = true;
  }

  /**
   * Somebody wants it to be seen.
   *
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  #unseen(conversation, entry) {
    if (conversation !== this.chosen || !this.looking) {
      if (conversation.unread++ === 0) conversation.firstNew = entry;
      this.#changes.around = true;
    }
    this.#add(conversation, entry);
  }

  /**
   * @param {Conversation} conversation
   * @param {Entry} entry
   */
  #add(conversation, entry) {
    conversation.add(entry);
    const added = this.#changes.added.get(conversation);
    if (added) added.push(entry);
    else this.#changes.added.set(conversation, [entry]);
  }
}

/** @returns {Changes} */
const nothing = () => ({ added: new Map(), lines: new Set(), around: false });
