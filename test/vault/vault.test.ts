import { describe, expect, test } from 'vitest';
import type { Effect } from '../../src/effect.ts';
import { Vault } from '../../src/vault/vault.ts';
import { makeVerifier, verifies } from '../../src/vault/verifier.ts';

const HERE = '192.0.2.7';
const PASSWORD = 'correct horse';

/** A vault in which alice has that password. */
async function vault(): Promise<{ vault: Vault; version: string }> {
  const vault = new Vault(() => 0);
  const made = await vault.make(HERE, PASSWORD);
  if ('why' in made) throw new Error(made.why);
  const { version } = made;
  const reserve: Effect = { do: 'reserve', key: 'alice', shown: 'alice', owner: 'o', version };
  vault.obey([reserve]);
  return { vault, version };
}

describe('a password', () => {
  test('that is right proves whose name it is, and by which version', async () => {
    const { vault: own, version } = await vault();
    expect(await own.check('alice', HERE, PASSWORD)).toEqual({ owner: 'o', version });
    expect(await own.check('alice', HERE, 'Correct horse')).toEqual({ why: 'wrong-password' });
    expect(await own.check('bob', HERE, PASSWORD)).toEqual({ why: 'not-reserved' });
  });

  test.each(['short', 'x'.repeat(129)])('of %j is too short or too long', async (password) => {
    expect(await new Vault(() => 0).make(HERE, password)).toEqual({ why: 'bad-password' });
  });

  test('is not kept: of two that are the same, what is kept is another, and each tells whether it is right', async () => {
    const [one, other] = await Promise.all([makeVerifier('grüße an alle'), makeVerifier('grüße an alle')]);
    expect(one).not.toBe(other);
    expect(one).not.toContain('gr');
    expect(
      await Promise.all([verifies('gru\u0308ße an alle', one), verifies('grüße an alle', other)]),
    ).toEqual([true, true]);
    expect(await verifies('grüße an alla', one)).toBe(false);
  });

  test.each([
    ['', 'nothing'],
    ['garbage', 'something else'],
    [`scrypt$1024$8$1$AAAA$${'A'.repeat(20)}`, 'a part of it'],
    ['scrypt$1024$8$1$AAAA$', 'all but the hash'],
    [`scrypt$1073741824$8$1$AAAA$${'A'.repeat(43)}`, 'one that no machine has the memory for'],
    [`scrypt$1023$x$$AAAA$${'A'.repeat(43)}`, 'one with costs that are none'],
  ])('is wrong where what was kept of it is %j, %s', async (verifier) => {
    expect(await verifies(PASSWORD, verifier)).toBe(false);
  });

  test('that is wrong four times has to wait, and the next is not even looked at', async () => {
    const { vault: own } = await vault();
    for (let time = 0; time < 3; time++)
      expect(await own.check('alice', HERE, 'wrong horse')).toEqual({ why: 'wrong-password' });
    expect(await own.check('alice', HERE, PASSWORD)).toEqual({ why: 'password-wait', seconds: 1 });
    expect(await own.check('alice', '198.51.100.3', PASSWORD)).toMatchObject({ owner: 'o' });
  });

  test('waits for two others at most, with 32 more; whoever comes behind these is told so', async () => {
    const { vault: own } = await vault();
    const checks = Array.from({ length: 36 }, (_, index) =>
      own.check('alice', `10.0.0.${String(index)}`, PASSWORD),
    );
    const answers = await Promise.all(checks);
    expect(answers.filter((answer) => 'why' in answer)).toEqual([
      { why: 'password-busy' },
      { why: 'password-busy' },
    ]);
  });

  test('that was not looked at is no attempt, and who comes from elsewhere does not wait behind all those from one address', async () => {
    const { vault: own } = await vault();
    const elsewhere = '127.0.0.2';
    const others = Array.from({ length: 34 }, () => own.make(elsewhere, PASSWORD));
    let made = 0;
    for (const other of others) void other.then(() => made++);
    for (let time = 0; time < 5; time++)
      expect(await own.check('alice', elsewhere, PASSWORD)).toEqual({ why: 'password-busy' });
    expect(await own.check('alice', HERE, PASSWORD)).toMatchObject({ owner: 'o' });
    expect(made).toBeLessThan(8);
    // One of them gave way.
    expect((await Promise.all(others)).filter((each) => 'why' in each)).toEqual([{ why: 'password-busy' }]);
    expect(await own.check('alice', elsewhere, PASSWORD)).toMatchObject({ owner: 'o' });
  });

  test('of a name that is released is none', async () => {
    const { vault: own } = await vault();
    own.obey([{ do: 'release', key: 'alice', owner: 'o' }]);
    expect(await own.check('alice', HERE, PASSWORD)).toEqual({ why: 'not-reserved' });
  });

  test("that the chat does not take is no other node's either, once there are too many of these", async () => {
    const own = new Vault(() => 0, 2);
    const there = new Map<string, string>();
    own.common = {
      put: (version, verifier) => Promise.resolve(void there.set(version, verifier)),
      remove: (version) => Promise.resolve(void there.delete(version)),
    };
    const made: string[] = [];
    for (let nth = 0; nth < 4; nth++) {
      const one = await own.make(HERE, PASSWORD);
      if ('why' in one) throw new Error(one.why);
      made.push(one.version);
      if (nth === 1)
        own.obey([{ do: 'reserve', key: 'alice', shown: 'alice', owner: 'o', version: one.version }]);
    }
    expect([...there.keys()]).toEqual(made.slice(1));
    expect(made.map((version) => own.verifierOf(version) !== undefined)).toEqual([false, false, true, true]);
  });

  test('is known by what was kept of it, after a restart', async () => {
    const verifier = await makeVerifier(PASSWORD);
    const own = new Vault(() => 0);
    const alice = { key: 'alice', shown: 'alice', owner: 'o', version: 'v', mail: 0, mailBytes: 0 };
    own.become([alice], new Map([['v', verifier]]));
    expect(await own.check('alice', HERE, PASSWORD)).toEqual({ owner: 'o', version: 'v' });
  });
});
