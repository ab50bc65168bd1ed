/** The file itself: is it whole, is it small, and is there another one of it. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileIn } from '../store/schema.ts';
import { type AdminTask, type Desk, Refusal } from './task.ts';

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const size = ({ config }: Desk): string => `${(bytesOf(fileIn(config.dataDir)) / 2 ** 20).toFixed(1)} MiB`;

export const vacuum: AdminTask = {
  usage: 'vacuum',
  help: 'give back what the file does not need; nothing is written to it meanwhile, a server keeps that in memory',
  example: 'vacuum',
  run: (desk) => {
    const { database } = desk.store;
    const before = size(desk);
    database.exec("INSERT INTO words (words) VALUES ('optimize')");
    database.exec('VACUUM');
    database.pragma('wal_checkpoint(TRUNCATE)');
    desk.stdout.write(`${before} before, ${size(desk)} now\n`);
  },
};

export const check: AdminTask = {
  usage: 'check',
  help: 'read all of the file, and say what is wrong with it; the exit status tells it, too',
  example: 'check',
  run: ({ store, stdout }) => {
    const { database } = store;
    const problems = (database.pragma('integrity_check') as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((found) => found !== 'ok');
    const [counted, rows] = database
      .prepare<[], [number, number]>(
        "SELECT (SELECT value FROM meta WHERE key = 'lines'), (SELECT coalesce(sum(count), 0) FROM said)",
      )
      .raw()
      .get() as [number, number];
    if (counted !== rows)
      problems.push(`${String(rows)} lines are there, and ${String(counted)} were counted`);
    const homeless = database
      .prepare<[], number>('SELECT count(*) FROM said WHERE place NOT IN (SELECT id FROM places)')
      .pluck()
      .get() as number;
    if (homeless > 0) problems.push(`${String(homeless)} rows were said nowhere`);
    if (problems.length > 0) throw new Refusal(problems.join('; '));
    stdout.write(`all is well: ${String(rows)} lines\n`);
  },
};

export const backup: AdminTask = {
  usage: 'backup <file>',
  help: 'write all of it to another file, as it is at one moment; a server may go on meanwhile',
  example: 'backup /var/backups/rxchat.db',
  run: ({ store, stdout }, words) => {
    const file = String(words['file']);
    if (existsSync(file)) throw new Refusal(`${file} is there already, and is left as it is`);
    if (!existsSync(dirname(file)))
      throw new Refusal(`${file} would be in ${dirname(file)}, and there is no such folder`);
    const unfinished = `${file}.unfinished`;
    rmSync(unfinished, { force: true });
    // What people have said is for nobody else on this machine.
    process.umask(0o077);
    try {
      store.database.prepare('VACUUM INTO ?').run(unfinished);
      const descriptor = openSync(unfinished, 'r+');
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    stdout.write(`${file} has ${(bytesOf(file) / 2 ** 20).toFixed(1)} MiB\n`);
  },
};
