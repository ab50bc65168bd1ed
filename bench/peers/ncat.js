import { firstLine } from './version.js';

// Everybody hears everybody. Once some 560 are there it spins, and answers nobody who comes after them (ncat 7.93). And it
// marks what it reads, not lines: with two who write, their lines mix.
export const ncat = {
  name: 'ncat',
  title: 'ncat --chat: everybody hears everybody',
  version: () => firstLine('ncat', ['--version']),
  command: ({ port }) => ['ncat', '--listen', '127.0.0.1', port, '--chat', '--max-conns', '1010'],
  maxClients: 500,
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
