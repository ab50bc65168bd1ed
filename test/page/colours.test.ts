import { expect, test } from 'vitest';
import { hueOf } from '../../web/colours.js';

test('a name has one colour, however it is written, and another one has another', () => {
  expect(hueOf('Alice')).toBe(hueOf('alice'));
  expect(hueOf('alice')).not.toBe(hueOf('alicf'));
});

test('names that differ in a digit get hues from all around', () => {
  const hues = Array.from({ length: 360 }, (_, index) => hueOf(`user${String(index)}`));
  const sixths = hues.map((hue) => Math.floor(hue / 60));
  for (const sixth of [0, 1, 2, 3, 4, 5])
    expect(sixths.filter((one) => one === sixth).length).toBeGreaterThan(30);
  for (const hue of hues) expect(hue).toBeLessThan(360);
});
