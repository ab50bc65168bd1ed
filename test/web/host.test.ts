import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { HostList, OriginList } from '../../src/web/host.ts';

const hosts = new HostList('chat.example, Ops.Example.  münchen.example my_host', 'allow-host');

describe('a request may ask for', () => {
  test.each([
    '127.0.0.1',
    '127.0.0.1:9090',
    '192.0.2.7:80',
    '[::1]',
    '[::1]:9090',
    '[2001:DB8::7]:443',
    '[::ffff:192.0.2.7]',
    'localhost',
    'localhost:9090',
    'LOCALHOST.',
    'chat.localhost:1',
    'chat.example',
    'CHAT.example:8080',
    'chat.example.:8080',
    'ops.example',
    'xn--mnchen-3ya.example',
    'my_host:1',
    'localhost:',
  ])('%s', (host) => {
    expect(hosts.includes(host)).toBe(true);
  });
});

describe('a request may not ask for', () => {
  test.each([
    undefined,
    '',
    '*',
    'evil.example',
    'evil.example:9090',
    'chat.example.evil.example',
    'notchat.example',
    'evillocalhost',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '::1',
    '[::1',
    '[::1]evil',
    '[127.0.0.1]',
    '[fe80::1%eth0]',
    'user@127.0.0.1',
    'user:word@chat.example',
    'chat.example/path',
    'http://chat.example',
    'chat.example:80:80',
    'chat.example:x',
    'chat.example:123456',
    'chat.example, evil.example',
    ' chat.example',
    '..localhost',
    '.localhost',
    '.',
    'chat.example..',
    'localhost..',
    'a\r\nb',
  ])('%j', (host) => {
    expect(hosts.includes(host)).toBe(false);
  });
});

test('where nothing is listed, addresses and localhost are all', () => {
  const none = new HostList('', 'allow-host');
  expect(['10.0.0.1', 'localhost', 'chat.example'].map((host) => none.includes(host))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  '*',
  '*.example',
  'chat.example:8080',
  'http://chat.example',
  'chat.example/',
  '-chat.example',
  'chat..example',
  '[::1]',
  'a'.repeat(64),
  'user@chat.example',
])('"%s" in the option is refused', (name) => {
  const make = (): HostList => new HostList(`fine.example,${name}`, 'allow-host');
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(`allow-host has ${JSON.stringify(name)}, which is no host name`);
});

describe('an origin', () => {
  const origins = new OriginList('https://intranet.example, http://10.0.0.7:3000', 'allow-origin');

  test.each([
    [undefined, 'chat.example'],
    ['http://chat.example:8080', 'chat.example:8080'],
    ['https://chat.example', 'chat.example'],
    ['https://chat.example', 'chat.example:443'],
    ['http://CHAT.example', 'chat.EXAMPLE'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://intranet.example', 'chat.example'],
    ['http://10.0.0.7:3000', 'chat.example'],
  ])('%s may speak to %s', (origin, host) => {
    expect(origins.includes(origin, host)).toBe(true);
  });

  test.each([
    ['null', 'chat.example'],
    ['', 'chat.example'],
    ['https://evil.example', 'chat.example'],
    ['http://chat.example:8081', 'chat.example:8080'],
    ['http://localhost:8080', '127.0.0.1:8080'],
    ['ftp://chat.example', 'chat.example'],
    ['https://intranet.example:8443', 'chat.example'],
    ['http://intranet.example', 'chat.example'],
    ['https://chat.example.evil.example', 'chat.example'],
    ['https://chat.example', undefined],
  ])('%s may not speak to %s', (origin, host) => {
    expect(origins.includes(origin, host)).toBe(false);
  });

  test.each([
    '*',
    'null',
    'chat.example',
    'https://chat.example/',
    'https://chat.example/chat',
    'ftp://chat.example',
  ])('%s is none', (origin) => {
    expect(() => new OriginList(origin, 'allow-origin')).toThrow(
      `allow-origin has ${JSON.stringify(origin)}, which is no origin, like https://chat.example`,
    );
  });
});
