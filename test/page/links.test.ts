import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf } from '../../web/links.js';

const hrefs = (text: string): (string | undefined)[] =>
  partsOf(text)
    .filter(({ href }) => href !== undefined)
    .map(({ text: shown }) => shown);

test.for([
  ['see https://a.example/x.', 'https://a.example/x'],
  ['(http://a.example)', 'http://a.example'],
  ['https://a.example/Foo_(bar)', 'https://a.example/Foo_(bar)'],
  ['(see https://a.example/Foo_(bar))', 'https://a.example/Foo_(bar)'],
  ['"https://a.example/?q=1&r=2#top", she said', 'https://a.example/?q=1&r=2#top'],
  ['https://a.example/x!?…', 'https://a.example/x'],
  ['HTTPS://A.example', 'HTTPS://A.example'],
] as const)('in "%s" the link is %s', ([text, link]) => {
  expect(hrefs(text)).toEqual([link]);
});

test.for([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)//https',
  'data:text/html,<script>1</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'ftp://a.example',
  'xhttps://a.example',
  'https://',
  'http://[',
  'www.a.example',
])('%s is no link', (text) => {
  expect(hrefs(text)).toEqual([]);
});

test('several links in a text are each one, and what is between them is text', () => {
  expect(partsOf('a http://b.example c https://d.example')).toEqual([
    { text: 'a ' },
    { text: 'http://b.example', href: 'http://b.example/' },
    { text: ' c ' },
    { text: 'https://d.example', href: 'https://d.example/' },
  ]);
});

test('whatever a text is, its parts are the text, and a link is of http or https', () => {
  const piece = fc.constantFrom(
    'http://',
    'https://',
    'javascript:',
    'a.example',
    '/(',
    ')',
    ' ',
    '<b>',
    '\u202e',
    '"',
  );
  const texts = fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme' }))).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      const parts = partsOf(text);
      expect(parts.map(({ text: part }) => part).join('')).toBe(text);
      for (const { href } of parts) expect(href ?? 'http:').toMatch(/^https?:/);
    }),
  );
});

test('a line of 100,000 brackets is read before the test is out of time, which to count them for each would not be', () => {
  for (const bracket of [')', ']}', ').', '!', '()'])
    expect(partsOf(`http://a/${bracket.repeat(100_000)}`).map(({ text }) => text.length)).toHaveLength(
      bracket === '()' ? 1 : 2,
    );
});

test('the host of a link has at most 255 characters: what is longer is no name, and takes the square of its length', () => {
  const host = (length: number): string => `http://${'é'.repeat(length - 4)}.com`;
  expect([hrefs(host(60)), hrefs(`${host(60)}/${'x'.repeat(5000)}`)].flat()).toHaveLength(2);
  expect([host(256), host(5000), `http:////${host(5000).slice(7)}`].flatMap(hrefs)).toEqual([]);
});
