import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  configure,
  fromEnvironment,
  fromFile,
  fromFlags,
  fromOptions,
  type Source,
} from '../src/config.ts';
import { type Config, flagOf, NAMES, OPTIONS, shown, variableOf } from '../src/options.ts';

const flags = (values: Record<string, unknown>): Config => configure(fromFlags(values));

const problem = (...sources: (() => Source)[]): string => {
  try {
    configure(...sources.map((source) => source()));
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('configure', () => {
  test('with nothing said every option has its default, and nothing is left out', () => {
    const config = configure();
    expect(Object.keys(config)).toEqual(NAMES);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, maxLine: 16_384, maxRecipients: 128 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('flags win over the environment, that over the file, and that over the default', () => {
    const environment = fromEnvironment({ RXCHAT_PORT: '2', RXCHAT_MAX_LINE: '200', PATH: '/bin' });
    const file = fromFile({ port: 1, 'max-line': 100, 'max-clients': 5 });
    expect(configure(fromFlags({ port: '3' }), environment, file)).toMatchObject({
      port: 3,
      maxLine: 200,
      maxClients: 5,
      maxPerAddress: 256,
    });
  });

  test.each([
    ['4096', 4096],
    ['4KiB', 4096],
    ['4 kib', 4096],
    ['4k', 4096],
    ['0.5MiB', 512 * 1024],
  ])('bytes may be written as %j', (written, bytes) => {
    expect(flags({ 'max-line': written, 'high-water': '1MiB', 'max-queue': '8MiB' }).maxLine).toBe(bytes);
  });

  test.each([
    ['30', 30],
    ['0.5', 0.5],
    ['60s', 60],
    ['60 s', 60],
  ])('a time may be written as %j', (written, seconds) => {
    expect(flags({ 'login-timeout': written }).loginTimeout).toBe(seconds);
  });

  test('a switch is on or off, however it is said', () => {
    const raw = (value: unknown): boolean => flags({ raw: value }).raw;
    expect([true, 'true', '1', 'on', 'Yes'].map(raw)).toEqual([true, true, true, true, true]);
    expect([false, 'false', '0', 'off', 'no'].map(raw)).toEqual([false, false, false, false, false]);
  });

  test.each([
    [{ port: 'x' }, '--port must be a whole number from 0 to 65535, not "x"'],
    [{ port: '65536' }, '--port must be a whole number from 0 to 65535, not "65536"'],
    [{ port: '-1' }, '--port must be a whole number from 0 to 65535, not "-1"'],
    [{ port: '' }, '--port must be a whole number from 0 to 65535, not ""'],
    [{ port: 1.5 }, '--port must be a whole number from 0 to 65535, not 1.5'],
    [{ port: NaN }, '--port must be a whole number from 0 to 65535, not NaN'],
    [{ port: [8080] }, '--port must be a whole number from 0 to 65535, not [8080]'],
    [{ port: null }, '--port must be a whole number from 0 to 65535, not null'],
    [{ 'max-clients': '10KiB' }, '--max-clients must be a whole number from 1 to 1000000, not "10KiB"'],
    [{ 'max-line': '16M' }, '--max-line must be bytes from 64 to 1MiB, like 4096 or 16KiB, not "16M"'],
    [{ 'max-line': '1KB' }, '--max-line must be bytes from 64 to 1MiB, like 4096 or 16KiB, not "1KB"'],
    [{ 'login-timeout': '0' }, '--login-timeout must be a time from 0.1s to 86400s, not "0"'],
    [{ 'login-timeout': '1m' }, '--login-timeout must be a time from 0.1s to 86400s, not "1m"'],
    [{ host: 8080 }, '--host must be a text, not 8080'],
    [{ raw: 'maybe' }, '--raw must be on or off, not "maybe"'],
    [{ raw: 1 }, '--raw must be on or off, not 1'],
    [
      { 'max-line': '1MiB' },
      '--max-line (1MiB) must not be more than a sixteenth of --max-queue (4MiB, the default)',
    ],
    [
      { 'max-line': '32KiB', 'high-water': '16KiB' },
      '--max-line (32KiB) must not be more than --high-water (16KiB)',
    ],
    [
      { 'high-water': '3MiB' },
      '--high-water (3MiB) must not be more than half of --max-queue (4MiB, the default)',
    ],
    [{ 'max-memory': '1MiB' }, '--max-queue (4MiB, the default) must not be more than --max-memory (1MiB)'],
  ])('%j is refused with what would be right', (written, message) => {
    expect(problem(() => fromFlags(written))).toBe(message);
  });

  test('the problem names the option as its author knows it', () => {
    const written = {
      port: () => fromOptions({ port: 70_000 }),
      'high-water': () => fromOptions({ highWater: 3 * 2 ** 20 }),
      RXCHAT_PORT: () => fromEnvironment({ RXCHAT_PORT: 'x' }),
      RXCHAT_HIGH_WATER: () => fromEnvironment({ RXCHAT_HIGH_WATER: '3MiB' }),
      file: () => fromFile({ port: 'x' }),
    };
    expect(problem(written.port)).toMatch(/^port must be a whole number/);
    expect(problem(written['high-water'])).toMatch(
      /^highWater \(3MiB\) must .* maxQueue \(4MiB, the default\)$/,
    );
    expect(problem(() => fromFlags({}), written.RXCHAT_PORT)).toMatch(/^RXCHAT_PORT must be a whole number/);
    expect(problem(() => fromFlags({}), written.RXCHAT_HIGH_WATER)).toMatch(
      /^RXCHAT_HIGH_WATER \(3MiB\) must .* --max-queue \(4MiB, the default\)$/,
    );
    expect(problem(written.file)).toMatch(/^"port" in the config file must be a whole number/);
  });

  test('what is no option is named, too', () => {
    expect(problem(() => fromFile({ prt: 1 }))).toBe('the config file has "prt", which is no option');
    expect(problem(() => fromEnvironment({ RXCHAT_PRT: '1' }))).toBe(
      'the environment has RXCHAT_PRT, which is no option',
    );
    expect(problem(() => fromOptions({ prt: 1 } as object))).toBe('there is no option prt');
  });

  test('every default is within the limits that its option gives', () => {
    for (const name of NAMES)
      expect(() => configure(fromOptions({ [name]: OPTIONS[name].default })), name).not.toThrow();
  });
});

test('an option has one name, written as a flag or as a variable', () => {
  expect(flagOf('maxPerAddress')).toBe('max-per-address');
  expect(variableOf('maxPerAddress')).toBe('RXCHAT_MAX_PER_ADDRESS');
});

test('defaults are shown as people write them, and may be written so', () => {
  for (const name of NAMES)
    expect(flags({ [flagOf(name)]: shown(OPTIONS[name].kind, OPTIONS[name].default) })[name]).toBe(
      OPTIONS[name].default,
    );
  const { host, maxLine, maxQueue, lagTimeout, raw, maxRecipients } = OPTIONS;
  const options = [host, maxLine, maxQueue, lagTimeout, raw, maxRecipients];
  expect(options.map((option) => shown(option.kind, option.default))).toEqual([
    '127.0.0.1',
    '16KiB',
    '4MiB',
    '30s',
    'off',
    '128',
  ]);
});
