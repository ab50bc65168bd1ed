/** Mailboxes: turns deliveries into batches, each shared by all who hear the same. */
import {
  concatMap,
  finalize,
  ignoreElements,
  map,
  Observable,
  repeat,
  Subject,
  type Subscriber,
  takeWhile,
} from 'rxjs';
import { type Batch, Tree } from './batch.ts';
import type { Handled } from './chat.ts';
import type { Codec } from './codec.ts';
import type { Event, Format } from './event.ts';
import { json } from './json.ts';
import type { ClientId, Delivery, Input, NodeId, Order, ReceiptPart } from './message.ts';
import { nodeOf } from './node.ts';
import { text, timed } from './text.ts';
import { Ticket } from './ticket.ts';
import { immediate } from './turns.ts';

/** Mailboxes that are emptied in one go: a write takes some 15 µs (measured). */
const AT_ONCE = 32;
/** Characters past which what waits in a mailbox goes out soon: only what is written is counted, and bounded. */
const MUCH = 64 * 1024;
/** Recipients of a delivery up to which it does not wait behind those that have more. */
const FEW = 100;

/** Whose mailbox it is. */
export interface Owner {
  /** The format of its lines. */
  codec: Codec;
  /** An order; that to end comes behind all that it is to hear. */
  obey(order: Order): void;
  /** The sender of something in the batch before wants to know when that is taken. */
  confirm(ticket: Ticket): void;
}

interface Mailbox {
  readonly subscriber: Subscriber<Batch>;
  readonly owner: Owner;
  /** The batches of its format. */
  tree: Tree;
  /** What it is to hear. */
  batch: Batch | undefined;
  /** Where it stands if that is not empty. */
  queue: 'soon' | 'later' | 'both' | undefined;
  /** To be confirmed with that. */
  tickets: Ticket[] | undefined;
}

const NOBODY: readonly ClientId[] = [];

export class Router {
  readonly #node: NodeId;
  readonly #publish: (inputs: readonly Input[]) => void;
  readonly #given: ((bytes: number) => void) | undefined;
  readonly #mailboxes = new Map<ClientId, Mailbox>();
  /** Those of a room, as long as its people are the same; some of them may be closed. */
  readonly #crowds = new WeakMap<readonly ClientId[], readonly Mailbox[]>();
  /** Those who are to hear something now, and those who do as soon as it is their turn. */
  #soon: Mailbox[] = [];
  readonly #later = new Set<Mailbox>();
  #emptying = false;
  /** Not all of those that come later could be emptied. */
  readonly #more = new Subject<void>();

  /** Empties them, some in each turn of the event loop; to be subscribed for as long as anybody is here. */
  readonly emptying: Observable<never> = this.#more.pipe(
    concatMap(() => {
      this.#emptying = true;
      return immediate.pipe(
        repeat(),
        map(() => this.#emptyLater()),
        takeWhile((more) => more),
        finalize(() => {
          this.#emptying = false;
        }),
      );
    }),
    ignoreElements(),
  );
  readonly #trees = new Map<Codec, Tree>([text, timed, json].map((codec) => [codec, new Tree(codec)]));

  /**
   * Only who has come to `node` has a mailbox here. `publish` is told who has taken a delivery whose sender wants to know, and `given`, if anybody asks, how many bytes
   * somebody is to hear at once.
   */
  constructor(node: NodeId, publish: (inputs: readonly Input[]) => void, given?: (bytes: number) => void) {
    this.#node = node;
    this.#publish = publish;
    this.#given = given;
  }

  /**
   * What the chat has for one client, in batches. Opens on subscription, to be subscribed once; completes after the order
   * to end, errors as `fail` says.
   */
  mailbox(id: ClientId, owner: Owner): Observable<Batch> {
    return new Observable((subscriber) => {
      const tree = this.#trees.get(owner.codec) as Tree;
      const mailbox: Mailbox = {
        subscriber,
        owner,
        tree,
        batch: undefined,
        queue: undefined,
        tickets: undefined,
      };
      this.#mailboxes.set(id, mailbox);
      return () => {
        this.#mailboxes.delete(id);
        const { tickets = [] } = mailbox;
        mailbox.batch = mailbox.tickets = undefined;
        for (const ticket of tickets) ticket.lost(id);
      };
    });
  }

  /** Ends a mailbox with an error; false where it is closed already. */
  fail(id: ClientId, error: unknown): boolean {
    const mailbox = this.#mailboxes.get(id);
    mailbox?.subscriber.error(error);
    return mailbox !== undefined;
  }

  /**
   * Puts what came of a turn into the mailboxes. What is for a client who is gone is dropped with it. What is for many is
   * written to some of them in each turn of the event loop, and more of it at once to those who have to wait: so whoever
   * writes to a few does not wait for as long as it takes to write to thousands.
   */
  route({ deliveries, instructions }: Pick<Handled, 'deliveries' | 'instructions'>): void {
    for (const tree of this.#trees.values()) tree.begin();
    for (const delivery of deliveries) {
      if (delivery.crowd && !delivery.receipt) this.#toCrowd(delivery);
      else this.#toEach(delivery);
    }
    this.#emptySome();
    for (const { to, order } of instructions) {
      // Whoever asks for it may be gone, and others wait for it, too.
      if (order.do === 'next' && this.#isOurs(to)) this.#publish([{ type: 'next', client: to }]);
      const mailbox = this.#mailboxes.get(to);
      if (!mailbox) continue;
      if (order.do === 'end') this.#empty(mailbox);
      mailbox.owner.obey(order);
      if (order.do === 'end') mailbox.subscriber.complete();
    }
  }

  #toCrowd({ event, to, except }: Delivery): void {
    const left = except === undefined ? undefined : this.#mailboxes.get(except);
    const shared = to.length > 1;
    const few = to.length <= FEW;
    for (const mailbox of this.#crowd(to)) if (mailbox !== left) this.#put(mailbox, event, shared, few);
  }

  #toEach({ event, to, except, receipt, deaf = NOBODY }: Delivery): void {
    if (event.type === 'format') this.#speak(to, event);
    const few = to.length <= FEW;
    const ticket = receipt && this.#ticket(receipt, to, deaf, except);
    for (const id of to) {
      if (id === except) continue;
      const mailbox = this.#mailboxes.get(id);
      if (mailbox) this.#put(mailbox, event, to.length > 1, few);
      if (ticket) this.#ask(ticket, id, mailbox, few);
    }
    if (ticket) for (const id of deaf) this.#ask(ticket, id, this.#mailboxes.get(id), few);
  }

  /** Undefined where nobody is asked here. */
  #ticket(
    receipt: ReceiptPart,
    to: readonly ClientId[],
    deaf: readonly ClientId[],
    except: ClientId | undefined,
  ): Ticket | undefined {
    let people = except !== undefined && this.#isOurs(except) ? -1 : 0;
    for (const id of to) if (this.#isOurs(id)) people++;
    for (const id of deaf) if (this.#isOurs(id)) people++;
    return people > 0 ? new Ticket(this.#node, receipt, people, this.#publish) : undefined;
  }

  readonly #isOurs = (id: ClientId): boolean => nodeOf(id) === this.#node;

  #put(mailbox: Mailbox, event: Event, shared: boolean, few: boolean): void {
    const { tree } = mailbox;
    const batch = (mailbox.batch ?? tree.root).append(event, tree.lines(event), shared);
    mailbox.batch = batch;
    this.#queue(mailbox, few || batch.length > MUCH);
  }

  #queue(mailbox: Mailbox, soon: boolean): void {
    const { queue } = mailbox;
    if (queue !== undefined && (queue !== 'later' || !soon)) return;
    mailbox.queue = !soon ? 'later' : queue === 'later' ? 'both' : 'soon';
    if (soon) this.#soon.push(mailbox);
    else this.#later.add(mailbox);
  }

  /** Whoever is gone already never has it; who has come to another node is asked there. */
  #ask(ticket: Ticket, id: ClientId, mailbox: Mailbox | undefined, few: boolean): void {
    if (!this.#isOurs(id)) return;
    if (!mailbox || mailbox.subscriber.closed) {
      ticket.lost(id);
      return;
    }
    (mailbox.tickets ??= []).push(ticket);
    this.#queue(mailbox, few);
  }

  #emptySome(): void {
    const soon = this.#soon;
    this.#soon = [];
    for (const mailbox of soon) this.#empty(mailbox);
    if (this.#later.size > 0 && !this.#emptying && this.#emptyLater()) this.#more.next();
  }

  /** Empties some of those that come later; are there more of them? */
  #emptyLater(): boolean {
    let left = AT_ONCE;
    for (const mailbox of this.#later) {
      if (left-- === 0) return true;
      this.#empty(mailbox);
    }
    return false;
  }

  #empty(mailbox: Mailbox): void {
    const { batch, queue, tickets, subscriber, owner } = mailbox;
    if (queue !== 'soon') this.#later.delete(mailbox);
    mailbox.batch = mailbox.queue = mailbox.tickets = undefined;
    if (batch) {
      this.#given?.(batch.bytes.length);
      subscriber.next(batch);
    }
    for (const ticket of tickets ?? []) owner.confirm(ticket);
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
}
