/** The first screen: what is your name? */
import { setText, the } from './elements.js';

/** The name used last, and nothing else, is kept in the browser. */
const KEPT = 'rxchat-name';

/** What a name may not have in it: a password has a field of its own, and stands nowhere else. */
const GAP = /\s/u;
const NO_NAME =
  'A name is 1 to 32 letters, digits, "_", "-" or ".", without blanks; a password has its own field.';
/** What to do next, where there are two fields. @type {Readonly<Record<string, string>>} */
const NEXT = {
  'name-reserved': 'type its password, or another name',
  'not-reserved': 'leave the password empty, or take another name',
};
/** After these the name is to be another, or the password is; after all others both may be right. */
const WRONG_NAME = ['name-taken', 'not-a-name', 'not-reserved', 'banned'];
const WRONG_PASSWORD = ['name-reserved', 'wrong-password'];

export class DoorView {
  #screen = the('door', HTMLElement);
  #name = the('name', HTMLInputElement);
  #password = the('password', HTMLInputElement);
  #button = /** @type {HTMLButtonElement} */ (this.#screen.querySelector('button'));
  #refusal = the('refusal', HTMLElement);

  /** @param {(name: string, password: string) => void} enter `password` is empty, if there is none */
  constructor(enter) {
    this.#name.value = remembered();
    the('enter', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name === '' || this.#isBusy) return;
      if (GAP.test(name)) {
        this.show(NO_NAME, 'not-a-name');
        return;
      }
      this.#isBusy = true;
      this.#refuse('');
      enter(name, this.#password.value.trim());
    });
  }

  /**
   * One is here again.
   *
   * @param {string} [why]
   * @param {string} [code] of the problem
   */
  show(why = '', code = '') {
    this.#isBusy = false;
    this.#screen.hidden = false;
    const password = this.#password.value.trim();
    const name = this.#name.value.trim();
    const nobodys =
      code === 'not-a-name' && password !== '' ? ` If ${name} is a name, it takes no password.` : '';
    // What the server says of it is how to type both in one line.
    const next = NEXT[code];
    const words = next === undefined ? why : why.replace(/;.*/su, `; ${next}`);
    this.#refuse(words === '' ? '' : sentence(words) + (nobodys === '' ? '' : `.${nobodys}`));
    let field = this.#name;
    if (WRONG_PASSWORD.includes(code)) {
      field = this.#password;
      field.value = '';
    } else if (code === 'plain-password') this.#password.value = '';
    else if (code.startsWith('password-')) field = this.#password;
    if (WRONG_NAME.includes(code) || WRONG_PASSWORD.includes(code))
      field.setAttribute('aria-invalid', 'true');
    field.focus();
    field.select();
  }

  /** @param {string} name the login worked */
  hide(name) {
    this.#isBusy = false;
    this.#screen.hidden = true;
    this.#password.value = '';
    remember(name);
  }

  /** @param {string} why empty, if nothing is wrong */
  #refuse(why) {
    setText(this.#refusal, why);
    for (const field of [this.#name, this.#password]) field.removeAttribute('aria-invalid');
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
