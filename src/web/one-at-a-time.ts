/** Whoever has not waited for an answer before it asks again is closed: what waits for it would have no limit. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';

/**
 * An HTTP server that has `answer` called for one request of a connection at a time. Browsers wait, and so do all
 * programs that do not pipeline (RFC 9112, 9.3.2).
 */
export function oneAtATime(options: ServerOptions, answer: RequestListener): Server {
  const answering = new WeakSet<IncomingMessage['socket']>();
  const ask: RequestListener = (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    if (answering.has(socket)) {
      // Where it is paused, nothing of what is there already is read.
      socket.pause().destroy();
      return;
    }
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
    answer(request, response);
  };
  // What has no Host, or expects something, Node would answer by itself, however often it came.
  return createServer({ ...options, requireHostHeader: false })
    .on('request', ask)
    .on('checkContinue', ask)
    .on('checkExpectation', ask);
}
