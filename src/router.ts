/** Mailboxes: turns deliveries into one shared batch for each recipient and turn. */
import { Observable, type Subscriber } from 'rxjs';
import { Batch, Tree } from './batch.ts';
import type { Handled } from './chat.ts';
import type { Codec } from './codec.ts';
import type { Event, Format } from './event.ts';
import { json } from './json.ts';
import type { ClientId, Delivery, Input, Order, ReceiptPart } from './message.ts';
import { text, timed } from './text.ts';
import { Ticket } from './ticket.ts';

/** Whose mailbox it is. */
export interface Owner {
  /** The format of its lines. */
  codec: Codec;
  /** An order, behind the batch of its turn. */
  obey(order: Order): void;
  /** The sender of something in the batch before wants to know when that is taken. */
  confirm(ticket: Ticket): void;
}

interface Mailbox {
  readonly subscriber: Subscriber<Batch>;
  readonly owner: Owner;
  /** The batches of its format. */
  tree: Tree;
  /** What it hears in the slice being routed. */
  batch: Batch | undefined;
}

export class Router {
  readonly #publish: (inputs: readonly Input[]) => void;
  readonly #mailboxes = new Map<ClientId, Mailbox>();
  /** Those of a room, as long as its people are the same; some of them may be closed. */
  readonly #crowds = new WeakMap<readonly ClientId[], readonly Mailbox[]>();
  /** Those who hear something in the slice being routed. */
  #written: Mailbox[] = [];
  readonly #trees = new Map<Codec, Tree>([text, timed, json].map((codec) => [codec, new Tree(codec)]));

  /** `publish` is told who has taken a delivery whose sender wants to know. */
  constructor(publish: (inputs: readonly Input[]) => void) {
    this.#publish = publish;
  }

  /**
   * What the chat has for one client, a batch for each turn. Opens on subscription, to be subscribed once; completes
   * after the order to end, errors as `fail` says.
   */
  mailbox(id: ClientId, owner: Owner): Observable<Batch> {
    return new Observable((subscriber) => {
      const tree = this.#trees.get(owner.codec) as Tree;
      this.#mailboxes.set(id, { subscriber, owner, tree, batch: undefined });
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
    for (const tree of this.#trees.values()) tree.begin();
    const confirmations: (readonly [Mailbox, Ticket])[] = [];
    for (const delivery of deliveries) {
      const { event, to, crowd, except, receipt } = delivery;
      if (event.type === 'format') this.#speak(to, event);
      if (crowd) {
        const left = except === undefined ? undefined : this.#mailboxes.get(except);
        const shared = to.length > 1;
        for (const mailbox of this.#crowd(to)) if (mailbox !== left) this.#put(mailbox, event, shared);
      } else {
        for (const id of to) {
          const mailbox = id === except ? undefined : this.#mailboxes.get(id);
          if (mailbox) this.#put(mailbox, event, to.length > 1);
        }
      }
      if (receipt) for (const one of this.#confirmations(delivery, receipt)) confirmations.push(one);
    }
    const written = this.#written;
    this.#written = [];
    for (const mailbox of written) {
      const { batch } = mailbox;
      mailbox.batch = undefined;
      if (batch) mailbox.subscriber.next(batch);
    }
    for (const [{ owner }, ticket] of confirmations) owner.confirm(ticket);
    for (const { to, order } of instructions) {
      const mailbox = this.#mailboxes.get(to);
      if (!mailbox) continue;
      mailbox.owner.obey(order);
      if (order.do === 'end') mailbox.subscriber.complete();
    }
  }

  #put(mailbox: Mailbox, event: Event, shared: boolean): void {
    const { tree } = mailbox;
    if (!mailbox.batch) {
      mailbox.batch = tree.root;
      this.#written.push(mailbox);
    }
    mailbox.batch = mailbox.batch.append(event, tree.line(event), shared);
  }

  #crowd(to: readonly ClientId[]): readonly Mailbox[] {
    const known = this.#crowds.get(to);
    if (known) return known;
    const mailboxes = to.map((id) => this.#mailboxes.get(id)).filter((mailbox) => mailbox !== undefined);
    this.#crowds.set(to, mailboxes);
    return mailboxes;
  }

  #speak(to: readonly ClientId[], { format, time }: Format): void {
    const codec = format === 'json' ? json : time ? timed : text;
    for (const id of to) {
      const mailbox = this.#mailboxes.get(id);
      if (!mailbox) continue;
      mailbox.owner.codec = codec;
      mailbox.tree = this.#trees.get(codec) as Tree;
    }
  }

  /** Who is to say when it is taken; that the others are gone already is said at once. */
  *#confirmations({ to, except }: Delivery, receipt: ReceiptPart): Generator<readonly [Mailbox, Ticket]> {
    const people = to.filter((id) => id !== except);
    const ticket = new Ticket(receipt, people.length, this.#publish);
    for (const id of people) {
      const mailbox = this.#mailboxes.get(id);
      if (mailbox && !mailbox.subscriber.closed) yield [mailbox, ticket];
      else ticket.lost(id);
    }
  }
}
