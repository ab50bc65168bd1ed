/** Who of those that a delivery was for has it in their kernel, for a sender who wants to know. */
import type { ClientId, Input, ReceiptPart } from './message.ts';

export class Ticket {
  readonly #receipt: ReceiptPart;
  readonly #publish: (inputs: readonly Input[]) => void;
  #left: number;
  #taken = 0;
  readonly #lost: ClientId[] = [];

  /** For so many `people`; once it is known of each of them, that is published. */
  constructor(receipt: ReceiptPart, people: number, publish: (inputs: readonly Input[]) => void) {
    this.#receipt = receipt;
    this.#left = people;
    this.#publish = publish;
  }

  /** One of them has it in its kernel. */
  taken(): void {
    this.#taken++;
    this.#count();
  }

  /** One of them is gone, and never will. */
  lost(id: ClientId): void {
    this.#lost.push(id);
    this.#count();
  }

  #count(): void {
    if (--this.#left > 0) return;
    const receipt = this.#receipt;
    this.#publish([{ type: 'taken', client: receipt.client, receipt, taken: this.#taken, lost: this.#lost }]);
  }
}
