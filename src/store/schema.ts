/** The file of what is kept: its tables, and how an older one becomes one of today. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import Database from './sqlite.ts';
import { StoreUnusable, unusable } from './unusable.ts';

/** In the folder that `--data-dir` names. */
export const fileIn = (folder: string): string => join(folder, 'rxchat.db');

/** Milliseconds that a write waits for another process; past it, it is tried again later. */
const PATIENCE = 800;
/** Pages of the log after which what is in it goes to the file; 16 MiB, so that a flood pays for few flushes. */
const CHECKPOINT = 4096;

/**
 * From one version to the next; `user_version` says how many of them a file has behind it. What stands here is never
 * changed: files were made with it.
 */
const MIGRATIONS = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('sequence', 0), ('said', 0), ('lines', 0), ('indexed', 0);

  -- A room, one private room, or all that an owner and one other have said to each other.
  CREATE TABLE places (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, shown TEXT NOT NULL, private TEXT, owner TEXT
  ) STRICT;
  CREATE INDEX places_key ON places (key);
  CREATE INDEX places_private ON places (private) WHERE private IS NOT NULL;
  CREATE INDEX places_owner ON places (owner) WHERE owner IS NOT NULL;

  -- Lines of the same one in the same place, one behind the other, with line ends between them.
  CREATE TABLE said (
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, sequence INTEGER NOT NULL, nth INTEGER NOT NULL,
    time INTEGER NOT NULL, sender TEXT NOT NULL, mine INTEGER NOT NULL, count INTEGER NOT NULL, text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX said_place ON said (place, id);

  CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', contentless_delete = 1, detail = none,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
  );

  CREATE TABLE seats (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, place INTEGER NOT NULL,
    entered INTEGER NOT NULL, left INTEGER, last INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX seats_owner ON seats (owner, place);
  CREATE INDEX seats_place ON seats (place);
  CREATE INDEX seats_open ON seats (id) WHERE left IS NULL;

  CREATE TABLE mail (
    number INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, sequence INTEGER NOT NULL, nth INTEGER NOT NULL,
    time INTEGER NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX mail_owner ON mail (owner, number);

  CREATE TABLE names (
    key TEXT PRIMARY KEY, shown TEXT NOT NULL, owner TEXT NOT NULL, version TEXT NOT NULL, verifier TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX names_owner ON names (owner);

  CREATE TABLE bans (
    kind TEXT NOT NULL, of TEXT NOT NULL, until INTEGER, by TEXT NOT NULL, since INTEGER NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (kind, of)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY, time INTEGER NOT NULL, by TEXT NOT NULL, deed TEXT NOT NULL, of TEXT NOT NULL,
    why TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What a node of a cluster goes on from. What is kept of later turns has to be told from what is of earlier ones.
  CREATE TABLE basis (
    id INTEGER PRIMARY KEY CHECK (id = 1), log TEXT NOT NULL, turn INTEGER NOT NULL, state BLOB
  ) STRICT;
  -- In which turn a seat was not the last one any more.
  ALTER TABLE seats ADD COLUMN passed INTEGER;
  ALTER TABLE audit ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- What was decided beside the chat of a node, which has not heard of it.
  CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, deed TEXT NOT NULL) STRICT;
  `,
];

/** Of what this program writes. */
export const VERSION = MIGRATIONS.length;

/**
 * Opens the file in `folder`, which is made if it is not there, or, for undefined, one in memory; an older one is made one
 * of today. Throws a StoreUnusable with one line that says why it cannot be used.
 */
export function openDatabase(folder: string | undefined): Sqlite {
  if (folder === undefined) return ready(new Database(':memory:'));
  const file = fileIn(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Only its owner may read what people have said; what SQLite puts beside it has the same rights.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    return ready(new Database(file, { timeout: PATIENCE }));
  } catch (error) {
    throw unusable(file, error);
  }
}

function ready(database: Sqlite): Sqlite {
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma(`wal_autocheckpoint = ${String(CHECKPOINT)}`);
    database.pragma(`journal_size_limit = ${String(CHECKPOINT * 4096)}`);
    database.transaction(migrate).immediate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Sqlite): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > VERSION)
    throw new StoreUnusable(
      `${database.name} was written by a newer rxchat (its version is ${String(version)}, this one knows ${String(VERSION)}); start that one, or restore a backup`,
    );
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  if (version < VERSION) database.pragma(`user_version = ${String(VERSION)}`);
}
