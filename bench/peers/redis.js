import { firstLine } from './version.js';

// With RESP3 one connection both publishes and hears. Replies are turned off, as nobody reads how many got a message;
// a name and a room have four letters.
const channels = (channel) => ({
  greet: `CLIENT REPLY SKIP\r\nHELLO 3\r\nSUBSCRIBE ${channel}\r\nPING\r\nCLIENT REPLY OFF\r\n`,
  'greet-sender': 'PING\r\nCLIENT REPLY OFF\r\n',
  in: '+PONG\r\n',
  refused: '-',
  line: '*3\r\n$7\r\nPUBLISH\r\n$4\r\n{to}\r\n${bytes}\r\n',
  said: '>3\r\n$7\r\nmessage\r\n$4\r\n{to}\r\n${bytes}\r\n',
  end: '\r\n',
});

export const redis = {
  name: 'redis',
  title: 'redis-server: pub/sub, a channel for each person and for the room',
  version: () => firstLine('redis-server', ['--version']),
  command: ({ port, limits }) => [
    'redis-server',
    ...[
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxclients',
      '100000',
      '--protected-mode',
      'no',
    ],
    ...(limits ? [] : ['--client-output-buffer-limit', 'pubsub 0 0 0']),
  ],
  dialects: { direct: channels('{me}'), room: { ...channels('room'), room: 'room' } },
};
