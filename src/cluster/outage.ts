/** Who is told that the cluster cannot be reached, and that it is back. */
import type { ClientId, Input } from '../message.ts';
import type { ClusterNotice } from '../notice.ts';
import type { Quarters } from '../standing.ts';

/** Milliseconds for which nobody is told. */
const PATIENCE = 10_000;

/** What there is to look at. */
interface Signs {
  /** Milliseconds for which nothing has come back of what was said. */
  readonly silence: number;
  /** What has not come back. */
  readonly pending: readonly Input[];
}

export class Outage {
  readonly #signs: Signs;
  readonly #quarters: Pick<Quarters, 'residents' | 'tell'>;
  #told = new Set<ClientId>();
  #isKnown = false;

  constructor(signs: Signs, quarters: Pick<Quarters, 'residents' | 'tell'>) {
    this.#signs = signs;
    this.#quarters = quarters;
  }

  /** To be called now and then: tells whoever waits, once, and gives what whoever runs the server is to know. */
  look(): ClusterNotice | undefined {
    const isLong = this.#signs.silence > PATIENCE;
    if (isLong) this.#tellThose();
    if (isLong === this.#isKnown) return undefined;
    this.#isKnown = isLong;
    if (isLong) return { type: 'cluster', ok: false, error: 'NATS does not answer; what is said waits' };
    this.#quarters.tell({ type: 'cluster', ok: true }, [...this.#told]);
    this.#told = new Set();
    return { type: 'cluster', ok: true };
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
