// People on the server whose port is given: 1,000 clients, each in 10 of 100 rooms, of whom one asks /who, /rooms and for
// somebody absent, a hundred times a second; or, if they are to be "silent", in no room, and nobody asks. Says "ready",
// and goes on until it is ended.
import { connect } from 'node:net';

const PEOPLE = 1000;
const ROOMS = 100;
const EACH = 10;
const port = Number(process.argv[2]);
const silent = process.argv[3] === 'silent';

function enter(index) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % 200)}` });
    const rooms = Array.from({ length: EACH }, (_, room) => `#room${(index + room * 7) % ROOMS}`);
    socket.write(`q${index}\n${silent ? '' : `/join ${rooms.join(' ')}\n`}/ping\n`);
    let heard = '';
    const listen = (data) => {
      heard = heard.slice(-10) + data;
      if (!heard.includes('* pong\n')) return;
      socket.off('data', listen).resume();
      resolve(socket);
    };
    socket.on('data', listen).on('error', reject);
  });
}

const sockets = [];
for (let at = 0; at < PEOPLE; at += 50)
  sockets.push(...(await Promise.all(Array.from({ length: 50 }, (_, index) => enter(at + index)))));
if (!silent) setInterval(() => sockets[0].write('/who\n/rooms\n/who #room0\nq00: hello\n'), 10);
console.log('ready');
