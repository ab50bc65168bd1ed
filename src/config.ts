/** How flags, environment, file and defaults become a Config. */
import {
  type Config,
  type ConfigOptions,
  flagOf,
  type Kind,
  NAMES,
  type Option,
  type OptionName,
  OPTIONS,
  parsed,
  shown,
  variableOf,
} from './options.ts';

/** The value cannot be used; the message is one line that names the option and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Where the environment says which file to read. */
export const CONFIG_VARIABLE = 'RXCHAT_CONFIG';

/** Where values come from, and how their author knows an option. */
export interface Source {
  readonly values: ReadonlyMap<OptionName, unknown>;
  readonly named: (name: OptionName) => string;
}

/** What a caller of `serve` gives. Throws a ConfigError for what is no option. */
export function fromOptions(options: ConfigOptions): Source {
  return source(
    options,
    (name) => name,
    (key) => `there is no option ${key}`,
  );
}

/** Flags, as they are written; what else was parsed does not matter. */
export function fromFlags(flags: Readonly<Record<string, unknown>>): Source {
  const known = Object.fromEntries(NAMES.map((name) => [flagOf(name), flags[flagOf(name)]]));
  return source(known, flagOf, String, (name) => `--${flagOf(name)}`);
}

/** The variables that begin with `RXCHAT_`. Throws a ConfigError where one of them is no option. */
export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Source {
  const ours = Object.entries(environment).filter(
    ([key]) => key.startsWith(variableOf('')) && key !== CONFIG_VARIABLE,
  );
  return source(
    Object.fromEntries(ours),
    variableOf,
    (key) => `the environment has ${key}, which is no option`,
  );
}

/** A file that was read, by flag names. Throws a ConfigError where something in it is no option. */
export function fromFile(file: Readonly<Record<string, unknown>>): Source {
  return source(
    file,
    flagOf,
    (key) => `the config file has "${key}", which is no option`,
    (name) => `"${flagOf(name)}" in the config file`,
  );
}

function source(
  written: Readonly<Record<string, unknown>>,
  keyOf: (name: OptionName) => string,
  unknown: (key: string) => string,
  named = keyOf,
): Source {
  const names = new Map(NAMES.map((name) => [keyOf(name), name]));
  const values = new Map<OptionName, unknown>();
  for (const [key, value] of Object.entries(written)) {
    if (value === undefined) continue;
    const name = names.get(key);
    if (!name) throw new ConfigError(unknown(key));
    values.set(name, value);
  }
  return { values, named };
}

/**
 * Decides every option: the first source that has it wins, and the default is last. Throws a ConfigError that names
 * the option as its author knows it and says what would be right.
 */
export function configure(...sources: readonly Source[]): Config {
  const config: Record<string, unknown> = {};
  for (const name of NAMES) {
    const from = sources.find(({ values }) => values.has(name));
    config[name] = from ? read(name, from.values.get(name), from.named(name)) : OPTIONS[name].default;
  }
  const decided = config as Config;
  fit(decided, (name) => {
    const from = sources.find(({ values }) => values.has(name)) ?? sources[0];
    const value = shown(OPTIONS[name].kind, decided[name]);
    return `${(from?.named ?? flagOf)(name)} (${value}${from?.values.has(name) ? '' : ', the default'})`;
  });
  return Object.freeze(decided);
}

/** Limits that contradict each other would hold everybody, or nobody. */
function fit(config: Config, told: (name: OptionName) => string): void {
  const { maxLine, highWater, maxQueue, maxMemory, port, adminPort } = config;
  const fail = (less: OptionName, more: string): never => {
    throw new ConfigError(`${told(less)} must not be more than ${more}`);
  };
  // Nobody who reads is let go for what came in one turn; see flow.ts.
  if (maxLine > maxQueue / 16) fail('maxLine', `a sixteenth of ${told('maxQueue')}`);
  if (maxLine > highWater) fail('maxLine', told('highWater'));
  if (highWater > maxQueue / 2) fail('highWater', `half of ${told('maxQueue')}`);
  if (maxQueue > maxMemory) fail('maxQueue', told('maxMemory'));
  if (adminPort === port && port !== 0 && config.adminHost === config.host)
    throw new ConfigError(`${told('adminPort')} must be another one than ${told('port')}`);
}

function read(name: OptionName, written: unknown, named: string): number | string | boolean {
  const { kind, min = 0, max = Number.MAX_SAFE_INTEGER }: Option = OPTIONS[name];
  const value = typeof written === 'string' ? parsed(kind, written.trim()) : written;
  const size = typeof value === 'string' ? value.length : value;
  if (fits(kind, value) && (typeof size !== 'number' || (size >= min && size <= max))) return value;
  const not = typeof written === 'number' ? String(written) : JSON.stringify(written);
  throw new ConfigError(`${named} must be ${WHAT[kind](shown(kind, min), shown(kind, max))}, not ${not}`);
}

function fits(kind: Kind, value: unknown): value is number | string | boolean {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'switch') return typeof value === 'boolean';
  if (kind === 'port' && value === 'none') return true;
  return kind === 'seconds' || kind === 'rate' ? typeof value === 'number' : Number.isInteger(value);
}

const WHAT: Readonly<Record<Kind, (min: string, max: string) => string>> = {
  integer: (min, max) => `a whole number from ${min} to ${max}`,
  port: (min, max) => `a whole number from ${min} to ${max}, or none`,
  rate: (min, max) => `lines a second from ${min} to ${max}`,
  bytes: (min, max) => `bytes from ${min} to ${max}, like 4096 or 16KiB`,
  seconds: (min, max) => `a time from ${min} to ${max}`,
  switch: () => 'on or off',
  text: () => 'a text',
};
