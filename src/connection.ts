/** The seam between a client and whatever carries it. It is at lines, so that a WebSocket fits it, too. */
import type { Observable } from 'rxjs';
import type { Gate } from './gate.ts';
import type { Line } from './lines.ts';
import type { ClientId } from './message.ts';

export interface Connection {
  readonly id: ClientId;
  /** Where the client is, for the log. */
  readonly address: string;
  /**
   * What the client sends, as fast as `gate` lets it, in runs of lines that came together. Completes when the client has ended its side or the server
   * stops, after every line read before that; errors when the connection is lost. To be subscribed once.
   */
  readonly lines: Observable<readonly Line[]>;
  readonly gate: Gate;
  /** True once the client has ended its side, as against the server having stopped to read it. */
  readonly halfClosed: boolean;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /**
   * Writes whole lines. Emits how many bytes once the kernel has taken them and completes, never at once
   * (`concatMap` would recurse); errors when the connection is lost. Only one write at a time.
   */
  write(bytes: Uint8Array): Observable<number>;
  /**
   * Ends our side, after `last` if there is one, then reads and discards for up to 1 s or 64 KiB, so that what
   * was written is not eaten by the client's own unread input. Completes when the connection is closed.
   */
  end(last?: string): Observable<never>;
  /** Closes at once. */
  destroy(): void;
}

/** The connection is gone without an end: reset by the client, or found dead. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor(cause?: unknown) {
    super('the connection is lost', { cause });
  }
}
