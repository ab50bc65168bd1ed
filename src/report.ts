/** The log: notices as pino entries on stderr, asynchronous and bounded. */
import { pino, type Logger } from 'pino';
import type { Notice } from './notice.ts';

/** Bytes of entries that may wait for whoever reads stderr; what does not fit is dropped. */
const WAITING = 1024 * 1024;

export interface Report {
  readonly log: (notice: Notice) => void;
}

export function createReport(): Report {
  const destination = pino.destination({ fd: 2, sync: false, maxLength: WAITING });
  // A reader that went away is no reason to stop a chat.
  destination.on('error', () => undefined);
  const logger: Logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    log: (notice) => {
      const { type, ...rest } = notice;
      logger.info(rest, type);
    },
  };
}
