import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from './support/chat.ts';
import { Command } from './support/command.ts';

/** A pipe that holds as much as it can, and that nobody reads. */
function fullPipe(): number {
  const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  expect(() => {
    for (;;) writeSync(filler, Buffer.alloc(4096));
  }).toThrow('EAGAIN');
  const pipe = openSync(path, 'w');
  onTestFinished(() => {
    for (const descriptor of [reader, filler, pipe]) closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  return pipe;
}

describe('the log', () => {
  test('has one entry for each end, with its reason and figures, and nothing that was said', async () => {
    const command = await Command.start();
    const alice = await command.login('alice');
    alice.say('alice: hunter2', '/quit');
    await until(() => command.entries('ended').length > 0, 'the end is logged');
    expect(command.entries('ended')).toEqual([
      {
        level: 30,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        msg: 'ended',
        reason: 'quit',
        name: 'alice',
        address: '127.0.0.1',
        bytesIn: 'alice\nalice: here\nalice: hunter2\n/quit\n'.length,
        bytesOut: 'from alice: here\nfrom alice: hunter2\n'.length,
        lines: 4,
        seconds: expect.any(Number) as number,
      },
    ]);
    expect(command.stderr).not.toContain('hunter2');
  });

  test('never has what was tried as a name', async () => {
    const command = await Command.start();
    const taken = await command.login('alice');
    taken.forget();
    const other = command.connect();
    other.say('alice', 'my secret password');
    await other.end();
    other.socket.end();
    await until(() => command.entries('ended').length > 0, 'the end is logged');
    expect(command.entries('ended')[0]).toMatchObject({ reason: 'no name', lines: 2 });
    expect(command.stderr).not.toContain('secret');
  });

  test('strangers cannot fill it: past fifty of a kind in a second the rest is counted', async () => {
    const command = await Command.start();
    const port = command.port;
    const strangers = Array.from({ length: 400 }, () => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => undefined).end();
      return socket;
    });
    await until(() => strangers.every((socket) => socket.closed), 'all have come and gone');
    const logged = (): number =>
      command.entries('ended').length +
      command.entries('omitted').reduce((sum, { count }) => sum + Number(count), 0);
    await until(() => logged() === 400, 'all are logged or counted');
    expect(command.entries('ended').length).toBeLessThan(400);
    expect(command.entries('omitted')[0]).toMatchObject({ kind: 'ended' });
  });

  test('that nobody reads does not stop the chat, nor its end', async () => {
    const command = await Command.start([], { stderr: fullPipe() });
    const alice = await command.login('alice');
    const bob = await command.login('bob');
    bob.say('/quit', 'alice: too late');
    await bob.end();
    bob.socket.end();
    alice.say('alice: on');
    await alice.hears('from alice: on');
    command.child.kill('SIGTERM');
    expect(await command.exits()).toBe(0);
  });

  test('that is closed does not stop the chat, and neither does a closed stdout', async () => {
    const command = await Command.start();
    command.child.stderr?.destroy();
    command.child.stdout?.destroy();
    const first = await command.login('alice');
    first.say('/quit');
    await first.end();
    const again = await command.login('alice');
    again.say('alice: still here');
    await again.hears('from alice: still here');
  });
});
