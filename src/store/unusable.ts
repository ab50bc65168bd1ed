/** What is kept cannot be used. */
import Database from './sqlite.ts';

/** A folder, or the file in it, is not to be used; the message is one line that says which, why, and what may help. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

/** Of Node and of SQLite, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it needs rights that you do not have',
  EPERM: 'it needs rights that you do not have',
  SQLITE_READONLY: 'it may only be read',
  SQLITE_READONLY_DIRECTORY: 'its folder may only be read',
  SQLITE_PERM: 'it needs rights that you do not have',
  EROFS: 'it is on a disk that may only be read',
  // Also what Node makes of a disk that may only be read, for folders.
  ENOENT: 'it is not there, and cannot be made',
  EEXIST: 'it is no folder',
  ENOTDIR: 'what it should be in is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead nowhere',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  SQLITE_FULL: 'the disk is full',
  SQLITE_CANTOPEN: 'it cannot be opened',
  SQLITE_NOTADB: 'it is no database',
  SQLITE_BUSY: 'somebody else writes to it',
  SQLITE_CORRUPT: 'it is damaged; put a backup in its place',
};

/** Why `what` cannot be used, from what the disk or SQLite said; what is neither is a mistake in this program, and thrown again. */
export function unusable(what: string, error: unknown): StoreUnusable {
  if (error instanceof StoreUnusable) return error;
  const isKnown = error instanceof Database.SqliteError || (error instanceof Error && 'syscall' in error);
  if (!isKnown) throw error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const [general = ''] = /^SQLITE_[A-Z]+/.exec(code) ?? [];
  const why = REASONS[code] ?? REASONS[general] ?? `${error.message} (${code})`;
  return new StoreUnusable(`${what} cannot be used: ${why}`, { cause: error });
}
