/** What can be set: one table with every option, and how flags, environment, file and defaults become a Config. */

/** The value cannot be used; the message is one line that names the option and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Kind = 'integer' | 'bytes' | 'seconds' | 'text' | 'switch';
type Group = 'Listening' | 'Clients' | 'Lines' | 'Flow control';

export interface Option {
  readonly kind: Kind;
  readonly group: Group;
  readonly default: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  /** What it is, for `--help` and the README. */
  readonly help: string;
  /** Why the default is what it is, for the README. */
  readonly why: string;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const OPTIONS = {
  host: {
    kind: 'text',
    group: 'Listening',
    default: '127.0.0.1',
    help: 'address to listen on; :: is every one, of IPv4 and IPv6',
    why: 'nobody is let in from outside by accident',
  },
  port: {
    kind: 'integer',
    group: 'Listening',
    default: 8080,
    min: 0,
    max: 65535,
    help: 'port to listen on; 0 takes a free one',
    why: 'needs no rights',
  },
  maxClients: {
    kind: 'integer',
    group: 'Clients',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    help: 'clients at a time; never more than the descriptor limit (ulimit -n) less 64',
    why: 'idle, about 140 MB of memory',
  },
  maxPerAddress: {
    kind: 'integer',
    group: 'Clients',
    default: 256,
    min: 1,
    max: 1_000_000,
    help: 'clients at a time from one address (IPv6: one /64); this machine is exempt',
    why: 'a class behind one router fits, one stranger cannot fill the server',
  },
  loginTimeout: {
    kind: 'seconds',
    group: 'Clients',
    default: 60,
    min: 0.1,
    max: 86_400,
    help: 'time to send a name',
    why: 'long enough to type one',
  },
  stopTimeout: {
    kind: 'seconds',
    group: 'Clients',
    default: 10,
    min: 0,
    max: 3600,
    help: 'time to deliver what is pending when the server stops',
    why: 'what service managers wait for is longer',
  },
  maxLine: {
    kind: 'bytes',
    group: 'Lines',
    default: 16 * KiB,
    min: 64,
    max: MiB,
    help: 'longest line',
    why: 'more text than a screen holds, and two of them fit into one share of a turn',
  },
  maxRecipients: {
    kind: 'integer',
    group: 'Lines',
    default: 128,
    min: 1,
    max: 10_000,
    help: 'most recipients that a line may name',
    why: 'a line must not cost a thousand times its length',
  },
  raw: {
    kind: 'switch',
    group: 'Lines',
    default: false,
    help: 'pass control characters on as they are',
    why: 'a text must not drive the terminal of who reads it',
  },
  highWater: {
    kind: 'bytes',
    group: 'Flow control',
    default: 256 * KiB,
    min: 4 * KiB,
    max: 1024 * MiB,
    help: 'a client this far behind holds whoever writes to it in bulk',
    why: 'some turns of full speed',
  },
  maxQueue: {
    kind: 'bytes',
    group: 'Flow control',
    default: 4 * MiB,
    min: 16 * KiB,
    max: 4096 * MiB,
    help: 'a client this far behind is let go; at half of it, it holds everyone who writes to it',
    why: 'a burst fits, 64 such clients fit into max-memory',
  },
  maxMemory: {
    kind: 'bytes',
    group: 'Flow control',
    default: 256 * MiB,
    min: MiB,
    max: 1024 * 1024 * MiB,
    help: 'what may wait for all clients together; past it the one furthest behind is let go',
    why: 'fits on the smallest machine',
  },
  lagTimeout: {
    kind: 'seconds',
    group: 'Flow control',
    default: 30,
    min: 0.1,
    max: 86_400,
    help: 'a client behind for this long is let go',
    why: 'longer than a hiccup of a network',
  },
  writeTimeout: {
    kind: 'seconds',
    group: 'Flow control',
    default: 10,
    min: 0.1,
    max: 86_400,
    help: 'a client that takes no byte of what waits for this long is let go',
    why: 'a hiccup is shorter; the kernel tells of progress in steps, see Limits',
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

type Value<O extends Option> = O['kind'] extends 'text'
  ? string
  : O['kind'] extends 'switch'
    ? boolean
    : number;

/** Every option, decided. Bytes and seconds. */
export type Config = { readonly [N in OptionName]: Value<(typeof OPTIONS)[N]> };

/** What a caller may set; the rest is as in `OPTIONS`. */
export type ConfigOptions = Partial<Config>;

/** `maxLine` as a flag, `max-line`. */
export const flagOf = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `maxLine` in the environment, `RXCHAT_MAX_LINE`. */
export const variableOf = (name: string): string =>
  `RXCHAT_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;

/** Where the environment says which file to read. */
export const CONFIG_VARIABLE = 'RXCHAT_CONFIG';

/** A default as people write it. */
export function shown({ kind, default: value }: Option): string {
  if (typeof value !== 'number') return value === false ? 'off' : String(value);
  if (kind === 'seconds') return `${String(value)} s`;
  if (kind !== 'bytes') return String(value);
  return value % MiB === 0 ? `${String(value / MiB)}MiB` : `${String(value / KiB)}KiB`;
}

/**
 * Decides every option: flags over `RXCHAT_*` environment over the file (JSON, by flag names) over defaults.
 * Throws a ConfigError that names the option as its author wrote it and says what would be right.
 */
export function configure(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = {},
  file: Readonly<Record<string, unknown>> = {},
): Config {
  for (const key of Object.keys(file)) {
    if (!names.some((name) => flagOf(name) === key))
      throw new ConfigError(`the config file has "${key}", which is no option`);
  }
  for (const key of Object.keys(environment)) {
    if (
      key.startsWith(variableOf('')) &&
      key !== CONFIG_VARIABLE &&
      !names.some((name) => variableOf(name) === key)
    )
      throw new ConfigError(`the environment has ${key}, which is no option`);
  }
  const config: Record<string, unknown> = {};
  for (const name of names) {
    const flag = flagOf(name);
    const variable = variableOf(name);
    if (flags[name] !== undefined) config[name] = read(name, flags[name], `--${flag}`);
    else if (environment[variable] !== undefined) config[name] = read(name, environment[variable], variable);
    else if (file[flag] !== undefined) config[name] = read(name, file[flag], `"${flag}" in the config file`);
    else config[name] = OPTIONS[name].default;
  }
  return Object.freeze(fitting(config as Config));
}

/** Limits that contradict each other would hold everybody, or nobody. */
function fitting(config: Config): Config {
  const { maxLine, highWater, maxQueue, maxMemory } = config;
  if (maxLine > highWater) throw new ConfigError('--max-line is at most --high-water');
  if (highWater > maxQueue / 2) throw new ConfigError('--high-water is at most half of --max-queue');
  if (maxQueue > maxMemory) throw new ConfigError('--max-queue is at most --max-memory');
  return config;
}

const names = Object.keys(OPTIONS) as OptionName[];

function read(name: OptionName, value: unknown, said: string): number | string | boolean {
  const option: Option = OPTIONS[name];
  const fail = (right: string): never => {
    throw new ConfigError(`${said} is ${right}, not ${JSON.stringify(value)}`);
  };
  if (option.kind === 'text') return typeof value === 'string' && value !== '' ? value : fail('a text');
  if (option.kind === 'switch') {
    if (value === true || value === 'true' || value === '1') return true;
    return value === false || value === 'false' || value === '0' ? false : fail('true or false');
  }
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = option;
  const number = typeof value === 'number' ? value : toNumber(option.kind, String(value));
  const whole = option.kind === 'seconds' || Number.isInteger(number);
  if (number >= min && number <= max && whole) return number;
  return fail(`${WHAT[option.kind]} from ${String(min)} to ${String(max)}${HOW[option.kind]}`);
}

const WHAT = { integer: 'a whole number', bytes: 'bytes', seconds: 'seconds' } as const;
const HOW = { integer: '', bytes: ', like 16384, 16KiB or 4MiB', seconds: ', like 30 or 0.5' } as const;
const UNITS: Readonly<Record<string, number>> = { '': 1, KiB, MiB, GiB: 1024 * MiB };

function toNumber(kind: Kind, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMG]iB)?$/.exec(text.trim()) ?? [];
  if (digits === undefined || (unit !== '' && kind !== 'bytes')) return Number.NaN;
  return Number(digits) * (UNITS[unit] ?? Number.NaN);
}
