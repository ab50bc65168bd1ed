/** Who is here, and how they are let go when the server stops. */
import type { Broker } from './broker.ts';
import type { Connection } from './connection.ts';
import type { ClientId } from './message.ts';
import type { Stuck } from './notice.ts';

/** What is known of whoever is here. */
export interface Guest {
  readonly name: string | undefined;
  readonly backlog: { readonly bytes: number };
  readonly connection: Pick<Connection, 'id' | 'address' | 'gate' | 'halt' | 'probe'>;
}

export class Presence<G extends Guest = Guest> implements Iterable<G> {
  readonly #broker: Broker;
  readonly #guests = new Set<G>();
  /** How many may still publish a line. */
  #talking = 0;
  #stopping = false;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  get size(): number {
    return this.#guests.size;
  }

  [Symbol.iterator](): Iterator<G> {
    return this.#guests.values();
  }

  arrived(guest: G): void {
    this.#guests.add(guest);
    this.#talking++;
    if (this.#stopping) guest.connection.halt();
  }

  /** Notices who is gone without a word; to be called now and then. */
  probe(): void {
    for (const { connection } of this.#guests) connection.probe();
  }

  /** One of them will publish no more lines. */
  quiet(): void {
    this.#talking--;
    this.#bidFarewell();
  }

  left(guest: G): void {
    this.#guests.delete(guest);
  }

  /** Nobody is read any more: once all that was said is published and handled, everyone is told. */
  stop(): void {
    this.#stopping = true;
    for (const { connection } of this.#guests) connection.halt();
    this.#bidFarewell();
  }

  /** What was said is handled now, whoever is behind: who waits for somebody frozen would wait for ever. */
  hurry(): void {
    this.#publish('stopping');
    for (const { connection } of this.#guests) connection.gate.abandon();
  }

  /** Whoever is still here, and how many bytes they have not taken. */
  stuck(): Stuck[] {
    return [...this.#guests].map(({ name, backlog, connection: { address } }) => {
      return { type: 'stuck', name, address, bytes: backlog.bytes };
    });
  }

  #bidFarewell(): void {
    if (!this.#stopping || this.#talking > 0) return;
    this.#publish('stopping');
    this.#publish('stopped');
  }

  #publish(type: 'stopping' | 'stopped'): void {
    const clients: ClientId[] = [...this.#guests].map(({ connection }) => connection.id);
    this.#broker.publish(clients.map((client) => ({ type, client })));
  }
}
