/** The seam between a client and whatever carries it. It is at lines, so that a WebSocket fits it, too. */
import type { Observable } from 'rxjs';
import type { Gate } from './gate.ts';
import type { Passage } from './lines.ts';
import type { ClientId } from './message.ts';

/** What carries a client. */
export type Carrier = 'tcp' | 'tls' | 'websocket';

export interface Connection {
  readonly id: ClientId;
  /** Where the client is, for the log. */
  readonly address: string;
  readonly carrier: Carrier;
  /** Nobody on the way can read it: it is encrypted, or does not leave this machine. */
  readonly isPrivate: boolean;
  /** When the client came, by the clock of `performance`. */
  readonly since: number;
  /**
   * What the client sends, as fast as `gate` lets it: what may pass together comes together. Completes when nothing
   * more will come, after every line that was read before; `over` says why. Never errors. To be subscribed once.
   */
  readonly lines: Observable<readonly Passage[]>;
  readonly gate: Gate;
  /** Why nothing more comes: the client ended its side, it is gone without an end, or `halt` was called. */
  readonly over: 'ended' | 'lost' | 'halted' | undefined;
  /** Set by whoever has to know that the connection is closed, which `lines` do not say once the client has ended its side. */
  closed: () => void;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /**
   * Writes whole lines. True where the kernel has taken them all at once, as it nearly always does; else nothing more is
   * to be written until it is `drained`. That the connection is lost is for `lines` to say, behind what was read before.
   */
  write(bytes: Uint8Array): boolean;
  /** Emits as soon as the kernel has taken what was written, if it does, and completes, never at once. Never errors. */
  readonly drained: Observable<void>;
  /** Notices that the client is gone where it is not read; to be called now and then. */
  probe(): void;
  /** Reads no more: `lines` completes once all that was read is emitted. */
  halt(): void;
  /**
   * Ends our side, after `last` if there is one, then reads and discards for up to 1 s or 64 KiB, so that what was
   * written is not eaten by the client's own unread input; where much was written, for up to 10 s instead, as long
   * as it is not silent for 1 s. Completes when the connection is closed.
   */
  end(last?: string): Observable<never>;
  /** Closes at once. */
  destroy(): void;
}
