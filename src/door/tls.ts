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

/**
 * The connection as one whose bytes are what TLS carries; `socket` has the first of it to be read. `secure` is called
 * once it may be read; where the handshake fails, or what follows is no TLS, it is destroyed.
 */
export function secured(
  socket: Socket,
  certificate: Certificate,
  secure: (inner: TLSSocket) => void,
): TLSSocket {
  const inner = new TLSSocket(socket, {
    isServer: true,
    secureContext: certificate.context,
    requestCert: false,
    rejectUnauthorized: false,
    // So that `pause` is at the next record; it would be read on until so many bytes are there.
    highWaterMark: 1,
  } as TLSSocketOptions);
  let records = 0;
  inner.on('data', () => {
    records++;
    if (socket.bytesRead - inner.bytesRead > MARGIN + records * RECORD_MARGIN) inner.destroy();
  });
  inner.on('error', () => {
    inner.destroy();
  });
  // What was wrong before the handshake was over: a client's alert, a version that is too old, no TLS at all.
  inner.on('_tlsError', () => {
    inner.destroy();
  });
  inner.once('secure', () => {
    secure(inner);
  });
  return inner;
}
