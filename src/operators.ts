/** Who keeps order. */
import { ConfigError } from './config.ts';
import type { Name } from './message.ts';
import { parseName } from './name.ts';
import { quote } from './safe.ts';

/** Those of them whom nobody has reserved yet, as they were written. */
export function unclaimedOf(config: { operator: string }, reserved: ReadonlySet<string>): readonly string[] {
  return namesOf(config)
    .filter(({ key }) => !reserved.has(key))
    .map(({ shown }) => shown);
}

/** The keys of their names. Throws a ConfigError where one of them is no name. */
export const operatorsOf = (config: { operator: string }): readonly string[] => [
  ...new Set(namesOf(config).map(({ key }) => key)),
];

function namesOf({ operator }: { operator: string }): Name[] {
  const names = operator.split(/[\s,]+/).filter((name) => name !== '');
  return names.map((text) => {
    const name = parseName(text);
    if (!name) throw new ConfigError(`operator has "${quote(text)}", which is no name`);
    return name;
  });
}
