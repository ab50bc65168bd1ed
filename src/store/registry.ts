/** Whose names are whose, who is banned, and what operators did. */
import type { Database, Statement } from 'better-sqlite3';
import { LIMIT } from './sqlite.ts';
import type { Ban, OwnerId, Reservation } from '../past.ts';
import type { RegistryRecord } from '../registry.ts';
import type { Deed } from './deed.ts';

/** What the chat has to know before it begins. */
export interface KeptRegistry {
  /** What waits for each is what was written by then. */
  readonly reservations: readonly Reservation[];
  /** Those that have not ended. */
  readonly bans: readonly Ban[];
  /** What tells whether a password is right, by the version that a reservation has. */
  readonly verifiers: ReadonlyMap<string, string>;
  /** Of the last turn of which something is kept; 0 where nothing is. */
  readonly sequence: number;
}

export interface AuditEntry {
  /** Of the turn in which an operator of the chat did it; 0 where it was done beside the chat. */
  readonly sequence?: number;
  readonly time: number;
  readonly by: string;
  readonly deed: string;
  readonly of: string;
  readonly why: string;
}

/** Whose a name is, and with which password. */
export type Ownership = Pick<Reservation, 'key' | 'shown' | 'owner' | 'version'>;

interface NameRow extends Ownership {
  /** Empty where it is not known, or is the one of that version that is there. */
  readonly verifier: string;
}

type BanRow = Omit<Ban, 'until'> & { readonly until: number | null };

/** Deeds of operators that are kept; the oldest ones go. */
const DEEDS = 100_000;

export class RegistryTables {
  readonly #reserve: Statement<[NameRow]>;
  readonly #release: Statement<[string, OwnerId]>;
  readonly #ban: Statement<[BanRow]>;
  readonly #unban: Statement<[string, string]>;
  readonly #note: Statement<[Required<AuditEntry>]>;
  readonly #forget: Statement<[]>;
  readonly #names: Statement<[], NameRow & { mail: number; mailBytes: number }>;
  readonly #ownerships: Statement<[], Ownership>;
  readonly #verifier: Statement<[string], string>;
  readonly #bans: Statement<[number], BanRow>;
  readonly #forgetBans: Statement<[number]>;
  readonly #deeds: Statement<[number], AuditEntry>;
  readonly #rewind: Statement<[number]>;
  readonly #learn: Statement<[{ version: string; verifier: string }]>;
  readonly #clear: (reservations: readonly Ownership[]) => void;

  constructor(database: Database) {
    this.#reserve = database.prepare(
      `INSERT INTO names VALUES (@key, @shown, @owner, @version, @verifier) ON CONFLICT (key) DO UPDATE SET
         shown = excluded.shown, owner = excluded.owner, version = excluded.version,
         verifier = iif(excluded.verifier = '' AND excluded.version = version, verifier, excluded.verifier)`,
    );
    this.#release = database.prepare('DELETE FROM names WHERE key = ? AND owner = ?');
    this.#ban = database.prepare(
      'INSERT OR REPLACE INTO bans (kind, of, until, by, since, why) VALUES (@kind, @of, @until, @by, @since, @why)',
    );
    this.#unban = database.prepare('DELETE FROM bans WHERE kind = ? AND of = ?');
    this.#note = database.prepare(
      'INSERT INTO audit (time, by, deed, of, why, sequence) VALUES (@time, @by, @deed, @of, @why, @sequence)',
    );
    this.#forget = database.prepare(
      `DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ${String(DEEDS)}`,
    );
    this.#names = database.prepare(
      `SELECT names.*, count(mail.number) AS mail, coalesce(sum(mail.bytes), 0) AS mailBytes
       FROM names LEFT JOIN mail ON mail.owner = names.owner GROUP BY names.key ORDER BY names.key`,
    );
    this.#bans = database.prepare('SELECT * FROM bans WHERE until IS NULL OR until > ? ORDER BY kind, of');
    this.#forgetBans = database.prepare('DELETE FROM bans WHERE until <= ?');
    this.#ownerships = database.prepare('SELECT key, shown, owner, version FROM names');
    this.#verifier = database.prepare<[string], string>('SELECT verifier FROM names WHERE key = ?').pluck();
    this.#deeds = database.prepare(`SELECT time, by, deed, of, why FROM audit ORDER BY id DESC ${LIMIT}`);
    this.#rewind = database.prepare('DELETE FROM audit WHERE sequence > ?');
    this.#learn = database.prepare('UPDATE names SET verifier = @verifier WHERE version = @version');
    const remove = database.prepare<[string]>('DELETE FROM names WHERE key = ?');
    const removeBans = database.prepare('DELETE FROM bans');
    this.#clear = (reservations) => {
      const versions = new Map(reservations.map(({ key, version }) => [key, version]));
      for (const { key, version } of this.ownerships()) if (versions.get(key) !== version) remove.run(key);
      removeBans.run();
    };
  }

  /** These, and no others; of a password, what is known of that version stays. What operators did in later turns than `turn` was not. */
  become({ names, bans }: RegistryRecord, turn: number): void {
    this.#clear(names);
    for (const { key, shown, owner, version } of names)
      this.#reserve.run({ key, shown, owner, version, verifier: '' });
    for (const ban of bans) this.ban(ban);
    this.#rewind.run(turn);
  }

  /** What tells whether the password of that version is right has come from elsewhere. */
  learn(version: string, verifier: string): void {
    this.#learn.run({ version, verifier });
  }

  reserve(deed: Extract<Deed, { do: 'reserve' }>): void {
    const { key, shown, owner, version, verifier = '' } = deed;
    this.#reserve.run({ key, shown, owner, version, verifier });
  }

  release(key: string, owner: OwnerId): void {
    this.#release.run(key, owner);
  }

  ban({
    of,
    kind,
    until = null,
    by,
    since,
    why,
  }: Omit<Ban, 'until'> & { until?: number | null | undefined }): void {
    this.#ban.run({ of, kind, until, by, since, why });
  }

  /** Says whether there was one. */
  unban(kind: Ban['kind'], of: string): boolean {
    return this.#unban.run(kind, of).changes > 0;
  }

  note(entry: AuditEntry): void {
    const { sequence = 0, time, by, deed, of, why } = entry;
    this.#note.run({ sequence, time, by, deed, of, why });
    this.#forget.run();
  }

  /** The last `count` deeds of operators, the newest first. */
  deeds(count: number): AuditEntry[] {
    return this.#deeds.all(count);
  }

  /** Whose which name is. */
  ownerships(): Ownership[] {
    return this.#ownerships.all();
  }

  /** What tells whether a password of the name is right. */
  verifierOf(key: string): string {
    return this.#verifier.get(key) ?? '';
  }

  /** Those that hold at `now`, in milliseconds since 1970. */
  bans(now: number): Ban[] {
    return this.#bans.all(now).map((ban) => ({ ...ban, until: ban.until ?? undefined }));
  }

  /** Those that have ended go. */
  forgetBans(now: number): void {
    this.#forgetBans.run(now);
  }

  read(sequence: number, now: number): KeptRegistry {
    const names = this.#names.all();
    return {
      reservations: names.map(({ key, shown, owner, version, mail, mailBytes }) => ({
        ...{ key, shown, owner, version, mail, mailBytes },
      })),
      bans: this.bans(now),
      verifiers: new Map(names.map(({ version, verifier }) => [version, verifier])),
      sequence,
    };
  }
}
