/** An address or a network, as people write it. */
import { isIP, isIPv6 } from 'node:net'; // they look at the text, and at nothing else

export interface Network {
  readonly address: string;
  /** Bits that all addresses of it share. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32` (CIDR, RFC 4632); undefined for anything else. */
export function networkOf(text: string): Network | undefined {
  const [, address = '', , bits] = /^([^/]+)(\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  return prefix > most ? undefined : { address, prefix, family };
}
