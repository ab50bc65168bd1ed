/** What somebody else, which is `rxchat admin`, changes of names and bans in the file while the chat decides about them, too. */
import type { Ban, Decision } from '../past.ts';
import type { RegistryRecord } from '../registry.ts';
import type { Deed } from './deed.ts';
import type { Ownership } from './registry.ts';
import type { Store } from './store.ts';

/** Decisions that are told at once; the next ones when these are heard, so that nobody waits for ten thousand. */
const PORTION = 256;

/** What somebody else has decided, as it is told. */
export interface Decided {
  readonly number: number;
  readonly decisions: readonly Decision[];
  /** What tells whether a password is right, by the version that a reservation has. */
  readonly verifiers: ReadonlyMap<string, string>;
}

/**
 * What both decide about the same one stands in the order in which it came into the file; but what the chat decided before it has
 * heard of the other one's is not written any more, since it is going to hear of that, and obey it.
 */
export class Watch {
  readonly #store: Store;
  /** What is in the file, as far as it is told, or the chat itself has decided it. */
  readonly #names = new Map<string, Ownership>();
  readonly #bans = new Map<string, Ban>();
  /** What is told and not heard yet, and the number under which that was, by what it is about. */
  readonly #unheard = new Map<string, { readonly number: number; readonly decision: Decision }>();
  #number = 0;
  /** The last number that was heard. */
  #heard = 0;
  /** Up to which number there stands among the orders what is told, and under which number that was. */
  #ordered: { readonly last: number; readonly number: number } | undefined;
  /** What stands among the orders is told. */
  readonly #tells: boolean;
  #version: unknown;
  #hasMore = false;

  /** The chat knows what is in the file, or only `registry`, and is to be told of the rest. */
  constructor(store: Store, registry?: RegistryRecord) {
    this.#store = store;
    this.#version = this.#dataVersion();
    this.#hasMore = this.#tells = registry !== undefined;
    const { names, bans } = registry ?? {
      names: store.tables.ownerships(),
      bans: store.tables.bans(Date.now()),
    };
    for (const { key, shown, owner, version } of names) this.#names.set(key, { key, shown, owner, version });
    for (const ban of bans) this.#bans.set(subjectOf(ban), ban);
  }

  /** May what the chat wants be written? Not where somebody else has decided otherwise before the chat knew. */
  stands(deed: Deed<unknown>): boolean {
    return !isDecision(deed) || !this.#unheard.has(subjectIn(deed));
  }

  /** That is in the file now. */
  wrote(deeds: readonly Deed<unknown>[]): void {
    for (const deed of deeds) if (isDecision(deed)) this.#know(deed);
  }

  /** The chat knows what it was told up to that number. */
  heard(number: number): void {
    this.#heard = number;
    for (const [subject, told] of this.#unheard) if (told.number <= number) this.#unheard.delete(subject);
  }

  /** All that somebody else has decided and the chat has not heard, as it is in the file at `now`. */
  unheard(now: number): Deed<Buffer>[] {
    while (this.look(now));
    const told = [...this.#unheard.values()].map(({ decision }): Deed<Buffer> =>
      decision.do === 'reserve'
        ? { ...decision, verifier: this.#store.tables.verifierOf(decision.key) }
        : decision,
    );
    return [...this.#store.orders.all, ...told];
  }

  /** What is new at `now`, in milliseconds since 1970; undefined where nothing is. Bans that have ended go from the file. */
  look(now: number): Decided | undefined {
    this.#forgetBans(now);
    this.#forgetOrders();
    const version = this.#dataVersion();
    if (version === this.#version && !this.#hasMore) return undefined;
    if (version !== this.#version) this.#store.recheck();
    const { last } = this.#store.orders;
    const all = [...this.#ofNames(), ...this.#ofBans(now)];
    const decisions = all.slice(0, PORTION);
    [this.#version, this.#hasMore] = [version, all.length > PORTION];
    const number = decisions.length === 0 ? this.#number : ++this.#number;
    if (this.#tells && last > 0 && !this.#hasMore) this.#ordered = { last, number };
    if (decisions.length === 0) return undefined;
    const verifiers = new Map<string, string>();
    for (const decision of decisions) {
      this.#know(decision);
      this.#unheard.set(subjectIn(decision), { number, decision });
      if (decision.do === 'reserve')
        verifiers.set(decision.version, this.#store.tables.verifierOf(decision.key));
    }
    return { number, decisions, verifiers };
  }

  #ofNames(): Decision[] {
    const there = new Map(this.#store.tables.ownerships().map((name) => [name.key, name]));
    const gone = [...this.#names.values()].filter(({ key }) => !there.has(key));
    const changed = [...there.values()].filter((name) => {
      const known = this.#names.get(name.key);
      return known?.owner !== name.owner || known.version !== name.version || known.shown !== name.shown;
    });
    return [
      ...gone.map(({ key, owner }): Decision => ({ do: 'release', key, owner })),
      ...changed.map((name): Decision => ({ do: 'reserve', ...name })),
    ];
  }

  #ofBans(now: number): Decision[] {
    const there = new Map(this.#store.tables.bans(now).map((ban) => [subjectOf(ban), ban]));
    const gone = [...this.#bans].filter(([subject]) => !there.has(subject));
    const changed = [...there].filter(([subject, ban]) => !isSame(this.#bans.get(subject), ban));
    return [
      ...gone.map(([, { kind, of }]): Decision => ({ do: 'unban', kind, of })),
      ...changed.map(([, ban]): Decision => ({ do: 'ban', ban })),
    ];
  }

  #know(decision: Decision): void {
    switch (decision.do) {
      case 'reserve':
        this.#names.set(decision.key, {
          ...{ key: decision.key, shown: decision.shown },
          ...{ owner: decision.owner, version: decision.version },
        });
        break;
      case 'release':
        if (this.#names.get(decision.key)?.owner === decision.owner) this.#names.delete(decision.key);
        break;
      case 'ban':
        this.#bans.set(subjectOf(decision.ban), decision.ban);
        break;
      case 'unban':
        this.#bans.delete(subjectOf(decision));
    }
  }

  /** The chat knows by itself which have ended. */
  #forgetBans(now: number): void {
    const ended = [...this.#bans].filter(([, { until = Infinity }]) => until <= now);
    if (ended.length === 0) return;
    this.#store.forgetBans(now);
    for (const [subject] of ended) this.#bans.delete(subject);
  }

  #forgetOrders(): void {
    const ordered = this.#ordered;
    if (!ordered || ordered.number > this.#heard) return;
    this.#store.forgetOrders(ordered.last);
    this.#ordered = undefined;
  }

  #dataVersion(): unknown {
    return this.#store.database.pragma('data_version', { simple: true });
  }
}

const DECISIONS: ReadonlySet<string> = new Set<Decision['do']>(['reserve', 'release', 'ban', 'unban']);
const isDecision = (deed: Deed<unknown>): deed is Decision & Deed<unknown> => DECISIONS.has(deed.do);

const subjectOf = ({ kind, of }: Pick<Ban, 'kind' | 'of'>): string => `${kind} ${of}`;

/** Whom or what it is about: a later decision about the same takes its place. */
function subjectIn(decision: Decision): string {
  if (decision.do === 'ban') return subjectOf(decision.ban);
  return decision.do === 'unban' ? subjectOf(decision) : `owner ${decision.key}`;
}

const isSame = (one: Ban | undefined, other: Ban): boolean =>
  one !== undefined &&
  one.until === other.until &&
  one.by === other.by &&
  one.since === other.since &&
  one.why === other.why;
