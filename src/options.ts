/** What can be set: one table with every option, and how it is written. */

export type Kind = 'integer' | 'port' | 'rate' | 'bytes' | 'seconds' | 'text' | 'switch';
type Group =
  | 'Listening'
  | 'TLS'
  | 'Web'
  | 'Clients'
  | 'Lines'
  | 'Pacing'
  | 'Flow control'
  | 'Kept'
  | 'Cluster'
  | 'Operation';

export interface Option {
  readonly kind: Kind;
  readonly group: Group;
  readonly default: number | string | boolean;
  /** Of a text, its least length. */
  readonly min?: number;
  readonly max?: number;
  /** What it is, for `--help` and the README. */
  readonly help: string;
  /** Why the default is what it is, for the README. */
  readonly why: string;
}

/** How people write a text, a limit or a port that there is none of. */
const NONE = 'none';

const KiB = 1024;
const MiB = 1024 * KiB;

export const OPTIONS = {
  host: {
    kind: 'text',
    group: 'Listening',
    default: '127.0.0.1',
    help: 'address to listen on; :: is every one, of IPv4 and IPv6; none is no network, only --unix',
    why: 'nobody is let in from outside by accident',
  },
  port: {
    kind: 'integer',
    group: 'Listening',
    default: 8080,
    min: 0,
    max: 65535,
    help: 'port to listen on; 0 takes a free one',
    why: 'needs no rights',
  },
  unix: {
    kind: 'text',
    group: 'Listening',
    default: '',
    help: 'path of a Unix socket to listen on, too; who comes through it is on this machine',
    why: 'nothing is made where nobody asked for it',
  },
  dataDir: {
    kind: 'text',
    group: 'Listening',
    default: '',
    help: 'folder for what is kept: history, mail, names and bans in rxchat.db, the certificate that --tls-self-signed makes',
    why: 'nothing is written where nobody asked for it',
  },
  trustProxy: {
    kind: 'text',
    group: 'Listening',
    default: '',
    help: 'proxies (addresses, or unix), which have to say whom they speak for (PROXY protocol, 1 or 2)',
    why: 'anybody could say so',
  },
  tlsCert: {
    kind: 'text',
    group: 'TLS',
    default: '',
    help: 'PEM file with the certificate and those between it and a known one; read anew on SIGHUP',
    why: 'TLS needs one, and it takes a name',
  },
  tlsKey: {
    kind: 'text',
    group: 'TLS',
    default: '',
    help: 'PEM file with its key, where that is another file',
    why: 'many keep both in one',
  },
  tlsSelfSigned: {
    kind: 'switch',
    group: 'TLS',
    default: false,
    help: 'make a certificate for trying out, and print its fingerprint',
    why: 'nobody vouches for such a one',
  },
  tlsOnly: {
    kind: 'switch',
    group: 'TLS',
    default: false,
    help: 'refuse plain text from anywhere but this machine',
    why: 'netcat is welcome',
  },
  allowHost: {
    kind: 'text',
    group: 'Web',
    default: '',
    help: 'host names that a request may ask for, besides addresses and localhost, like chat.example',
    why: 'a stranger can have a name of its own lead here (DNS rebinding)',
  },
  allowOrigin: {
    kind: 'text',
    group: 'Web',
    default: '',
    help: 'pages from elsewhere that may open a WebSocket here, like https://intranet.example',
    why: 'the page that is served here may, and no other has to',
  },
  compress: {
    kind: 'switch',
    group: 'Web',
    default: false,
    help: 'compress what goes over WebSockets (permessage-deflate)',
    why: 'each client is compressed for by itself: in a room that costs more than the bytes',
  },
  maxClients: {
    kind: 'integer',
    group: 'Clients',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    help: 'clients at a time; never more than the descriptor limit (ulimit -n) less 64',
    why: 'idle, about 140 MB of memory',
  },
  maxPerAddress: {
    kind: 'integer',
    group: 'Clients',
    default: 256,
    min: 1,
    max: 1_000_000,
    help: 'clients at a time from one address (IPv6: one /64); loopback is exempt',
    why: 'a class behind one router fits, one stranger cannot fill the server',
  },
  allow: {
    kind: 'text',
    group: 'Clients',
    default: '',
    help: 'addresses and networks that may come in, like 10.0.0.0/8,2001:db8::/32; this machine always may',
    why: '--host decides who can reach it at all',
  },
  deny: {
    kind: 'text',
    group: 'Clients',
    default: '',
    help: 'those that may not, even if they are allowed',
    why: 'nobody is suspect',
  },
  maxRoomsPerClient: {
    kind: 'integer',
    group: 'Clients',
    default: 100,
    min: 1,
    max: 10_000,
    help: 'rooms that a client may be in at a time',
    why: 'more than anybody reads; a rename or an end is told in all of them',
  },
  welcome: {
    kind: 'text',
    group: 'Clients',
    default: '',
    help: 'what everybody is told after the login',
    why: 'success is silent',
  },
  welcomeFile: {
    kind: 'text',
    group: 'Clients',
    default: '',
    help: 'the same from a file, of several lines',
    why: 'success is silent',
  },
  loginTimeout: {
    kind: 'seconds',
    group: 'Clients',
    default: 60,
    min: 0.1,
    max: 86_400,
    help: 'time to send a name',
    why: 'long enough to type one',
  },
  stopTimeout: {
    kind: 'seconds',
    group: 'Clients',
    default: 10,
    min: 0,
    max: 3600,
    help: 'time to deliver what is pending when the server stops',
    why: 'what service managers wait for is longer',
  },
  maxLine: {
    kind: 'bytes',
    group: 'Lines',
    default: 16 * KiB,
    min: 64,
    max: MiB,
    help: 'longest line',
    why: 'more text than a screen holds, and two of them fit into one share of a turn',
  },
  maxRecipients: {
    kind: 'integer',
    group: 'Lines',
    default: 128,
    min: 1,
    max: 10_000,
    help: 'most recipients that a line may name',
    why: 'a line must not cost a thousand times its length',
  },
  raw: {
    kind: 'switch',
    group: 'Lines',
    default: false,
    help: 'pass control characters on as they are',
    why: 'a text must not drive the terminal of who reads it',
  },
  rate: {
    kind: 'rate',
    group: 'Pacing',
    default: 0,
    min: 0,
    max: 1_000_000,
    help: 'lines a second that are read of one client; what is more waits, unread; 0 is no limit',
    why: 'a paste is welcome, and flow control holds a flood',
  },
  burst: {
    kind: 'integer',
    group: 'Pacing',
    default: 20,
    min: 1,
    max: 1_000_000,
    help: 'lines that may come at once before --rate counts',
    why: 'a few lines of a log arrive together',
  },
  highWater: {
    kind: 'bytes',
    group: 'Flow control',
    default: 256 * KiB,
    min: 4 * KiB,
    max: 1024 * MiB,
    help: 'a client this far behind holds whoever writes to it in bulk',
    why: 'some turns of full speed',
  },
  maxQueue: {
    kind: 'bytes',
    group: 'Flow control',
    default: 4 * MiB,
    min: MiB,
    max: 4096 * MiB,
    help: 'a client this far behind is let go; at half of it, it holds everyone who writes to it',
    why: 'a burst fits, 64 such clients fit into max-memory',
  },
  maxMemory: {
    kind: 'bytes',
    group: 'Flow control',
    default: 256 * MiB,
    min: MiB,
    max: 1024 * 1024 * MiB,
    help: 'what may wait for all clients together; past it the one furthest behind is let go',
    why: 'fits on the smallest machine',
  },
  lagTimeout: {
    kind: 'seconds',
    group: 'Flow control',
    default: 30,
    min: 0.1,
    max: 86_400,
    help: 'a client behind for this long is let go',
    why: 'longer than a hiccup of a network',
  },
  writeTimeout: {
    kind: 'seconds',
    group: 'Flow control',
    default: 10,
    min: 0.1,
    max: 86_400,
    help: 'a client that takes no byte of what waits for this long is let go',
    why: 'a hiccup is shorter; the kernel tells of progress in steps, see Limits',
  },
  allowPlainPasswords: {
    kind: 'switch',
    group: 'Kept',
    default: false,
    help: 'let passwords come without TLS, from anywhere',
    why: 'others on the way could read them',
  },
  operator: {
    kind: 'text',
    group: 'Kept',
    default: '',
    help: 'names of those who keep order, like alice,bob; each has to be reserved, and logged in to with its password',
    why: 'nobody is above the others',
  },
  history: {
    kind: 'integer',
    group: 'Kept',
    default: 200,
    min: 0,
    max: 10_000,
    help: 'last lines of each room that are in memory, for everyone',
    why: 'more than a screen, and /history needs no disk',
  },
  keep: {
    kind: 'text',
    group: 'Kept',
    default: '30d',
    help: 'what was said is kept for so long (30d, 12h), up to so many lines (100000 lines), or not at all (none)',
    why: 'who was on holiday finds it; nobody expects it for ever',
  },
  maxHistory: {
    kind: 'bytes',
    group: 'Kept',
    default: 1024 * MiB,
    min: MiB,
    max: 1024 * 1024 * MiB,
    help: 'bytes of all that is kept; past it the oldest lines go; without --data-dir never more than 64MiB',
    why: 'some 10 million lines, and no disk is full of a chat',
  },
  mailMax: {
    kind: 'integer',
    group: 'Kept',
    default: 1000,
    min: 0,
    max: 100_000,
    help: 'lines that may wait for somebody who is not here',
    why: 'nobody reads more after a holiday',
  },
  maxMail: {
    kind: 'bytes',
    group: 'Kept',
    default: 64 * MiB,
    min: 0,
    max: 4096 * MiB,
    help: 'bytes that may wait for all who are not here, together',
    why: 'a share for each is no limit for all',
  },
  maxReserved: {
    kind: 'integer',
    group: 'Kept',
    default: 10_000,
    min: 0,
    max: 1_000_000,
    help: 'names that may be reserved',
    why: 'as many as may be here at a time',
  },
  maxBans: {
    kind: 'integer',
    group: 'Kept',
    default: 10_000,
    min: 0,
    max: 1_000_000,
    help: 'bans that there may be at a time',
    why: 'networks say more than addresses',
  },
  cluster: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'servers of NATS, like nats://10.0.0.1:4222 (tls://, user:password@, several with commas), that make all who use them one chat',
    why: 'one machine needs nothing else',
  },
  clusterName: {
    kind: 'text',
    group: 'Cluster',
    default: 'rxchat',
    min: 1,
    max: 32,
    help: 'name of the cluster there, and of its stream: letters, digits, "_" and "-"',
    why: 'one chat is what most have',
  },
  clusterCreds: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'file with the credentials for NATS (a .creds file)',
    why: 'NATS asks for none by itself',
  },
  clusterCa: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'PEM file with who vouches for the certificate of NATS',
    why: 'Node knows those of the public ones',
  },
  clusterCert: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'PEM file with the certificate that NATS knows this server by',
    why: 'NATS asks for none by itself',
  },
  clusterKey: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'PEM file with its key, where that is another file',
    why: 'many keep both in one',
  },
  clusterKeep: {
    kind: 'text',
    group: 'Cluster',
    default: '',
    help: 'for how long NATS keeps the log, and how much of it, like 7d,1GiB; by default what the stream has, or that for a new one',
    why: 'a server that was away for so long begins anew',
  },
  clusterReplicas: {
    kind: 'integer',
    group: 'Cluster',
    default: 0,
    min: 0,
    max: 5,
    help: 'how many servers of NATS keep the log: 0 is as the stream has it, or 1 for a new one; more takes as many in one cluster',
    why: 'one server of NATS cannot keep more',
  },
  clusterWait: {
    kind: 'switch',
    group: 'Cluster',
    default: false,
    help: 'wait for NATS at the start instead of ending with an error',
    why: 'a mistake in the address is seen at once',
  },
  adminPort: {
    kind: 'port',
    group: 'Operation',
    default: NONE,
    min: 0,
    max: 65535,
    help: 'port for metrics, health checks and who is here (HTTP); 0 takes a free one',
    why: 'nobody has asked for it',
  },
  adminHost: {
    kind: 'text',
    group: 'Operation',
    default: '127.0.0.1',
    min: 1,
    help: 'address that it is on',
    why: 'it tells names and addresses to whoever asks',
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

type Value<O extends Option> = O['kind'] extends 'text'
  ? string
  : O['kind'] extends 'switch'
    ? boolean
    : O['kind'] extends 'port'
      ? number | typeof NONE
      : number;

/** Every option, decided. Bytes and seconds. */
export type Config = { readonly [N in OptionName]: Value<(typeof OPTIONS)[N]> };

/** What a caller may set; the rest is as in `OPTIONS`. */
export type ConfigOptions = Partial<Config>;

export const NAMES = Object.keys(OPTIONS) as OptionName[];

/** `maxLine` as a flag, `max-line`. */
export const flagOf = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `maxLine` in the environment, `RXCHAT_MAX_LINE`. */
export const variableOf = (name: string): string =>
  `RXCHAT_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;

/** A value as people write it. */
export function shown(kind: Kind, value: number | string | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (value === '' || (kind === 'rate' && value === 0)) return NONE;
  if (kind === 'seconds') return `${String(value)}s`;
  if (kind !== 'bytes') return String(value);
  const unit = UNITS.findLast(([, size]) => Number(value) >= size && Number(value) % size === 0);
  return unit ? `${String(Number(value) / unit[1])}${unit[0]}` : String(value);
}

/** What people write as a value; undefined where it is none. */
export function parsed(kind: Kind, text: string): number | string | boolean | undefined {
  switch (kind) {
    case 'text':
      return text === NONE ? '' : text;
    case 'switch':
      if (/^(?:on|true|yes|1)$/i.test(text)) return true;
      return /^(?:off|false|no|0)$/i.test(text) ? false : undefined;
    case 'port':
      if (text === NONE) return NONE;
      return parsed('integer', text);
    case 'integer':
      return /^\d+$/.test(text) ? Number(text) : undefined;
    case 'rate':
      if (text === NONE) return 0;
      return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'seconds': {
      const [, digits] = /^(\d+(?:\.\d+)?)\s*s?$/i.exec(text) ?? [];
      return digits === undefined ? undefined : Number(digits);
    }
    case 'bytes': {
      const [, digits, letter = ''] = /^(\d+(?:\.\d+)?)\s*(?:([KMG])(?:iB)?)?$/i.exec(text) ?? [];
      const [, size = 1] =
        UNITS.find(([unit]) => letter !== '' && unit.startsWith(letter.toUpperCase())) ?? [];
      return digits === undefined ? undefined : Number(digits) * size;
    }
  }
}

const UNITS = [
  ['KiB', KiB],
  ['MiB', MiB],
  ['GiB', 1024 * MiB],
] as const;
