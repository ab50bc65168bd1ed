/** Addresses: as people write them, whose they are, and lists of them. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { ConfigError } from './config.ts';
import { networkOf } from './network.ts';

/** An IPv4 address that came in over IPv6, as people write it; any other as it is. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** A host and a port, as people write them. */
export const endpoint = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

const familyOf = (plain: string): 'ipv4' | 'ipv6' => (isIPv6(plain) ? 'ipv6' : 'ipv4');
const withoutZone = (address: string): string => plainAddress(address).replace(/%.*$/, '');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** In place of an address, of whoever comes through a Unix socket: who may is a matter of the file's rights. */
export const UNIX = 'unix';

/** Of this machine? */
export function isLocal(address: string): boolean {
  const plain = plainAddress(address);
  return plain === UNIX || LOOPBACK.check(plain, familyOf(plain));
}

/** An IPv4 address, or the /64 of an IPv6 one: that is what one subscriber is given (RFC 6177). */
export function originOf(address: string): string {
  const plain = withoutZone(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill('0');
  const groups = [...front, ...zeros, ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Addresses and networks (CIDR, RFC 4632), or the word `unix`, as an option has them: between commas or blanks. */
export class AddressList {
  readonly isEmpty: boolean;
  readonly #list = new BlockList();
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
    if (address === UNIX) return this.#hasUnix;
    const plain = withoutZone(address);
    return isIP(plain) > 0 && this.#list.check(plain, familyOf(plain));
  }

  #add(entry: string): boolean {
    if (entry === UNIX) return (this.#hasUnix = true);
    const network = networkOf(entry);
    if (!network) return false;
    const { address, prefix, family } = network;
    this.#list.addSubnet(address, prefix, family);
    return true;
  }
}
