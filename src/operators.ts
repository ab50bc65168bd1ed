/** Who keeps order. */
import { ConfigError } from './config.ts';
import { parseName } from './name.ts';
import { quote } from './safe.ts';

/** The keys of their names. Throws a ConfigError where one of them is no name. */
export function operatorsOf({ operator }: { operator: string }): ReadonlySet<string> {
  const names = operator.split(/[\s,]+/).filter((name) => name !== '');
  return new Set(
    names.map((text) => {
      const name = parseName(text);
      if (!name) throw new ConfigError(`operator has "${quote(text)}", which is no name`);
      return name.key;
    }),
  );
}
