/** On a narrow screen the side bar is a drawer. */
import { the } from './elements.js';

const NARROW = matchMedia('(max-width: 44rem)');

export class Drawer {
  #side = the('side', HTMLElement);
  #talk = the('talk', HTMLElement);
  #veil = the('veil', HTMLElement);
  #button = the('drawer', HTMLButtonElement);

  constructor() {
    this.#button.addEventListener('click', () => this.#open());
    this.#veil.addEventListener('click', () => this.close());
    NARROW.addEventListener('change', () => this.close());
  }

  close() {
    if (!this.#side.classList.contains('open')) return;
    this.#show(false);
    this.#button.focus();
  }

  #open() {
    this.#show(true);
    this.#side.querySelector('button')?.focus();
  }

  /** @param {boolean} open */
  #show(open) {
    this.#side.classList.toggle('open', open);
    this.#button.setAttribute('aria-expanded', String(open));
    // What is behind the drawer is not to be reached.
    this.#talk.inert = open;
    this.#veil.hidden = !open;
  }
}
