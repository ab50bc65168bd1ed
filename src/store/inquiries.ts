/** What a node of a cluster asks the worker, and waits for. */
import type { Answers, Question, Reply } from './post.ts';

interface Asked {
  readonly question: Question;
  readonly resolve: (answer: Answers[Question['ask']]) => void;
  readonly reject: (error: Error) => void;
}

export class Inquiries {
  /** What waits until all is written that was to be. */
  readonly #waiting: Asked[] = [];
  #asked: Asked | undefined;
  /** Who waits for what others need. */
  readonly #packing: ((holdings: Uint8Array | undefined) => void)[] = [];

  /** Something is to be asked. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The worker has been asked something, and has not answered. */
  get isAsked(): boolean {
    return this.#asked !== undefined;
  }

  /** Rejects where the disk does not do it. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve: resolve as Asked['resolve'], reject });
    });
  }

  /** What the worker is asked next, if anything: no other question until it is answered. */
  next(): Question | undefined {
    this.#asked = this.#waiting.shift();
    return this.#asked?.question;
  }

  answered(reply: Extract<Reply, { type: 'told' | 'untold' }>): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (reply.type === 'told') asked?.resolve(reply.answer);
    else asked?.reject(new Error(reply.error));
  }

  /** It has been asked for what others need. It may never resolve, where the disk hangs. */
  packing(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => this.#packing.push(resolve));
  }

  /** Whoever asked first has it. */
  packed(holdings: Uint8Array | undefined): void {
    this.#packing.shift()?.(holdings);
  }
}
