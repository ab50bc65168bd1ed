import { beforeEach, describe, expect, test } from 'vitest';
import { TestServer, until } from './support/chat.ts';
import { MEMORY } from './support/command.ts';
import { installed, needs, needsBuild, ROOT } from './support/needs.ts';
import { PROMPT, type Terminal, Tmux } from './support/tmux.ts';

const HERE = { nc: installed('nc'), tmux: installed('tmux') };

beforeEach((context) => {
  needs('tmux', HERE.tmux, context);
});

describe('people with a netcat in a terminal', () => {
  beforeEach((context) => {
    needs('nc', HERE.nc, context);
  });

  /** Logs in, and sees that it worked by saying something to itself. */
  async function join(terminal: Terminal, name: string, { port }: TestServer): Promise<void> {
    await terminal.type(`nc 127.0.0.1 ${String(port)}`);
    await terminal.type(name);
    await terminal.type(`${name}: here`);
    await terminal.shows(name, `${name}: here`, `from ${name}: here`);
  }

  async function aliceAndBob(): Promise<[Terminal, Terminal, TestServer]> {
    const server = await TestServer.start();
    const tmux = new Tmux();
    const [alice, bob] = [await tmux.open(), await tmux.open()];
    await join(alice, 'alice', server);
    await join(bob, 'bob', server);
    return [alice, bob, server];
  }

  test('talk to each other, and see nothing but what is said', async () => {
    const [alice, bob] = await aliceAndBob();
    await alice.type('bob: hello');
    await bob.shows('from bob: here', 'from alice: hello');
    await bob.type('alice: grüße: 世界');
    await alice.shows('from alice: here', 'bob: hello', 'from bob: grüße: 世界');
    await bob.shows('from alice: hello', 'alice: grüße: 世界');
  });

  test('see what was wrong with a line, and go on', async () => {
    const [alice, bob] = await aliceAndBob();
    await alice.type('hello?');
    await alice.shows('hello?', '! say who it is for, like "bob: hello"; /help tells more');
    await alice.type('dave: hello');
    await alice.shows('dave: hello', '! dave is not here');
    await alice.type('/hlep');
    await alice.shows('/hlep', '! there is no /hlep; did you mean /help?');
    await alice.type('bob: at last');
    await bob.shows('from bob: here', 'from alice: at last');
  });

  test('talk in a room, and need not name it before every line', async () => {
    const [alice, bob] = await aliceAndBob();
    await alice.type('/join #ops');
    await alice.shows('/join #ops', '* nobody else is in #ops');
    await bob.type('/join #ops');
    await bob.shows('/join #ops', '* in #ops: alice');
    await alice.type('/to #ops');
    await alice.shows('* bob joined #ops', '/to #ops', '* your lines go to #ops');
    await alice.type('the disk: full');
    await alice.type('//tmp, too');
    await bob.shows('from alice in #ops: the disk: full', 'from alice in #ops: /tmp, too');
    await bob.type('/quit');
    await alice.shows('the disk: full', '//tmp, too', '* bob left #ops');
  });

  test('are told by /help what there is, each command on a line that fits', async () => {
    const [alice] = await aliceAndBob();
    await alice.type('/help');
    await alice.shows(/^\* \/quit +leave/, /^\* and \//);
    const screen = await alice.screen();
    const help = screen.slice(screen.indexOf('/help') + 1);
    expect(help.length).toBeGreaterThan(2);
    for (const line of help) expect(line).toMatch(/^\* .{1,77}$/);
  });

  test('leave with ctrl-c, and somebody else can take the name', async () => {
    const [alice, bob, server] = await aliceAndBob();
    await alice.press('C-c');
    await alice.shows(/\^C/, PROMPT);
    await until(() => server.notices.some(({ type }) => type === 'ended'), 'the end is noticed');
    await bob.type('alice: bye');
    await bob.shows('alice: bye', '! alice is not here');
    await join(alice, 'alice', server);
    await bob.type('alice: again?');
    await alice.shows('from alice: here', 'from bob: again?');
  });

  test('see why when the server stops, and ctrl-c gives them their shell back', async () => {
    const [alice, bob, server] = await aliceAndBob();
    server.stop.next();
    for (const [name, terminal] of Object.entries({ alice, bob })) {
      await terminal.shows(`from ${name}: here`, '! the server is stopping');
      // Some netcats end here by themselves; OpenBSD's waits for a key.
      await terminal.press('C-c');
      await terminal.shows(PROMPT);
    }
    await until(() => server.completed, 'nobody keeps the server');
  });
});

test('the log on a terminal is a readable line for each client that leaves, and ctrl-c ends the server', async () => {
  needsBuild();
  const terminal = await new Tmux().open();
  await terminal.type(`cd '${ROOT}' && '${process.execPath}' bin/rxchat.js --port 0; echo "exit $?"`);
  const start = /^rxchat listens on 127\.0\.0\.1:(\d+), for this machine only; --host :: opens it to others$/;
  const [greeting = ''] = await terminal.shows(start, MEMORY.trim());
  const server = new TestServer();
  server.port = Number(start.exec(greeting)?.[1]);

  const alice = await server.login('alice');
  alice.socket.end();
  const stay = /^\d\d:\d\d:\d\d alice from 127\.0\.0\.1: left \(2 lines, 18 bytes in, 17 out, [\d.]+ s\)$/;
  await terminal.shows(start, MEMORY.trim(), stay);

  const stranger = server.connect();
  stranger.say('alice bob', 'alice bob');
  await stranger.end();
  stranger.socket.end();
  const noName = /^\d\d:\d\d:\d\d 127\.0\.0\.1: no name \(2 lines, 20 bytes in, \d+ out, [\d.]+ s\)$/;
  await terminal.shows(start, MEMORY.trim(), stay, noName);

  const bob = await server.login('bob');
  await terminal.press('C-c');
  await bob.end();
  bob.socket.end();
  await terminal.shows(
    stay,
    noName,
    /^(\^C)?\d\d:\d\d:\d\d stopping; 1 client to go$/,
    /^\d\d:\d\d:\d\d bob from 127\.0\.0\.1: server stopping \(2 lines, /,
    'exit 0',
    PROMPT,
  );
});

test('one ctrl-c ends npm start gently, although it comes from the terminal and from npm', async () => {
  needsBuild();
  const terminal = await new Tmux().open();
  await terminal.type(`cd '${ROOT}' && npm start --silent -- --port 0; echo "exit $?"`);
  const [greeting = ''] = await terminal.shows(/^rxchat listens on /, MEMORY.trim());
  const server = new TestServer();
  server.port = Number(/:(\d+)/.exec(greeting)?.[1]);
  const alice = await server.login('alice');
  await terminal.press('C-c');
  await alice.hears('! the server is stopping');
  // Long enough for an echo to come, if it is not here yet: it is still written to.
  await until(() => alice.ended, 'the server ends its side');
  alice.socket.end();
  await terminal.shows(/alice from 127\.0\.0\.1: server stopping \(2 lines, /, 'exit 0', PROMPT);
});

test('a server ends with its terminal, and gently', async () => {
  needsBuild();
  const tmux = new Tmux();
  const terminal = await tmux.open();
  const command = `'${process.execPath}' bin/rxchat.js --port 0`;
  await terminal.type(`cd '${ROOT}' && sh -c 'echo pid $$; exec "$@"' sh ${command}`);
  const [pid = '', greeting = ''] = await terminal.shows(/^pid \d+$/, /^rxchat listens on /, MEMORY.trim());
  const server = new TestServer();
  server.port = Number(/:(\d+)/.exec(greeting)?.[1]);
  const alice = await server.login('alice');
  await tmux.close(terminal);
  await alice.hears('! the server is stopping');
  alice.socket.end();
  await until(() => !runs(Number(pid.slice('pid '.length))), 'the server ends');
});

test('a terminal that is stopped with ctrl-s keeps neither the chat nor the end of the server', async () => {
  needsBuild();
  const terminal = await new Tmux().open();
  const command = `'${process.execPath}' bin/rxchat.js --port 0`;
  await terminal.type(`cd '${ROOT}' && sh -c 'echo pid $$; exec "$@"' sh ${command}; echo "exit $?"`);
  const [pid = '', greeting = ''] = await terminal.shows(/^pid \d+$/, /^rxchat listens on /, MEMORY.trim());
  const server = new TestServer();
  server.port = Number(/:(\d+)/.exec(greeting)?.[1]);
  await terminal.press('C-s');

  for (const name of ['alice', 'bob']) {
    const client = await server.login(name);
    client.say('/quit');
    await client.end();
    client.socket.end();
  }
  const running = Number(pid.slice('pid '.length));
  process.kill(running, 'SIGTERM');
  await until(() => !runs(running), 'the server ends');
  await terminal.press('C-q');
  await terminal.shows('exit 0', PROMPT);
});

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
