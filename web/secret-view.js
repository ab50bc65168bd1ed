/** Where a password is asked for, in a field that hides it: what `/reserve` alone does. */
import { setText, the } from './elements.js';

export class SecretView {
  #form = the('secret', HTMLFormElement);
  #field = the('new-password', HTMLInputElement);
  #closed;

  /**
   * @param {(password: string) => boolean} reserve whether it is on its way
   * @param {() => void} closed the focus is to be elsewhere
   */
  constructor(reserve, closed) {
    this.#closed = closed;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const password = this.#field.value.trim();
      if (password !== '' && reserve(password)) this.close();
    });
    this.#form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
    the('no-password', HTMLButtonElement).addEventListener('click', () => this.close());
  }

  /** @param {string} name that is to take it */
  open(name) {
    setText(the('new-password-label', HTMLElement), `A password for ${name}, of 8 characters or more`);
    this.#form.hidden = false;
    this.#field.focus();
  }

  /** It is not asked for any more. */
  close() {
    if (this.#form.hidden) return;
    this.#field.value = '';
    this.#form.hidden = true;
    this.#closed();
  }
}
