/** Sockets that a service manager has opened and passes on (sd_listen_fds(3)). */
import { ConfigError } from './config.ts';

/** The first descriptor that is passed (SD_LISTEN_FDS_START). */
const FIRST = 3;
/** More than anybody opens; a number that large is a mistake. */
const MOST = 1024;

/**
 * Their descriptors; none where there are none for this process. What says so is taken out of `environment`, so that it is
 * not said to another. Throws a ConfigError where it says no number.
 */
export function passedOn(environment: NodeJS.ProcessEnv): readonly number[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'])
    Reflect.deleteProperty(environment, name);
  if (pid !== String(process.pid)) return [];
  if (!/^\d+$/.test(count) || Number(count) > MOST)
    throw new ConfigError(`LISTEN_FDS must be how many sockets are passed on, not ${JSON.stringify(count)}`);
  return Array.from({ length: Number(count) }, (_, index) => FIRST + index);
}
