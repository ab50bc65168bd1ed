import { describe, expect, test } from 'vitest';
import { type Client, TestServer, until } from './support/chat.ts';
import { installed, needs } from './support/needs.ts';
import { nc, ncat, type Netcat, NETCATS, Pipe, telnet } from './support/netcat.ts';

/** Seconds; who lingers does so for one. */
const SOON = 5;
const SCRIPT = 'ci\nbob: one\ndave: two\nbob: three';

const ending = (how: Netcat['ends']): Netcat[] => NETCATS.filter(({ ends }) => ends === how);

async function withBob(): Promise<[TestServer, Client]> {
  const server = await TestServer.start();
  return [server, await server.login('bob')];
}

const ended = (server: TestServer, name: string): boolean =>
  server.notices.some((notice) => notice.type === 'ended' && notice.name === name);

describe('a netcat that ends its side delivers every line, prints the answers, and ends by itself', () => {
  test.for(ending('half'))('$name', async (netcat, context) => {
    needs(netcat.program, netcat.here, context);
    const [server, bob] = await withBob();
    const pipe = Pipe.printf(SCRIPT, netcat.argv(server.port));
    await bob.hears('from ci: one', 'from ci: three');
    bob.say('ci: thanks');
    expect(await pipe.exits()).toBe(0);
    expect(pipe).toMatchObject({ stdout: '! dave is not here\nfrom bob: thanks\n', stderr: '' });
    expect(pipe.seconds).toBeLessThan(SOON);
    await until(() => ended(server, 'ci'), 'its end is noticed');
  });
});

describe('a netcat that closes at once delivers every whole line', () => {
  test.for(ending('whole'))('$name', async (netcat, context) => {
    needs(netcat.program, netcat.here, context);
    const [server, bob] = await withBob();
    // It closes before the answer can come, so the kernel may reset the connection: then only whole lines count.
    const pipe = Pipe.printf(`${SCRIPT}\n`, netcat.argv(server.port));
    await bob.hears('from ci: one', 'from ci: three');
    expect(await pipe.exits()).toBe(0);
    expect(pipe).toMatchObject({ stdout: '', stderr: '' });
    expect(pipe.seconds).toBeLessThan(SOON);
    await until(() => ended(server, 'ci'), 'its end is noticed');
  });
});

describe('a netcat that leaves the end to the server', () => {
  test.for(ending('never'))('$name ends by /quit as its last line', async (netcat, context) => {
    needs(netcat.program, netcat.here, context);
    const [server, bob] = await withBob();
    const pipe = Pipe.printf(`${SCRIPT}\n/quit\n`, netcat.argv(server.port));
    await bob.hears('from ci: one', 'from ci: three');
    expect(await pipe.exits()).toBe(0);
    expect(pipe).toMatchObject({ stdout: '! dave is not here\n', stderr: '' });
    expect(pipe.seconds).toBeLessThan(SOON);
  });

  test.for(ending('never'))('$name stays and listens until the server stops', async (netcat, context) => {
    needs(netcat.program, netcat.here, context);
    const [server, bob] = await withBob();
    const pipe = Pipe.printf('ci\nbob: one\ndave: two\n', netcat.argv(server.port));
    await bob.hears('from ci: one');
    await pipe.prints('! dave is not here');
    // One that does end its side lingers for as long as anybody does, and this one outlives it.
    const other = server.connect();
    other.socket.end('carol\ndave: two\n');
    await until(() => ended(server, 'carol'), 'the one that ended its side is let go');
    bob.say('ci: still there?');
    await pipe.prints('! dave is not here', 'from bob: still there?');
    expect(pipe.code).toBeUndefined();
    server.stop.next();
    expect(await pipe.exits()).toBe(0);
    expect(pipe.lines.at(-1)).toBe('! the server is stopping');
  });
});

test('a script that succeeds prints nothing, with any netcat, and its last line needs no newline', async (context) => {
  const those = NETCATS.filter(({ here, ends }) => here && ends !== 'never');
  needs('netcat', those.length > 0, context);
  const [server, bob] = await withBob();
  const pipes = those.map(({ argv }, index) => {
    return Pipe.printf(`ci${String(index)}\nbob: one\nbob: two`, argv(server.port));
  });
  for (const [index, pipe] of pipes.entries()) {
    expect(await pipe.exits(), those[index]?.name).toBe(0);
    expect(pipe, those[index]?.name).toMatchObject({ stdout: '', stderr: '' });
  }
  for (const index of pipes.keys()) {
    const from = `from ci${String(index)}: `;
    const heard = (): string[] => bob.lines.filter((line) => line.startsWith(from));
    await until(() => heard().length === 2, `bob hears both lines of ${String(those[index]?.name)}`);
    expect(heard()).toEqual([`${from}one`, `${from}two`]);
  }
  expect(bob.lines).toHaveLength(2 * pipes.length);
});

test('bash /dev/tcp can wait for an answer and read it', async (context) => {
  needs('bash', installed('bash'), context);
  const [server, bob] = await withBob();
  const script = `exec 3<>/dev/tcp/127.0.0.1/${String(server.port)} && cat >&3 && read -r answer <&3 && echo "$answer"`;
  const pipe = Pipe.printf('ci\nbob: one\ndave: two\n', ['bash', '-c', script]);
  expect(await pipe.exits()).toBe(0);
  expect(pipe).toMatchObject({ stdout: '! dave is not here\n', stderr: '' });
  await bob.hears('from ci: one');
});

test('a telnet in a pipe, which closes without sending, does no harm', async (context) => {
  needs(telnet.program, telnet.here, context);
  const [server, bob] = await withBob();
  const pipe = Pipe.printf('ci\nbob: one\n', telnet.argv(server.port));
  await pipe.exits();
  expect(pipe.seconds).toBeLessThan(SOON);
  await until(() => server.notices.some(({ type }) => type === 'ended'), 'its end is noticed');
  const alice = await server.login('alice');
  bob.forget(); // some telnets do send a line
  alice.say('bob: all is well');
  await bob.hears('from alice: all is well');
});

describe('a program that writes its log into a netcat', () => {
  test.for([nc, ncat])(
    '$name passes each line on as it comes, and prints what it hears',
    async (netcat, context) => {
      needs(netcat.program, netcat.here, context);
      const [server, bob] = await withBob();
      const { pipe, append } = Pipe.tail(netcat.argv(server.port));
      append('ci', 'bob: build 1 started');
      await bob.hears('from ci: build 1 started');
      bob.say('ci: thanks');
      await pipe.prints('from bob: thanks');
      append('bob: build 1 failed', 'dave: build 1 failed', 'bob: grüße, 世界');
      await bob.hears('from ci: build 1 started', 'from ci: build 1 failed', 'from ci: grüße, 世界');
      await pipe.prints('from bob: thanks', '! dave is not here');
      bob.say('ci: bye');
      await pipe.prints('from bob: thanks', '! dave is not here', 'from bob: bye');
      expect(pipe).toMatchObject({ code: undefined, stderr: '' });
    },
  );
});
