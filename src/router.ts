/** Mailboxes: turns deliveries into one shared batch for each recipient and turn. */
import { Observable, type Subscriber } from 'rxjs';
import { Batch } from './batch.ts';
import type { Handled } from './chat.ts';
import type { ClientId, Order } from './message.ts';
import { encode } from './text.ts';

interface Mailbox {
  readonly subscriber: Subscriber<Batch>;
  readonly obey: (order: Order) => void;
  /** What it hears in the slice being routed. */
  batch: Batch | undefined;
}

export class Router {
  readonly #mailboxes = new Map<ClientId, Mailbox>();

  /**
   * What the chat has for one client, a batch for each turn; `obey` is told each order, behind the batch of its turn.
   * Opens on subscription, to be subscribed once; completes after the order to end, errors as `fail` says.
   */
  mailbox(id: ClientId, obey: (order: Order) => void): Observable<Batch> {
    return new Observable((subscriber) => {
      this.#mailboxes.set(id, { subscriber, obey, batch: undefined });
      return () => {
        this.#mailboxes.delete(id);
      };
    });
  }

  /** Ends a mailbox with an error; false where it is closed already. */
  fail(id: ClientId, error: unknown): boolean {
    const mailbox = this.#mailboxes.get(id);
    mailbox?.subscriber.error(error);
    return mailbox !== undefined;
  }

  /** Puts what came of a turn into the mailboxes. What is for a client who is gone is dropped with it. */
  route({ deliveries, instructions }: Handled): void {
    const root = Batch.root();
    const written: Mailbox[] = [];
    for (const { event, to } of deliveries) {
      const line = encode(event);
      for (const id of to) {
        const mailbox = this.#mailboxes.get(id);
        if (!mailbox) continue;
        if (!mailbox.batch) {
          mailbox.batch = root;
          written.push(mailbox);
        }
        mailbox.batch = mailbox.batch.append(event, line, to.length > 1);
      }
    }
    for (const mailbox of written) {
      const { batch } = mailbox;
      mailbox.batch = undefined;
      if (batch) mailbox.subscriber.next(batch);
    }
    for (const { to, order } of instructions) {
      const mailbox = this.#mailboxes.get(to);
      if (!mailbox) continue;
      mailbox.obey(order);
      if (order.do === 'end') mailbox.subscriber.complete();
    }
  }
}
