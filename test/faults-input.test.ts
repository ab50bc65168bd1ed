import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Client, TestServer, until } from './support/chat.ts';

/** Lets the server, which is in this process, read what was written before more of it comes. */
const read = (): Promise<void> => new Promise(setImmediate);

describe('one script in other pieces', () => {
  const SCRIPT = Buffer.from(
    '\ufeffAlice\r\nbob: grüße 😀\r\nalice: 漢字 and e\u0301\n/help\r\nnobody, bob: x\n\nbob: the end',
  );

  /** What alice and bob hear when the script comes in pieces that end at `ends`. */
  async function play(server: TestServer, bob: Client, ends: readonly number[]): Promise<string[]> {
    bob.forget();
    const alice = server.connect();
    alice.socket.setNoDelay();
    await until(() => !alice.socket.connecting, 'alice is connected');
    const ordered = [...new Set(ends), SCRIPT.length].sort((a, b) => a - b);
    for (const [index, end] of ordered.entries()) {
      alice.socket.write(SCRIPT.subarray(ordered[index - 1] ?? 0, end));
      await read();
    }
    // The name is free for the next one at once: who has ended its side yields it.
    alice.socket.end();
    await bob.hears('from Alice: grüße 😀', 'from Alice: x', 'from Alice: the end');
    await until(
      () => alice.lines.at(-1)?.startsWith('! say who it is for') === true,
      'alice hears her answers',
    );
    alice.socket.destroy();
    return [alice.text, bob.text];
  }

  test('gives the same, byte by byte and however it is cut', async () => {
    const server = await TestServer.start();
    const bob = await server.login('bob');
    const whole = await play(server, bob, []);
    expect(whole[0]).toMatch(
      /^from Alice: 漢字 and e\u0301\n\* "bob: hello" [^]*\n! nobody is not here\n! say who/,
    );
    const everywhere = Array.from(SCRIPT.keys());
    expect(await play(server, bob, everywhere)).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(SCRIPT.length - 1), { maxLength: 12 }), async (ends) => {
        expect(await play(server, bob, ends)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });
});

describe('who speaks something else, and no HTTP', () => {
  const CLIENT_HELLO = Buffer.from(
    '160301008b010000860303' + '0aff'.repeat(3) + 'c0ffee'.repeat(40) + '00130213031301',
    'hex',
  );
  const GREETINGS: Record<string, [string | Buffer, string[]]> = {
    Redis: [
      '*1\r\n$4\r\nPING\r\n',
      [
        '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another',
        '! you have no name, so nothing was sent; closing',
      ],
    ],
    'the PROXY protocol': [
      'PROXY TCP4 192.0.2.1 192.0.2.2 4321 8080\r\nalice\r\nbob: hello\r\n',
      ['! you are no proxy that this server knows (--trust-proxy)'],
    ],
    TLS: [CLIENT_HELLO, ['! this server does not speak TLS']],
  };

  test.each(Object.entries(GREETINGS))(
    '%s is answered by a line and closed',
    async (_what, [greeting, answer]) => {
      const server = await TestServer.start();
      const alice = await server.login('alice');
      const stranger = server.connect();
      stranger.socket.write(greeting);
      await stranger.end();
      expect(stranger.lines).toEqual(answer);
      stranger.socket.end();
      await until(() => stranger.closed, 'it is closed');
      const told = server.notices.at(-1);
      expect(told?.type === 'refused' || (told?.type === 'ended' && told.name === undefined)).toBe(true);
      alice.say('alice: still here');
      await alice.hears('from alice: still here');
    },
  );

  test('the negotiation of a telnet is not UTF-8, and its user can still type a name', async () => {
    const server = await TestServer.start();
    const telnet = server.connect();
    telnet.socket.write(Buffer.from([0xff, 0xfb, 0x1f, 0xff, 0xfd, 0x03, 0x0d, 0x0a]));
    await telnet.hears('! that line is not UTF-8; it was not sent');
    telnet.forget();
    telnet.socket.write('alice\r\nalice: here\r\n');
    await telnet.hears('from alice: here');
  });

  test('an SSH client that waits for an answer does not keep the server busy, and others go on', async () => {
    const server = await TestServer.start();
    const alice = await server.login('alice');
    const ssh = server.connect();
    ssh.socket.write('SSH-2.0-OpenSSH_9.6 Debian-4\r\n');
    await until(() => ssh.text.startsWith('! '), 'the greeting is no name');
    const { user, system } = process.cpuUsage();
    const start = performance.now();
    await until(() => performance.now() - start > 300, 'some time passes');
    const used = process.cpuUsage({ user, system });
    // In microseconds; a spin would be 300,000.
    expect(used.user + used.system).toBeLessThan(200_000);
    alice.say('alice: still here');
    await alice.hears('from alice: still here');
  });

  test('who says nothing is closed at --login-timeout, with a reason', async () => {
    const server = await TestServer.start({ loginTimeout: 0.3 });
    const silent = server.connect();
    await silent.end();
    expect(silent.lines).toEqual(['! no name within 0.3 s; closing']);
  });
});

describe('what a terminal would obey', () => {
  const CONTROLS: Record<string, string> = {
    NUL: '\0',
    'an ESC sequence': '\x1b[31m',
    'OSC 52': '\x1b]52;c;aGk=\x07',
    BEL: '\x07',
    'a C1 control': '\x9b',
    DEL: '\x7f',
    'a carriage return within': 'a\rb',
    'a bidirectional override': '\u202e',
    'a bidirectional isolate': '\u2066',
    'a line separator': '\u2028',
    'a paragraph separator': '\u2029',
  };
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  const FORBIDDEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

  test.each(Object.entries(CONTROLS))('%s arrives as U+FFFD, and is no name', async (_what, control) => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.say(`bob: one${control}two`, `b${control}b: x`, `/x${control}x`);
    await bob.hears(`from alice: one${control.replaceAll(FORBIDDEN, '\ufffd')}two`);
    await until(() => alice.lines.length === 2, 'alice hears what was not done');
    expect(alice.lines.filter((line) => !line.startsWith('! '))).toEqual([]);
    expect(alice.text.replaceAll('\n', '').match(FORBIDDEN)).toBeNull();
    const stranger = server.connect();
    stranger.say(`al${control}ice`);
    await stranger.hears('! a name is 1 to 32 letters, digits, "_", "-" or "."; type another');
  });

  test('what is not UTF-8 is not sent, its sender is told, and the next line is', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    alice.socket.write(Buffer.from('626f623a20fffe0a626f623a20c3280a626f623a20666f6c6c6f77730a', 'hex'));
    await bob.hears('from alice: follows');
    await alice.hears(
      '! that line is not UTF-8; it was not sent',
      '! that line is not UTF-8; it was not sent',
    );
  });
});

describe('a line that is too long', () => {
  test('is answered as soon as it is, skipped to its end, and the next one is heard', async () => {
    const server = await TestServer.start();
    const [alice, bob] = [await server.login('alice'), await server.login('bob')];
    const tooLong = '! that line is longer than 16384 bytes; it was not sent';
    alice.socket.write(`bob: ${'x'.repeat(64 * 1024)}`);
    await alice.hears(tooLong);
    alice.say('the rest of it', 'bob: next');
    await bob.hears('from alice: next');
    await alice.hears(tooLong);
  });
});
