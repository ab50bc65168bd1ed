/** Who is told that the cluster cannot be reached, or not be followed, and that this is over. */
import type { ClientId, Input } from '../message.ts';
import type { ClusterNotice } from '../notice.ts';
import type { Quarters } from '../standing.ts';

/** Milliseconds for which nobody is told. */
const PATIENCE = 10_000;

/** What there is to look at. */
interface Signs {
  /** What was said before this node came is read. */
  readonly hasEntered: boolean;
  /** Milliseconds for which NATS has not taken what was said. */
  readonly silence: number;
  /** Why not, where it says so. */
  readonly refusal: string | undefined;
  /** Where NATS is. */
  readonly address: string;
  /** Milliseconds for which what NATS has of it has not come back. */
  readonly lag: number;
  /** Messages that were not read. */
  readonly unread: number;
  /** What has not come back. */
  readonly pending: readonly Input[];
}

type Plight = 'away' | 'behind';

export class Outage {
  readonly #signs: Signs;
  readonly #quarters: Pick<Quarters, 'residents' | 'tell'>;
  #told = new Set<ClientId>();
  #plight: Plight | undefined;

  constructor(signs: Signs, quarters: Pick<Quarters, 'residents' | 'tell'>) {
    this.#signs = signs;
    this.#quarters = quarters;
  }

  /** What it was at the last look; undefined where all was well. */
  get plight(): Plight | undefined {
    return this.#plight;
  }

  /**
   * To be called now and then: tells whoever waits, once, and gives what whoever runs the server is to know. To them it makes no
   * difference why what they say does not come back.
   */
  look(): ClusterNotice | undefined {
    const [before, plight] = [this.#plight, this.#now()];
    this.#plight = plight;
    if (plight) this.#tellThose();
    if (plight === before) return undefined;
    if (plight)
      return {
        ...{ type: 'cluster', ok: false, what: plight },
        error: plight === 'away' ? this.#away() : this.#behind(),
      };
    this.#quarters.tell({ type: 'cluster', ok: true }, [...this.#told]);
    this.#told = new Set();
    return { type: 'cluster', ok: true, what: before as Plight };
  }

  #now(): Plight | undefined {
    const { hasEntered, silence, lag } = this.#signs;
    if (silence > PATIENCE) return 'away';
    if (!hasEntered) return undefined;
    // It is over once it is clearly over, so that who is on the verge of it does not say so again and again.
    return lag > (this.#plight ? PATIENCE / 2 : PATIENCE) ? 'behind' : undefined;
  }

  #away(): string {
    const { address, refusal } = this.#signs;
    const what = refusal === undefined ? 'does not answer' : `does not take what is said (${refusal})`;
    return `NATS at ${address} ${what}; what is said waits`;
  }

  #behind(): string {
    const { lag, unread } = this.#signs;
    return `this node cannot follow the log of the cluster: it is ${String(Math.round(lag / 1000))} s behind, with ${String(unread)} messages to read`;
  }

  /** Those who have said something that waits, here or unread. */
  #tellThose(): void {
    const waiting = new Set(
      this.#signs.pending.flatMap((input) => (input.type === 'line' ? input.client : [])),
    );
    const { residents, tell } = this.#quarters;
    for (const { connection } of residents) if (connection.gate.queued) waiting.add(connection.id);
    const news = [...waiting].filter((client) => !this.#told.has(client));
    for (const client of news) this.#told.add(client);
    tell({ type: 'cluster', ok: false }, news);
  }
}
