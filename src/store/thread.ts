/** The worker: the file and who writes to it, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { ConfigError } from '../config.ts';
import { Clerk } from './clerk.ts';
import { lockFolder } from './lock.ts';
import type { Beginning, Reply, Task } from './post.ts';
import { Store } from './store.ts';

/** Milliseconds without a task after which there is time for other work. */
const QUIET = 50;
const SECOND = 1000;

const port = parentPort;
if (!port) throw new Error('this is a worker, and no program');
const reply = (said: Reply): void => {
  port.postMessage(said);
};

try {
  begin(workerData as Beginning);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  reply({ type: 'refused', problem: error.message });
}

function begin({ folder, keeping }: Beginning): void {
  const lock = folder === undefined ? undefined : lockFolder(folder);
  const store = new Store(folder, keeping);
  store.begin();
  const clerk = new Clerk(store, reply);
  const seconds = setInterval(() => {
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
  port?.on('message', (task: Task) => {
    if (task.type === 'batch') {
      clerk.take(task);
      rest(QUIET);
      return;
    }
    clearInterval(seconds);
    clearTimeout(leisure);
    clerk.close();
    lock?.close();
    port.close();
  });
  reply({ type: 'opened', registry: store.registry() });
}
