/** A vault that looks at passwords when it is told to, so that a test decides what comes meanwhile. */
import type { Effect } from '../../src/effect.ts';
import type { Reservation } from '../../src/past.ts';
import { type Failure, type Proof, Vault } from '../../src/vault/vault.ts';

/** What is right for every name. */
export const RIGHT = 'right-horse';

export class SlowVault extends Vault {
  readonly #names = new Map<string, Proof>();
  readonly #waiting: (() => void)[] = [];
  #made = 0;

  constructor() {
    super(() => 0);
  }

  /** How many passwords wait to be looked at. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Looks at the one that waits for longest. */
  look(): void {
    this.#waiting.shift()?.();
  }

  override become(reservations: readonly Reservation[]): void {
    for (const { key, owner, version } of reservations) this.#names.set(key, { owner, version });
  }

  override obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === 'release') this.#names.delete(effect.key);
      if (effect.do === 'reserve') this.#names.set(effect.key, effect);
    }
  }

  override knows(key: string): boolean {
    return this.#names.has(key);
  }

  override async check(key: string, _address: string, password: string): Promise<Proof | Failure> {
    await this.#turn();
    const proof = this.#names.get(key);
    if (!proof) return { why: 'not-reserved' };
    const { owner, version } = proof;
    return password === RIGHT ? { owner, version } : { why: 'wrong-password' };
  }

  override async make(): Promise<{ readonly version: string } | Failure> {
    await this.#turn();
    return { version: `made ${String(++this.#made)}` };
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
