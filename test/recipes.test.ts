import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Pair } from './support/certificate.ts';
import { TestServer, until } from './support/chat.ts';
import { folder } from './support/kept.ts';
import { installed, needs } from './support/needs.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The first block of the README in which `mark` stands, for this port. */
function block(mark: string, port: number): string {
  const found = [...readme.matchAll(/```\w*\n([^`]*)```/g)].find(([, text = '']) => text.includes(mark));
  return (found?.[1] ?? '').replaceAll('8080', String(port));
}

/** Runs `script` in bash, in a process group of its own, which ends with the test. */
function bash(script: string): { readonly exits: Promise<number | null> } {
  const child = spawn('bash', ['-c', script], { detached: true, stdio: 'ignore' });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  });
  return { exits: new Promise((resolve) => child.once('exit', resolve)) };
}

const OPENBSD = installed('bash') && installed('nc') && installed('nc.openbsd');

test('the bot of the README answers in its room, and nobody else', async (context) => {
  needs('bash and nc', OPENBSD, context);
  const server = await TestServer.start();
  const alice = await server.login('alice');
  alice.say('/join #ops');
  await alice.hears('* nobody else is in #ops');
  bash(block('coproc', server.port));
  await until(() => alice.lines.includes('* clock joined #ops'), 'the bot is in the room');
  alice.forget();
  alice.say('#ops: hello', 'clock: what time is it?', '#ops: what time is it?', '#ops: and who broke it?');
  await until(() => alice.lines.length >= 2, 'the bot answers');
  expect(alice.lines.toSorted()).toEqual([
    'from clock in #ops: it is ' + (/it is (\d\d:\d\d), alice$/m.exec(alice.text)?.[1] ?? '?') + ', alice',
    'from clock: you did',
  ]);
});

test('the scripts of the README tell whether a line was sent, and whether the server is well', async (context) => {
  needs('bash and nc', OPENBSD, context);
  const server = await TestServer.start();
  const scripts = block('/receipts on', server.port)
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2));
  const [receipt = '', ping = ''] = scripts;
  expect([scripts.length, await bash(ping).exits]).toEqual([2, 0]);
  expect(await bash(receipt).exits).toBe(1); // nobody is in #ops
  const bob = await server.login('bob');
  bob.say('/join #ops');
  await bob.hears('* nobody else is in #ops');
  expect(await bash(receipt).exits).toBe(0);
  await bob.hears('* nobody else is in #ops', 'from ci in #ops: deployed');
});

test('the script of the README that posts one line under a reserved name does, and prints nothing', async (context) => {
  needs('bash and nc', OPENBSD, context);
  const server = await TestServer.start();
  const [ci, bob] = [await server.login('ci'), await server.login('bob')];
  ci.say('/reserve correct-horse');
  await ci.sees(/ is yours; /);
  const home = folder();
  const [, script = '', line = ''] =
    /^\$ (.*?) +# in the file: (.*)$/m.exec(block('# in the file: ci', server.port)) ?? [];
  writeFileSync(join(home, '.rxchat-login'), `${line}\n`, { mode: 0o600 });
  expect(await bash(`HOME=${home}; out=$(${script}) && test -z "$out"`).exits).toBe(0);
  await bob.hears('from ci: build failed');
});

test('the script of the README that has a password in a file logs in with it, and goes on with what is typed', async (context) => {
  needs('bash and ncat', installed('bash') && installed('ncat'), context);
  const server = await TestServer.start((await Pair.made()).options);
  const [alice, bob] = [await server.login('alice'), await server.login('bob')];
  alice.say('/reserve correct-horse');
  await alice.sees(/ is yours; /);
  const home = folder();
  const [, line = ''] = /# in the file, .*: (.*)$/m.exec(block('.rxchat-login', server.port)) ?? [];
  expect(line).toBe('alice correct-horse');
  writeFileSync(join(home, '.rxchat-login'), `${line}\n`, { mode: 0o600 });
  const [script = ''] = block('.rxchat-login', server.port).split('\n');
  const child = spawn('bash', ['-c', script.replace(/^\$ /, '').replace('chat.example', '127.0.0.1')], {
    env: { ...process.env, HOME: home },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await alice.sees('! somebody has logged in as alice with its password; closing');
  child.stdin.write('bob: it is me\n');
  await bob.sees('from alice: it is me');
  bob.say('alice: I see');
  await until(() => heard.includes('from bob: I see\n'), 'she hears it');
  expect(heard).not.toContain('horse');
  child.stdin.end('/quit\n');
  await once(child, 'exit');
});
