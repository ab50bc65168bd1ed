import { firstLine } from './version.js';

// Everybody hears everybody. It uses select(), which ends at 1,024 descriptors, and marks what it reads, not lines: with
// two who write, their lines mix.
export const ncat = {
  name: 'ncat',
  title: 'ncat --chat: everybody hears everybody',
  version: () => firstLine('ncat', ['--version']),
  command: ({ port }) => ['ncat', '--listen', '127.0.0.1', port, '--chat', '--max-conns', '1010'],
  maxClients: 1000,
  maxSenders: 1,
  dialects: {
    room: {
      greet: '',
      in: '> already connected: ',
      aside: ['<announce>'],
      mark: '<user',
      room: 'all',
      line: '',
      said: '',
      end: '\n',
    },
  },
};
