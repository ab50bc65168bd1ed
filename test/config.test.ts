import { describe, expect, test } from 'vitest';
import { ConfigError, configure, flagOf, OPTIONS, shown, variableOf } from '../src/config.ts';

const problem = (...parameters: Parameters<typeof configure>): string => {
  try {
    configure(...parameters);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('configure', () => {
  test('with nothing said every option has its default, and nothing is left out', () => {
    const config = configure({});
    expect(Object.keys(config).sort()).toEqual(Object.keys(OPTIONS).sort());
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, maxLine: 16_384, maxRecipients: 128 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('flags win over the environment, that over the file, and that over the default', () => {
    const file = { port: 1, 'max-line': 100, 'max-clients': 5 };
    const environment = { RXCHAT_PORT: '2', RXCHAT_MAX_LINE: '200', PATH: '/bin' };
    expect(configure({ port: '3' }, environment, file)).toMatchObject({
      port: 3,
      maxLine: 200,
      maxClients: 5,
      maxPerAddress: 256,
    });
  });

  test('bytes may have a unit, seconds may be a fraction', () => {
    expect(configure({ maxLine: '4KiB', maxMemory: '1GiB', loginTimeout: '0.5' })).toMatchObject({
      maxLine: 4096,
      maxMemory: 2 ** 30,
      loginTimeout: 0.5,
    });
  });

  test('a switch is on or off, however it is said', () => {
    const raw = (value: unknown): boolean => configure({ raw: value }).raw;
    expect([true, 'true', '1'].map(raw)).toEqual([true, true, true]);
    expect([false, 'false', '0'].map(raw)).toEqual([false, false, false]);
  });

  test.each([
    [{ port: 'x' }, '--port is a whole number from 0 to 65535, not "x"'],
    [{ port: '65536' }, '--port is a whole number from 0 to 65535, not "65536"'],
    [{ port: '-1' }, '--port is a whole number from 0 to 65535, not "-1"'],
    [{ port: '' }, '--port is a whole number from 0 to 65535, not ""'],
    [{ port: 1.5 }, '--port is a whole number from 0 to 65535, not 1.5'],
    [{ port: NaN }, '--port is a whole number from 0 to 65535, not null'],
    [{ maxClients: '10KiB' }, '--max-clients is a whole number from 1 to 1000000, not "10KiB"'],
    [{ loginTimeout: '0' }, '--login-timeout is seconds from 0.1 to 86400, like 30 or 0.5, not "0"'],
    [{ host: '' }, '--host is a text, not ""'],
    [{ raw: 'maybe' }, '--raw is true or false, not "maybe"'],
    [{ maxLine: '1MiB' }, '--max-line is at most --high-water'],
    [{ highWater: '3MiB' }, '--high-water is at most half of --max-queue'],
    [{ maxMemory: '1MiB' }, '--max-queue is at most --max-memory'],
  ])('%j is refused with what would be right', (flags, message) => {
    expect(problem(flags)).toBe(message);
  });

  test('the problem names the option as its author wrote it', () => {
    expect(problem({}, { RXCHAT_PORT: 'x' })).toMatch(/^RXCHAT_PORT is a whole number/);
    expect(problem({}, {}, { port: 'x' })).toMatch(/^"port" in the config file is a whole number/);
    expect(problem({}, {}, { prt: 1 })).toBe('the config file has "prt", which is no option');
    expect(problem({}, { RXCHAT_PRT: '1' })).toBe('the environment has RXCHAT_PRT, which is no option');
  });

  test('every default is within the limits that its option gives', () => {
    for (const [name, option] of Object.entries(OPTIONS))
      expect(() => configure({ [name]: option.default }), name).not.toThrow();
  });
});

test('an option has one name, written as a flag or as a variable', () => {
  expect(flagOf('maxPerAddress')).toBe('max-per-address');
  expect(variableOf('maxPerAddress')).toBe('RXCHAT_MAX_PER_ADDRESS');
});

test('defaults are shown as people write them', () => {
  const { host, maxLine, maxQueue, lagTimeout, raw, maxRecipients } = OPTIONS;
  expect([host, maxLine, maxQueue, lagTimeout, raw, maxRecipients].map(shown)).toEqual([
    '127.0.0.1',
    '16KiB',
    '4MiB',
    '30 s',
    'off',
    '128',
  ]);
});
