/** Something an administrator does on what is kept. */
import { userInfo } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Deed } from '../store/deed.ts';
import { isInUse } from '../store/lock.ts';
import type { Store } from '../store/store.ts';
import type { Config } from '../options.ts';
import { dateOf } from '../time.ts';

/** It cannot be done; the message is one line that says why. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** It is not written as it should be; the message is one line that says how. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** Where it is done. */
export interface Desk {
  readonly store: Store;
  readonly config: Config;
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable;
  readonly stderr: Writable & { isTTY?: boolean };
}

/** What stands on the command line behind its word. */
export type Words = Readonly<Record<string, string | boolean | undefined>>;

export interface AdminTask {
  /** The word, and what has to stand behind it. */
  readonly usage: string;
  readonly help: string;
  /** How it may be written, without the folder. */
  readonly example: string;
  readonly flags?: Readonly<Record<string, { readonly describe: string; readonly boolean?: true }>>;
  /** Throws a Misuse where the words are wrong, a Refusal where it cannot be done. */
  readonly run: (desk: Desk, words: Words) => void | Promise<void>;
}

/**
 * Writes deeds, and notes who did what to whom. All of it, or nothing. Throws a Refusal where nobody would hear of it: a node of a
 * cluster that starts has what the others have.
 */
export function write(
  { store, config }: Desk,
  deeds: readonly Deed[],
  deed: string,
  of: string,
  why = '',
): void {
  if (store.basis && !isInUse(config.dataDir))
    throw new Refusal(
      `${config.dataDir} is of a node that does not run: start it, or change that at one that runs`,
    );
  store.decide([...deeds, { do: 'audit', sequence: 0, time: Date.now(), by: operator(), deed, of, why }]);
}

/** Who sits at the command line. */
export function operator(): string {
  try {
    return `admin ${userInfo().username}`;
  } catch {
    return 'admin'; // whose number has no name
  }
}

/** Rows, with their columns one below the other. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** When something was, or will be, in seconds. */
export const when = (time: number): string =>
  dateOf(time).toISOString().replace('T', ' ').replace(/\..*/, 'Z');
