import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subscriberOf } from '../src/addresses.ts';
import { Admission } from '../src/admission.ts';
import type { Ban } from '../src/past.ts';
import { fastest } from './support/fastest.ts';

const FULL = 'server full';
const TOO_MANY = 'too many from this address';

const admission = (maxClients: number, maxPerAddress: number): Admission =>
  new Admission({ maxClients, maxPerAddress, allow: '', deny: '' });
const lists = (allow: string, deny: string): Admission =>
  new Admission({ maxClients: 100, maxPerAddress: 100, allow, deny });

describe('who fetches the page', () => {
  test('does not count as a client, up to 32 of them, and comes in again as one', () => {
    const door = admission(1, 1);
    for (let page = 0; page < 32; page++) {
      expect(door.enter('192.0.2.1')).toBeUndefined();
      expect(door.browse('192.0.2.1')).toBe(true);
    }
    expect(door.enter('192.0.2.1')).toBeUndefined();
    expect([door.browse('192.0.2.1'), door.clients]).toEqual([false, 1]);
    door.leavePage();
    expect([door.browse('192.0.2.1'), door.clients]).toEqual([true, 0]);
  });
});

describe('clients', () => {
  test('come in up to the limit, and again for each that left', () => {
    const door = admission(2, 2);
    expect([door.enter('192.0.2.1'), door.enter('192.0.2.2'), door.enter('192.0.2.3')]).toEqual([
      undefined,
      undefined,
      FULL,
    ]);
    door.leave('192.0.2.1');
    expect([door.enter('192.0.2.3'), door.enter('192.0.2.4')]).toEqual([undefined, FULL]);
  });

  test('of one address come in up to its limit, and again for each that left', () => {
    const door = admission(10, 2);
    door.enter('192.0.2.1');
    door.enter('192.0.2.1');
    expect([door.enter('192.0.2.1'), door.enter('192.0.2.2')]).toEqual([TOO_MANY, undefined]);
    door.leave('192.0.2.1');
    expect([door.enter('192.0.2.1'), door.enter('192.0.2.1')]).toEqual([undefined, TOO_MANY]);
  });

  test('that were turned away do not count', () => {
    const door = admission(3, 1);
    door.enter('192.0.2.1');
    for (let i = 0; i < 5; i++) expect(door.enter('192.0.2.1')).toBe(TOO_MANY);
    expect([door.enter('192.0.2.2'), door.enter('192.0.2.3'), door.enter('192.0.2.4')]).toEqual([
      undefined,
      undefined,
      FULL,
    ]);
    for (let i = 0; i < 5; i++) expect(door.enter('192.0.2.4')).toBe(FULL);
    door.leave('192.0.2.1');
    expect(door.enter('192.0.2.4')).toBeUndefined();
  });
});

describe('this machine', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1', 'unix'])(
    '%s is exempt from the limit for an address',
    (address) => {
      const door = admission(5, 1);
      for (let i = 0; i < 5; i++) expect(door.enter(address)).toBeUndefined();
      expect(door.enter(address)).toBe(FULL);
    },
  );

  test.each(['128.0.0.1', '::2', '::ffff:128.0.0.1', 'fe80::1%lo', 'unknown'])('%s is not', (address) => {
    const door = admission(5, 1);
    expect(door.enter(address)).toBeUndefined();
    expect(door.enter(address)).toBe(TOO_MANY);
  });
});

describe('lists of addresses', () => {
  const NOT = 'address not allowed';

  test.each([
    ['', '', '192.0.2.1', undefined],
    ['192.0.2.0/24', '', '192.0.2.255', undefined],
    ['192.0.2.0/24', '', '192.0.3.1', NOT],
    ['192.0.2.0/24', '', '::ffff:192.0.2.1', undefined],
    ['192.0.2.0/24', '', '2001:db8::1', NOT],
    ['192.0.2.7 2001:db8::/32', '', '2001:db8:1::1', undefined],
    ['192.0.2.7, 2001:db8::/32', '', '192.0.2.8', NOT],
    ['192.0.2.0/24', '192.0.2.7', '192.0.2.7', NOT],
    ['192.0.2.0/24', '192.0.2.7', '192.0.2.8', undefined],
    ['', '::/0', '2001:db8::1', NOT],
    // An IPv4 address is one of IPv6, too (RFC 4291, 2.5.5.2).
    ['', '::/0', '192.0.2.1', NOT],
    ['', '2000::/3', '192.0.2.1', undefined],
    ['', '0.0.0.0/0', '::ffff:192.0.2.1', NOT],
    ['', 'fe80::/10', 'fe80::1%eth0', NOT],
    ['192.0.2.0/24', '', '127.0.0.1', undefined],
    ['192.0.2.0/24', '', '::1', undefined],
    ['', '127.0.0.0/8', '127.0.0.1', NOT],
    ['192.0.2.0/24', '', 'unix', undefined],
    ['', '0.0.0.0/0, ::/0', 'unix', undefined],
    ['', '192.0.2.0/24, unix', 'unix', NOT],
    ['', 'unix', '127.0.0.1', undefined],
    ['192.0.2.0/24', '', 'unknown', NOT],
  ])('with "%s" allowed and "%s" denied, %s may: %s', (allow, deny, address, obstacle) => {
    expect(lists(allow, deny).enter(address)).toBe(obstacle);
  });

  test.each([
    'localhost',
    '192.0.2.0/33',
    '2001:db8::/129',
    '192.0.2',
    '192.0.2.1/',
    '/8',
    'fe80::1%lo',
    '10.0.0.0/8/8',
  ])('"%s" is no address or network, and the error names the option', (wrong) => {
    expect(() => lists('', `192.0.2.1, ${wrong}`)).toThrow(
      `deny has ${JSON.stringify(wrong)}, which is no address or network`,
    );
    expect(() => lists(wrong, '')).toThrow('allow has ');
  });

  test('who was turned away does not count', () => {
    const door = new Admission({ maxClients: 1, maxPerAddress: 1, allow: '192.0.2.1', deny: '' });
    expect([door.enter('192.0.2.2'), door.enter('192.0.2.1')]).toEqual([NOT, undefined]);
  });
});

describe('bans', () => {
  const NOT = 'address not allowed';
  const ban = (of: string, until?: number): Ban => ({
    ...{ of, kind: 'address', until, by: 'olga', since: 0, why: '' },
  });

  test('keep out who comes from there, until they are lifted', () => {
    const door = admission(10, 10);
    door.ban(ban('192.0.2.0/24'));
    door.ban(ban('192.0.2.7'));
    expect([door.enter('192.0.2.8'), door.enter('192.0.3.8'), door.enter('unix')]).toEqual([
      NOT,
      undefined,
      undefined,
    ]);
    door.unban('192.0.2.0/24');
    expect([door.enter('192.0.2.8'), door.enter('::ffff:192.0.2.7')]).toEqual([undefined, NOT]);
  });

  test('that have ended keep nobody out, and those that go on do', () => {
    const door = admission(10, 10);
    door.ban(ban('192.0.2.0/24', Date.now() - 1));
    door.ban(ban('198.51.100.0/24', Date.now() + 60_000));
    door.ban(ban('192.0.2.9'));
    expect(['192.0.2.8', '198.51.100.8', '192.0.2.9'].map((from) => door.enter(from))).toEqual([
      undefined,
      NOT,
      NOT,
    ]);
  });

  test('of a name are not for the door', () => {
    const door = admission(10, 10);
    door.ban({ ...ban('192.0.2.7'), kind: 'name' });
    expect(door.enter('192.0.2.7')).toBeUndefined();
  });

  test('cost a connection hardly more where there are ten thousand than where there are thirty', () => {
    const behind = (bans: number): Admission => {
      const door = admission(10, 10);
      for (let nth = 0; nth < bans; nth++) {
        const [high, low] = [String(nth >> 8), String(nth & 255)];
        const of = [`10.${high}.${low}.7`, `10.${high}.${low}.0/24`, `2001:db8:${nth.toString(16)}::/48`][
          nth % 3
        ];
        door.ban(ban(of ?? ''));
      }
      return door;
    };
    const [few, many] = [behind(30), behind(10_000)];
    const time = (door: Admission, address: string): number =>
      fastest(() => {
        for (let times = 0; times < 1000; times++) if (door.enter(address) === undefined) door.leave(address);
      });
    for (const address of ['192.0.2.1', '10.0.0.7', '2001:db9::1'])
      expect(time(many, address), address).toBeLessThan(20 * time(few, address));
  });
});

describe('an origin', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:3:4:5:6', '2001:db8:0:0::/64'],
    ['2001::2:3:4:5:6', '2001:0:0:2::/64'],
    ['::3:4:5:6', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::2%1', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, origin) => {
    expect(subscriberOf(address)).toBe(origin);
  });

  test('is the same for all spellings of an address and all addresses of a /64, and differs between two', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    const groups = fc.tuple(group, group, group, group, group, group, group, group);
    fc.assert(
      fc.property(groups, groups, (one, another) => {
        const origin = subscriberOf(plain(one));
        for (const spelling of spellings(one)) expect(subscriberOf(spelling)).toBe(origin);
        expect(subscriberOf(plain([...one.slice(0, 4), ...another.slice(4)]))).toBe(origin);
        const same = one.slice(0, 4).every((value, index) => value === another[index]);
        expect(subscriberOf(plain(another)) === origin).toBe(same);
      }),
    );
  });

  test('counts for all spellings of its addresses', () => {
    const door = admission(10, 2);
    expect([door.enter('2001:db8::1'), door.enter('2001:DB8:0:0:f::2'), door.enter('2001:db8::3')]).toEqual([
      undefined,
      undefined,
      TOO_MANY,
    ]);
    door.leave('2001:0db8::1');
    expect([door.enter('2001:db8:0:0::9'), door.enter('2001:db8:0:1::9')]).toEqual([undefined, undefined]);
    expect([door.enter('::ffff:192.0.2.1'), door.enter('192.0.2.1'), door.enter('192.0.2.1')]).toEqual([
      undefined,
      undefined,
      TOO_MANY,
    ]);
  });
});

test('counts are what is inside, whoever comes and goes, and return to zero', () => {
  const addresses = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '2001:db8::2', '127.0.0.1', '::1'];
  const step = fc.record({ address: fc.constantFrom(...addresses), enters: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const door = admission(6, 3);
      let inside: string[] = [];
      for (const { address, enters } of steps) {
        if (enters) {
          const same = inside.filter((each) => subscriberOf(each) === subscriberOf(address)).length;
          const exempt = address === '127.0.0.1' || address === '::1';
          const expected = inside.length >= 6 ? FULL : same >= 3 && !exempt ? TOO_MANY : undefined;
          expect(door.enter(address)).toBe(expected);
          if (!expected) inside.push(address);
        } else if (inside.includes(address)) {
          door.leave(address);
          inside = inside.toSpliced(inside.indexOf(address), 1);
        }
      }
      for (const address of inside) door.leave(address);
      for (let i = 0; i < 3; i++) expect(door.enter('2001:db8::1')).toBeUndefined();
      expect(door.enter('2001:db8::1')).toBe(TOO_MANY);
      for (let i = 0; i < 3; i++) expect(door.enter('192.0.2.1')).toBeUndefined();
      expect(door.enter('192.0.2.2')).toBe(FULL);
    }),
  );
});

const hex = (group: number): string => group.toString(16);
const plain = (groups: readonly number[]): string => groups.map(hex).join(':');

/** Some ways to write the same address: with leading zeros, in capitals, and with each run of zeros as `::`. */
function spellings(groups: readonly number[]): string[] {
  const found = [groups.map((group) => hex(group).padStart(4, '0')).join(':'), plain(groups).toUpperCase()];
  for (let from = 0; from < groups.length; from++) {
    for (let to = from + 1; to <= groups.length && groups[to - 1] === 0; to++) {
      found.push(`${plain(groups.slice(0, from))}::${plain(groups.slice(to))}`);
    }
  }
  return found;
}
