// The yardstick: the same chat written directly on node:net, as one would write it without a second thought.
// Every message is a socket.write of its own, so that what it costs to do no better is known.
import { createServer } from 'node:net';

const here = new Map();
const rooms = new Map();

function join(room, socket) {
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.on('close', () => rooms.get(room).delete(socket));
}

function say(name, socket, line) {
  const colon = line.indexOf(': ');
  if (colon < 0) {
    socket.write('! write NAME: text\n');
    return;
  }
  const to = line.slice(0, colon);
  const text = line.slice(colon + 2);
  if (to.startsWith('#')) {
    const message = `from ${name} in ${to}: ${text}\n`;
    for (const peer of rooms.get(to) ?? []) if (peer !== socket) peer.write(message);
    return;
  }
  const message = `from ${name}: ${text}\n`;
  for (const recipient of to.split(', ')) {
    const peer = here.get(recipient);
    if (peer) peer.write(message);
    else socket.write(`! ${recipient} is not here\n`);
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  let name;
  let rest = '';

  function take(line) {
    if (line === '/quit') {
      socket.end();
    } else if (name !== undefined && line.startsWith('/join ')) {
      join(line.slice(6), socket);
    } else if (name !== undefined) {
      say(name, socket, line);
    } else if (here.has(line)) {
      socket.write(`! ${line} is taken\n`);
    } else {
      name = line;
      here.set(name, socket);
    }
  }

  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (name !== undefined) here.delete(name);
  });
});

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`);
});
