/** All that is kept as JSON lines, as fast as whoever reads them takes them. */
import { once } from 'node:events';
import type { AdminTask, Desk } from './task.ts';

/** Rows that are read together, for a row may be a megabyte; between two portions a server's log can go to its file. */
const PORTION = 16;
/** Milliseconds between two words of how far it is. */
const PROGRESS = 200;

interface Row {
  readonly id: number;
  readonly [column: string]: unknown;
}

/** Each is read in the order of its `id`; what has none is read at once. */
const TABLES = {
  said: `SELECT said.id, sequence, nth, time, sender, mine, count, text, key, shown, private, owner
         FROM said JOIN places ON places.id = place WHERE said.id > ? ORDER BY said.id LIMIT ${String(PORTION)}`,
  mail: `SELECT number AS id, owner, sequence, nth, time, sender, text FROM mail WHERE number > ? ORDER BY number LIMIT ${String(PORTION)}`,
  audit: `SELECT id, time, by, deed, of, why FROM audit WHERE id > ? ORDER BY id LIMIT ${String(PORTION)}`,
} as const;

export const exporting: AdminTask = {
  usage: 'export',
  help: 'write all that is kept to stdout as JSON lines, but for what tells whether a password is right',
  example: 'export',
  run: async (desk) => {
    const { store } = desk;
    const { reservations, bans } = store.registry();
    const progress = progressOf(desk, store.lines);
    for (const { key, shown, owner } of reservations) await say(desk, { type: 'name', key, shown, owner });
    for (const ban of bans) await say(desk, { type: 'ban', ...ban });
    for (const type of ['said', 'mail', 'audit'] as const) {
      const rows = store.database.prepare<[number], Row>(TABLES[type]);
      for (let portion = rows.all(0); portion.length > 0; portion = rows.all(portion.at(-1)?.id ?? 0))
        for (const row of portion) {
          const lines = type === 'said' ? linesOf(row) : [{ type, ...row, id: undefined }];
          for (const line of lines) await say(desk, line);
          if (type === 'said') progress(lines.length);
        }
    }
    progress(0, true);
  },
};

/** One for each line of a row. */
function linesOf(row: Row): object[] {
  const { sequence, nth, time, sender: from, key, shown, private: which, owner, mine, text } = row;
  const where =
    owner === null
      ? { room: shown, ...(which !== null && { private: which }) }
      : { owner, with: key, mine: Boolean(mine) };
  return String(text)
    .split('\n')
    .map((line, at) => ({
      type: 'said',
      time,
      sequence,
      index: Number(nth) + at,
      ...where,
      from,
      text: line,
    }));
}

async function say({ stdout }: Desk, what: object): Promise<void> {
  if (!stdout.write(`${JSON.stringify(what)}\n`)) await once(stdout, 'drain');
}

/** Tells at a terminal how many lines of all are written. */
function progressOf({ stderr }: Desk, all: number): (more: number, over?: boolean) => void {
  if (!stderr.isTTY) return () => undefined;
  let [done, told] = [0, 0];
  return (more, over = false) => {
    done += more;
    if (!over && performance.now() < told + PROGRESS) return;
    told = performance.now();
    stderr.write(`\r${String(done)} of ${String(all)} lines${over ? '\n' : ''}`);
  };
}
