/** Whose a message is, and which of theirs. */
import type { NodeId } from '../message.ts';

export interface Identity {
  readonly node: NodeId;
  /** From 1 on. */
  readonly number: number;
}

/** NATS's own header, by which it knows a message that comes again. */
export const ID = 'Nats-Msg-Id';

/** What stands in it. */
export const idOf = ({ node, number }: Identity): string => `${node}.${String(number)}`;

/** Of what is none, the number is NaN. */
export function identityOf(id: string): Identity {
  const dot = id.lastIndexOf('.');
  return { node: id.slice(0, dot), number: Number(id.slice(dot + 1)) };
}
