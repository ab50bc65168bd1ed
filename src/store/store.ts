/** All that is kept, in one file or in memory; every call takes as long as it takes, so it is for a thread of its own. */
import type { Database } from 'better-sqlite3';
import type { Found, Query } from '../past.ts';
import type { InPortions } from '../portions.ts';
import type { RegistryRecord } from '../registry.ts';
import { type Basis, BasisTable } from './basis.ts';
import { Commits } from './commits.ts';
import type { Deed } from './deed.ts';
import { DeedWriter } from './deed-writer.ts';
import { Footing } from './footing.ts';
import { Holdings } from './holdings.ts';
import { Mail } from './mail.ts';
import { Places } from './places.ts';
import { type KeptRegistry, RegistryTables } from './registry.ts';
import { SaidRows } from './said.ts';
import { Orders } from './orders.ts';
import { openDatabase } from './schema.ts';
import { Search } from './search.ts';
import { Seats } from './seats.ts';
import { type Keeping, Trim } from './trim.ts';

/** What a node of a cluster begins with. */
export interface Settlement {
  readonly basis: Basis;
  /** Of the chat as it was then. */
  readonly registry: RegistryRecord;
  /** What others have kept by then; undefined where what is kept here by then is all of it. */
  readonly holdings: Uint8Array | undefined;
  /** What is kept here of later turns than this one is not what the others have; undefined where it is. */
  readonly trusted?: number | undefined;
}

/** Without an end, and all that is in memory is bounded in bytes all the same. */
const FOR_EVER: Keeping = { seconds: Infinity, lines: Infinity, bytes: Infinity };
/** Rows that go together: some milliseconds. */
const PORTION = 128;
/** Bytes, of what is only in memory. */
const IN_MEMORY = 64 * 1024 * 1024;

export class Store {
  readonly database: Database;
  readonly #places: Places;
  readonly #seats: Seats;
  readonly #said: SaidRows;
  readonly #search: Search;
  readonly #mail: Mail;
  readonly #tables: RegistryTables;
  readonly #trim: Trim;
  readonly #basis: BasisTable;
  readonly #orders: Orders;
  readonly #holdings: Holdings;
  readonly #footing: Footing | undefined;
  readonly #commits: Commits;
  readonly #counters: Commits['counters'];
  readonly #writer: DeedWriter;

  /** In `folder`, or, for undefined, in memory. Throws a StoreUnusable where the file cannot be used. */
  constructor(folder: string | undefined, keeping: Keeping = FOR_EVER) {
    const database = openDatabase(folder);
    const bytes = folder === undefined ? Math.min(IN_MEMORY, keeping.bytes) : keeping.bytes;
    this.database = database;
    this.#footing = folder === undefined ? undefined : new Footing(database.name);
    this.#places = new Places(database);
    this.#seats = new Seats(database);
    this.#said = new SaidRows(database, this.#places, this.#seats);
    this.#search = new Search(database, this.#places, this.#said);
    this.#mail = new Mail(database);
    this.#tables = new RegistryTables(database);
    this.#trim = new Trim(database, this.#places, this.#seats, { ...keeping, bytes });
    this.#basis = new BasisTable(database);
    this.#orders = new Orders(database);
    this.#holdings = new Holdings(database, this.#places, this.#said);
    this.#commits = new Commits(database);
    this.#counters = this.#commits.counters;
    this.#writer = new DeedWriter({
      ...{ places: this.#places, seats: this.#seats, said: this.#said, mail: this.#mail },
      ...{ registry: this.#tables, trim: this.#trim, basis: this.#basis, counters: this.#counters },
    });
  }

  /** How many lines of what was said are kept. */
  get lines(): number {
    return this.#counters.lines;
  }

  /**
   * Who was here when a server was ended, is not any more; what waits for nobody goes. To be called by a server at its start,
   * unless it is a node of a cluster, which settles.
   */
  begin(): void {
    this.#write(() => {
      this.#clear();
    });
  }

  /** A cluster is to begin with what is kept here, which is called `log` until it has; what it descends from stays known. */
  found(log: string): void {
    this.#write(() => {
      const state = this.#basis.read()?.state ?? null;
      this.#clear();
      this.#basis.write({ log, turn: this.#counters.sequence, state });
    });
  }

  /** What it goes on from as a node of a cluster; undefined where it was none. */
  get basis(): Basis | undefined {
    return this.#basis.read();
  }

  /** Nothing is kept. */
  get isEmpty(): boolean {
    const { reservations, bans, sequence } = this.registry();
    return sequence === 0 && reservations.length === 0 && bans.length === 0;
  }

  /** Is as it was behind the turn of `basis`, whatever has come since, but for what the chat is still to hear of. */
  settle({ basis, registry, holdings, trusted }: Settlement, unheard: readonly Deed<Buffer>[] = []): void {
    const { turn } = basis;
    this.#write(() => {
      const before = Math.min(this.#counters.sequence, turn, trusted ?? turn);
      const { last, gone } = this.#trim.rewind(before, this.#counters.indexed);
      this.#counters.lines -= gone;
      this.#counters.said = last;
      this.#counters.indexed = Math.min(this.#counters.indexed, last);
      this.#seats.rewind(turn);
      this.#mail.rewind(turn);
      this.#tables.become(registry, turn);
      if (holdings)
        this.#counters.lines += this.#holdings.unpack(holdings, before, () => ++this.#counters.said);
      for (const deed of unheard) this.#writer.write(deed);
      this.#counters.sequence = turn;
      this.#basis.write(basis);
    });
    this.#trim.released();
  }

  /** What others need of what is kept, as it is now. */
  pack(): InPortions<Uint8Array> {
    return this.#holdings.pack(this.#counters.sequence);
  }

  /** Throws an SqliteError where the file is not where it was. */
  check(): void {
    this.#footing?.check();
  }

  /** All of it, or, if it throws an SqliteError, nothing. */
  apply(deeds: readonly Deed<string | Buffer>[]): void {
    this.check();
    this.#write(() => {
      for (const deed of deeds) this.#writer.write(deed);
    });
  }

  /** The same, of what was decided beside the chat; where that is a node's, it stands among the orders until it is heard. */
  decide(deeds: readonly Deed[]): void {
    this.check();
    this.#write(() => {
      const isNode = this.#basis.read() !== undefined;
      for (const deed of deeds) {
        this.#writer.write(deed);
        if (isNode && deed.do !== 'audit') this.#orders.add(deed);
      }
    });
  }

  /** What was decided beside the chat, and is not heard. */
  get orders(): Pick<Orders, 'all' | 'last'> {
    return this.#orders;
  }

  /** The chat has heard of them, up to that number. */
  forgetOrders(last: number): void {
    this.#write(() => {
      this.#orders.forget(last);
    });
  }

  find(query: Query): Found {
    switch (query.of) {
      case 'room':
        return this.#said.ofRoom(query).oldestFirst;
      case 'talk':
        return this.#said.ofTalk(query).oldestFirst;
      case 'absence':
        return this.#said.ofAbsence(query).oldestFirst;
      case 'words':
        return this.#search.find(query, this.#counters.indexed).newestFirst;
      case 'mail':
        return this.#mail.find(query);
    }
  }

  /** As it is now. */
  registry(): KeptRegistry {
    return this.#tables.read(this.#counters.sequence, Date.now());
  }

  /** Bans that have ended at `now`, in milliseconds since 1970, go. */
  forgetBans(now: number): void {
    this.#write(() => {
      this.#tables.forgetBans(now);
    });
  }

  /** What administrators read and write, beside the chat. */
  get tables(): RegistryTables {
    return this.#tables;
  }

  /** Indexes a portion of what is not indexed yet, and says whether there may be more. */
  index(): boolean {
    const before = this.#counters.indexed;
    if (before >= this.#counters.said) return false;
    this.#write(() => {
      // What was to be indexed may be gone already, and then that is where it has come.
      const after = this.#search.index(before);
      this.#counters.indexed = after > before ? after : this.#counters.said;
    });
    return this.#counters.indexed < this.#counters.said;
  }

  /** Somebody else has written to the file. */
  recheck(): void {
    this.#trim.released();
  }

  /** Lets `rows` at most of what is kept for too long go, and says whether there may be more; `now` is in milliseconds since 1970. */
  trim(now: number, rows = PORTION): boolean {
    let gone: number | undefined;
    this.#write(() => {
      gone = this.#trim.step(now, this.#counters.lines, this.#counters.indexed, rows);
      this.#counters.lines -= gone ?? 0;
    });
    return gone !== undefined;
  }

  close(): void {
    this.database.close();
  }

  #clear(): void {
    this.#basis.forget();
    this.#orders.forget(this.#orders.last);
    this.#seats.abandon(this.#counters.sequence);
    this.#mail.sweep();
    this.#tables.forgetBans(Date.now());
  }

  #write(work: () => void): void {
    try {
      this.#commits.commit(work);
    } catch (error) {
      this.#places.forget();
      throw error;
    }
  }
}
