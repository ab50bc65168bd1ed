// rxchat, and the servers of bench/servers, which speak like it.
import { join } from 'node:path';
import { built, root } from '../build.js';
import { firstLine } from './version.js';

const speech = {
  greet: '{me}\n{me}: in\n',
  in: 'from {me}: in\n',
  refused: '! ',
  line: '{to}: ',
  said: 'from {from}: ',
  end: '\n',
};

// Who joins is told of by a *. Those who send need not be in the room.
const speechInRoom = {
  ...speech,
  greet: '{me}\n/join #room\n{me}: in\n',
  'greet-sender': speech.greet,
  aside: ['* '],
  room: '#room',
  line: '#room: ',
  said: 'from {from} in #room: ',
};

// What nobody can know before is left out of each line: its id and its time.
const json = {
  greet: '{me}\n/format json\n/join #room\n{me}: in\n',
  'greet-sender': '{me}\n/format json\n{me}: in\n',
  in: '"from":"{me}","text":"in"',
  refused: '! ',
  aside: ['* ', '{"type":"format"', '{"type":"entered"', '{"type":"joined"'],
  room: '#room',
  line: '#room: ',
  end: '\n',
  said: '{"type":"message","from":"{from}","room":"#room","text":"',
  'said-end': '"}\n',
  stamp: '{"type":"message",',
  stamped: '"from":',
};

const chat = { dialects: { direct: speech, room: speechInRoom, names: speech } };

export const rxchat = {
  dialects: { ...chat.dialects, json },
  name: 'rxchat',
  compiles: true, // while it runs
  title: 'rxchat, with all its limits on',
  version: () => `rxchat on Node ${process.version}`,
  command: ({ port, collects }) => [
    process.execPath,
    ...(collects ? ['--expose-gc', '--import', join(root, 'bench', 'collect.js')] : []),
    join(root, 'bin', 'rxchat.js'),
    ...['--port', port, '--max-clients', '100000'],
  ],
};

export const rxchatWebSocket = {
  ...rxchat,
  name: 'rxchat-websocket',
  title: 'rxchat, its clients over WebSockets',
  carrier: 'websocket',
};

export const rxchatTls = {
  ...rxchat,
  name: 'rxchat-tls',
  title: 'rxchat, its clients over TLS 1.3',
  carrier: 'tls',
  command: (circumstances) => [...rxchat.command(circumstances), '--tls-self-signed'],
};

export const rxchatOnDisk = {
  ...rxchat,
  name: 'rxchat-on-disk',
  title: 'rxchat, with a folder for what is said',
  special: true,
  command: ({ directory, ...more }) => [...rxchat.command(more), '--data-dir', join(directory, 'data')],
};

export const rxchatForgetful = {
  ...rxchat,
  name: 'rxchat-forgetful',
  title: 'rxchat, that keeps nothing of what is said',
  special: true,
  command: (circumstances) => [...rxchat.command(circumstances), '--keep', 'none'],
};

const jetStream = (port, directory) => [
  'nats-server',
  ...['--addr', '127.0.0.1', '--port', port, '-js', '-sd', join(directory, 'jetstream')],
];
const natsBeside = { name: 'nats', command: ({ nats, directory }) => jetStream(nats, directory) };

const inCluster = (circumstances) => [
  ...rxchat.command(circumstances),
  ...['--cluster', `nats://127.0.0.1:${circumstances.nats}`],
];

export const rxchatCluster = {
  ...rxchat,
  name: 'rxchat-cluster',
  title: 'rxchat, the one node of a cluster',
  special: true,
  companions: [natsBeside],
  version: () => clusterVersion(),
  command: inCluster,
};

export const rxchatTwoNodes = {
  ...rxchatCluster,
  name: 'rxchat-two-nodes',
  title: 'rxchat, two nodes: who sends is at one of them, who hears at the other',
  companions: [
    natsBeside,
    { name: 'there', command: ({ there, ...more }) => inCluster({ ...more, port: there }) },
  ],
};

/** NATS without a node: what is measured of it is driven by bench/log.js. */
export const clusterLog = {
  name: 'cluster-log',
  compiles: true,
  title: 'the log of a cluster alone: nats-server, and nodes without a chat (bench/log.js)',
  special: true,
  version: () => clusterVersion(),
  command: ({ port, directory }) => jetStream(port, directory),
  dialects: { log: {} },
};

const clusterVersion = () => {
  const version = firstLine('nats-server', ['--version']);
  return version && `rxchat on Node ${process.version}, ${version}`;
};

export const plain = {
  ...chat,
  name: 'plain',
  compiles: true,
  title: 'bare node:net, a socket.write() for each message (bench/servers/plain.js)',
  version: () => `node:net, Node ${process.version}`,
  command: ({ port }) => [process.execPath, join(root, 'bench', 'servers', 'plain.js'), port],
};

export const c = {
  ...chat,
  name: 'c',
  title: 'C on epoll, one write for all that a turn has for a client (bench/servers/chat.c)',
  version: () => built('chat') && 'C, batched writes',
  command: ({ port }) => [built('chat'), 'batch', port],
};

export const book = {
  ...chat,
  name: 'book',
  title: "the book's design in C: each message a string and a write of its own (bench/servers/chat.c)",
  version: () => built('chat') && 'C, a write for each message',
  command: ({ port }) => [built('chat'), 'each', port],
};
