/** Names that are somebody's, what waits for them, and who may not come in or not speak. */
import type { Ban, Reservation } from './past.ts';
import type { RegistryLimits } from './settings.ts';

export interface RegistryRecord {
  readonly names: readonly Reservation[];
  readonly bans: readonly Ban[];
}

/** Bytes that a line of mail costs besides its text. */
const LINE = 64;

type BanKind = Ban['kind'];

const idOf = (kind: BanKind, of: string): string => `${kind} ${of}`;

export class Registry {
  limits: RegistryLimits;
  readonly #names = new Map<string, Reservation>();
  readonly #bans = new Map<string, Ban>();
  /** Of all mail together, with what each line costs besides. */
  #mailBytes = 0;

  constructor(limits: RegistryLimits) {
    this.limits = limits;
  }

  /** Is there nothing that a line would have to be compared with? */
  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  get isFull(): boolean {
    return this.#names.size >= this.limits.maxReserved;
  }

  get hasBans(): boolean {
    return this.#bans.size > 0;
  }

  /** Who has reserved the name of that key. */
  get(key: string): Reservation | undefined {
    return this.#names.get(key);
  }

  /** The name is `owner`'s from now on, with that version of a password. */
  reserve(name: Pick<Reservation, 'key' | 'shown' | 'owner' | 'version'>): void {
    if (this.#names.get(name.key)?.owner !== name.owner) this.release(name.key);
    const { mail = 0, mailBytes = 0 } = this.#names.get(name.key) ?? {};
    this.#names.set(name.key, { ...name, mail, mailBytes });
  }

  /** It is nobody's any more; what waited for it is gone. */
  release(key: string): void {
    this.#mailBytes -= costOf(this.#names.get(key));
    this.#names.delete(key);
  }

  /**
   * For how many more lines of these sizes is there room in what waits for it? For no name more waits than there is room left
   * for all others: however many somebody has filled, half of that is there for the next one.
   */
  roomFor(key: string, sizes: readonly number[]): number {
    const { mailMax, maxMail } = this.limits;
    const name = this.#names.get(key);
    const left = mailMax - (name?.mail ?? mailMax);
    let [own, free] = [costOf(name), maxMail - this.#mailBytes];
    const last = sizes.findIndex((size) => (own += size + LINE) > (free -= size + LINE));
    return Math.max(0, Math.min(left, last < 0 ? sizes.length : last));
  }

  /** So much more waits for it, or less. */
  mailed(key: string, lines: number, bytes: number): void {
    const name = this.#names.get(key);
    if (!name) return;
    const mail = Math.max(0, name.mail + lines);
    const mailBytes = mail === 0 ? 0 : Math.max(0, name.mailBytes + bytes);
    const next = { ...name, mail, mailBytes };
    this.#mailBytes += costOf(next) - costOf(name);
    this.#names.set(key, next);
  }

  /** The ban that holds at `now`, in milliseconds; one whose time is over is forgotten. */
  ban(kind: BanKind, of: string, now: number): Ban | undefined {
    const ban = this.#bans.get(idOf(kind, of));
    if (ban?.until === undefined || ban.until > now) return ban;
    this.#bans.delete(idOf(kind, of));
    return undefined;
  }

  /** Those that hold at `now`, the latest last. */
  bans(now: number): Ban[] {
    return [...this.#bans.values()].filter(({ kind, of }) => this.ban(kind, of, now) !== undefined);
  }

  /** Is there room for it at `now`? One that is there may be another, however many there are. */
  takes({ kind, of }: Ban, now: number): boolean {
    const { maxBans } = this.limits;
    return (
      this.#bans.size < maxBans || this.ban(kind, of, now) !== undefined || this.bans(now).length < maxBans
    );
  }

  impose(ban: Ban): void {
    this.#bans.set(idOf(ban.kind, ban.of), ban);
  }

  /** False where there is none. */
  lift(kind: BanKind, of: string): boolean {
    return this.#bans.delete(idOf(kind, of));
  }

  record(): RegistryRecord {
    return { names: [...this.#names.values()], bans: [...this.#bans.values()] };
  }

  become({ names, bans }: RegistryRecord): void {
    this.#names.clear();
    this.#bans.clear();
    for (const name of names) this.#names.set(name.key, name);
    for (const ban of bans) this.impose(ban);
    this.#mailBytes = names.reduce((sum, name) => sum + costOf(name), 0);
  }
}

/** What waits for it, in bytes. */
const costOf = (name: Reservation | undefined): number => (name ? name.mailBytes + LINE * name.mail : 0);
