/** What waits for those who were not here, each line by itself, until they have it. */
import type { Database, Statement } from 'better-sqlite3';
import { LIMIT } from './sqlite.ts';
import type { Found, OwnerId, Past, Query } from '../past.ts';
import type { Run } from './deed.ts';

interface MailRow {
  readonly position: number;
  readonly sequence: number;
  readonly nth: number;
  readonly time: number;
  readonly sender: string;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Which line it is, of all that were ever said: the same one wherever it is kept, which a number of a row is not. A turn has
 * fewer lines than that.
 */
const POSITION = 'sequence * 1048576 + nth';

/** Bytes of texts in one answer. */
const LONGEST = 256 * 1024;

export class Mail {
  readonly #add: Statement<[Omit<MailRow, 'position'> & { owner: OwnerId }]>;
  readonly #behind: Statement<[OwnerId, number, number], MailRow>;
  readonly #collected: Statement<[OwnerId, number]>;
  readonly #release: Statement<[OwnerId]>;
  readonly #sweep: Statement<[]>;
  readonly #rewind: Statement<[number]>;

  constructor(database: Database) {
    this.#add = database.prepare(
      `INSERT INTO mail (owner, sequence, nth, time, sender, text, bytes)
       VALUES (@owner, @sequence, @nth, @time, @sender, @text, @bytes)`,
    );
    this.#behind = database.prepare(
      `SELECT *, ${POSITION} AS position FROM mail WHERE owner = ? AND ${POSITION} > ? ORDER BY number ${LIMIT}`,
    );
    this.#collected = database.prepare(`DELETE FROM mail WHERE owner = ? AND ${POSITION} <= ?`);
    this.#release = database.prepare('DELETE FROM mail WHERE owner = ?');
    this.#sweep = database.prepare('DELETE FROM mail WHERE owner NOT IN (SELECT owner FROM names)');
    this.#rewind = database.prepare('DELETE FROM mail WHERE sequence > ?');
  }

  add(owner: OwnerId, { sequence, index, time, from: sender, text: joined }: Run<string | Buffer>): void {
    for (const [nth, text] of String(joined).split('\n').entries()) {
      const bytes = Buffer.byteLength(text);
      this.#add.run({ owner, sequence, nth: index + nth, time, sender, text, bytes });
    }
  }

  find({ owner, after, count }: Extract<Query, { of: 'mail' }>): Found {
    const lines: Past[] = [];
    let [last, left] = [after, LONGEST];
    const rows = this.#behind.all(owner, after, count + 1);
    for (const { position, sequence, nth: index, time, sender: from, text, bytes } of rows.slice(0, count)) {
      left -= bytes;
      if (left < 0 && lines.length > 0) break;
      lines.push({ ...{ sequence, index, time, from }, texts: [text], room: undefined, to: undefined });
      last = position;
    }
    return { lines, more: rows.length > lines.length, ...(lines.length > 0 && { last }) };
  }

  collected(owner: OwnerId, last: number): void {
    this.#collected.run(owner, last);
  }

  /** As it was behind that turn, but for what was collected since. */
  rewind(turn: number): void {
    this.#rewind.run(turn);
  }

  release(owner: OwnerId): void {
    this.#release.run(owner);
  }

  /** What waits for those who have no name any more goes: it was said while the chat had not heard of that yet. */
  sweep(): void {
    this.#sweep.run();
  }
}
