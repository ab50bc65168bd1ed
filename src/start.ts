/** What the command says at its start: where it listens, or why it does not. */
import { dirname } from 'node:path';
import { endpoint, isLocal } from './addresses.ts';
import type { Listening } from './notice.ts';
import { isOfAdminPort } from './office/admin.ts';
import type { Config } from './options.ts';

/** What is kept, and for how long, where that is not what one would expect. */
function keptBy({ folder, forgets, cluster }: Listening): string {
  if (cluster !== undefined) {
    if (forgets) return 'What is said is kept by NATS only, as the log of the cluster\n';
    return folder === undefined
      ? 'What is said is kept in memory only, and by NATS, as the log of the cluster; --data-dir DIR keeps it here, too\n'
      : '';
  }
  if (folder === undefined)
    return forgets
      ? 'What is said is not kept; names and mail are, in memory only; --data-dir DIR keeps them for longer\n'
      : 'What is said is kept in memory only; --data-dir DIR keeps it, and names and mail, for longer\n';
  return forgets ? 'What is said is not kept; names and mail are\n' : '';
}

/** It may have been started like this by mistake. */
const leftBy = ({ left, folder = '' }: Listening): string =>
  left ? `What is in ${folder} was a node's; its cluster does not take it back from now on\n` : '';

/** Which node it is, and how many others it has found: none where one expects some is a cluster of another name. */
function nodeIn({ cluster, node = '', others = 0 }: Listening): string {
  if (cluster === undefined) return '';
  return others === 0
    ? `It is the node ${node}, the only node of the cluster ${cluster}\n`
    : `It is the node ${node} of the cluster ${cluster}, with ${String(others)} other node${others === 1 ? '' : 's'}\n`;
}

/** Who is to keep order, and cannot before that is done. */
function unclaimedIn({ unclaimed = [], folder }: Listening): string {
  if (unclaimed.length === 0) return '';
  const admin =
    folder === undefined ? '' : `, or with rxchat admin reserve ${unclaimed[0] ?? ''} --data-dir ${folder}`;
  return `Nobody has reserved ${unclaimed.join(', ')} yet; do it by /reserve, from this machine${admin}\n`;
}

/** The line at the start, and those behind it that say what a person has to know; `passedOn`: others opened its sockets. */
export function greeting(listening: Listening, passedOn: boolean): string {
  const { host, at, admin, maxClients, descriptors, fingerprint } = listening;
  const hint = passedOn || !isLocal(host) ? '' : ', for this machine only; --host :: opens it to others';
  const office =
    admin === undefined
      ? ''
      : `Its admin port is ${endpoint(admin.host, admin.port)}${isLocal(admin.host) ? ', for this machine only' : '; it tells who is here and from where to whoever can reach it'}\n`;
  const limit =
    descriptors === undefined
      ? ''
      : `No more than ${String(maxClients)} at a time can be in, since the descriptor limit (ulimit -n) is ${String(descriptors)}.\n`;
  const certificate =
    fingerprint === undefined
      ? ''
      : `Nobody vouches for its certificate; its SHA-256 fingerprint is\n${fingerprint}\n`;
  return `rxchat listens on ${at.join(' and ')}${hint}\n${nodeIn(listening)}${leftBy(listening)}${keptBy(listening)}${unclaimedIn(listening)}${office}${limit}${certificate}`;
}

/** Of Node, with the address or path that it is about. */
interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
}

export const isListenError = (error: unknown): error is ListenError =>
  error instanceof Error &&
  'syscall' in error &&
  ['listen', 'bind', 'getaddrinfo'].includes(String(error.syscall));

/** In one line, with what to do. */
export function listenProblem(error: ListenError, config: Config, passedOn: boolean): string {
  const code = error.code ?? error.message;
  const { host, port, unix, adminHost, adminPort } = config;
  if (isOfAdminPort(error)) return addressProblem(code, '--admin-', adminHost, adminPort);
  if (passedOn)
    return `one of LISTEN_FDS is no socket that listens for streams (${code}); a unit has ListenStream= and Accept=no`;
  if (unix !== '' && error.address === unix) return unixProblem(code, unix);
  return addressProblem(code, '--', host, port);
}

function addressProblem(code: string, which: string, host: string, port: number | string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${which}port ${String(port)} is in use on ${host}; stop what uses it, or take another (0 takes a free one)`;
    case 'EACCES':
      return `${which}port ${String(port)} needs rights that you do not have; take one from 1024 up`;
    default:
      return `${which}host ${host} is no address to listen on (${code}); 127.0.0.1 is for this machine only, :: for everyone, and the port goes to ${which}port`;
  }
}

function unixProblem(code: string, path: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `--unix ${path} is in use; stop what listens there, or take another path`;
    case 'EEXIST':
      return `--unix ${path} is there, and no socket; it is left as it is`;
    case 'ENOENT':
      return `--unix ${path} would be in ${dirname(path)}, and there is no such folder`;
    case 'EPERM':
      return `--unix ${path} is a socket of somebody else; take another path`;
    case 'EACCES':
      return `--unix ${path} needs rights in ${dirname(path)} that you do not have`;
    default:
      return `--unix ${path} is no path to listen on (${code})`;
  }
}
