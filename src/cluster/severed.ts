/** This node cannot go on as one of its cluster: what it has read is not what stands in the log, or the others have given it up. */
export class Severed extends Error {
  override readonly name: string = 'Severed';
}

/** It has read something else than the others, so it is to go on from what they have, not from what it has kept. */
export class Refuted extends Severed {
  override readonly name = 'Refuted';
}
