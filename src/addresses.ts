/** Addresses: as people write them, whose they are, and lists of them. */
import { isIPv6 } from 'node:net';
import { ConfigError } from './config.ts';
import { groupsOf, type Network, networkOf, Networks, overlap } from './network.ts';

/** An IPv4 address that came in over IPv6, as people write it; any other as it is. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** A host and a port, as people write them. */
export const endpoint = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => networkOf(text) as Network);

/** Is somebody of this machine in it? */
export const hasLocal = (network: Network): boolean => LOOPBACK.some((local) => overlap(local, network));

/** In place of an address, of whoever comes through a Unix socket: who may is a matter of the file's rights. */
export const UNIX = 'unix';

/** Of this machine? */
export function isLocal(address: string): boolean {
  const network = networkOf(address);
  return address === UNIX || (network !== undefined && hasLocal(network));
}

/** An IPv4 address, or the /64 of an IPv6 one: that is what one subscriber is given (RFC 6177). */
export function subscriberOf(address: string): string {
  const plain = plainAddress(address).replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const groups = groupsOf(plain).slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}

/** Addresses and networks (CIDR, RFC 4632), or the word `unix`, as an option has them: between commas or blanks. */
export class AddressList {
  readonly isEmpty: boolean;
  readonly #networks = new Networks<true>();
  #hasUnix = false;

  /** Throws a ConfigError that names `option` and what in it is neither. */
  constructor(text: string, option: string) {
    const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
    this.isEmpty = entries.length === 0;
    for (const entry of entries)
      if (!this.#add(entry))
        throw new ConfigError(
          `${option} has ${JSON.stringify(entry)}, which is no address or network, like 192.0.2.7 or 2001:db8::/32`,
        );
  }

  includes(address: string): boolean {
    return address === UNIX ? this.#hasUnix : this.#networks.of(address).length > 0;
  }

  #add(entry: string): boolean {
    if (entry === UNIX) return (this.#hasUnix = true);
    const network = networkOf(entry);
    if (!network) return false;
    this.#networks.set(network, true);
    return true;
  }
}
