import Database from '../../src/store/sqlite.ts';
import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fileIn } from '../../src/store/schema.ts';
import { verifies } from '../../src/vault/verifier.ts';
import { admin, told } from '../support/admin.ts';
import { until } from '../support/chat.ts';
import { deeds, folder, keep, open, room, said, TestArchive } from '../support/kept.ts';
import { needsBuild, ROOT } from '../support/needs.ts';

beforeAll(needsBuild);

const ops = room('#ops');

/** A folder with a file in which a few things are kept. */
function filled(): string {
  const at = folder();
  const store = open(at);
  store.apply(
    deeds(
      { do: 'reserve', key: 'bob', shown: 'Bob', owner: 'o1', version: 'v1' },
      keep(ops, 1, ['one', 'two "quoted"']),
      keep(room('#den', 'p1'), 2, ['secret']),
      { do: 'keep-talk', said: said(3, ['hi']), owner: 'o1', mine: true, peer: { key: 'eve', shown: 'Eve' } },
      { do: 'mail', said: said(4, ['later']), owner: 'o1' },
    ),
  );
  store.close();
  return at;
}

describe('a name', () => {
  test('is reserved with a password from stdin, listed, given another password, and released', async () => {
    const at = filled();
    expect(await told(at, ['reserve', 'Carol'], 'opensesame\nnot this\n')).toBe('');
    expect(await told(at, ['list'])).toBe('name   mail  bytes\nBob    1     5\nCarol  0     0\n');
    const [first] = open(at)
      .registry()
      .reservations.filter(({ key }) => key === 'carol');
    const verifier =
      open(at)
        .registry()
        .verifiers.get(first?.version ?? '') ?? '';
    expect(await verifies('opensesame', verifier)).toBe(true);
    expect(await verifies('not this', verifier)).toBe(false);
    await told(at, ['reserve', 'CAROL'], 'another one');
    const [second] = open(at)
      .registry()
      .reservations.filter(({ key }) => key === 'carol');
    expect(second?.owner).toBe(first?.owner);
    expect(second?.version).not.toBe(first?.version);
    await told(at, ['release', 'carol']);
    expect(await told(at, ['list'])).not.toContain('arol');
  });

  test.each([
    ['short', '1234567'],
    ['long', 'x'.repeat(129)],
    ['blank', '          '],
  ])('is not reserved with a password that is too %s to log in with', async (_, password) => {
    const said =
      password.trim() === '' ? 'there is no password on stdin' : 'a password has 8 to 128 characters';
    expect(await admin(filled(), ['reserve', 'carol'], `${password}\n`)).toMatchObject({
      code: 1,
      stderr: `rxchat: ${said}\n`,
    });
  });

  test('that nobody may have, or without a password, or past max-reserved, is refused', async () => {
    const at = filled();
    expect(await admin(at, ['reserve', 'a b'], 'x')).toMatchObject({
      code: 2,
      stderr: 'rxchat: "a b" is no name\n',
    });
    expect(await admin(at, ['reserve', 'carol'])).toMatchObject({
      code: 1,
      stderr: 'rxchat: there is no password on stdin\n',
    });
    expect(await admin(at, ['release', 'carol'])).toMatchObject({
      code: 1,
      stderr: 'rxchat: carol is not reserved\n',
    });
    const config = join(at, 'config.json');
    writeFileSync(config, '{"max-reserved": 1}');
    expect(await admin(at, ['reserve', 'carol', '--config', config], 'opensesame')).toMatchObject({
      code: 1,
      stderr: 'rxchat: 1 names are reserved, which is max-reserved\n',
    });
  });
});

test('bans are made, listed and lifted, and each deed stands in the audit', async () => {
  const at = filled();
  await told(at, ['ban', 'Eve', '--why', 'spam\x1b[2J']);
  await told(at, ['ban', '10.0.0.0/8', '--for', '1h']);
  await told(at, ['ban', 'bob', '--mute']);
  const [by] = open(at)
    .registry()
    .bans.map((ban) => ban.by);
  expect(open(at).registry().bans).toMatchObject([
    { kind: 'address', of: '10.0.0.0/8', until: expect.any(Number) as number },
    { kind: 'mute', of: 'bob', until: undefined },
    { kind: 'name', of: 'eve', until: undefined, why: 'spam\ufffd[2J' },
  ]);
  expect(await told(at, ['bans'])).toMatch(
    /^kind +of +until +by +why\naddress +10\.0\.0\.0\/8 +\d{4}-.*Z +admin/,
  );
  await told(at, ['unban', 'EVE']);
  expect(await admin(at, ['unban', 'eve'])).toMatchObject({ code: 1, stderr: 'rxchat: eve is not banned\n' });
  expect(open(at).tables.deeds(10)).toMatchObject([
    { by, deed: 'unban', of: 'eve' },
    { by, deed: 'mute', of: 'bob' },
    { by, deed: 'ban', of: '10.0.0.0/8' },
    { by, deed: 'ban', of: 'eve', why: 'spam\ufffd[2J' },
  ]);
  expect((await told(at, ['audit', '--count', '1'])).split('\n')).toHaveLength(3);
});

test.each([
  [['nonsense'], 2, 'there is no "nonsense"; see rxchat admin --help'],
  [['bakcup'], 2, 'there is no "bakcup"; did you mean backup?; see rxchat admin --help'],
  [[], 2, 'say what is to be done'],
  [
    ['ban'],
    2,
    'something is missing; write it like rxchat admin ban bob --for 2h --why "too loud" --data-dir DIR',
  ],
  [
    ['ban', 'bob', 'for', '2h'],
    2,
    'Unknown arguments: for, 2h; write it like rxchat admin ban bob --for 2h --why "too loud" --data-dir DIR',
  ],
  [
    ['list', '--data-dir'],
    2,
    'Not enough arguments following: data-dir; write it like rxchat admin list --data-dir DIR',
  ],
  [['list', '--prt'], 2, 'Unknown argument: prt'],
  [['ban', '10.0/8'], 2, '"10.0/8" is no address or network'],
  [['ban', 'x', '--for', '7x'], 2, '--for must be a time like 2w, 7d or 12h, not "7x"'],
  [['ban', 'x', '--for', '0h'], 2, '--for must be a time like 2w, 7d or 12h, not "0h"'],
])('%j exits with %i and one line', async (args, code, message) => {
  const ran = await admin(filled(), args);
  expect(ran.code).toBe(code);
  expect(ran.stderr).toContain(`rxchat: ${message}`);
  expect(ran.stderr.split('\n')).toHaveLength(2);
});

test('where there is no file none is made', async () => {
  const at = folder();
  expect(await admin(at, ['list'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no') as string,
  });
  expect(existsSync(fileIn(at))).toBe(false);
  expect(await admin('', ['list'])).toMatchObject({ code: 2 });
});

describe('an export', () => {
  test('has all that is kept as JSON lines, and nothing of passwords', async () => {
    const written = await told(filled(), ['export']);
    expect(written).not.toContain('verifier');
    const time = (turn: number): number => said(turn, ['x']).time;
    expect(
      written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { type: 'name', key: 'bob', shown: 'Bob', owner: 'o1' },
      { type: 'said', time: time(1), sequence: 1, index: 0, room: '#ops', from: 'Alice', text: 'one' },
      {
        type: 'said',
        time: time(1),
        sequence: 1,
        index: 1,
        room: '#ops',
        from: 'Alice',
        text: 'two "quoted"',
      },
      {
        type: 'said',
        time: time(2),
        sequence: 2,
        index: 0,
        room: '#den',
        private: 'p1',
        from: 'Alice',
        text: 'secret',
      },
      {
        type: 'said',
        time: time(3),
        sequence: 3,
        index: 0,
        owner: 'o1',
        with: 'eve',
        mine: true,
        from: 'Alice',
        text: 'hi',
      },
      { type: 'mail', owner: 'o1', sequence: 4, nth: 0, time: time(4), sender: 'Alice', text: 'later' },
    ]);
  });

  test('goes no faster than whoever reads it, in little memory', async () => {
    const at = folder();
    const store = open(at);
    const line = 'x'.repeat(10_000);
    for (let turn = 1; turn <= 100; turn++)
      store.apply(deeds(keep(ops, turn, Array<string>(100).fill(line))));
    store.close();
    const argv = [
      '--max-old-space-size=60',
      join(ROOT, 'bin/rxchat.js'),
      'admin',
      'export',
      '--data-dir',
      at,
    ];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    let bytes = 0;
    for await (const chunk of child.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(100_000_000);
    await until(() => child.exitCode !== null, 'it ends');
    expect(child.exitCode).toBe(0);
  });

  test('ends without a word where whoever reads it has read enough', async () => {
    const at = folder();
    const store = open(at);
    for (let turn = 1; turn <= 100; turn++)
      store.apply(deeds(keep(ops, turn, Array<string>(100).fill('x'.repeat(1000)))));
    store.close();
    const bin = join(ROOT, 'bin/rxchat.js');
    const child = spawn('sh', ['-c', `${process.execPath} ${bin} admin export --data-dir ${at} | head -n 1`]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += String(text)));
    child.stderr.on('data', (text) => (err += String(text)));
    await until(() => child.exitCode !== null, 'it ends');
    expect(out.split('\n')).toHaveLength(2);
    expect(err).toBe('');
  });
});

describe('while a server writes', () => {
  /** Says something in each turn until it is told to stop. */
  function writing({ archive }: TestArchive): () => number {
    let [turn, over] = [archive.registry.sequence, false];
    const next = (): void => {
      if (over) return;
      archive.perform([keep(ops, ++turn, [`line ${String(turn)}`])]);
      setTimeout(next, 1);
    };
    next();
    return () => {
      over = true;
      return turn;
    };
  }

  test('a name is reserved and the server hears of it; a backup, an export, a check and a vacuum work', async () => {
    const at = filled();
    const kept = await TestArchive.open({ folder: at });
    const stop = writing(kept);
    await told(at, ['reserve', 'carol'], 'top secret');
    await until(() => kept.decided.length > 0, 'the server hears of the name');
    expect(kept.decided[0]?.decisions).toMatchObject([{ do: 'reserve', key: 'carol' }]);
    const copy = join(at, 'copy.db');
    expect(await told(at, ['backup', copy])).toMatch(/copy\.db has 0\.\d MiB\n$/);
    expect(await told(at, ['check'])).toMatch(/^all is well: \d+ lines\n$/);
    expect((await told(at, ['export'])).split('\n').length).toBeGreaterThan(10);
    expect(await told(at, ['vacuum'])).toMatch(/MiB now\n$/);
    const last = stop();
    await kept.close();
    expect(open(at).registry().sequence).toBe(last);

    const backup = new Database(copy, { readonly: true });
    expect(backup.pragma('integrity_check', { simple: true })).toBe('ok');
    const turns = backup.prepare('SELECT sequence FROM said ORDER BY id').pluck().all();
    // The fourth was mail.
    expect(turns).toEqual(
      Array.from({ length: turns.length + 1 }, (_, nth) => nth + 1).filter((turn) => turn !== 4),
    );
    expect(statSync(copy).mode & 0o077).toBe(0);
    backup.close();
  });

  test('a backup can be the file of a server', async () => {
    const [at, other] = [filled(), folder()];
    await told(at, ['backup', fileIn(other)]);
    const kept = await TestArchive.open({ folder: other });
    expect(kept.archive.registry).toMatchObject({ sequence: 4, reservations: [{ key: 'bob', mail: 1 }] });
  });
});

test('a backup overwrites nothing', async () => {
  const at = filled();
  const ran = await admin(at, ['backup', fileIn(at)]);
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') as string });
});

test('a check says what is wrong', async () => {
  const at = filled();
  const store = open(at);
  store.database.exec("UPDATE meta SET value = 7 WHERE key = 'lines'");
  store.close();
  expect(await admin(at, ['check'])).toMatchObject({
    code: 1,
    stderr: 'rxchat: 4 lines are there, and 7 were counted\n',
  });
});
