/** The cluster cannot be used. */

/** NATS, or the stream there, is not to be used; the message is one line that says why, and what may help. */
export class ClusterUnusable extends Error {
  override readonly name = 'ClusterUnusable';
}
