import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../src/config.ts';
import { welcomeOf } from '../src/welcome.ts';
import { TestServer } from './support/chat.ts';
import { chatOf } from './support/turn.ts';

function file(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxchat-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'welcome.txt');
  writeFileSync(path, content);
  return path;
}

const of = (options: Partial<{ welcome: string; welcomeFile: string }>): readonly string[] =>
  welcomeOf({ welcome: '', welcomeFile: '', ...options });

describe('the welcome', () => {
  test('is nothing by default', () => {
    expect(of({})).toEqual([]);
    expect(chatOf({})()).toEqual([]);
  });

  test('is the lines of a text or of a file, safe for a terminal', () => {
    expect(of({ welcome: 'hello' })).toEqual(['hello']);
    expect(of({ welcomeFile: file('\ufeffhello\r\n\r\nthe rules: \x1b[31mbe kind\n\n') })).toEqual([
      'hello',
      '',
      'the rules: \ufffd[31mbe kind',
    ]);
    expect(of({ welcomeFile: file('') })).toEqual([]);
  });

  test.each([
    ['is too long', { welcome: 'x'.repeat(5000) }, /at most 24 lines and 4096 characters/],
    ['has too many lines', { welcome: 'x\n'.repeat(25) }, /at most 24 lines/],
    [
      'is not there',
      { welcomeFile: '/nowhere/at-all' },
      /\/nowhere\/at-all cannot be read: there is no such file/,
    ],
    ['is there twice', { welcome: 'a', welcomeFile: 'b' }, /both/],
  ])('that %s is an error in one line', (_, options, message) => {
    expect(() => of(options)).toThrow(ConfigError);
    expect(() => of(options)).toThrow(message);
  });

  test('is told after the login, once, and not before', async () => {
    const server = await TestServer.start({ welcome: 'welcome to the lab\nbe kind' });
    const alice = server.connect();
    alice.say('no name', 'alice', 'alice: hi');
    await alice.hears(
      '! a name is 1 to 32 letters, digits, "_", "-" or "."; type another',
      '* welcome to the lab',
      '* be kind',
      'from alice: hi',
    );
  });
});
