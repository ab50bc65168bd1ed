/** The cluster cannot be used. */

/** NATS, or the stream there, is not to be used; the message is one line that says why, and what may help. */
export class ClusterUnusable extends Error {
  override readonly name = 'ClusterUnusable';
  /** The same for who knows already what it is about. */
  readonly why: string;

  constructor(message: string, { why = message, ...options }: ErrorOptions & { readonly why?: string } = {}) {
    super(message, options);
    this.why = why;
  }
}
