/** Is a file still where it was opened? Whoever removes or replaces it leaves SQLite with one that nobody will ever find. */
import { statSync } from 'node:fs';
import Database from './sqlite.ts';

export class Footing {
  /** The file and its log, and which they were. */
  readonly #files: readonly (readonly [file: string, was: string | undefined])[];

  /** To be made when `file` is open. */
  constructor(file: string) {
    this.#files = [file, `${file}-wal`].map((each) => [each, identityOf(each)]);
  }

  /** Throws an SqliteError where it is not. To be asked each time before something is written: it takes some microseconds. */
  check(): void {
    for (const [file, was] of this.#files)
      if (identityOf(file) !== was)
        throw new Database.SqliteError(
          `${file} was removed or replaced; put it back, or start the server anew`,
          'SQLITE_READONLY_DBMOVED',
        );
  }
}

/** As long as it is open its number is not given to another one. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return `${String(dev)} ${String(ino)}`;
  } catch {
    return undefined;
  }
}
