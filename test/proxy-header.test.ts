import { describe, expect, test } from 'vitest';
import { proxyHeaderOf } from '../src/door/proxy-header.ts';

const of = (text: string) => proxyHeaderOf(Buffer.from(text, 'latin1'));
const SECOND = '\r\n\r\n\0\r\nQUIT\n';
const second = (command: number, family: number, rest: readonly number[], length = rest.length): Buffer =>
  Buffer.concat([
    Buffer.from(SECOND, 'latin1'),
    Buffer.from([command, family, length >> 8, length & 255]),
    Buffer.from(rest),
  ]);
const V4 = [192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x34, 0x1f, 0x90];
const V6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7, ...Array<number>(16).fill(1), 1, 2, 3, 4];

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.7 10.0.0.1 4321 8080\r\nalice\n', '192.0.2.7', 41],
    ['PROXY TCP6 2001:db8::7 ::1 4321 8080\r\n', '2001:db8::7', 38],
    ['PROXY UNKNOWN\r\n', undefined, 15],
    ['PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', undefined, 35],
  ])('%j is of %s', (text, address, length) => {
    expect(of(text)).toEqual({ address, length });
  });

  test.each([
    'PROXY TCP4 2001:db8::7 ::1 4321 8080\r\n',
    'PROXY TCP4 192.0.2.7 10.0.0.1 4321\r\n',
    'PROXY TCP4 192.0.2.7 10.0.0.1 4321 x\r\n',
    'PROXY TCP4 192.0.2.7  10.0.0.1 4321 8080\r\n',
    'PROXY TCP4 192.0.2.7 10.0.0.1 4321 65536\r\n',
    'PROXY TCP6 fe80::1%name ::1 4321 8080\r\n',
    'PROXY TCP5 192.0.2.7 10.0.0.1 4321 8080\r\n',
    'PROXY \r\n',
    `PROXY ${'x'.repeat(101)}`,
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
  ])('%j is wrong', (text) => {
    expect(of(text)).toBe('wrong');
  });
});

describe('version 2', () => {
  test('has the address of the client, and what else it says is passed over', () => {
    expect(proxyHeaderOf(second(0x21, 0x11, V4))).toEqual({ address: '192.0.2.7', length: 28 });
    expect(proxyHeaderOf(second(0x21, 0x11, [...V4, 4, 0, 1, 9]))).toEqual({
      address: '192.0.2.7',
      length: 32,
    });
    expect(proxyHeaderOf(second(0x21, 0x21, V6))).toEqual({ address: '2001:db8::7', length: 52 });
  });

  test('has an address of IPv4 that came over IPv6 as one of IPv4', () => {
    const mapped = [...Array<number>(10).fill(0), 255, 255, 192, 0, 2, 7];
    const bytes = second(0x21, 0x21, [...mapped, ...mapped, 0, 80, 0, 80]);
    expect(proxyHeaderOf(bytes)).toEqual({ address: '::ffff:192.0.2.7', length: 52 });
  });

  test('has none where the proxy speaks for itself, or for who knows whom', () => {
    expect(proxyHeaderOf(second(0x20, 0x11, V4))).toEqual({ address: undefined, length: 28 });
    expect(proxyHeaderOf(second(0x21, 0, []))).toEqual({ address: undefined, length: 16 });
  });

  test('is wrong where it is another version, command or family, too short or too long', () => {
    for (const bytes of [
      second(0x11, 0x11, V4),
      second(0x22, 0x11, V4),
      second(0x21, 0x31, V4),
      second(0x21, 0x11, V4.slice(1)),
      second(0x21, 0x21, V4),
      second(0x21, 0x11, V4, 2049),
    ])
      expect(proxyHeaderOf(bytes)).toBe('wrong');
  });
});

test('a header that is not whole yet is waited for, byte by byte', () => {
  for (const whole of [Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 4321 8080\r\n'), second(0x21, 0x21, V6)])
    for (let length = 0; length < whole.length; length++)
      expect(proxyHeaderOf(whole.subarray(0, length)), String(length)).toBeUndefined();
});

test.each(['alice\n', 'PROXY\n', 'proxy x', 'GET / HTTP/1.1\r\n', '\r\n\r\n\r\n', '\n'])(
  '%j is none',
  (text) => {
    expect(of(text)).toBe('none');
  },
);
