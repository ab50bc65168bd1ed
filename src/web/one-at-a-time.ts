/** Whoever has not waited for an answer before it asks again is closed: what waits for it would have no limit. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class OneAtATime {
  readonly #answering = new WeakSet<Socket>();

  /** May it be answered? Browsers wait, and so do all programs that do not pipeline (RFC 9112, 9.3.2). */
  admits({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (this.#answering.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#answering.add(socket);
    response.once('close', () => this.#answering.delete(socket));
    return true;
  }
}
