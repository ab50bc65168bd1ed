/** The worker: the file and who writes to it, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Database as Sqlite } from 'better-sqlite3';
import { Clerk } from './clerk.ts';
import { lockFolder } from './lock.ts';
import type { Beginning, Reply, Task } from './post.ts';
import { fileIn } from './schema.ts';
import { Store } from './store.ts';
import { StoreUnusable, unusable } from './unusable.ts';

/** Milliseconds without a task after which there is time for other work. */
const QUIET = 50;
const SECOND = 1000;

const port = parentPort;
if (!port) throw new Error('this is a worker, and no program');
const reply = (said: Reply): void => {
  port.postMessage(said);
};

const { folder, keeping, isNode } = workerData as Beginning;
try {
  const lock = folder === undefined ? undefined : lockFolder(folder);
  try {
    begin(new Store(folder, keeping), lock);
  } catch (error) {
    lock?.close();
    throw unusable(folder === undefined ? 'memory' : fileIn(folder), error);
  }
} catch (error) {
  if (!(error instanceof StoreUnusable)) throw error;
  reply({ type: 'refused', problem: error.message });
}

function begin(store: Store, lock: Sqlite | undefined): void {
  const hasLeft = !isNode && store.basis !== undefined;
  if (!isNode) store.begin();
  const clerk = new Clerk(store, reply);
  const seconds = setInterval(() => {
    clerk.inspect();
    clerk.look();
    // Time passes for what is kept, also where nobody says anything.
    rest(QUIET);
  }, SECOND);
  let leisure: NodeJS.Timeout | undefined;
  const rest = (time: number): void => {
    clearTimeout(leisure);
    leisure = setTimeout(() => {
      if (clerk.tidy()) rest(0);
    }, time);
  };
  let working: NodeJS.Immediate | undefined;
  const work = (): void => {
    working = clerk.work() ? setImmediate(work) : undefined;
  };
  port?.on('message', (task: Task) => {
    if (task.type === 'batch') {
      clerk.take(task);
      working ??= setImmediate(work);
      rest(QUIET);
      return;
    }
    if (task.type === 'ask') {
      clerk.answer(task.question);
      return;
    }
    clearInterval(seconds);
    clearTimeout(leisure);
    clearImmediate(working);
    const missing = clerk.close();
    lock?.close();
    // Only now, since who hears it may open the folder anew at once.
    reply({ type: 'closed', missing });
    port.close();
  });
  reply({ type: 'opened', registry: store.registry(), hasLeft });
}
