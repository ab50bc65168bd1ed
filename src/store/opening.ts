/** What is kept, opened for the event loop: the worker, and the archive that speaks for it. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { Archive } from './archive.ts';
import type { Beginning, Reply, Task } from './post.ts';
import { Ring } from './ring.ts';
import { StoreUnusable } from './unusable.ts';

export interface ArchiveOptions extends Beginning {
  /** Lines of each room that are in memory. */
  readonly history: number;
  /** What tells whether a password is right, by the version of a reservation that the chat has made. */
  readonly verifierOf: (version: string) => string | undefined;
}

/** Bytes of the last lines of all rooms together. */
const RING = 64 * 1024 * 1024;

/** The workers of this process that have not ended. */
const workers = new Set<Worker>();

/**
 * Opens what is kept in `folder`, and emits it once; it is open while subscribed. Completes behind `close()`, when all is
 * written, or the disk does not answer any more; unsubscribing leaves at once what is not written yet. Errors with a
 * StoreUnusable where the folder cannot be used, or another server uses it.
 */
export function openArchive({ history, verifierOf, ...beginning }: ArchiveOptions): Observable<Archive> {
  return new Observable((subscriber) => {
    // By its name in package.json, since only what is built can be a worker.
    const thread = createRequire(import.meta.url).resolve('#store-thread');
    const worker = new Worker(thread, { workerData: beginning });
    workers.add(worker);
    let archive: Archive | undefined;
    const post = (task: Task): void => {
      worker.postMessage(task, task.type === 'batch' ? [task.parcel.texts] : []);
    };
    const over = (): void => {
      subscriber.complete();
    };
    worker.on('message', (reply: Reply) => {
      if (reply.type === 'refused') subscriber.error(new StoreUnusable(reply.problem));
      else if (reply.type === 'opened') {
        archive = new Archive(
          reply.registry,
          new Ring(history, RING),
          { verifierOf, post, over },
          reply.hasLeft,
        );
        subscriber.next(archive);
      } else archive?.hear(reply);
    });
    worker.on('error', (error) => {
      subscriber.error(error);
    });
    worker.on('exit', () => {
      workers.delete(worker);
    });
    return () => {
      void worker.terminate();
    };
  });
}

/**
 * Resolves when no worker of this process runs any more, which may be never: one that hangs in a call of the kernel does not
 * end, and Node's own exit waits for it.
 */
export async function allEnded(): Promise<void> {
  await Promise.all([...workers].map((worker) => once(worker, 'exit')));
}
