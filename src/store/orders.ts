/**
 * What `rxchat admin` has decided in the file of a node, until its chat has heard of it: in all that the node reads as it starts it is not,
 * so it would be gone if the node ended before.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { Deed } from './deed.ts';

export class Orders {
  readonly #add: Statement<[string]>;
  readonly #all: Statement<[], string>;
  readonly #last: Statement<[], number>;
  readonly #forget: Statement<[number]>;

  constructor(database: Database) {
    this.#add = database.prepare('INSERT INTO orders (deed) VALUES (?)');
    this.#all = database.prepare<[], string>('SELECT deed FROM orders ORDER BY id').pluck();
    this.#last = database.prepare<[], number>('SELECT coalesce(max(id), 0) FROM orders').pluck();
    this.#forget = database.prepare('DELETE FROM orders WHERE id <= ?');
  }

  add(deed: Deed): void {
    this.#add.run(JSON.stringify(deed));
  }

  /** In order. */
  get all(): Deed<Buffer>[] {
    return this.#all.all().map((deed) => JSON.parse(deed) as Deed<Buffer>);
  }

  /** The number of the last one; 0 where there is none. */
  get last(): number {
    return this.#last.get() ?? 0;
  }

  /** The chat knows them, up to that number. */
  forget(last: number): void {
    this.#forget.run(last);
  }
}
