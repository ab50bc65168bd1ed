import { Gate } from '../../src/gate.ts';
import type { Turnstile } from '../../src/turnstile.ts';
import { linesOf } from './passages.ts';

/** Says lines of so many bytes as fast as its gate lets it, the way `lines` does. */
export class Talker {
  readonly gate: Gate;
  /** What was done to the valve. */
  readonly valve: string[] = [];
  /** Lines that passed. */
  passed: number[] = [];
  #inHand = '';

  constructor(turnstile: Turnstile, heard: (talker: Talker, length: number) => void = () => undefined) {
    this.gate = new Gate(turnstile, {
      pause: () => this.valve.push('pause'),
      resume: () => this.valve.push('resume'),
    });
    this.gate.wake = () => {
      while (this.#inHand !== '') {
        const length = this.gate.admit({ text: this.#inHand, plain: true });
        if (length === 0) return;
        const passing = this.#inHand.slice(0, length);
        this.#inHand = this.#inHand.slice(length);
        for (const line of linesOf({ text: passing, plain: true })) this.passed.push((line as string).length);
        heard(this, length);
      }
      this.gate.drained();
    };
  }

  say(count: number, bytes: number): void {
    this.#inHand += `${'x'.repeat(bytes)}\n`.repeat(count);
    this.gate.wake();
  }

  get bytes(): number {
    return this.passed.reduce((sum, bytes) => sum + bytes, 0);
  }
}
