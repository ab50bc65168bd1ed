/** One server for each folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import Database from './sqlite.ts';
import { ConfigError } from '../config.ts';

/**
 * Holds the folder until it is closed, or the process ends in whatever way: the lock is the kernel's, and SQLite knows how to
 * ask for one. Throws a ConfigError where another server has it.
 */
export function lockFolder(folder: string): Sqlite {
  const lock = opened(folder);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw new ConfigError(`data-dir ${folder} is in use by another server; stop it, or take another folder`, {
      cause: error,
    });
  }
}

function opened(folder: string): Sqlite {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new Database(join(folder, 'rxchat.lock'), { timeout: 0 });
  } catch (error) {
    throw new ConfigError(`nothing can be kept in data-dir ${folder}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
