import { firstLine } from './version.js';

const connect = 'CONNECT {"verbose":false,"pedantic":false}\r\n';

// A person is a subject of its own, and so is a room. With verbose off nothing is confirmed.
const subjects = (subject) => ({
  greet: `${connect}SUB ${subject} 1\r\nPING\r\n`,
  'greet-sender': `${connect}PING\r\n`,
  in: 'PONG\r\n',
  refused: '-ERR',
  aside: ['INFO '],
  ping: 'PING\r\n',
  pong: 'PONG\r\n',
  line: 'PUB {to} {bytes}\r\n',
  said: 'MSG {to} 1 {bytes}\r\n',
  end: '\r\n',
});

export const nats = {
  name: 'nats',
  title: 'nats-server: a subject for each person and for the room',
  version: () => firstLine('nats-server', ['--version']),
  config: ({ limits }) =>
    ['max_connections: 100000', ...(limits ? [] : ['write_deadline: "60s"', 'max_pending: 1GB'])].join('\n'),
  command: ({ port, config }) => ['nats-server', '--addr', '127.0.0.1', '--port', port, '--config', config],
  // Go is told of the one core that it is pinned to.
  env: ({ pinned }) => (pinned ? { GOMAXPROCS: '1' } : {}),
  dialects: { direct: subjects('{me}'), room: { ...subjects('room'), room: 'room' } },
};

export const natsWebSocket = {
  ...nats,
  name: 'nats-websocket',
  title: 'nats-server, its clients over WebSockets',
  carrier: 'websocket',
  config: (circumstances) =>
    `${nats.config(circumstances)}\nwebsocket { host: "127.0.0.1", port: ${circumstances.port}, no_tls: true }`,
  // The other port is any.
  command: ({ config }) => ['nats-server', '--addr', '127.0.0.1', '--port', '-1', '--config', config],
};
