/** What is written is written as a whole, with what is counted from one commit to the next. */
import type { Database, Statement } from 'better-sqlite3';

/** The last turn, the last row of what was said, how many lines, and up to where is indexed. */
type Counter = 'sequence' | 'said' | 'lines' | 'indexed';
const COUNTERS: readonly Counter[] = ['sequence', 'said', 'lines', 'indexed'];

export class Commits {
  readonly #database: Database;
  readonly #count: Statement<[number, Counter]>;
  readonly #read: Statement;
  /** As in the file, but for what the commit that is under way has changed. */
  readonly counters: Record<Counter, number> = { sequence: 0, said: 0, lines: 0, indexed: 0 };

  constructor(database: Database) {
    this.#database = database;
    this.#count = database.prepare('UPDATE meta SET value = ? WHERE key = ?');
    this.#read = database.prepare('SELECT value FROM meta LIMIT 1');
    const counted = database.prepare<[], { key: Counter; value: number }>('SELECT key, value FROM meta');
    for (const { key, value } of counted.all()) this.counters[key] = value;
  }

  /** All of that, or, if it throws, nothing. */
  commit(work: () => void): void {
    const before = { ...this.counters };
    try {
      this.#database
        .transaction(() => {
          work();
          for (const counter of COUNTERS)
            if (this.counters[counter] !== before[counter]) this.#count.run(this.counters[counter], counter);
        })
        .immediate();
      this.#settle();
    } catch (error) {
      Object.assign(this.counters, before);
      throw error;
    }
  }

  /**
   * To read notes in memory that SQLite shares with other processes how far one has read. If the next write began with that, a disk
   * that is frozen would hold it in a page fault, and with it whoever wants to change the memory of the process (before Linux 6.4,
   * anything of it); a write that waits holds only itself.
   */
  #settle(): void {
    this.#read.get();
  }
}
