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

/** Of what is none, the number is 0. */
export function identityOf(id: string): Identity {
  const dot = id.lastIndexOf('.');
  const number = id.slice(dot + 1);
  return { node: id.slice(0, Math.max(0, dot)), number: /^[1-9]\d{0,14}$/.test(number) ? Number(number) : 0 };
}
