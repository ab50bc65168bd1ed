/** One server for each folder. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import Database from './sqlite.ts';
import { StoreUnusable, unusable } from './unusable.ts';

/**
 * Holds the folder, which is made if it is not there, until it is closed, or the process ends in whatever way: the lock is the
 * kernel's, and SQLite knows how to ask for one. Throws a StoreUnusable where another server has it, or it cannot be had.
 */
export function lockFolder(folder: string): Sqlite {
  const file = join(folder, 'rxchat.lock');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(`data-dir ${folder}`, error);
  }
  try {
    // For what SQLite does not tell: why it cannot be opened.
    closeSync(openSync(file, 'a', 0o600));
    return locked(new Database(file, { timeout: 0 }));
  } catch (error) {
    if (isBusy(error))
      throw new StoreUnusable(
        `data-dir ${folder} is in use by another server; stop it, or take another folder`,
        { cause: error },
      );
    throw unusable(file, error);
  }
}

/** Does a server have the folder? Throws a StoreUnusable where nobody can say. */
export function isInUse(folder: string): boolean {
  try {
    lockFolder(folder).close();
    return false;
  } catch (error) {
    if (error instanceof StoreUnusable && isBusy(error.cause)) return true;
    throw error;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY';

function locked(lock: Sqlite): Sqlite {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
