/** Snapshots of the cluster, in the object store of NATS: whoever starts begins with the newest, and need not read all of the log. */
import { type ObjectResult, type ObjectStore, Objm } from '@nats-io/obj';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { firstValueFrom, from, timeout } from 'rxjs';
import type { Link } from './link.ts';
import type { Mark } from './mark.ts';
import { read, type State } from './written.ts';

/** A snapshot: what a node has to know, and what of all that is kept it needs. */
export interface Snapshot {
  readonly state: State;
  /** As it is written down, which is what the node will keep. */
  readonly written: Uint8Array;
  readonly holdings: Uint8Array;
}

/** So many are kept: the newest may be of a place that is not in the log any more, if that was rolled back. */
const KEPT = 3;
/** A snapshot of the first place is what the log begins with: whoever reads it from there needs it. */
const FIRST = 1;
/** Digits of a place in a name, so that names are in the order of places. */
const DIGITS = 16;
/** Bytes of the length of what comes first. */
const LENGTH = 4;
/** Milliseconds until the next part of one has to be there. */
const PATIENCE = 5000;

export class Snapshots {
  readonly #store: ObjectStore;
  /** Those of other rules, or of a log that was there before, are for others. */
  readonly #prefix: string;

  private constructor(store: ObjectStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** Those of the stream of that name, which is `log`; as many copies of them are kept as of the stream. */
  static async of(
    { jetstream }: Link,
    { stream, log, replicas, rules }: { stream: string; log: string; replicas: number; rules: number },
  ): Promise<Snapshots> {
    const options = { description: `rxchat: snapshots of ${stream}`, replicas };
    const store = await new Objm(jetstream).create(`${stream}-snapshots`, options);
    return new Snapshots(store, `${log} rules-${String(rules)} `);
  }

  /** The newest of a place that `stands`; undefined if there is none. */
  async newest(stands: (mark: Mark) => Promise<boolean>): Promise<Snapshot | undefined> {
    for (const name of (await this.#names()).reverse()) {
      if (!(await stands(this.#markOf(name)))) continue;
      // Somebody may just have removed it, since there is a newer one; or it is damaged, and the one before it does.
      const snapshot = await this.#read(name).catch(() => undefined);
      if (snapshot && (await stands(snapshot.state.log.mark))) return snapshot;
    }
    return undefined;
  }

  /** Is there one of a place that `stands`? */
  async has(stands: (mark: Mark) => Promise<boolean>): Promise<boolean> {
    for (const name of (await this.#names()).reverse()) if (await stands(this.#markOf(name))) return true;
    return false;
  }

  /** Resolves with its bytes. */
  async add({ mark, written, holdings }: Omit<Snapshot, 'state'> & { readonly mark: Mark }): Promise<number> {
    const length = Buffer.alloc(LENGTH);
    length.writeUInt32BE(written.length);
    const bytes = Buffer.concat([length, written, holdings]);
    await this.#store.putBlob({ name: this.#nameOf(mark) }, bytes);
    // Those of later places may be of a log that was rolled back: in their favour none is to go that somebody can begin with.
    const names = (await this.#names()).filter((name) => this.#markOf(name).place <= mark.place);
    for (const name of names.slice(0, -KEPT))
      if (this.#markOf(name).place !== FIRST) await this.#store.delete(name);
    return bytes.length;
  }

  async remove(mark: Mark): Promise<void> {
    await this.#store.delete(this.#nameOf(mark));
  }

  async #read(name: string): Promise<Snapshot | undefined> {
    const found = await this.#store.get(name);
    if (!found) return undefined;
    const bytes = await wholeOf(found);
    const end = LENGTH + bytes.readUInt32BE();
    const [written, holdings] = [bytes.subarray(LENGTH, end), bytes.subarray(end)];
    // Whoever will read them cannot take another one any more.
    await promisify(gunzip)(holdings);
    return { state: await read(written), written, holdings };
  }

  /** The oldest first. */
  async #names(): Promise<string[]> {
    const all = await this.#store.list();
    return all
      .filter(({ name, deleted }) => !deleted && name.startsWith(this.#prefix))
      .map(({ name }) => name)
      .sort();
  }

  #nameOf({ place, id }: Mark): string {
    return `${this.#prefix}${String(place).padStart(DIGITS, '0')} ${id}`;
  }

  #markOf(name: string): Mark {
    const rest = name.slice(this.#prefix.length);
    return { place: Number(rest.slice(0, DIGITS)), id: rest.slice(DIGITS + 1) };
  }
}

/** Rejects where it is damaged, or does not come: for what is removed meanwhile, NATS's own `getBlob` waits for ever. */
async function wholeOf({ data, error }: ObjectResult): Promise<Buffer> {
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
