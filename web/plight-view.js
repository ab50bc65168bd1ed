/** What is said while there is no connection, and once there is one again. */
import { setText, the } from './elements.js';
import { spell } from './words.js';

/** Milliseconds for which it is said that all is well again. */
const GLAD = 6000;

export class PlightView {
  #place = the('plight', HTMLElement);
  #news = the('news', HTMLElement);
  #countdown = the('countdown', HTMLElement);
  #button = the('try-now', HTMLButtonElement);
  /** @type {number | undefined} */ #since;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #ticks;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #gladness;

  /** @type {string | undefined} */ #back;

  /** @param {{ tryNow: () => void, back: () => void }} wishes */
  constructor({ tryNow, back }) {
    this.#button.addEventListener('click', () => (this.#back === undefined ? tryNow() : back()));
  }

  /** @param {import('./visit.js').Plight} plight */
  show({ why, until, back }) {
    this.#still();
    this.#back = back;
    this.#since ??= Date.now();
    this.#place.className = 'lost';
    this.#button.hidden = until === undefined && back === undefined;
    setText(this.#button, back ?? 'Try now');
    if (back !== undefined) {
      setText(this.#news, why);
      setText(this.#countdown, '');
      return;
    }
    const tick = () => {
      const seconds = Math.ceil(((until ?? 0) - Date.now()) / 1000);
      setText(this.#countdown, until === undefined ? 'Trying …' : `Next try in ${Math.max(0, seconds)} s.`);
    };
    tick();
    if (until === undefined) return;
    // The seconds that pass are for the eye only: a screen reader would read out each of them.
    setText(this.#news, why);
    this.#ticks = setInterval(tick, 250);
  }

  /** There is a connection. */
  over() {
    this.#still();
    this.#place.className = '';
    setText(this.#countdown, '');
    if (this.#since === undefined) return;
    const away = (Date.now() - this.#since) / 1000;
    this.#since = undefined;
    this.#place.className = 'glad';
    this.#button.hidden = true;
    setText(this.#news, `You are back, after ${spell(away)}. What was said meanwhile is not here.`);
    this.#gladness = setTimeout(() => this.clear(), GLAD);
  }

  clear() {
    this.#still();
    this.#since = undefined;
    this.#place.className = '';
    setText(this.#news, '');
    setText(this.#countdown, '');
  }

  #still() {
    clearInterval(this.#ticks);
    clearTimeout(this.#gladness);
  }
}
