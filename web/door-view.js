/** The first screen: what is your name? */
import { setText, the } from './elements.js';

/** The name used last, and nothing else, is kept in the browser. */
const KEPT = 'rxchat-name';

export class DoorView {
  #screen = the('door', HTMLElement);
  #field = the('name', HTMLInputElement);
  #button = /** @type {HTMLButtonElement} */ (this.#screen.querySelector('button'));
  #refusal = the('refusal', HTMLElement);

  /** @param {(name: string) => void} enter */
  constructor(enter) {
    this.#field.value = remembered();
    the('enter', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#field.value.trim();
      if (name === '' || this.#isBusy) return;
      this.#isBusy = true;
      setText(this.#refusal, '');
      this.#field.removeAttribute('aria-invalid');
      enter(name);
    });
  }

  /** @param {string} [why] one is here again */
  show(why = '') {
    this.#isBusy = false;
    this.#screen.hidden = false;
    setText(this.#refusal, why === '' ? '' : sentence(why));
    if (why !== '') this.#field.setAttribute('aria-invalid', 'true');
    this.#field.focus();
    this.#field.select();
  }

  /** @param {string} name the login worked */
  hide(name) {
    this.#isBusy = false;
    this.#screen.hidden = true;
    remember(name);
  }

  get #isBusy() {
    return this.#button.getAttribute('aria-disabled') === 'true';
  }

  set #isBusy(is) {
    if (is) this.#button.setAttribute('aria-disabled', 'true');
    else this.#button.removeAttribute('aria-disabled');
    setText(this.#button, is ? 'Coming in …' : 'Come in');
  }
}

/** @param {string} words */
const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);

// A browser that keeps nothing throws.
function remembered() {
  try {
    return localStorage.getItem(KEPT) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem(KEPT, name);
  } catch {
    // So it is typed again next time.
  }
}
