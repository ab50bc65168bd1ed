/** Work that waits for others, where nobody can take all of its room: who comes from one place waits behind the others from there. */

type Admit = (isAdmitted: boolean) => void;

export class Queue {
  readonly #atOnce: number;
  readonly #most: number;
  /** By where it comes from, which takes turns: the first is the next. */
  readonly #waiting = new Map<string, Admit[]>();
  #length = 0;
  #running = 0;

  /** So much is done at once, and so much more waits. */
  constructor(atOnce: number, most: number) {
    this.#atOnce = atOnce;
    this.#most = most;
  }

  /** What `work` gives once it is the turn of `origin`, or undefined where it never is: too much waits. */
  async run<T>(origin: string, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#admission(origin))) return undefined;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #admission(origin: string): boolean | Promise<boolean> {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return true;
    }
    if (this.#length >= this.#most && !this.#makeRoom(origin)) return false;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(origin) ?? [];
      waiting.push(resolve);
      this.#waiting.set(origin, waiting);
      this.#length++;
    });
  }

  /** Where the most wait, the last one gives way, unless as many would wait from `origin` then. */
  #makeRoom(origin: string): boolean {
    const own = this.#waiting.get(origin)?.length ?? 0;
    const most = [...this.#waiting.values()].reduce((one, other) =>
      other.length > one.length ? other : one,
    );
    if (most.length <= own + 1) return false;
    const last = most.pop();
    this.#length--;
    last?.(false);
    return true;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#running--;
      return;
    }
    const [origin, waiting] = first;
    const next = waiting.shift();
    this.#waiting.delete(origin);
    // Behind all others.
    if (waiting.length > 0) this.#waiting.set(origin, waiting);
    this.#length--;
    next?.(true);
  }
}
