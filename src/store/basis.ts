/** What a node of a cluster goes on from: which log the file follows, and how the chat was at some turn of it. */
import type { Database, Statement } from 'better-sqlite3';

/** What is kept of later turns than `turn` comes of the log once more. */
export interface Basis {
  /** Which log it is. */
  readonly log: string;
  readonly turn: number;
  /** How the chat was behind that turn, as whoever wrote it reads it; null where the log is to be read from its beginning. */
  readonly state: Uint8Array | null;
}

export class BasisTable {
  readonly #read: Statement<[], Basis>;
  readonly #write: Statement<[Basis]>;
  readonly #forget: Statement<[]>;

  constructor(database: Database) {
    this.#read = database.prepare('SELECT log, turn, state FROM basis');
    this.#write = database.prepare(
      'INSERT OR REPLACE INTO basis (id, log, turn, state) VALUES (1, @log, @turn, @state)',
    );
    this.#forget = database.prepare('DELETE FROM basis');
  }

  /** Undefined where the file is no node's. */
  read(): Basis | undefined {
    return this.#read.get();
  }

  write({ log, turn, state }: Basis): void {
    this.#write.run({ log, turn, state });
  }

  /** The server is one by itself from now on. */
  forget(): void {
    this.#forget.run();
  }
}
