/** One stay in the chat: the login, what the page asks for by itself, and coming back when the line was lost. */
import { read } from './events.js';
import { Inquiry } from './inquiry.js';
import { Line } from './line.js';
import { keyOf } from './name.js';
import { Passwords } from './passwords.js';
import { isAnothers, LOST, Patience, sentAway } from './patience.js';
import { explained } from './words.js';

/**
 * @typedef {object} Visitor What the page is told.
 * @property {() => void} entered logged in, for the first time or again
 * @property {(why: string, problem: import('./events.js').Problem | undefined) => void} refused there is no way in, or not under that name
 * @property {(told: import('./events.js').Told[]) => void} heard something; what the page asked for by itself is not in it
 * @property {(plight: Plight | undefined) => void} plight why there is no connection; undefined where there is
 * @property {() => void} ended by /quit
 */
/**
 * @typedef {{ why: string, until: number | undefined, back?: string }} Plight `until` the next try, as of Date.now(); undefined
 *   during it, or if there will be none; `back` where there is none unless somebody wants to come back: what that is called
 */

/** Rooms that one line joins. */
const AT_ONCE = 20;
/** Seconds without a word after which a line that owes an answer is dead: longer than the server holds a sender. */
const SILENCE = 60;
/** Seconds for the server to say goodbye; a line that is dead never does. */
const GOODBYE = 2;
/** Codes of what the server says last. */
const LAST_WORDS = new Set(['stopping', 'too-slow', 'cut-off', 'fault']);

export class Visit {
  /** @type {Line} */ #line;
  /** What the page asks by itself. */
  inquiry = new Inquiry((line) => this.#send(line));
  /** @type {import('./conversations.js').Conversations} */ #chat;
  /** @type {Visitor} */ #visitor;
  /** @type {'outside' | 'at the door' | 'inside'} */ #where = 'outside';
  /** Was it inside before? Then it goes on trying. */
  #stays = false;
  #why = '';
  /** What the server said before it ended the line. @type {import('./events.js').Problem | undefined} */ #problem;
  /** When the line was lost, as of Date.now(). @type {number | undefined} */ #lostAt;
  #patience = new Patience();
  #passwords = new Passwords();
  #quits = false;
  /** What was heard between the login and its pong. @type {import('./events.js').Told[]} */ #early = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #goodbye;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #silence;

  /**
   * @param {string} url
   * @param {import('./conversations.js').Conversations} chat
   * @param {Visitor} visitor
   */
  constructor(url, chat, visitor) {
    this.#chat = chat;
    this.#visitor = visitor;
    this.#line = new Line(url, {
      opened: () => this.#opened(),
      heard: (lines) => this.#heard(lines),
      lost: () => this.#lost(),
      waits: (until) => {
        if (this.#stays) this.#visitor.plight({ why: this.#why, until });
      },
    });
  }

  get isInside() {
    return this.#where === 'inside';
  }

  /**
   * @param {string} name
   * @param {string} password empty, if there is none
   */
  enter(name, password) {
    this.#chat.me = name;
    this.#passwords.come(name, password);
    this.#line.close();
    this.#line.open();
  }

  /** Comes back where it was sent away. */
  back() {
    this.#line.open();
  }

  /** Tries again at once. */
  hurry() {
    this.#line.hurry();
  }

  /**
   * Says something. The chat has to know of it before.
   *
   * @param {string} line
   */
  say(line) {
    this.#send(line);
  }

  /**
   * Sends a command.
   *
   * @param {import('./typed.js').Ask} ask
   */
  ask(ask) {
    this.inquiry.typed(ask);
    this.#passwords.typed(ask);
    this.#send(ask.line);
    if (ask.word === 'quit') this.#quit();
  }

  /** Leaves for good; where there is no connection, nobody has to be told. */
  leave() {
    if (this.isInside) this.#send('/quit');
    this.#quit();
  }

  #quit() {
    this.#quits = true;
    if (!this.isInside) this.#line.drop();
    else this.#goodbye ??= setTimeout(() => this.#line.drop(), 1000 * GOODBYE);
  }

  #opened() {
    this.#where = 'at the door';
    this.#problem = undefined;
    this.#early = [];
    // Behind a blank nothing that somebody chose as a name is a command. A login is silent, the pong says that it was one.
    const { me } = this.#chat;
    this.#send(['/format json', ` ${me} ${this.#passwords.of(me)}`.trimEnd(), '/ping'].join('\n'));
  }

  /** @param {string[]} lines */
  #heard(lines) {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    /** @type {import('./events.js').Told[]} */
    const told = [];
    for (const line of lines) {
      const one = read(line);
      if (one.type === 'error' && one.number === undefined) this.#problem = one;
      if (this.#where === 'at the door') {
        if (one.type === 'pong') {
          if (this.#problem) {
            this.#line.drop();
            return;
          }
          // Whoever comes back was welcomed before.
          told.push(...this.#early.filter(({ type }) => type !== 'welcome' || !this.#stays));
          this.#inside();
        } else this.#early.push(one);
      } else if (!this.#forThePage(one)) told.push(one);
    }
    this.#visitor.heard(told);
    this.#watch();
  }

  #inside() {
    const lostAt = this.#lostAt;
    this.#chat.isOwner = this.#passwords.of(this.#chat.me) !== '';
    this.#where = 'inside';
    this.#stays = true;
    this.#lostAt = undefined;
    this.#patience.over();
    this.#line.works();
    this.#send('/receipts on');
    this.inquiry.begin();
    if (lostAt !== undefined) {
      // Those of a name that was taken over have passed over with it.
      const passed = new Set(this.#early.map((one) => (one.type === 'entered' ? keyOf(one.room) : '')));
      const rooms = this.#chat.absence.rooms.filter((room) => !passed.has(keyOf(room)));
      for (let from = 0; from < rooms.length; from += AT_ONCE)
        this.#send(`/join ${rooms.slice(from, from + AT_ONCE).join(' ')}`);
      this.#chat.returned(lostAt, Date.now());
    }
    this.#visitor.plight(undefined);
    this.#visitor.entered();
  }

  /**
   * Whose name it is may be another matter by what the server says. To be called before that is heard by the chat.
   *
   * @param {import('./events.js').Told} told
   */
  learn(told) {
    if (!this.#passwords.heard(told, this.#chat.me)) return;
    const { me } = this.#chat;
    this.#chat.isOwner = this.#passwords.of(told.type === 'renamed' ? told.name : me) !== '';
    this.inquiry.relearn();
  }

  /**
   * Takes what the page asked for by itself.
   *
   * @param {import('./events.js').Told} told
   */
  #forThePage(told) {
    switch (told.type) {
      case 'people':
        if (told.room !== undefined) return false;
        this.#chat.hereAre(told);
        return this.inquiry.answered('people');
      case 'rooms':
        this.#chat.roomsAre(told);
        return this.inquiry.answered('rooms');
      case 'help':
        this.#chat.commands = told.commands;
        return this.inquiry.answered('help');
      default:
        return false;
    }
  }

  /** @returns {number | undefined} as Line has it */
  #lost() {
    clearTimeout(this.#silence);
    clearTimeout(this.#goodbye);
    this.#silence = this.#goodbye = undefined;
    this.inquiry.end();
    const wasInside = this.isInside;
    this.#where = 'outside';
    const problem = this.#problem;
    this.#problem = undefined;
    if (wasInside) {
      this.#lostAt = Date.now();
      this.#chat.lost();
    }
    if (this.#quits) {
      this.#quits = this.#stays = false;
      this.#lostAt = undefined;
      this.#passwords.forget();
      this.#visitor.ended();
      return undefined;
    }
    if (!this.#stays) {
      this.#visitor.refused(
        problem ? explained(problem) : 'There is no answer. The server may be down, or full.',
        problem,
      );
      return undefined;
    }
    const away = wasInside ? sentAway(problem) : undefined;
    if (away) {
      this.#visitor.plight({ ...away, until: undefined });
      return undefined;
    }
    if (wasInside && !isAnothers(problem)) {
      this.#why = problem && LAST_WORDS.has(problem.code) ? `The server says: ${explained(problem)}.` : LOST;
      return 0;
    }
    const patience = this.#patience.after(problem, this.#chat.me, Date.now());
    if (patience) {
      this.#why = patience.why;
      return patience.seconds;
    }
    // Back to the first screen, with what was heard kept.
    this.#stays = false;
    this.#patience.over();
    this.#visitor.refused(problem ? explained(problem) : LOST, problem);
    return undefined;
  }

  /** @param {string} line */
  #send(line) {
    this.#line.send(line);
    this.#watch();
  }

  /** A phone that slept, or a network that went, tells nobody that the line is dead. */
  #watch() {
    const owed = this.#where === 'at the door' || this.#chat.own.areWaiting || this.inquiry.isOwed;
    if (owed) this.#silence ??= setTimeout(() => this.#line.drop(), 1000 * SILENCE);
  }
}
