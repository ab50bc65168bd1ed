/**
 * A postman's rounds: mail is fetched and told in portions, one at a time for each owner, and the next one behind what was
 * taken of the one before. So nothing is told twice, whoever comes to have the name meanwhile.
 */
import type { ClientId, NodeId } from './message.ts';
import { nodeOf } from './node.ts';
import type { OwnerId } from './past.ts';

/** Mail on its way. */
interface Round {
  /** Of the name. */
  readonly key: string;
  /** To whom. */
  readonly client: ClientId;
}

export interface RoundsRecord {
  readonly out: readonly (readonly [OwnerId, Round])[];
  readonly taken: readonly (readonly [OwnerId, last: number])[];
}

export class Rounds {
  readonly #out = new Map<OwnerId, Round>();
  /** The number of the last that each has taken: it may be in the file for a while longer. */
  readonly #taken = new Map<OwnerId, number>();

  /** Gives the number behind which mail is to be fetched, or undefined where some is on its way. */
  begin(owner: OwnerId, key: string, client: ClientId): number | undefined {
    if (this.#out.has(owner)) return undefined;
    this.#out.set(owner, { key, client });
    return this.#taken.get(owner) ?? 0;
  }

  /** What was on its way has been taken up to the number `last`, or, for undefined, not at all; gives the key of the name. */
  end(owner: OwnerId, last?: number): string | undefined {
    if (last !== undefined) this.#taken.set(owner, last);
    const round = this.#out.get(owner);
    this.#out.delete(owner);
    return round?.key;
  }

  /** That node is gone: what was on its way to who had come to it was not taken. Gives whose that was. */
  lose(node: NodeId): { owner: OwnerId; key: string }[] {
    const lost = [...this.#out].filter(([, { client }]) => nodeOf(client) === node);
    for (const [owner] of lost) this.#out.delete(owner);
    return lost.map(([owner, { key }]) => ({ owner, key }));
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
    for (const [owner, round] of out) this.#out.set(owner, round);
    for (const [owner, last] of taken) this.#taken.set(owner, last);
  }
}
