/** Snapshots of the cluster, in the object store of NATS: whoever starts begins with the newest, and need not read all of the log. */
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { Link } from './link.ts';
import { read, type State, written } from './written.ts';

/** So many are kept: the newest may be of a place that is not in the log any more, if that was rolled back. */
const KEPT = 3;
/** Digits of a place in a name, so that names are in the order of places. */
const DIGITS = 16;

export class Snapshots {
  readonly #store: ObjectStore;
  /** Those of other rules are for others. */
  readonly #prefix: string;

  private constructor(store: ObjectStore, rules: number) {
    this.#store = store;
    this.#prefix = `rules-${String(rules)}-`;
  }

  /** Those of the stream of that name, of which as many copies are kept as of the stream. */
  static async of({ jetstream }: Link, stream: string, replicas: number, rules: number): Promise<Snapshots> {
    const options = { description: `rxchat: snapshots of ${stream}`, replicas };
    return new Snapshots(await new Objm(jetstream).create(`${stream}-snapshots`, options), rules);
  }

  /** The newest whose place is not before `first`, in the log; undefined if there is none. */
  async newest(first: number): Promise<State | undefined> {
    for (const name of (await this.#names()).reverse()) {
      const place = Number(name.slice(this.#prefix.length));
      if (place < first) return undefined;
      // Somebody may just have removed it, since there is a newer one; or it is damaged, and the one before it does.
      const state = await this.#read(name).catch(() => undefined);
      if (state) return state;
    }
    return undefined;
  }

  /** Resolves with its bytes. */
  async add(state: State): Promise<number> {
    const place = String(state.log.mark.place).padStart(DIGITS, '0');
    const bytes = await written(state);
    await this.#store.putBlob({ name: `${this.#prefix}${place}` }, bytes);
    const names = await this.#names();
    for (const name of names.slice(0, -KEPT)) await this.#store.delete(name);
    return bytes.length;
  }

  async #read(name: string): Promise<State | undefined> {
    const bytes = await this.#store.getBlob(name);
    return bytes ? read(bytes) : undefined;
  }

  /** The oldest first. */
  async #names(): Promise<string[]> {
    const all = await this.#store.list();
    return all
      .filter(({ name, deleted }) => !deleted && name.startsWith(this.#prefix))
      .map(({ name }) => name)
      .sort();
  }
}
