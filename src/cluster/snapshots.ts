/** Snapshots of the cluster, in the object store of NATS: whoever starts begins with the newest, and need not read all of the log. */
import { type ObjectResult, type ObjectStore, Objm } from '@nats-io/obj';
import { firstValueFrom, from, timeout } from 'rxjs';
import type { Link } from './link.ts';
import type { Mark } from './reader.ts';
import { read, type State, written } from './written.ts';

/** So many are kept: the newest may be of a place that is not in the log any more, if that was rolled back. */
const KEPT = 3;
/** Digits of a place in a name, so that names are in the order of places. */
const DIGITS = 16;
/** Milliseconds until the next part of one has to be there. */
const PATIENCE = 5000;

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

  /** The newest that stands in the log, so that one can read on from there; undefined if there is none. */
  async newest(stands: (mark: Mark) => Promise<boolean>): Promise<State | undefined> {
    for (const name of (await this.#names()).reverse()) {
      // Somebody may just have removed it, since there is a newer one; or it is damaged, and the one before it does.
      const state = await this.#read(name).catch(() => undefined);
      if (state && (await stands(state.log.mark))) return state;
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
    const found = await this.#store.get(name);
    return found ? read(await wholeOf(found)) : undefined;
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

/** Rejects where it is damaged, or does not come: for what is removed meanwhile, NATS's own `getBlob` waits for ever. */
async function wholeOf({ data, error }: ObjectResult): Promise<Uint8Array> {
  // It is told by the reader, too.
  error.catch(() => undefined);
  const reader = data.getReader();
  const parts: Uint8Array[] = [];
  try {
    for (;;) {
      const { done, value } = await firstValueFrom(from(reader.read()).pipe(timeout(PATIENCE)));
      if (done) return Buffer.concat(parts);
      parts.push(value);
    }
  } finally {
    // Of one that has failed it says that once more.
    reader.cancel().catch(() => undefined);
  }
}
