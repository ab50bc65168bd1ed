/** The log: notices as entries on stderr, asynchronous and bounded, as JSON or, on a terminal, as readable lines. */
import { constants, openSync } from 'node:fs';
import { pino } from 'pino';
import type { Ended, NodeNotice, Notice } from './notice.ts';
import { type HeldBack, Ration } from './ration.ts';

/** Bytes of entries that may wait for whoever reads stderr; what does not fit is dropped and counted. */
const WAITING = 1024 * 1024;
/** Entries of a kind in a second; strangers come and go as fast as they like. */
const RATION = 50;
/** Milliseconds at the end for a reader of stderr that does not read. */
const PATIENCE = 1000;

export interface Report {
  log(notice: Notice): void;
  /** Calls `then` when all is written, or a second later; perhaps twice. */
  close(then: () => void): void;
  /** What is not written yet never will be. Without it the end of the process would wait for who reads stderr. */
  abandon(): void;
}

export function createReport(readable: boolean): Report {
  const destination = pino.destination({ fd: readable ? ownTerminal() : 2, sync: false, maxLength: WAITING });
  let lost = 0;
  destination.on('drop', () => lost++);
  // A reader that went away is no reason to stop a chat.
  destination.on('error', () => undefined);
  const json = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    destination,
  );

  const write = (entry: Notice | Omitted): void => {
    if (readable) {
      const line = describe(entry);
      if (line !== '') destination.write(`${new Date().toLocaleTimeString('en-GB')} ${line}\n`);
    } else {
      const { type, ...rest } = entry;
      json[level(entry)](rest, type);
    }
  };

  const ration = new Ration<Notice['type']>(RATION);
  const tell = (): void => {
    for (const held of ration.renew()) write({ type: 'omitted', ...held });
    const dropped = lost;
    lost = 0;
    if (dropped > 0) write({ type: 'omitted', kind: 'unread', count: dropped });
  };
  const renewal = setInterval(tell, 1000);

  return {
    log: (notice) => {
      if (ration.admit(notice.type)) write(notice);
    },
    close: (then) => {
      tell();
      clearInterval(renewal);
      const patience = setTimeout(() => {
        destination.destroy();
        then();
      }, PATIENCE);
      destination.once('close', () => {
        clearTimeout(patience);
        then();
      });
      destination.end();
    },
    abandon: () => {
      destination.destroy();
    },
  };
}

/**
 * The terminal at stderr, so that a write to it never waits: at one that is stopped (ctrl-s) a thread would hang in it,
 * and the end of the process would wait for the thread. stderr itself stays as it is, since others share it.
 */
function ownTerminal(): number {
  try {
    return openSync('/dev/stderr', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 2; // it belongs to somebody else, as after `su`
  }
}

/** Entries that were not written: too many of a kind, or `unread`, since nobody took them from stderr. */
type Omitted = { readonly type: 'omitted' } & HeldBack<Notice['type'] | 'unread'>;

function level(entry: Notice | Omitted): 'info' | 'warn' | 'error' {
  if (entry.type === 'ended') return entry.reason === 'fault' ? 'error' : 'info';
  if (entry.type === 'cluster') {
    if (entry.ok) return 'info';
    return entry.what === 'behind' || entry.what === 'snapshot' ? 'warn' : 'error';
  }
  if (entry.type === 'node') return entry.what === 'come' || entry.what === 'ended' ? 'info' : 'warn';
  if (entry.type === 'storage') return entry.ok ? 'info' : 'error';
  if (entry.type === 'damage') return 'error';
  if (entry.type === 'reloaded') return entry.error ? 'error' : 'info';
  return entry.type === 'listening' || entry.type === 'stopping' ? 'info' : 'warn';
}

/** One entry for a person at a terminal; empty where stdout has told it already. */
function describe(entry: Notice | Omitted): string {
  switch (entry.type) {
    case 'listening':
      return '';
    case 'ended':
      return describeEnd(entry);
    case 'refused':
      return `${entry.address} was refused: ${entry.reason}`;
    case 'reloaded':
      return entry.error ? `${entry.error.message}; the old ones are kept` : 'the certificate was read anew';
    case 'stopping':
      return `stopping; ${count(entry.clients, 'client')} to go`;
    case 'stuck':
      return `gave up on ${who(entry)}, who did not take ${count(entry.bytes, 'byte')}`;
    case 'storage':
      if (entry.ok) return `what is said is kept again; ${count(entry.lost, 'line')} lost`;
      return entry.lost === undefined ? `what is said is not kept: ${entry.error}` : entry.error;
    case 'cluster':
      if (!entry.ok) return entry.error;
      return entry.what === 'behind'
        ? 'this node follows the log of the cluster again'
        : 'the cluster is back; what waited is sent';
    case 'node':
      return describeNode(entry);
    case 'damage':
      return `not all that is kept can be read; "rxchat admin check" tells more: ${entry.error}`;
    case 'trouble':
      return `a connection could not be served: ${entry.error.message}`;
    case 'omitted':
      return entry.kind === 'unread'
        ? `${count(entry.count, 'entry', 'entries')} lost, since nobody read them`
        : `and ${String(entry.count)} more that are "${entry.kind}"`;
  }
}

function describeEnd(ended: Ended): string {
  const { reason, lines, bytesIn, bytesOut, seconds, error } = ended;
  const stay = `${count(lines, 'line')}, ${String(bytesIn)} bytes in, ${String(bytesOut)} out, ${String(seconds)} s`;
  const fault = error instanceof Error ? `\n${error.stack ?? error.message}` : '';
  return `${who(ended)}: ${reason} (${stay})${fault}`;
}

function describeNode(entry: NodeNotice): string {
  const of = `node ${entry.node}`;
  if (entry.what === 'other options')
    return `${of} has other options, which hold for all nodes now: ${entry.options.join(', ')}`;
  const there = `there ${entry.nodes === 1 ? 'is' : 'are'} ${count(entry.nodes, 'node')}`;
  return entry.what === 'given up'
    ? `${of} is given up, since nothing was heard of it for ${String(entry.seconds)} s; ${there}`
    : `${of} has ${entry.what}; ${there}`;
}

const who = ({ name, address }: { name: string | undefined; address: string }): string =>
  name === undefined ? address : `${name} from ${address}`;

const count = (number: number, one: string, many = `${one}s`): string =>
  `${String(number)} ${number === 1 ? one : many}`;
