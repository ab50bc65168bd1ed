/** Somebody who has connected, of whom nothing is known yet but where it comes from. */
import type { Socket } from 'node:net';
import type { ClientId } from '../message.ts';

export interface Caller {
  readonly id: ClientId;
  /** It stands still; who says what it is to be read by (adopt.ts) has it in another socket from then on. */
  readonly socket: Socket;
  /** Who has connected: the client, or a proxy before it. */
  readonly address: string;
  /** When, by the clock of `performance`. */
  readonly since: number;
  /** To be called when its connection is closed, in whatever socket it is then. */
  readonly left: () => void;
}
