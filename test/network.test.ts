import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasLocal } from '../src/addresses.ts';
import { type Network, networkOf, Networks, overlap } from '../src/network.ts';

const network = (text: string): Network => networkOf(text) as Network;

/** Addresses of both families, near to each other, so that some are in some networks. */
const group = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x8000), fc.nat(0xffff));
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((each) => each.toString(16)).join(':'));
const v4 = fc
  .tuple(fc.constantFrom(10, 11, 127), fc.constantFrom(0, 255), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'));
const address = fc.oneof(v4, v6);
const written = fc
  .tuple(address, fc.nat(128))
  .map(([of, bits]) => `${of}/${String(isIPv6(of) ? bits : bits % 33)}`);

describe('a network', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/9', '10.0.0.0/9'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::5', '2001:db8::5'],
    ['2001:db8::5/128', '2001:db8::5'],
    ['2001:db8:1:2:3:4:5:6/61', '2001:db8:1::/61'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['64:ff9b::10.0.0.1/127', '64:ff9b::a00:0/127'],
    ['::/0', '::/0'],
  ])('%s is written as %s, whoever writes it', (one, text) => {
    expect(networkOf(one)?.text).toBe(text);
    expect(networkOf(text)?.text).toBe(text);
  });

  test.each([
    '',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0',
    'bob',
    '10.0.0.0/8/8',
    'fe80::1%lo',
    '/8',
    '1.2.3.4/',
  ])('"%s" is none', (text) => {
    expect(networkOf(text)).toBeUndefined();
  });

  test.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['::/0', '192.0.2.1', true],
    ['2000::/3', '192.0.2.1', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlap(network(one), network(other))).toBe(expected);
  });

  test.each([
    ...(['127.0.0.1', '127.5.0.0/16', '126.0.0.0/7', '0.0.0.0/0', '::1', '::/0', '::ffff:7f00:1'] as const),
  ])('%s has somebody of this machine in it', (text) => {
    expect(hasLocal(network(text))).toBe(true);
  });

  test.each(['128.0.0.0/1', '10.0.0.0/8', '2000::/3', '::2', 'fe80::/10'])('%s has not', (text) => {
    expect(hasLocal(network(text))).toBe(false);
  });
});

describe('of many networks', () => {
  test('those are found that an address is in, as Node’s list would have it', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 8 }), fc.array(address, { maxLength: 8 }), (all, asked) => {
        const networks = new Networks<string>();
        for (const each of all) networks.set(network(each), each);
        for (const one of asked) {
          const expected = all.some((each) => {
            const [base = '', bits = ''] = each.split('/');
            const list = new BlockList();
            list.addSubnet(base, Number(bits), isIPv6(base) ? 'ipv6' : 'ipv4');
            return list.check(one, isIPv6(one) ? 'ipv6' : 'ipv4');
          });
          expect(networks.of(one).length > 0, `${one} in ${all.join(', ')}`).toBe(expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('one that is taken out is not found any more, however it is written, and others are', () => {
    const networks = new Networks<string>();
    for (const each of ['10.0.0.0/8', '10.0.0.0/9', '10.0.0.1']) networks.set(network(each), each);
    expect(networks.of('10.0.0.1')).toHaveLength(3);
    networks.delete(network('10.7.7.7/8'));
    expect(networks.of('10.0.0.1')).toEqual(['10.0.0.0/9', '10.0.0.1']);
    expect(networks.of('10.200.0.1')).toEqual([]);
  });

  test.each(['unix', 'unknown', ''])('%j is in none', (address) => {
    const networks = new Networks<true>();
    networks.set(network('::/0'), true);
    expect(networks.of(address)).toEqual([]);
  });
});
