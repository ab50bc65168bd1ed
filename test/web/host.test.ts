import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { HostList, OriginList } from '../../src/web/host.ts';

describe('a host', () => {
  const hosts = new HostList('chat.example, intranet', 'allow-host');

  test.each([
    '127.0.0.1',
    '192.0.2.7:8080',
    '[::1]',
    '[2001:db8::7]:8080',
    'localhost',
    'LocalHost:8080',
    'chat.localhost',
    'chat.example',
    'CHAT.example.:443',
    'intranet:8080',
  ])('%s may be asked for', (host) => {
    expect(hosts.includes(host)).toBe(true);
  });

  test.each([
    undefined,
    '',
    '*',
    ':8080',
    'evil.example',
    'evil.chat.example',
    'chat.example.evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.1',
    '1.2.3',
    '[::1',
    '[127.0.0.1]',
    '::1',
    'chat.example@evil.example',
    'chat.example/',
    'chat.example:80:80',
    'chat.example:port',
    'chat.example evil.example',
  ])('%s may not', (host) => {
    expect(hosts.includes(host)).toBe(false);
  });

  test.each(['*', 'https://chat.example', 'chat.example:8080', '-chat', 'a..b', '192.0.2.7', '[::1]'])(
    '%s is no name of one',
    (name) => {
      expect(() => new HostList(`chat.example ${name}`, 'allow-host')).toThrow(
        new ConfigError(
          `allow-host has ${JSON.stringify(name)}, which is no name of a host, like chat.example; addresses need not be listed`,
        ),
      );
    },
  );
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
