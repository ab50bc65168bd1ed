/** Long work that somebody else does in portions: a generator that rests after each, and returns what comes of it. */

/** Things that are made between two rests: some milliseconds. */
const PORTION = 250;

export type InPortions<T> = Generator<undefined, T>;

/** What `make` makes of each of them. */
export function* each<T, R>(all: Iterable<T>, make: (one: T) => R): InPortions<R[]> {
  const made: R[] = [];
  for (const one of all) {
    made.push(make(one));
    if (made.length % PORTION === 0) yield;
  }
  return made;
}

/** Without a rest. */
export function whole<T>(work: InPortions<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
