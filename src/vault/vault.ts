/** Passwords: whether one is right, and what is kept of a new one. They go no further than here. */
import { randomUUID } from 'node:crypto';
import { isLocal, subscriberOf } from '../addresses.ts';
import type { Effect } from '../effect.ts';
import type { Unproved } from '../message.ts';
import type { OwnerId, Reservation } from '../past.ts';
import { Attempts } from './attempts.ts';
import { isFit } from './password.ts';
import { Queue } from './queue.ts';
import { makeVerifier, verifies } from './verifier.ts';

/** Passwords that are looked at at a time, each on a thread of the pool, of which others need some; and those that wait. */
const AT_ONCE = 2;
const WAITING = 32;
/** New passwords that the chat has not answered yet, or has refused; the oldest goes. */
const PENDING = 1000;

export interface Failure {
  readonly why: Unproved;
  /** To wait until the next attempt. */
  readonly seconds?: number;
}

export interface Proof {
  readonly owner: OwnerId;
  readonly version: string;
}

interface Entry extends Proof {
  /** Undefined where it is on its way from another node. */
  readonly verifier: string | undefined;
}

/** Where other nodes learn what is kept of a password, by its version. */
export interface Common {
  /** Rejects where it cannot be reached. */
  put(version: string, verifier: string): Promise<void>;
  remove(version: string): Promise<void>;
}

export class Vault {
  readonly #attempts: Attempts;
  readonly #most: number;
  /** By the key of the name. */
  readonly #names = new Map<string, Entry>();
  /** By the version of the password. */
  readonly #pending = new Map<string, string>();
  /** The same of passwords that the chat has not heard of yet. */
  readonly #foreign = new Map<string, string>();
  readonly #queue = new Queue(AT_ONCE, WAITING);
  /** By the version of a password that is to come, the key of the name. */
  readonly #awaited = new Map<string, string>();
  /** Set by whoever has other nodes. */
  common: Common | undefined;

  /** `clock` gives seconds, and nobody sets it; `pending` is how many new passwords may wait for the chat. */
  constructor(clock: () => number, pending = PENDING) {
    this.#attempts = new Attempts(clock);
    this.#most = pending;
  }

  /** These are the names that are reserved, at the start. */
  become(reservations: readonly Reservation[], verifiers: ReadonlyMap<string, string>): void {
    this.#names.clear();
    for (const { key, owner, version } of reservations)
      this.#hold(key, { owner, version, verifier: verifiers.get(version) ?? this.#take(version) });
  }

  /** The same for all nodes. Rejects where they cannot be reached. */
  async share(verifiers: ReadonlyMap<string, string>): Promise<void> {
    this.learn(verifiers);
    for (const [version, verifier] of verifiers) await this.common?.put(version, verifier);
  }

  /** What somebody else has decided, as soon as the chat has heard of it, will need these; or needs them already. */
  learn(verifiers: ReadonlyMap<string, string>): void {
    for (const [version, verifier] of verifiers) {
      const key = this.#awaited.get(version);
      const entry = key === undefined ? undefined : this.#names.get(key);
      this.#awaited.delete(version);
      if (key !== undefined && entry?.version === version) this.#hold(key, { ...entry, verifier });
      else this.#foreign.set(version, verifier);
    }
  }

  /** Nobody needs it any more. */
  unlearn(version: string): void {
    this.#foreign.delete(version);
  }

  /** What the chat has decided, or heard that somebody else has. */
  obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === 'heard') this.obey(effect.decisions);
      if (effect.do === 'release') this.#forget(effect.key);
      if (effect.do !== 'reserve') continue;
      const { key, owner, version } = effect;
      const verifier = this.#take(version);
      if (verifier === undefined && !this.common) continue;
      if (this.#names.get(key)?.version !== version) this.#forget(key);
      this.#hold(key, { owner, version, verifier });
    }
  }

  /** Is the name with that key reserved? */
  knows(key: string): boolean {
    return this.#names.has(key);
  }

  /** What is kept of the password of that version, of which the chat has not decided yet, or just has. */
  verifierOf(version: string): string | undefined {
    return this.#pending.get(version) ?? this.#foreign.get(version);
  }

  /** Is it the password of the name with that key? It comes from `address`. */
  async check(key: string, address: string, password: string): Promise<Proof | Failure> {
    const seconds = this.#attempts.wait(key, address);
    if (seconds > 0) return { why: 'password-wait', seconds };
    const entry = this.#names.get(key);
    if (!entry) return { why: 'not-reserved' };
    this.#attempts.tried(key, address);
    const { owner, version, verifier } = entry;
    if (verifier === undefined) {
      this.#attempts.untried(key, address);
      return { why: 'password-busy' };
    }
    const isRight =
      isFit(password) && (await this.#queue.run(subscriberOf(address), () => verifies(password, verifier)));
    if (isRight === undefined) {
      this.#attempts.untried(key, address);
      return { why: 'password-busy' };
    }
    if (!isRight) {
      this.#attempts.failed(address);
      return { why: 'wrong-password' };
    }
    this.#attempts.succeeded(key, address);
    return { owner, version };
  }

  /** A new password; gives the version that it is kept under until the chat has decided. */
  async make(address: string, password: string): Promise<{ readonly version: string } | Failure> {
    if (!isFit(password)) return { why: 'bad-password' };
    const seconds = isLocal(address) ? 0 : this.#attempts.waitToReserve(address);
    if (seconds > 0) return { why: 'password-wait', seconds };
    this.#attempts.reserved(address);
    const verifier = await this.#queue.run(subscriberOf(address), () => makeVerifier(password));
    if (verifier === undefined) {
      this.#attempts.unreserved(address);
      return { why: 'password-busy' };
    }
    const version = randomUUID();
    if (this.common) {
      try {
        await this.common.put(version, verifier);
      } catch {
        this.#attempts.unreserved(address);
        return { why: 'password-busy' };
      }
    }
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= this.#most && oldest !== undefined) {
      this.#pending.delete(oldest);
      this.#drop(oldest);
    }
    this.#pending.set(version, verifier);
    return { version };
  }

  /** What is known of the password of that version; it is for one name only. */
  #take(version: string): string | undefined {
    const verifier = this.#pending.get(version) ?? this.#foreign.get(version);
    this.#pending.delete(version);
    this.#foreign.delete(version);
    return verifier;
  }

  #hold(key: string, entry: Entry): void {
    this.#names.set(key, entry);
    if (entry.verifier === undefined) this.#awaited.set(entry.version, key);
  }

  /** The name is nobody's, or has another password. */
  #forget(key: string): void {
    const entry = this.#names.get(key);
    this.#names.delete(key);
    if (!entry) return;
    this.#awaited.delete(entry.version);
    this.#drop(entry.version);
  }

  #drop(version: string): void {
    // What stays there does no harm.
    this.common?.remove(version).catch(() => undefined);
  }
}
