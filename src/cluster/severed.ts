import type { Agreed } from './agreement.ts';

/** This node cannot go on as one of its cluster: what it has read is not what stands in the log, or the others have given it up. */
export class Severed extends Error {
  override readonly name: string = 'Severed';
}

/** It has read something else than the others, from some turn behind that one on, so it is to go on from what they have. */
export class Refuted extends Severed {
  override readonly name = 'Refuted';
  readonly agreed: Agreed;

  constructor(agreed: Agreed) {
    super('another node has read something else in the log');
    this.agreed = agreed;
  }
}
