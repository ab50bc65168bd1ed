import { describe, expect, test } from 'vitest';
import { Party } from '../src/party.ts';
import { Hall } from './support/hall.ts';

const KIB = 1024;
const releases = (ids: string): string[] => ids.split(' ').map((id) => `${id} release`);

describe('the token bucket', () => {
  test('64 KiB may be spent at once; one byte more is bulk', () => {
    const party = new Party('a');
    expect(party.spend(60 * KIB, 5000)).toBe(false);
    expect(party.spend(4 * KIB, 5000)).toBe(false);
    expect(party.spend(1, 5000)).toBe(true);
  });

  test('64 KiB come back each second', () => {
    const party = new Party('a');
    party.spend(64 * KIB, 5000);
    expect(party.spend(32 * KIB, 5500)).toBe(false);
    expect(party.spend(1, 5500)).toBe(true);
  });

  test('no more than 64 KiB are saved, however long nothing was said', () => {
    const party = new Party('a');
    party.spend(64 * KIB, 5000);
    expect(party.spend(64 * KIB + 1, 3_600_000)).toBe(true);
  });

  test('a debt has an end: whoever wrote the most has all of it again after two seconds of silence', () => {
    const party = new Party('a');
    for (let line = 0; line < 100; line++) party.spend(64 * KIB, 5000);
    expect(party.spend(0, 5900)).toBe(true);
    expect(party.spend(64 * KIB, 7000)).toBe(false);
    expect(party.spend(1, 7000)).toBe(true);
  });

  test('a clock that steps back costs two seconds at most', () => {
    const party = new Party('a');
    party.spend(1, 3_600_000);
    party.spend(1, 5000);
    expect(party.spend(1, 7001)).toBe(false);
  });
});

describe('who waits', () => {
  test.each([
    ['caught-up', false, false],
    ['caught-up', true, false],
    ['behind', false, false],
    ['behind', true, true],
    ['full', false, true],
    ['full', true, true],
  ] as const)('for a recipient that is %s, bulk %s: %s', (level, bulk, waits) => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), level);
    hall.say('a', 'b', 'hi', bulk);
    expect(hall.news().orders).toEqual(waits ? ['a hold'] : []);
  });

  test('nobody waits for themself', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('a'), 'full');
    hall.say('a', 'a', 'hi', true);
    expect(hall.news()).toEqual({ heard: ['a>a hi'], orders: [] });
  });

  test('a sender that waits is held, and nothing is heard of it', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    hall.say('a', 'b', 'one');
    hall.say('a', 'c', 'two');
    expect(hall.news()).toEqual({ heard: [], orders: ['a hold'] });
  });
});

describe('who goes on', () => {
  test('a recipient that caught up hears what was parked in its order, and its sender is released', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    for (const text of ['one', 'two', 'three']) hall.say('a', 'b', text);
    hall.say('a', 'c', 'four');
    hall.news();
    hall.flow.report(hall.party('b'), 'caught-up');
    expect(hall.news()).toEqual({
      heard: ['a>b one', 'a>b two', 'a>b three', 'a>c four'],
      orders: ['a release'],
    });
    hall.say('a', 'b', 'five');
    expect(hall.news()).toEqual({ heard: ['a>b five'], orders: [] });
  });

  test('first come, first served', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    for (const from of ['c', 'a', 'd']) hall.say(from, 'b', 'hi');
    hall.news();
    hall.flow.report(hall.party('b'), 'caught-up');
    expect(hall.news().heard).toEqual(['c>b hi', 'a>b hi', 'd>b hi']);
  });

  test('a line for two that are behind is heard by both when the last has caught up, once', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    hall.flow.report(hall.party('c'), 'full');
    hall.say('a', 'b c', 'one');
    hall.say('a', 'd', 'two');
    hall.flow.report(hall.party('b'), 'caught-up');
    expect(hall.news()).toEqual({ heard: [], orders: ['a hold', 'a hold'] });
    hall.flow.report(hall.party('c'), 'caught-up');
    expect(hall.news()).toEqual({ heard: ['a>bc one', 'a>d two'], orders: ['a release'] });
  });

  test('a parked line that has to wait again keeps what is behind it behind it', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    hall.flow.report(hall.party('c'), 'full');
    for (const [to, text] of [
      ['b', 'one'],
      ['c', 'two'],
      ['b', 'three'],
    ] as const) {
      hall.say('a', to, text);
    }
    hall.flow.report(hall.party('b'), 'caught-up');
    hall.say('a', 'd', 'four');
    expect(hall.news().heard).toEqual(['a>b one']);
    hall.flow.report(hall.party('c'), 'caught-up');
    expect(hall.news().heard).toEqual(['a>c two', 'a>b three', 'a>d four']);
  });

  test('after 256 KiB the rest waits for another turn, and it is said that there has to be one', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('r'), 'full');
    for (const from of ['a', 'b', 'c', 'd']) hall.say(from, 'r', from.repeat(100 * KIB));
    hall.news();
    hall.flow.report(hall.party('r'), 'caught-up');
    const first = { heard: ['a>r aaaaaaaa', 'b>r bbbbbbbb', 'c>r cccccccc'], orders: releases('a b c') };
    expect(hall.news()).toEqual(first);
    hall.flow.end();
    expect(hall.news()).toEqual({ heard: [], orders: ['d next'] });
    hall.flow.begin();
    expect(hall.news()).toEqual({ heard: ['d>r dddddddd'], orders: ['d release'] });
    hall.flow.end();
    expect(hall.news().orders).toEqual([]);
  });

  test('whoever is behind again by then holds them again', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('r'), 'full');
    for (const from of ['a', 'b', 'c', 'd']) hall.say(from, 'r', from.repeat(100 * KIB));
    hall.flow.report(hall.party('r'), 'caught-up');
    hall.news();
    hall.flow.begin();
    hall.flow.report(hall.party('r'), 'full');
    expect(hall.news()).toEqual({ heard: [], orders: ['d hold'] });
    hall.flow.report(hall.party('r'), 'caught-up');
    expect(hall.news()).toEqual({ heard: ['d>r dddddddd'], orders: ['d release'] });
  });

  test('somebody in the queue who is in a hurry does not go on twice', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('r'), 'full');
    for (const from of ['a', 'b', 'c', 'd']) hall.say(from, 'r', from.repeat(100 * KIB));
    hall.flow.report(hall.party('r'), 'caught-up');
    hall.news();
    hall.flow.hurry(hall.party('d'));
    hall.flow.begin();
    expect(hall.news()).toEqual({ heard: ['d>r dddddddd'], orders: ['d release'] });
    hall.flow.end();
    expect(hall.news().orders).toEqual([]);
  });

  test('two that wait for each other go on as soon as one has caught up', () => {
    const hall = new Hall();
    for (const id of ['a', 'b']) hall.flow.report(hall.party(id), 'full');
    hall.say('a', 'b', 'one');
    hall.say('b', 'a', 'two');
    expect(hall.news()).toEqual({ heard: [], orders: ['a hold', 'b hold'] });
    hall.flow.report(hall.party('a'), 'caught-up');
    expect(hall.news()).toEqual({ heard: ['b>a two'], orders: ['b release'] });
    hall.flow.report(hall.party('b'), 'caught-up');
    expect(hall.news()).toEqual({ heard: ['a>b one'], orders: ['a release'] });
  });
});

describe('who leaves', () => {
  test('lets go of those who waited for it', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    hall.say('a', 'b', 'one');
    hall.say('c', 'b', 'two');
    hall.news();
    hall.flow.dismiss(hall.party('b'));
    expect(hall.news()).toEqual({ heard: ['a>b one', 'c>b two'], orders: ['a release', 'c release'] });
  });

  test('lets go of those who waited for it, also where it falls behind in the same moment', () => {
    const hall = new Hall();
    hall.flow.report(hall.party('b'), 'full');
    hall.say('a', 'b', 'one');
    hall.flow.dismiss(hall.party('b'));
    hall.flow.report(hall.party('b'), 'full');
    expect(hall.news()).toEqual({ heard: ['a>b one'], orders: ['a hold', 'a release'] });
  });

  test('has what it said handled, whoever is behind, and leaves the queue it stood in', () => {
    const hall = new Hall();
    for (const id of ['b', 'c']) hall.flow.report(hall.party(id), 'full');
    hall.say('a', 'b', 'one');
    hall.say('a', 'c', 'two');
    hall.say('d', 'b', 'three');
    hall.news();
    hall.flow.hurry(hall.party('a'));
    expect(hall.news()).toEqual({ heard: ['a>b one', 'a>c two'], orders: ['a release'] });
    hall.flow.report(hall.party('b'), 'caught-up');
    expect(hall.news()).toEqual({ heard: ['d>b three'], orders: ['d release'] });
  });

  test('breaks a ring of two', () => {
    const hall = new Hall();
    for (const id of ['a', 'b']) hall.flow.report(hall.party(id), 'full');
    hall.say('a', 'b', 'one');
    hall.say('b', 'a', 'two');
    hall.news();
    hall.flow.hurry(hall.party('a'));
    hall.flow.dismiss(hall.party('a'));
    expect(hall.news()).toEqual({ heard: ['a>b one', 'b>a two'], orders: ['a release', 'b release'] });
  });

  test('in a hurry waits for nobody any more, but others still wait for it', () => {
    const hall = new Hall();
    for (const id of ['a', 'b']) hall.flow.report(hall.party(id), 'full');
    hall.say('a', 'b', 'one');
    hall.say('c', 'a', 'two');
    hall.news();
    hall.flow.hurry(hall.party('a'));
    hall.say('a', 'b', 'three');
    expect(hall.news()).toEqual({ heard: ['a>b one', 'a>b three'], orders: ['a release'] });
  });
});
