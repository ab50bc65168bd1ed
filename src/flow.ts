/**
 * Flow control among people, as far as it is the chat's: who waits for whom, and who waits for another turn. It is as
 * pure as the chat, so every machine of a cluster holds the same senders. What the levels mean is in
 * docs/architecture.md, "Flow control".
 */
import type { ClientId, Input, Level, NodeId, Order } from './message.ts';
import { type Crowd, Party, type PartyRecord } from './party.ts';
import type { ChatSettings } from './settings.ts';

/** The part of its queue that may come to a recipient in one turn from those who had to wait; in bytes. */
const QUOTA = 1 / 16;
/** What a line that waited costs at the least, in bytes. */
const LEAST = 64;

/** Whom something reaches: those who are named, and crowds. */
export interface Reach {
  readonly named?: readonly Party[] | undefined;
  readonly crowds?: readonly Crowd[] | undefined;
  /** It is kept, too. */
  readonly isKept?: boolean | undefined;
}

/** What flow control needs of the chat. */
export interface Duties {
  /** Handles what was parked, as if it came in now; it may make its sender wait again. */
  take: (input: Input) => void;
  order: (to: ClientId, order: Order) => void;
}

type FlowSettings = Pick<ChatSettings, 'maxQueue'>;

export interface FlowRecord {
  readonly archive: PartyRecord;
  readonly archives: readonly (readonly [NodeId, Level])[];
  readonly queue: readonly ClientId[];
  readonly later: readonly ClientId[];
}

export class Flow {
  /** Whoever keeps what is said: like somebody in each room, who is as far behind as whoever is furthest on any node. */
  readonly archive = new Party('');
  /** Nodes that have not caught up with it. */
  readonly #archives = new Map<NodeId, Level>();
  readonly #duties: Duties;
  #quota: number;
  /** Those who waited and go on as far as this turn has room, one after the other. */
  #queue: Party[] = [];
  /** Those who go on in another turn, behind these. */
  #later: Party[] = [];
  /** Bytes of what waited that may still go on in this turn. */
  #left: number;

  constructor(settings: FlowSettings, duties: Duties) {
    this.#quota = this.#left = settings.maxQueue * QUOTA;
    this.#duties = duties;
  }

  /** From the next turn on it goes by these. */
  set settings({ maxQueue }: FlowSettings) {
    this.#quota = maxQueue * QUOTA;
  }

  /** Another turn begins. */
  begin(): void {
    this.#left = this.#quota;
    if (this.#later.length === 0) return;
    this.#queue = this.#queue.concat(this.#later);
    this.#later = [];
  }

  /** The turn is over: if somebody waits for another one, there has to be one. */
  end(): void {
    const first = this.#queue.find(waits) ?? this.#later.find(waits);
    if (first) this.#duties.order(first.id, { do: 'next' });
  }

  /**
   * Does `sender` have to wait, and `input` with it, before so many bytes may go where they reach? Otherwise they are
   * spent. `now` is in milliseconds.
   */
  holds(sender: Party, input: Input, { named, crowds, isKept }: Reach, bytes: number, now: number): boolean {
    const bulk = sender.spend(bytes, now);
    if (sender.leaving) return false;
    const blocker =
      (named && among(named, sender, bulk)) ??
      (bulk && crowds ? behind(crowds, sender) : undefined) ??
      (bulk && isKept === true && this.archive.level !== 'caught-up' ? this.archive : undefined);
    if (!blocker) return false;
    sender.refund();
    this.wait(sender, blocker, input);
    return true;
  }

  /** `sender` waits for `recipient`, and `input` with it. */
  wait(sender: Party, recipient: Party, input: Input): void {
    recipient.letWait(sender);
    sender.waitsFor = recipient;
    this.#park(sender, input);
  }

  /** `sender` waits for another turn, and `input` with it. */
  postpone(sender: Party, input: Input): void {
    this.#later.push(sender);
    sender.queued = true;
    this.#park(sender, input);
  }

  /** The lower half says how far behind `recipient` is; of one who is to close that is nobody's concern. */
  report(recipient: Party, level: Level): void {
    if (recipient.closing) return;
    recipient.level = level;
    if (level !== 'caught-up') for (const crowd of recipient.crowds) crowd.behind.add(recipient);
    else this.#catchUp(recipient);
  }

  /** How far behind whoever keeps what is said on `node` is. */
  reportArchive(node: NodeId, level: Level): void {
    if (level === 'caught-up') this.#archives.delete(node);
    else this.#archives.set(node, level);
    const levels = [...this.#archives.values()];
    const furthest = levels.includes('full') ? 'full' : (levels[0] ?? 'caught-up');
    if (furthest !== this.archive.level) this.report(this.archive, furthest);
  }

  /** `party` is gone or told to go: whoever waited for it goes on. */
  dismiss(party: Party): void {
    party.closing = true;
    party.level = 'caught-up';
    this.#catchUp(party);
  }

  /** Whoever waits for `party` may not have to any more, and tries again as soon as a turn has room for it. */
  retry(party: Party): void {
    for (const sender of party.takeWaiting()) {
      // Otherwise it was in a hurry.
      if (sender.waitsFor !== party) continue;
      sender.waitsFor = undefined;
      sender.queued = true;
      this.#queue.push(sender);
    }
  }

  /** Lets one who waited go on; false where nobody is to, or the turn has no room for it. */
  goOn(): boolean {
    const sender = this.#left > 0 ? this.#queue.shift() : undefined;
    // Otherwise it was in a hurry.
    if (sender?.queued) this.#resume(sender);
    return sender !== undefined;
  }

  /** What `party` said is handled now, whoever is behind, as far as the turn has room for it. */
  hurry(party: Party): void {
    party.leaving = true;
    if (party.waits) this.#resume(party);
  }

  /** The same, of one that may stay, and wait again: it stands nowhere any more, so that it comes behind the others then. */
  finish(party: Party): void {
    if (!party.waits) return;
    const { leaving } = party;
    party.waitsFor?.letGo(party);
    this.#queue = this.#queue.filter((one) => one !== party);
    this.#later = this.#later.filter((one) => one !== party);
    this.hurry(party);
    party.leaving = leaving;
  }

  record(): FlowRecord {
    const ids = (parties: readonly Party[]): ClientId[] => parties.filter(waits).map(({ id }) => id);
    return {
      archive: this.archive.record(),
      archives: [...this.#archives],
      queue: ids(this.#queue),
      later: ids(this.#later),
    };
  }

  become(record: FlowRecord, party: (id: ClientId) => Party): void {
    this.archive.become(record.archive, party);
    for (const [node, level] of record.archives) this.#archives.set(node, level);
    this.#queue = record.queue.map(party);
    this.#later = record.later.map(party);
  }

  #catchUp(party: Party): void {
    for (const crowd of party.crowds) crowd.behind.delete(party);
    this.retry(party);
  }

  #park(sender: Party, input: Input): void {
    sender.park(input);
    this.#duties.order(sender.id, { do: 'hold' });
  }

  /** Handles what `sender` has parked, in order, until it has to wait again. */
  #resume(sender: Party): void {
    const parked = sender.takeParked();
    for (const [index, input] of parked.entries()) {
      this.#left -= costOf(input);
      this.#duties.take(input);
      if (waits(sender)) {
        // What is left of that one is parked.
        for (const later of parked.slice(index + 1)) sender.park(later);
        return;
      }
    }
    if (!sender.closing) this.#duties.order(sender.id, { do: 'release' });
  }
}

/** Roughly the bytes of what waited. */
function costOf(input: Input): number {
  if (input.type !== 'line') return LEAST;
  const { command } = input;
  if (command.kind === 'say')
    return command.rests.reduce((sum, rest) => sum + LEAST + command.head.length + rest.length, 0);
  return 'text' in command ? LEAST + command.text.length : LEAST;
}

/** Somebody of those named for whom `sender` has to wait before it may write to them. */
function among(named: readonly Party[], sender: Party, bulk: boolean): Party | undefined {
  for (const party of named) {
    if (party.level === 'caught-up' || party === sender) continue;
    if (bulk || party.level === 'full') return party;
  }
  return undefined;
}

/** Somebody of the crowds who has not caught up. */
function behind(crowds: readonly Crowd[], sender: Party): Party | undefined {
  for (const crowd of crowds) for (const party of crowd.behind) if (party !== sender) return party;
  return undefined;
}

// A function, for the compiler does not see that `take` may have changed it.
const waits = (party: Party): boolean => party.waits;
