/**
 * A postman's rounds: mail is fetched and told in portions, one at a time for each owner, and the next one behind what was
 * taken of the one before. So nothing is told twice, whoever comes to have the name meanwhile.
 */
import type { OwnerId } from './past.ts';

export interface RoundsRecord {
  readonly out: readonly (readonly [OwnerId, key: string])[];
  readonly taken: readonly (readonly [OwnerId, last: number])[];
}

export class Rounds {
  /** Whose mail is on its way, and the key of the name. */
  readonly #out = new Map<OwnerId, string>();
  /** The number of the last that each has taken: it may be in the file for a while longer. */
  readonly #taken = new Map<OwnerId, number>();

  /** Gives the number behind which mail is to be fetched, or undefined where some is on its way. */
  begin(owner: OwnerId, key: string): number | undefined {
    if (this.#out.has(owner)) return undefined;
    this.#out.set(owner, key);
    return this.#taken.get(owner) ?? 0;
  }

  /** What was on its way has been taken up to the number `last`, or, for undefined, not at all; gives the key of the name. */
  end(owner: OwnerId, last?: number): string | undefined {
    if (last !== undefined) this.#taken.set(owner, last);
    const key = this.#out.get(owner);
    this.#out.delete(owner);
    return key;
  }

  /** There is no such owner any more. */
  forget(owner: OwnerId): void {
    this.#out.delete(owner);
    this.#taken.delete(owner);
  }

  record(): RoundsRecord {
    return { out: [...this.#out], taken: [...this.#taken] };
  }

  become({ out, taken }: RoundsRecord): void {
    for (const [owner, key] of out) this.#out.set(owner, key);
    for (const [owner, last] of taken) this.#taken.set(owner, last);
  }
}
