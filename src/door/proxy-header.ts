/**
 * What a proxy says before its client does: who that is (the PROXY protocol, versions 1 and 2,
 * https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt).
 */
import { isIP, SocketAddress } from 'node:net';

export interface ProxyHeader {
  /** Bytes of it. */
  readonly length: number;
  /** Of the client; undefined where the proxy speaks for itself, as it does to see whether we are here. */
  readonly address: string | undefined;
}

const FIRST = Buffer.from('PROXY ');
/** The longest line of version 1, with its end. */
const LINE = 107;
const SECOND = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED = 16;
/** Addresses and what else a proxy may add, in bytes: certificates are not among it. */
const REST = 2048;

/** `none` where these bytes cannot begin one, `wrong` where they do and go on otherwise, undefined where more must come. */
export function proxyHeaderOf(bytes: Buffer): ProxyHeader | 'none' | 'wrong' | undefined {
  for (const [signature, read] of [
    [FIRST, line],
    [SECOND, binary],
  ] as const) {
    const length = Math.min(bytes.length, signature.length);
    if (length === 0) return undefined;
    if (!bytes.subarray(0, length).equals(signature.subarray(0, length))) continue;
    return length < signature.length ? undefined : read(bytes);
  }
  return 'none';
}

function line(bytes: Buffer): ProxyHeader | 'wrong' | undefined {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return bytes.length < LINE ? undefined : 'wrong';
  if (end + 2 > LINE) return 'wrong';
  const length = end + 2;
  const [, protocol, source = '', ...others] = bytes.toString('latin1', 0, end).split(' ');
  if (protocol === 'UNKNOWN') return { length, address: undefined };
  const family = protocol === 'TCP4' ? 4 : protocol === 'TCP6' ? 6 : undefined;
  const ports = others.slice(1);
  const addresses = [source, others[0] ?? ''];
  // A zone is nothing that another machine could know.
  if (addresses.some((address) => isIP(address) !== family || address.includes('%'))) return 'wrong';
  return ports.length === 2 && ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535)
    ? { length, address: shortest(source) }
    : 'wrong';
}

function binary(bytes: Buffer): ProxyHeader | 'wrong' | undefined {
  if (bytes.length < FIXED) return undefined;
  const [command, family, rest] = [bytes.readUInt8(12), bytes.readUInt8(13), bytes.readUInt16BE(14)];
  if (command >> 4 !== 2 || (command & 15) > 1 || rest > REST) return 'wrong';
  const length = FIXED + rest;
  if (bytes.length < length) return undefined;
  const isLocal = (command & 15) === 0;
  if (isLocal || family === 0) return { length, address: undefined };
  const addresses = bytes.subarray(FIXED, length);
  if (family === 0x11 && rest >= 12) return { length, address: [...addresses.subarray(0, 4)].join('.') };
  if (family !== 0x21 || rest < 36) return 'wrong';
  const groups = Array.from({ length: 8 }, (_, group) => addresses.readUInt16BE(2 * group).toString(16));
  return { length, address: shortest(groups.join(':')) };
}

/** As the kernel writes it (RFC 5952), so that one that stands for an address of IPv4 is known as that. */
const shortest = (address: string): string =>
  new SocketAddress({ address, family: isIP(address) === 6 ? 'ipv6' : 'ipv4' }).address;
