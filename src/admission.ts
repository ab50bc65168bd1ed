/** Who may come in: from where, so many clients in all, and so many from one address. */
import { AddressList, isLocal, subscriberOf } from './addresses.ts';
import type { Obstacle } from './notice.ts';
import { networkOf, Networks } from './network.ts';
import type { Ban } from './past.ts';

/** Connections that fetch the page and are no clients: a browser opens six at a time, and leaves them open for a while. */
const PAGES = 32;

export interface AdmissionLimits {
  readonly maxClients: number;
  readonly maxPerAddress: number;
  /** Lists of addresses, as options have them; nothing in `allow` allows everybody. */
  readonly allow: string;
  readonly deny: string;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #allowed: AddressList;
  readonly #denied: AddressList;
  readonly #banned = new Networks<Ban>();
  readonly #from = new Map<string, number>();
  #clients = 0;
  #pages = 0;

  /** Throws a ConfigError where one of the lists is none. */
  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#allowed = new AddressList(limits.allow, 'allow');
    this.#denied = new AddressList(limits.deny, 'deny');
  }

  /** Whoever comes from there is not let in until it is over; what is no address does not concern the door. */
  ban(ban: Ban): void {
    const network = ban.kind === 'address' ? networkOf(ban.of) : undefined;
    if (network) this.#banned.set(network, ban);
  }

  unban(of: string): void {
    const network = networkOf(of);
    if (network) this.#banned.delete(network);
  }

  /** The ban that holds for who comes from there. */
  banOf(address: string): Ban | undefined {
    const now = Date.now();
    let holding: Ban | undefined;
    for (const ban of this.#banned.of(address)) {
      if ((ban.until ?? Infinity) > now) holding = ban;
      else this.unban(ban.of);
    }
    return holding;
  }

  /** How many have come in, those among them who have said nothing yet. */
  get clients(): number {
    return this.#clients;
  }

  get maxClients(): number {
    return this.#limits.maxClients;
  }

  /** Undefined where a client from `address` may come in; it counts until `leave`. Otherwise why not. */
  enter(address: string): Obstacle | undefined {
    if (!this.#mayCome(address)) return 'address not allowed';
    if (this.#clients >= this.#limits.maxClients) return 'server full';
    const origin = subscriberOf(address);
    const from = this.#from.get(origin) ?? 0;
    if (from >= this.#limits.maxPerAddress && !isLocal(address)) return 'too many from this address';
    this.#from.set(origin, from + 1);
    this.#clients++;
    return undefined;
  }

  leave(address: string): void {
    const origin = subscriberOf(address);
    const from = this.#from.get(origin) ?? 0;
    if (from > 1) this.#from.set(origin, from - 1);
    else this.#from.delete(origin);
    this.#clients--;
  }

  /**
   * A client from `address` fetches the page: it does not count any more, until `leavePage`. False, and it still does,
   * where there are many of these.
   */
  browse(address: string): boolean {
    if (this.#pages >= PAGES) return false;
    this.#pages++;
    this.leave(address);
    return true;
  }

  leavePage(): void {
    this.#pages--;
  }

  /** What is denied is, whatever is allowed; what is allowed goes for strangers only. */
  #mayCome(address: string): boolean {
    if (this.#denied.includes(address) || this.banOf(address)) return false;
    return this.#allowed.isEmpty || isLocal(address) || this.#allowed.includes(address);
  }
}
