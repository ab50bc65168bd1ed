import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ROOT } from './support/needs.ts';
import { Embedder } from './support/package.ts';

let embedder: Embedder;
beforeAll(() => {
  embedder = new Embedder();
  return () => {
    embedder.remove();
  };
}, 60_000);

describe('a program that imports the package', () => {
  test('serves while it is subscribed, and ends by itself after that', async () => {
    const program = embedder.run(
      'basic',
      `const running = serve({ port: 0 }).subscribe(async (notice) => {
        say(notice.type);
        if (notice.type === 'listening') {
          const alice = await login(notice.port, 'alice');
          alice.end('/quit\\n');
        } else {
          say(notice.name, notice.reason);
          running.unsubscribe();
        }
      });`,
    );
    expect(await program.says()).toEqual(['listening', 'from alice: hello', 'ended', 'alice quit']);
  });

  test('ends by itself also where it had an admin port that was asked', async () => {
    const program = embedder.run(
      'admin',
      `const running = serve({ port: 0, adminPort: 0 }).subscribe(async ({ type, admin }) => {
        const answer = await fetch(\`http://127.0.0.1:\${admin.port}/metrics\`);
        say((await answer.text()).match(/^rxchat_connections .*$/m)[0]);
        running.unsubscribe();
      });`,
    );
    expect(await program.says()).toEqual(['rxchat_connections 0']);
  });

  test('does nothing before it subscribes, and can subscribe twice', async () => {
    const program = embedder.run(
      'twice',
      `const server = serve({ port: 0 });
      const ports = new Set();
      say('nothing yet');
      const both = [0, 1].map(() => server.subscribe((notice) => {
        say(notice.type);
        ports.add(notice.port);
        if (ports.size < 2) return;
        say('two ports');
        for (const running of both) running.unsubscribe();
      }));`,
    );
    expect(await program.says()).toEqual(['nothing yet', 'listening', 'listening', 'two ports']);
  });

  test('is told by completion that all is delivered', async () => {
    const program = embedder.run(
      'stop',
      `const stop = new Subject();
      const MiB = 1024 * 1024;
      start('server', { stop, highWater: 32 * MiB, maxQueue: 64 * MiB }, async (port) => {
        const bob = await login(port, 'bob');
        const alice = await login(port, 'alice');
        let heard = '';
        bob.on('data', (text) => { heard += text; });
        // Bob does not read while far more is written to him than the kernel takes.
        bob.pause();
        const line = 'bob: ' + 'x'.repeat(10_000) + '\\n';
        alice.write(line.repeat(1000) + 'alice: all is said\\n');
        await once(alice, 'data');
        stop.next();
        bob.resume();
        await once(bob, 'end');
        const lines = heard.split('\\n');
        say(lines.filter((text) => text === 'from alice: ' + 'x'.repeat(10_000)).length, lines.at(-2));
      });`,
    );
    const said = await program.says();
    expect(said).toContain('1000 ! the server is stopping');
    expect(said.slice(0, 4)).toEqual([
      'server listening',
      'from bob: hello',
      'from alice: hello',
      'server stopping',
    ]);
    expect(said.filter((line) => line === 'server ended')).toHaveLength(2);
    expect(said.at(-1)).toBe('server complete');
  });

  test('stops at once by unsubscribing, also with clients connected', async () => {
    const program = embedder.run(
      'abort',
      `start('server', {}, async (port, unsubscribe) => {
        const alice = await login(port, 'alice');
        const silent = connect({ port, host: '127.0.0.1' });
        await once(silent, 'connect');
        const closed = Promise.all([once(alice, 'close'), once(silent, 'close')]);
        const since = performance.now();
        unsubscribe();
        await closed;
        say(performance.now() - since < 500 ? 'at once' : 'late');
        const again = connect({ port, host: '127.0.0.1' });
        again.on('error', ({ code }) => say(code));
      });`,
    );
    expect(await program.says()).toEqual([
      'server listening',
      'from alice: hello',
      'at once',
      'ECONNREFUSED',
    ]);
  });

  test('gets a bad option as an error of the Observable, which names it', async () => {
    const program = embedder.run(
      'wrong',
      `const wrong = serve({ port: 70_000 });
      wrong.subscribe({ error: (error) => say(error instanceof ConfigError, error.name, error.message) });
      start('file', { maxLine: '1 KB' });
      start('limits', { maxLine: 1024 * 1024 });`,
    );
    expect(await program.says()).toEqual([
      'true ConfigError port must be a whole number from 0 to 65535, not 70000',
      'file error true maxLine must be bytes from 64 to 1MiB, like 4096 or 16KiB, not "1 KB"',
      'limits error true maxLine (1MiB) must not be more than a sixteenth of maxQueue (4MiB, the default)',
    ]);
  });

  test('gets a port in use as an error of Node', async () => {
    const program = embedder.run(
      'busy',
      `start('first', {}, (port, unsubscribe) => {
        serve({ port }).subscribe({
          error: (error) => {
            say(error instanceof ConfigError, error.code);
            unsubscribe();
          },
        });
      });`,
    );
    expect(await program.says()).toEqual(['first listening', 'false EADDRINUSE']);
  });

  test('can run two servers, with the same names in them, that do not disturb each other', async () => {
    const program = embedder.run(
      'two',
      `start('one', {}, (one, stopOne) => {
        start('two', { maxClients: 2 }, async (two, stopTwo) => {
          const first = await login(one, 'alice');
          const second = await login(two, 'alice');
          const third = await login(one, 'carol');
          second.write('carol: are you there?\\n');
          say(String(await once(second, 'data')).trim());
          stopOne();
          await once(first, 'close');
          second.write('alice: still here\\n');
          say(String(await once(second, 'data')).trim());
          stopTwo();
        });
      });`,
    );
    expect(await program.says()).toEqual([
      'one listening',
      'two listening',
      'from alice: hello',
      'from alice: hello',
      'from carol: hello',
      '! carol is not here',
      'from alice: still here',
    ]);
  });
});

test(
  'a program in TypeScript finds every type that it needs, and is told of its mistakes',
  { timeout: 60_000 },
  () => {
    const right = embedder.write(
      'right.mts',
      `import { NEVER, type Observable } from 'rxjs';
    import {
      type ClusterNotice, ClusterUnusable, type Config, ConfigError, type ConfigOptions, type Damage, type Ended, type EndReason, type Listening,
      type ListenerTrouble, type NodeNotice, type Notice, type Options, type Refused, type Reloaded, serve, type Stopping, type Storage,
      StoreUnusable, type Stuck,
    } from 'rxchat';

    const limits: ConfigOptions = { maxLine: 1024, loginTimeout: 0.5 };
    const options: Options = { ...limits, host: '::1', port: 0, raw: true, stop: NEVER };
    const notices: Observable<Notice> = serve(options);
    export const byDefault: Observable<Notice> = serve();
    export const decided = (config: Config): number => config.maxClients;

    function describe(notice: Notice): string {
      switch (notice.type) {
        case 'listening': { const it: Listening = notice; return it.host + String(it.port + it.maxClients); }
        case 'ended': { const it: Ended = notice; const why: EndReason = it.reason; return why + (it.name ?? it.address); }
        case 'refused': { const it: Refused = notice; return it.reason; }
        case 'stopping': { const it: Stopping = notice; return it.clients.toFixed(0); }
        case 'stuck': { const it: Stuck = notice; return it.bytes.toFixed(0); }
        case 'reloaded': { const it: Reloaded = notice; return it.error?.message ?? it.fingerprint; }
        case 'storage': { const it: Storage = notice; return it.ok ? it.lost.toFixed(0) : it.error; }
        case 'cluster': { const it: ClusterNotice = notice; return it.ok ? 'back' : it.error; }
        case 'node': { const it: NodeNotice = notice; return it.what === 'other options' ? it.options.join() : it.node + String(it.nodes); }
        case 'damage': { const it: Damage = notice; return it.error; }
        case 'trouble': { const it: ListenerTrouble = notice; return it.error.message; }
      }
    }

    notices.subscribe({
      next: (notice) => describe(notice),
      error: (error: unknown) => (error instanceof ConfigError || error instanceof StoreUnusable || error instanceof ClusterUnusable ? error.message.length : 0),
    });`,
    );
    const wrong = embedder.write(
      'wrong.mts',
      `import { serve } from 'rxchat';
    serve({ port: '80' });
    serve({ prt: 80 });
    serve().subscribe((notice) => notice.port);`,
    );
    // The declarations are checked, too (there is no --skipLibCheck); without those of browsers it is much faster.
    const flags =
      '--noEmit --strict --target es2022 --lib es2022 --types node --module nodenext --moduleResolution nodenext';
    const { stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags.split(' '), right, wrong],
      { cwd: embedder.folder, encoding: 'utf8' },
    );
    const problems = stdout.split('\n').filter((line) => /^\S/.test(line));
    expect(problems.map((line) => line.split(',')[0])).toEqual(['wrong.mts(2', 'wrong.mts(3', 'wrong.mts(4']);
  },
);

test('the package has the command, the build, the page and the documents, and neither sources nor tests', () => {
  const unpacked = join(embedder.folder, 'node_modules/rxchat');
  expect(
    readdirSync(unpacked)
      .filter((name) => name !== 'docs')
      .sort(),
  ).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json', 'web']);
  expect(readdirSync(join(unpacked, 'bin'))).toEqual(['rxchat.js']);
  const { version } = JSON.parse(
    execFileSync(process.execPath, ['-p', 'JSON.stringify(require("./package.json"))'], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  ) as { version: string };
  const said = execFileSync(process.execPath, [join(unpacked, 'bin/rxchat.js'), '--version'], {
    encoding: 'utf8',
  });
  expect(said).toBe(`${version}\n`);
});

test('a checkout that was not built yet says so in one line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  cpSync('bin', join(folder, 'bin'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin/rxchat.js')], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^rxchat: it is not built yet; [^\n]*\n$/);
});
