/** One run of a server, and those who have come to it. */
import { randomBytes } from 'node:crypto';
import type { ClientId, NodeId } from './message.ts';

/** Never the same one twice. */
export const newNode = (): NodeId => randomBytes(6).toString('base64url');

/** The client that is the `nth` of those who came to that node. */
export const clientId = (node: NodeId, nth: number): ClientId => `${node}-${nth.toString(36)}`;

/** The node that a client has come to; empty where it does not say so. */
export const nodeOf = (client: ClientId): NodeId => client.slice(0, Math.max(0, client.lastIndexOf('-')));

/** How many of them have come to which node. */
export function nodesOf(clients: Iterable<ClientId>): Map<NodeId, number> {
  const nodes = new Map<NodeId, number>();
  for (const client of clients) {
    const node = nodeOf(client);
    nodes.set(node, (nodes.get(node) ?? 0) + 1);
  }
  return nodes;
}
