/** Who may come in: so many clients in all, and so many from one address. */
import { BlockList, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export interface AdmissionLimits {
  readonly maxClients: number;
  readonly maxPerAddress: number;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #from = new Map<string, number>();
  #clients = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Undefined where a client from `address` may come in; it counts until `leave`. Otherwise why not. */
  enter(address: string): 'server full' | 'too many from this address' | undefined {
    if (this.#clients >= this.#limits.maxClients) return 'server full';
    const origin = originOf(address);
    const from = this.#from.get(origin) ?? 0;
    if (from >= this.#limits.maxPerAddress && !isLoopback(address)) return 'too many from this address';
    this.#from.set(origin, from + 1);
    this.#clients++;
    return undefined;
  }

  leave(address: string): void {
    const origin = originOf(address);
    const from = this.#from.get(origin) ?? 0;
    if (from > 1) this.#from.set(origin, from - 1);
    else this.#from.delete(origin);
    this.#clients--;
  }
}

/** An IPv4 address that came in over IPv6, as people write it; any other as it is. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return LOOPBACK.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** An IPv4 address, or the /64 of an IPv6 one: that is what one subscriber is given (RFC 6177). */
export function originOf(address: string): string {
  const plain = plainAddress(address).replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill('0');
  const groups = [...front, ...zeros, ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
