/** What is kept of passwords, for all nodes: beside the log, which is kept for days, whoever may read it. */
import { type KV, Kvm } from '@nats-io/kv';
import { defer, from, map, mergeMap, type Observable } from 'rxjs';
import type { Link } from './link.ts';

/** What is known of the password of that version; undefined where nobody needs it any more. */
export interface Known {
  readonly version: string;
  readonly verifier: string | undefined;
}

export class Verifiers {
  readonly #bucket: KV;

  private constructor(bucket: KV) {
    this.#bucket = bucket;
  }

  /** Those of the stream of that name, of which as many copies are kept as of the stream. */
  static async of({ jetstream }: Link, stream: string, replicas: number): Promise<Verifiers> {
    const options = { description: `rxchat: what is kept of the passwords of ${stream}`, replicas };
    return new Verifiers(await new Kvm(jetstream).create(`${stream}-verifiers`, options));
  }

  /** Emits all that there are, and those that come and go, as long as it is subscribed to. */
  readonly all: Observable<Known> = defer(() => this.#bucket.watch()).pipe(
    mergeMap((entries) => from(entries)),
    map((entry) => ({
      version: entry.key,
      verifier: entry.operation === 'PUT' ? entry.string() : undefined,
    })),
  );

  async put(version: string, verifier: string): Promise<void> {
    await this.#bucket.put(version, verifier);
  }

  /** Nobody needs it any more. */
  async remove(version: string): Promise<void> {
    await this.#bucket.purge(version);
  }
}
