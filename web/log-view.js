/** The log of the conversation chosen. */
import { KEPT } from './conversation.js';
import { made, the } from './elements.js';
import { entryElement, showFate } from './entry.js';
import { dayOf } from './words.js';

/** @typedef {import('./conversation.js').Entry} Entry */
/** @typedef {import('./own-lines.js').OwnLine} OwnLine */

/** Pixels from its end within which a reader is at the end. */
const NEAR = 40;

export class LogView {
  #place = the('log-place', HTMLDivElement);
  #below = the('below', HTMLButtonElement);
  #log = made('div', '');
  #wishes;
  /** @type {Entry | undefined} */ #last;
  #entries = 0;
  /** @type {Map<OwnLine, HTMLElement>} */ #mine = new Map();
  #isAtEnd = true;

  /** @param {{ join: (room: string) => void, again: (text: string) => void }} wishes */
  constructor(wishes) {
    this.#wishes = wishes;
    this.#below.addEventListener('click', () => this.toEnd());
    // What is written below, or a keyboard that comes up, must not hide the end from who reads it.
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd();
    }).observe(this.#place);
  }

  /**
   * Another conversation. Its log is another element: a screen reader reads what comes into a log, not one that comes whole.
   *
   * @param {import('./conversation.js').Conversation} conversation
   */
  show({ title, entries, firstNew, kind }) {
    this.#log = made('div', 'log');
    this.#log.setAttribute('role', 'log');
    this.#log.setAttribute('aria-live', 'polite');
    this.#log.setAttribute(
      'aria-label',
      kind === 'person' ? `Conversation with ${title}` : `Conversation in ${title}`,
    );
    this.#log.tabIndex = 0;
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#last = undefined;
    this.#entries = 0;
    this.#mine.clear();
    if (entries.length === 0) this.#log.append(made('p', 'empty', emptyWords(kind, title)));
    this.#append(entries, firstNew);
    this.#place.replaceChildren(this.#log);
    this.toEnd();
  }

  /**
   * @param {readonly Entry[]} entries
   * @param {Entry | undefined} firstNew the mark goes before it
   */
  add(entries, firstNew) {
    this.#log.querySelector('.empty')?.remove();
    if (firstNew && entries.includes(firstNew)) this.#log.querySelector('.new')?.remove();
    const wasAtEnd = this.#isAtEnd;
    this.#append(entries, firstNew);
    if (wasAtEnd || entries.some((entry) => entry.kind === 'said' && entry.mine)) this.toEnd();
    else this.#below.hidden = false;
  }

  /** @param {Iterable<OwnLine>} lines whose state is another now */
  touch(lines) {
    const wasAtEnd = this.#isAtEnd;
    for (const line of lines) {
      const row = this.#mine.get(line);
      if (row) showFate(row, line, this.#wishes.again);
      if (line.state !== 'waiting') this.#mine.delete(line);
    }
    if (wasAtEnd) this.toEnd();
  }

  toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#isAtEnd = true;
    this.#below.hidden = true;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#isAtEnd) this.#below.hidden = true;
  }

  /**
   * @param {readonly Entry[]} entries
   * @param {Entry | undefined} firstNew
   */
  #append(entries, firstNew) {
    const some = entries.slice(-KEPT);
    const all = document.createDocumentFragment();
    for (const entry of some) {
      const day = dayOf(entry.at);
      if (this.#last === undefined || dayOf(this.#last.at) !== day) {
        all.append(made('div', 'mark day', made('span', '', day)));
        this.#last = undefined;
      }
      if (entry === firstNew) {
        all.append(made('div', 'mark new', made('span', '', 'New')));
        this.#last = undefined;
      }
      const row = entryElement(entry, this.#last, this.#wishes);
      if (entry.kind === 'said' && entry.mine?.state === 'waiting') this.#mine.set(entry.mine, row);
      all.append(row);
      this.#last = entry;
    }
    this.#log.append(all);
    this.#entries += some.length;
    this.#shorten();
  }

  /** The oldest go, with what marks them. */
  #shorten() {
    while (this.#entries > KEPT) {
      const first = this.#log.firstElementChild;
      if (first?.classList.contains('entry')) this.#entries--;
      first?.remove();
    }
  }
}

/**
 * @param {'room' | 'person' | 'server'} kind
 * @param {string} title
 */
function emptyWords(kind, title) {
  if (kind === 'person') return `Nothing was said yet. What you write goes to ${title} alone.`;
  return 'Nothing was said yet.';
}
