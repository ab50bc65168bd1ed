/** Who of those of this node that a delivery was for has it in their kernel, for a sender who wants to know. */
import type { ClientId, Input, NodeId, ReceiptPart } from './message.ts';

export class Ticket {
  readonly #node: NodeId;
  readonly #receipt: ReceiptPart;
  readonly #publish: (inputs: readonly Input[]) => void;
  #left: number;
  #taken = 0;
  readonly #lost: ClientId[] = [];

  /** For so many `people` of this node; once it is known of each of them, that is published. */
  constructor(
    node: NodeId,
    receipt: ReceiptPart,
    people: number,
    publish: (inputs: readonly Input[]) => void,
  ) {
    this.#node = node;
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
    const [node, receipt] = [this.#node, this.#receipt];
    const [taken, lost] = [this.#taken, this.#lost];
    this.#publish([{ type: 'taken', client: receipt.client, node, receipt, taken, lost }]);
  }
}
