/** What of the options the chat itself goes by: all nodes of a cluster by the same. Plain data. */

/** How much may be kept of names, bans and mail. */
export interface RegistryLimits {
  readonly maxReserved: number;
  readonly maxBans: number;
  /** For one name, in lines. */
  readonly mailMax: number;
  /** For all together, in bytes. */
  readonly maxMail: number;
}

/** Bytes, seconds and numbers of the options of the same names. */
export interface ChatSettings extends RegistryLimits {
  readonly maxLine: number;
  readonly maxRecipients: number;
  readonly maxRoomsPerClient: number;
  readonly maxQueue: number;
  readonly loginTimeout: number;
  /** What is said is kept: not only names, mail and bans. */
  readonly keeps: boolean;
  /** Lines that everybody is told after the login. */
  readonly welcome: readonly string[];
  /** Keys of reserved names whose owners keep order. */
  readonly operators: readonly string[];
}

/** The options that decide them, where they are called otherwise. */
const OPTION: Partial<Record<keyof ChatSettings, string>> = { keeps: 'keep', operators: 'operator' };

/** The options of which one has other values than the other has. */
export function differing(one: ChatSettings, other: ChatSettings): string[] {
  return (Object.keys(settingsOf(other)) as (keyof ChatSettings)[])
    .filter((name) => written(one[name], name) !== written(other[name], name))
    .map((name) => OPTION[name] ?? name);
}

/** In which order operators are named does not matter. */
const written = (value: ChatSettings[keyof ChatSettings], name: keyof ChatSettings): string =>
  JSON.stringify(name === 'operators' ? [...(value as readonly string[])].sort() : value);

/** Those of them that are in `options`, and nothing else that is there. */
export function settingsOf(options: ChatSettings): ChatSettings {
  const { maxReserved, maxBans, mailMax, maxMail, keeps, welcome, operators } = options;
  const { maxLine, maxRecipients, maxRoomsPerClient, maxQueue, loginTimeout } = options;
  return {
    ...{ maxReserved, maxBans, mailMax, maxMail, keeps, welcome, operators },
    ...{ maxLine, maxRecipients, maxRoomsPerClient, maxQueue, loginTimeout },
  };
}
