/** TLS on a connection that has begun with it. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

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
