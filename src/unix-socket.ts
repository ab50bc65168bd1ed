/** The path at which a Unix socket is to be made: what stands in the way, and what is taken over. */
import { lstatSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Observable } from 'rxjs';
import { ConfigError } from './config.ts';

/** Bytes of a path (`sun_path` in unix(7), without its end). Node cuts a longer one off, and says nothing. */
const LONGEST = process.platform === 'linux' ? 107 : 103;

/**
 * Completes once a socket may be made at `path`; emits nothing. What a server that was killed has left there is removed:
 * a socket at which nobody listens. Errors with a ConfigError where the path is too long, and else with an error like
 * Node's: EADDRINUSE where somebody listens, EEXIST where what is there is no socket, ENOENT where there is no
 * folder for it, EPERM where it is somebody else's.
 */
export function vacant(path: string): Observable<never> {
  return new Observable((subscriber) => {
    const bytes = Buffer.byteLength(path);
    if (bytes > LONGEST)
      throw new ConfigError(
        `unix has ${String(bytes)} bytes, and the path of a socket at most ${String(LONGEST)}`,
      );
    const refuse = (code: string): void => {
      const error = new Error(`listen ${code}: ${path}`);
      subscriber.error(Object.assign(error, { code, syscall: 'listen', address: path }));
    };
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) {
      // bind(2) would say so, too, but libuv makes "permission denied" of it.
      if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) subscriber.complete();
      else refuse('ENOENT');
      return;
    }
    if (!found.isSocket()) {
      refuse('EEXIST');
      return;
    }
    const knock = connect({ path });
    knock.on('connect', () => {
      refuse('EADDRINUSE');
    });
    knock.on('error', ({ code }: NodeJS.ErrnoException) => {
      // Whoever started at the same time may have taken it over already.
      const isLeft = code === 'ECONNREFUSED' && lstatSync(path, { throwIfNoEntry: false })?.ino === found.ino;
      if (!isLeft && code !== 'ENOENT') {
        refuse(code === 'EACCES' ? 'EPERM' : 'EADDRINUSE');
        return;
      }
      try {
        rmSync(path, { force: true });
        subscriber.complete();
      } catch {
        refuse('EPERM');
      }
    });
    return () => {
      knock.destroy();
    };
  });
}
