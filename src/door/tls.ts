/** TLS on a connection that has begun with it. */
import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { Certificate } from './certificate.ts';

/**
 * Bytes that may be more than what they carry: what is under way, and of each record what belongs to it (RFC 8446, 5.2;
 * TLS 1.2 adds more). Past them a client sends records that carry nothing, such as new keys by the thousand: each costs
 * 22 µs (measured).
 */
const MARGIN = 128 * 1024;
const RECORD_MARGIN = 96;

export class Tls {
  readonly #certificate: Certificate;
  /** What has been looked at of each that is open. */
  readonly #looks = new Set<() => void>();

  constructor(certificate: Certificate) {
    this.#certificate = certificate;
  }

  /**
   * The connection as one whose bytes are what TLS carries; `socket` has the first of it to be read. `secure` is called
   * once it may be read; where the handshake fails, or what follows is no TLS, it is destroyed.
   */
  secured(socket: Socket, secure: (inner: TLSSocket) => void): TLSSocket {
    const inner = new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#certificate.context,
      requestCert: false,
      rejectUnauthorized: false,
      // So that `pause` is at the next record; it would be read on until so many bytes are there.
      highWaterMark: 1,
    } as TLSSocketOptions);
    let records = 0;
    const look = (): void => {
      if (socket.bytesRead - inner.bytesRead > MARGIN + records * RECORD_MARGIN) inner.destroy();
    };
    this.#looks.add(look);
    inner.on('data', () => {
      records++;
      look();
    });
    inner.on('error', () => {
      inner.destroy();
    });
    // What was wrong before the handshake was over: a client's alert, a version that is too old, no TLS at all.
    inner.on('_tlsError', () => {
      inner.destroy();
    });
    inner.on('close', () => {
      this.#looks.delete(look);
    });
    inner.once('secure', () => {
      secure(inner);
    });
    return inner;
  }

  /** Ends whoever sends records that carry nothing; to be called now and then, since nothing tells of them. */
  sweep(): void {
    for (const look of this.#looks) look();
  }
}
