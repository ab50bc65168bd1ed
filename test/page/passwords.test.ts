import { expect, test } from 'vitest';
import type { Told } from '../../web/events.js';
import { Passwords } from '../../web/passwords.js';
import { wishOf } from '../../web/typed.js';

/** Somebody called alice, who comes in with that password, and then types or hears these. */
function alice(password: string, ...steps: (string | Told)[]): Passwords {
  const passwords = new Passwords();
  passwords.come('alice', password);
  let me = 'alice';
  for (const step of steps) {
    if (typeof step === 'string') {
      const wish = wishOf(step, '');
      if (wish.do === 'ask') passwords.typed(wish);
      continue;
    }
    passwords.heard(step, me);
    if (step.type === 'renamed' && step.was === me) me = step.name;
  }
  return passwords;
}
const renamed = (was: string, name: string): Told => ({ type: 'renamed', was, name });
const reserved = (name: string): Told => ({ type: 'reserved', name, again: false });

test('a name takes the password that one has come in with, however it is written', () => {
  expect(alice('secret').of('Alice')).toBe('secret');
  expect(alice('secret').of('bob')).toBe('');
  expect(alice('').of('alice')).toBe('');
});

test('a password counts once the server has taken it', () => {
  expect(alice('', '/reserve secret one').of('alice')).toBe('');
  expect(alice('', '/reserve secret one', reserved('alice')).of('alice')).toBe('secret one');
  expect(alice('old', '/reserve new', reserved('alice')).of('alice')).toBe('new');
  expect(alice('old', { type: 'unreserved', name: 'alice' }).of('alice')).toBe('');
});

test('under another name another one counts, and none where it takes none', () => {
  expect(alice('secret', '/name bob', renamed('alice', 'bob')).of('bob')).toBe('');
  const both = alice('secret', '/name bob  his own', renamed('alice', 'bob'));
  expect([both.of('bob'), both.of('alice')]).toEqual(['his own', 'secret']);
  expect(alice('secret', '/name bob his', renamed('eve', 'bob')).of('bob')).toBe('');
});

test('a name that was somebody’s, and is taken without a password, has none any more', () => {
  const steps = ['/name bob his', renamed('alice', 'bob'), '/name carol', renamed('bob', 'carol')];
  expect(alice('', ...steps, '/name bob', renamed('carol', 'bob')).of('bob')).toBe('');
});

test('a name in other letters is the same one', () => {
  expect(alice('secret', '/name Alice', renamed('alice', 'Alice')).of('alice')).toBe('secret');
});

test('whoever comes in is somebody else: nothing is left of who was here before', () => {
  const passwords = alice('secret', '/reserve another');
  passwords.come('bob', '');
  passwords.heard({ type: 'reserved', name: 'bob', again: false }, 'bob');
  expect([passwords.of('alice'), passwords.of('bob')]).toEqual(['', '']);
});
