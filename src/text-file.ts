/** A file that the one who starts the server names in an option. */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'that is not permitted',
  EISDIR: 'it is a folder',
};

/** Its text, without a byte order mark. Throws a ConfigError that says what `what` is and why it cannot be read. */
export function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`the ${what} ${path} cannot be read: ${WHY[code] ?? code}`, { cause: error });
  }
}
