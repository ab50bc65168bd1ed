import { expect, test } from 'vitest';
import { Attempts } from '../../src/vault/attempts.ts';

const HERE = '192.0.2.7';
const THERE = '198.51.100.3';

function attempts() {
  let now = 1000;
  const all = new Attempts(() => now);
  return {
    all,
    pass: (seconds: number) => (now += seconds),
    fail: (times: number, key = 'alice', address = HERE) => {
      for (; times > 0; times--) {
        all.tried(key, address);
        all.failed(address);
      }
    },
  };
}

test('three wrong passwords cost nothing; then one waits, twice as long each time, for a minute at most', () => {
  const { all, fail } = attempts();
  fail(2);
  expect(all.wait('alice', HERE)).toBe(0);
  const waits = Array.from({ length: 9 }, () => {
    fail(1);
    return all.wait('alice', HERE);
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('whoever guesses at a name does not keep its owner out, who comes from elsewhere', () => {
  const { all, fail } = attempts();
  fail(50);
  expect(all.wait('alice', THERE)).toBe(0);
});

test('twenty wrong ones from one address are waited for with every name, and in all of its /64', () => {
  const { all, fail } = attempts();
  for (let name = 0; name < 20; name++) fail(1, `name${String(name)}`, '2001:db8::1');
  expect(all.wait('another', '2001:db8::2')).toBe(1);
  expect(all.wait('another', '2001:db8:1::2')).toBe(0);
});

test('a wait is over in time, a right password ends it, and after ten minutes all is forgotten', () => {
  const { all, fail, pass } = attempts();
  fail(4);
  pass(1.5);
  expect(all.wait('alice', HERE)).toBe(1);
  pass(0.5);
  expect(all.wait('alice', HERE)).toBe(0);
  all.succeeded('alice', HERE);
  fail(3);
  expect(all.wait('alice', HERE)).toBe(1);
  pass(600);
  fail(1);
  expect(all.wait('alice', HERE)).toBe(0);
});

test('right passwords count for nobody, however many come from one address, one after the other or at once', () => {
  const { all, fail } = attempts();
  for (let name = 0; name < 100; name++) {
    expect(all.wait(`name${String(name)}`, HERE)).toBe(0);
    all.tried(`name${String(name)}`, HERE);
  }
  for (let name = 0; name < 100; name++) all.succeeded(`name${String(name)}`, HERE);
  for (let name = 0; name < 19; name++) fail(1, `other${String(name)}`);
  expect(all.wait('another', HERE)).toBe(0);
  fail(1, 'one more');
  expect(all.wait('another', HERE)).toBe(1);
});

test('many guesses at once at one name count before it is known that they are wrong', () => {
  const { all } = attempts();
  for (let time = 0; time < 3; time++) all.tried('alice', HERE);
  expect(all.wait('alice', HERE)).toBe(1);
});

test('of a hundred thousand addresses the last ten thousand are remembered', () => {
  const { all, fail } = attempts();
  fail(4, 'alice', HERE);
  for (let address = 0; address < 5001; address++)
    fail(4, 'alice', `10.0.${String(address >> 8)}.${String(address & 255)}`);
  expect(all.wait('alice', HERE)).toBe(0);
  expect(all.wait('alice', '10.0.19.136')).toBe(2);
});

test('ten names in an hour may be reserved from one address', () => {
  const { all, pass } = attempts();
  for (let name = 0; name < 10; name++) {
    expect(all.waitToReserve(HERE)).toBe(0);
    all.reserved(HERE);
  }
  expect([all.waitToReserve(HERE), all.waitToReserve(THERE)]).toEqual([3600, 0]);
  pass(3600);
  expect(all.waitToReserve(HERE)).toBe(0);
});
