import { describe, expect, test } from 'vitest';
import { pass, turn } from './support/event-loop.ts';
import { LOGIN_TIMEOUT, TestHouse } from './support/house.ts';
import { SMALL } from './support/limits.ts';

/** Seconds in which everything that needs no waiting has happened. */
const MOMENT = 0.05;

describe('the login deadline', () => {
  test('lets go who has no name in time, with a line that says so', () => {
    const guest = new TestHouse().arrive();
    pass(LOGIN_TIMEOUT - 0.5);
    expect(guest.heard).toBe('');
    pass(1);
    expect(guest.heard).toBe('! no name within 60 s; closing\n');
    expect(guest.ended).toMatchObject({ reason: 'no name in time', name: undefined, lines: 0 });
    expect(guest.completed).toBe(true);
  });

  test('is not put off by a name that is refused', () => {
    const house = new TestHouse();
    house.login('alice');
    const guest = house.arrive();
    pass(LOGIN_TIMEOUT - 1);
    guest.say('alice');
    pass(1.5);
    expect(guest.heard).toBe('! the name alice is taken; type another\n! no name within 60 s; closing\n');
  });

  test('is over with the login', () => {
    const guest = new TestHouse().login('alice');
    pass(10 * LOGIN_TIMEOUT);
    expect(guest.session.name).toBe('alice');
    expect([guest.heard, guest.notices]).toEqual(['', []]);
  });
});

test('a session that is logged in, or over, has no deadline', () => {
  const house = new TestHouse();
  const [, stranger] = [house.login('alice'), house.arrive()];
  pass(MOMENT);
  stranger.running.unsubscribe();
  pass(10 * LOGIN_TIMEOUT);
  expect(house.deadlines.sweep()).toEqual([]);
});

test('a client that the server reads no more has said all, and stays until it is told to go', () => {
  const house = new TestHouse();
  const guest = house.login('alice');
  pass(MOMENT);
  guest.connection.halt();
  pass(5);
  expect([house.silent, guest.notices]).toEqual([1, []]);
  house.broker.publish([{ type: 'stopped', client: guest.session.connection.id }]);
  pass(MOMENT);
  expect(guest.heard).toBe('! the server is stopping\n');
  expect(guest.ended?.reason).toBe('server stopping');
});

describe('a client that has ended its side', () => {
  test('still hears for a second after its last line was handled, then it has left', () => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.login('bob')];
    pass(MOMENT);
    bob.say('alice: bye');
    bob.connection.endSide();
    pass(0.5);
    expect([bob.notices, house.silent]).toEqual([[], 1]);
    alice.say('bob: wait');
    pass(0.2);
    expect([alice.heard, bob.heard]).toEqual(['from bob: bye\n', 'from alice: wait\n']);
    expect(bob.ended).toBeUndefined();
    pass(1);
    expect(bob.ended?.reason).toBe('left');
    expect(bob.heard).toBe('from alice: wait\n');
  });

  test('gives its name at once to whoever asks for it', () => {
    const house = new TestHouse();
    const first = house.login('alice');
    first.connection.endSide();
    pass(MOMENT);
    const second = house.login('alice');
    pass(MOMENT);
    expect(second.session.name).toBe('alice');
    pass(2);
    second.say('alice: me');
    pass(MOMENT);
    expect([first.heard, second.heard]).toEqual(['', 'from alice: me\n']);
  });

  test('before it has a name ends after a second, too', () => {
    const guest = new TestHouse().arrive();
    guest.connection.endSide();
    pass(2);
    expect(guest.ended).toMatchObject({ reason: 'left', name: undefined });
  });
});

describe('the order to end', () => {
  test('drains, then closes', () => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.login('bob')];
    pass(MOMENT);
    alice.connection.reading = false;
    bob.say('alice: one', 'alice: two');
    pass(MOMENT);
    alice.say('nobody: three', '/quit');
    pass(5);
    expect(alice.connection.farewell).toBeUndefined();
    alice.connection.resume();
    pass(MOMENT);
    expect(alice.heard).toBe('from bob: one\nfrom bob: two\n! nobody is not here\n');
    expect(alice.connection.farewell).toBe('');
    expect(alice.ended?.reason).toBe('quit');
    expect(alice.completed).toBe(true);
  });

  test('does not wait for ever: who takes nothing is let go, and the first reason stays', () => {
    const house = new TestHouse();
    const guest = house.login('alice');
    pass(MOMENT);
    guest.connection.reading = false;
    guest.say('/nonsense', '/quit');
    pass(SMALL.writeTimeout + 1);
    expect(guest.ended?.reason).toBe('quit');
    expect(guest.connection.taken).toBe('');
    expect(house.backlogs.total).toBe(0);
  });

  test('makes the name free at once, and what is said afterwards is heard by nobody', () => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.login('bob')];
    pass(MOMENT);
    alice.say('/quit', 'bob: still there?');
    bob.say('alice: hello');
    pass(MOMENT);
    expect([alice.heard, bob.heard]).toEqual(['', '! alice is not here\n']);
  });
});

describe('a slow consumer', () => {
  test('is let go with a last line that says why, and what waits is not written', () => {
    const house = new TestHouse();
    const [slow, bob] = [house.login('slow'), house.login('bob')];
    pass(MOMENT);
    slow.connection.reading = false;
    bob.say('slow: one');
    pass(MOMENT);
    bob.say('slow: two');
    pass(SMALL.writeTimeout - 0.5);
    expect(slow.notices).toEqual([]);
    pass(1);
    expect(slow.heard).toBe('! you read too slowly; closing\n');
    expect(slow.ended?.reason).toBe('too slow: took nothing');
    expect([slow.completed, house.backlogs.total]).toEqual([true, 0]);
    bob.say('slow: three', 'bob: four');
    pass(MOMENT);
    expect(bob.heard).toBe('! slow is not here\nfrom bob: four\n');
  });

  test('is not read while it is behind, and read on when it has caught up', () => {
    const house = new TestHouse();
    const guest = house.login('alice');
    pass(MOMENT);
    guest.connection.reading = false;
    guest.say(`alice: ${'x'.repeat(SMALL.highWater)}`);
    turn();
    turn();
    expect(guest.connection.gate.held).toBe(true);
    guest.say('alice: two');
    pass(MOMENT);
    guest.connection.resume();
    pass(MOMENT);
    expect(guest.connection.gate.held).toBe(false);
    expect(guest.heard).toBe(`from alice: ${'x'.repeat(SMALL.highWater)}\nfrom alice: two\n`);
  });

  test('ends all the same where it was held in the middle of what it said', () => {
    const house = new TestHouse();
    const guest = house.login('alice');
    pass(MOMENT);
    guest.connection.reading = false;
    guest.say(`alice: ${'x'.repeat(SMALL.highWater)}`);
    pass(MOMENT);
    guest.say('alice: two');
    pass(SMALL.writeTimeout + 1);
    expect(guest.connection.farewell).toBe('! you read too slowly; closing\n');
    expect(guest.ended?.reason).toBe('too slow: took nothing');
    // The half that reads it, too: otherwise the server could not stop.
    expect(guest.completed).toBe(true);
    expect(house.silent).toBe(1);
  });

  test('that is let go keeps nobody waiting who was held for it', () => {
    const house = new TestHouse();
    const [slow, bob] = [house.login('slow'), house.login('bob')];
    pass(MOMENT);
    slow.connection.reading = false;
    bob.say(`slow: ${'x'.repeat(SMALL.maxQueue / 2)}`);
    pass(MOMENT);
    bob.say('slow: two', 'bob: three');
    pass(MOMENT);
    expect(bob.connection.gate.held).toBe(true);
    expect(bob.heard).toBe('');
    pass(SMALL.writeTimeout + 1);
    expect(slow.ended?.reason).toBe('too slow: took nothing');
    expect(bob.heard).toContain('from bob: three\n');
    expect(bob.connection.gate.held).toBe(false);
  });
});

describe('a connection that is lost', () => {
  test('ends its session, and what it said before counts', () => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.login('bob')];
    pass(MOMENT);
    bob.say('alice: last words');
    bob.connection.lose();
    pass(MOMENT);
    expect(alice.heard).toBe('from bob: last words\n');
    expect(bob.ended).toMatchObject({ reason: 'lost', name: 'bob' });
    expect([bob.completed, alice.notices]).toEqual([true, []]);
    expect(house.login('bob').ended).toBeUndefined();
  });

  test('is noticed by a write, too', () => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.login('bob')];
    pass(MOMENT);
    bob.connection.reading = false;
    alice.say('bob: one', 'bob: two');
    pass(MOMENT);
    bob.connection.lose();
    pass(MOMENT);
    alice.say('bob: three');
    pass(MOMENT);
    expect(bob.ended?.reason).toBe('lost');
    expect(bob.heard).toBe('');
    expect(alice.heard).toBe('! bob is not here\n');
  });
});

test('an error in a write ends this session with a fault, and no other', () => {
  const house = new TestHouse();
  const [alice, bob] = [house.login('alice'), house.login('bob')];
  pass(MOMENT);
  const error = new Error('a bug');
  bob.connection.broken = error;
  alice.say('bob: one', 'alice: two');
  pass(MOMENT);
  expect(bob.ended).toMatchObject({ reason: 'fault', error });
  expect(bob.heard).toBe('! something went wrong here, and your last line may not have been sent; closing\n');
  alice.say('bob: three');
  pass(MOMENT);
  expect(alice.heard).toBe('from alice: two\n! bob is not here\n');
  expect(alice.notices).toEqual([]);
});

test('`ended` says who it was, what it said and heard, and for how long', () => {
  const house = new TestHouse();
  pass(3);
  const guest = house.login('Ålice');
  pass(MOMENT);
  guest.say('Ålice: hello', '/nonsense', '');
  pass(100);
  guest.say('/quit');
  pass(1);
  const { seconds = 0, ...ended } = guest.ended ?? {};
  expect(ended).toEqual({
    type: 'ended',
    reason: 'quit',
    name: 'Ålice',
    address: '192.0.2.7',
    lines: 5,
    bytesIn: Buffer.byteLength('Ålice\nÅlice: hello\n/nonsense\n\n/quit\n'),
    bytesOut: Buffer.byteLength(guest.connection.taken),
  });
  expect(seconds).toBeCloseTo(100 + MOMENT, 0);
  expect(guest.notices.length).toBe(1);
  expect([house.silent, house.over]).toEqual([1, [guest.session]]);
});

test('unsubscribing closes the connection at once, and drops what waits', () => {
  const house = new TestHouse();
  const guest = house.login('alice');
  pass(MOMENT);
  guest.connection.reading = false;
  guest.say('alice: one');
  pass(MOMENT);
  expect(guest.connection.destroyed).toBe(0);
  guest.running.unsubscribe();
  expect(guest.connection.destroyed).toBe(1);
  expect(guest.connection.farewell).toBeUndefined();
  expect(house.backlogs.total).toBe(0);
  expect(house.over).toEqual([guest.session]);
});
