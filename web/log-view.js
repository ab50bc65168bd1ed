/** The log of the conversation chosen. */
import { KEPT, sizeOf } from './conversation.js';
import { made, the } from './elements.js';
import { entryElement, offerElement, showFate } from './entry.js';
import { pastElement } from './past-view.js';
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
  /** Lines in it. */
  #lines = 0;
  /** What was told again. @type {Map<Entry, HTMLElement>} */ #past = new Map();
  /** @type {Map<OwnLine, HTMLElement>} */ #mine = new Map();
  #isAtEnd = true;
  /** Of the place, in pixels, as far as the end has been seen to. */
  #height = 0;

  /** @param {import('./entry.js').Wishes} wishes */
  constructor(wishes) {
    this.#wishes = wishes;
    this.#below.addEventListener('click', () => this.toEnd());
    // What is written below, or a keyboard that comes up, must not hide the end from who reads it.
    new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd();
      this.#height = this.#log.clientHeight;
    }).observe(this.#place);
  }

  /**
   * Another conversation. Its log is another element: a screen reader reads what comes into a log, not one that comes whole.
   *
   * @param {import('./conversation.js').Conversation} conversation
   * @param {import('./conversation.js').Offer | undefined} offer where nothing was said yet
   */
  show({ title, entries, firstNew, kind }, offer) {
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
    this.#lines = 0;
    this.#past.clear();
    this.#mine.clear();
    if (entries.length === 0) {
      const empty = made('p', 'empty', emptyWords(kind, title));
      if (offer) empty.append(' ', offerElement(offer, this.#wishes.take));
      this.#log.append(empty);
    }
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
    const told = entries.filter((entry) => entry.kind === 'past').at(-1);
    const block = told && told.of !== 'mail' ? this.#past.get(told) : undefined;
    if (told && block) this.#showPast(block, told.of);
    else if (wasAtEnd || entries.some((entry) => entry.kind === 'said' && entry.mine)) this.toEnd();
    else this.#below.hidden = false;
  }

  /** @param {readonly Entry[]} entries that are not to be seen any more */
  drop(entries) {
    for (const entry of entries) {
      const row = this.#past.get(entry);
      if (!row) continue;
      row.remove();
      this.#past.delete(entry);
      this.#lines -= sizeOf(entry);
    }
  }

  /**
   * Of a room one wants to read the last lines first, of what one has missed or found the first.
   *
   * @param {HTMLElement} block
   * @param {import('./conversation.js').Past['of']} of
   */
  #showPast(block, of) {
    if (of === 'room' || of === 'talk') {
      this.toEnd();
      return;
    }
    block.scrollIntoView({ block: 'start' });
    this.#scrolled();
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
    this.#height = this.#log.clientHeight;
    this.#isAtEnd = true;
    this.#below.hidden = true;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    // The place is another one by now: it is told of before the observer, and nobody has scrolled.
    if (this.#isAtEnd && clientHeight !== this.#height) return;
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
      const row =
        entry.kind === 'past'
          ? pastElement(entry, this.#wishes)
          : entryElement(entry, this.#last, this.#wishes);
      if (entry.kind === 'past') this.#past.set(entry, row);
      if (entry.kind === 'said' && entry.mine?.state === 'waiting') this.#mine.set(entry.mine, row);
      all.append(row);
      this.#last = entry;
      this.#lines += sizeOf(entry);
    }
    this.#log.append(all);
    this.#shorten();
  }

  /** The oldest go, with what marks them. */
  #shorten() {
    while (this.#lines > KEPT) {
      const first = this.#log.firstElementChild;
      if (!(first instanceof HTMLElement) || first === this.#log.lastElementChild) return;
      if (first.matches('.entry, .past')) this.#lines -= Number(first.dataset['lines'] ?? 1);
      for (const [entry, row] of this.#past) if (row === first) this.#past.delete(entry);
      first.remove();
    }
  }
}

/**
 * @param {'room' | 'person' | 'server'} kind
 * @param {string} title
 */
function emptyWords(kind, title) {
  if (kind === 'person') return `Nothing was said since you came. What you write goes to ${title} alone.`;
  return 'Nothing was said yet.';
}
