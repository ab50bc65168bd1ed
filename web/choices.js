/** The list of how a word could go on, by the combobox pattern of ARIA: the focus stays in the field. */
import { made, setText, the } from './elements.js';
import { counted } from './words.js';

/** @typedef {import('./completion.js').Choice} Choice */

export class Choices {
  #list;
  #count = the('choice-count', HTMLElement);
  #field;
  #taken;
  /** @type {readonly Choice[]} */ #choices = [];
  #from = 0;
  #at = -1;

  /**
   * @param {HTMLUListElement} list
   * @param {HTMLTextAreaElement} field
   * @param {() => void} taken the text is another
   */
  constructor(list, field, taken) {
    this.#list = list;
    this.#field = field;
    this.#taken = taken;
    // The focus stays in the field.
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', ({ target }) => {
      const option = target instanceof Element ? target.closest('li') : null;
      const at = option ? [...list.children].indexOf(option) : -1;
      if (at >= 0) this.#take(at);
    });
  }

  /**
   * @param {readonly Choice[]} choices at least one
   * @param {number} from where the word begins
   * @param {boolean} chosen the first one is
   */
  open(choices, from, chosen) {
    this.#choices = choices;
    this.#from = from;
    this.#list.replaceChildren(
      ...choices.map(({ label, hint }, index) => {
        const option = made('li', '', made('bdi', 'label', label), made('span', 'hint', hint));
        option.id = `choice-${index}`;
        option.tabIndex = -1;
        option.setAttribute('role', 'option');
        return option;
      }),
    );
    this.#list.hidden = false;
    setText(this.#count, `${counted(choices.length, 'completion', 'completions')}; Tab takes one`);
    this.#mark(chosen ? 0 : -1);
  }

  close() {
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    setText(this.#count, '');
    this.#list.replaceChildren();
    this.#choices = [];
    this.#field.removeAttribute('aria-activedescendant');
  }

  /** Takes the one that is marked, or the first. */
  take() {
    this.#take(Math.max(0, this.#at));
  }

  /**
   * Was the key for the list?
   *
   * @param {KeyboardEvent} event
   */
  pressed(event) {
    const count = this.#choices.length;
    if (count === 0) return false;
    switch (event.key) {
      case 'ArrowDown':
        this.#mark((this.#at + 1) % count);
        break;
      case 'ArrowUp':
        this.#mark((Math.max(this.#at, 0) + count - 1) % count);
        break;
      case 'Tab':
        if (event.shiftKey) return false;
        this.take();
        break;
      case 'Enter':
        if (this.#at < 0) return false;
        this.take();
        break;
      case 'Escape':
        this.close();
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {number} at */
  #take(at) {
    const choice = this.#choices[at];
    if (!choice) return;
    this.#field.setRangeText(choice.insert, this.#from, this.#field.selectionEnd, 'end');
    this.close();
    this.#taken();
  }

  /** @param {number} at */
  #mark(at) {
    this.#at = at;
    for (const [index, option] of [...this.#list.children].entries()) {
      option.setAttribute('aria-selected', String(index === at));
      if (index === at) option.scrollIntoView({ block: 'nearest' });
    }
    if (at < 0) this.#field.removeAttribute('aria-activedescendant');
    else this.#field.setAttribute('aria-activedescendant', `choice-${at}`);
  }
}
