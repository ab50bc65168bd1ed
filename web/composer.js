/** Where one types: lines out, what was typed before, and how a word could go on. */
import { Choices } from './choices.js';
import { completionOf } from './completion.js';
import { setText, the } from './elements.js';
import { isSecret, linesOf } from './typed.js';
import { TypedBefore } from './typed-before.js';

/**
 * @typedef {object} Typing What the composer asks of the page.
 * @property {(line: string) => string | undefined} line takes one line, or says why not
 * @property {() => import('./completion.js').Known} known what a word may be
 * @property {(typed: string) => string} remark what there is to say of a text before it is sent; maybe empty
 */

const HIDDEN = 'A password is hidden while you type it, and does not come back with the arrow keys.';
/** Is the keyboard one on the screen, most likely? */
const ON_SCREEN = matchMedia('(hover: none)');

export class Composer {
  #form = the('composer', HTMLFormElement);
  #field = the('text', HTMLTextAreaElement);
  #send = the('send', HTMLButtonElement);
  #remark = the('remark', HTMLElement);
  #before = new TypedBefore();
  #choices;
  #typing;

  /** @param {Typing} typing */
  constructor(typing) {
    this.#typing = typing;
    this.#choices = new Choices(the('choices', HTMLUListElement), this.#field, () => this.#changed());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('input', () => {
      this.#changed();
      this.#offer(false);
    });
    this.#field.addEventListener('keydown', (event) => this.#pressed(event));
    this.#field.addEventListener('blur', () => this.#choices.close());
  }

  focus() {
    this.#field.focus();
  }

  /** So that one can type at once; but a keyboard on the screen comes only where it is asked for. */
  invite() {
    if (!ON_SCREEN.matches) this.focus();
  }

  /** @param {string} where the lines go; empty, if nowhere */
  goesTo(where) {
    const label = where === '' ? 'Type a command, like /help' : `Write to ${where}`;
    this.#field.placeholder = label;
    setText(the('text-label', HTMLElement), label);
    this.#choices.close();
    this.#changed();
  }

  /**
   * Puts a text back, behind what stands there.
   *
   * @param {string} text
   */
  takeBack(text) {
    const { value } = this.#field;
    this.#set(value === '' ? text : `${value}\n${text}`);
    this.focus();
  }

  #submit() {
    this.#choices.close();
    // A line may lead elsewhere.
    this.focus();
    const lines = linesOf(this.#field.value);
    let at = 0;
    /** @type {string | undefined} */ let why;
    for (; at < lines.length; at++) {
      const line = lines[at] ?? '';
      if (line.trim() === '') continue;
      why = this.#typing.line(line);
      if (why !== undefined) break;
      if (!isSecret(line)) this.#before.add(line);
    }
    this.#set(lines.slice(at).join('\n'));
    if (why !== undefined) this.say(why);
  }

  /** @param {string} remark */
  say(remark) {
    this.#remark.classList.remove('calm');
    setText(this.#remark, remark);
  }

  /** @param {string} text */
  #set(text) {
    this.#field.value = text;
    this.#changed();
  }

  #changed() {
    const { value, style } = this.#field;
    const count = linesOf(value).filter((line) => line.trim() !== '').length;
    setText(this.#send, count > 1 ? `Send ${count} lines` : 'Send');
    const hides = linesOf(value).some(isSecret);
    this.#field.classList.toggle('secret', hides);
    this.#field.spellcheck = !hides;
    this.say(hides ? HIDDEN : this.#typing.remark(value));
    this.#remark.classList.toggle('calm', hides);
    style.height = 'auto';
    style.height = `${this.#field.scrollHeight}px`;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { key, shiftKey, altKey, ctrlKey, metaKey, isComposing } = event;
    if (isComposing || altKey || ctrlKey || metaKey) return;
    if (this.#choices.pressed(event)) return;
    switch (key) {
      case 'Enter':
        if (shiftKey) return;
        event.preventDefault();
        this.#submit();
        return;
      case 'Tab':
        if (!shiftKey && this.#offer(true)) event.preventDefault();
        return;
      case 'ArrowUp':
        if (!shiftKey && !this.#textBeforeCaret().includes('\n'))
          this.#goThrough(event, this.#before.older(this.#field.value));
        return;
      case 'ArrowDown':
        if (!shiftKey && !this.#field.value.slice(this.#field.selectionEnd).includes('\n'))
          this.#goThrough(event, this.#before.newer());
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {string | undefined} text
   */
  #goThrough(event, text) {
    if (text === undefined) return;
    event.preventDefault();
    this.#set(text);
    this.#field.setSelectionRange(text.length, text.length);
  }

  #textBeforeCaret() {
    return this.#field.value.slice(0, this.#field.selectionStart);
  }

  /**
   * Shows how the word could go on; a single way is taken at once if it was asked for.
   *
   * @param {boolean} asked
   */
  #offer(asked) {
    const before = this.#textBeforeCaret();
    const completion = completionOf(before, this.#typing.known());
    const { choices, from } = completion;
    if (
      choices.length === 0 ||
      !(asked || completion.asked) ||
      this.#field.selectionStart !== this.#field.selectionEnd
    ) {
      this.#choices.close();
      return false;
    }
    this.#choices.open(choices, from, asked);
    if (asked && choices.length === 1) this.#choices.take();
    return true;
  }
}
