import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chat } from '../src/chat.ts';
import { COMMANDS } from '../src/commands/table.ts';
import { Decoder } from '../src/decoder.ts';
import type { Event } from '../src/event.ts';
import { json } from '../src/json.ts';
import { pass } from './support/event-loop.ts';
import { message } from './support/events.ts';
import { type Guest, TestHouse } from './support/house.ts';
import { CODES, OUTSIDE, confirmed, heard, heardCode, OPS, type Step, TYPES } from './support/json-lines.ts';
import { SMALL } from './support/limits.ts';
import { arrived, asked, gone, line, LIMITS, readOne, turn } from './support/turn.ts';

type Fields = Readonly<Record<string, unknown>>;
type Type = keyof typeof TYPES | 'error';

/** As far as the tests look into it. */
interface Schema {
  readonly $ref?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
}

const read = (path: string): string => readFileSync(new URL(`../docs/${path}`, import.meta.url), 'utf8');
const page = read('events.md');
const schema = JSON.parse(read('events.schema.json')) as Schema & { readonly $defs: Record<Type, Schema> };

/** The same schema, for objects that have no other fields; and without the keyword that would hide them. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'discriminator' && key !== '$id');
  const object = Object.fromEntries(entries.map(([key, one]) => [key, closed(one)]));
  return object['type'] === 'object' ? { ...object, unevaluatedProperties: false } : object;
};

const ajv = new Ajv2020({ strict: true, strictTypes: true, discriminator: true });
const published: ValidateFunction = ajv.compile(schema);
const strict: ValidateFunction = ajv.compile(closed(schema) as Schema);

/** One line, whatever is taken for the end of one. */
const LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]+\n$/u;

/** What the line holds; it is whole, and as the schema says. */
function parsed(written: string): Fields {
  expect(written).toMatch(LINE);
  const fields = JSON.parse(written) as Fields;
  published(fields);
  expect(published.errors, written).toBeNull();
  strict(fields);
  expect(strict.errors, written).toBeNull();
  return fields;
}

/** What makes the errors that are written where a connection ends. */
const ENDINGS: Record<'too-slow' | 'fault', (guest: Guest) => void> = {
  'too-slow': (guest) => (guest.connection.reading = false),
  fault: (guest) => (guest.connection.broken = new Error('a bug')),
};

const types = (schema.oneOf ?? []).map(({ $ref = '' }) => $ref.slice('#/$defs/'.length) as Type);
const codes = schema.$defs.error.properties?.['code']?.enum ?? [];

const told = Object.keys(CODES) as (keyof typeof CODES)[];

describe('every line is as the schema says', () => {
  test.each(Object.entries(TYPES))('of type %s', (type, steps) => {
    expect(heard(steps).map((written) => parsed(written)['type'])).toContain(type);
  });

  test.each(told)('where something is not done: %s', (code) => {
    expect(heardCode(code).map((written) => parsed(written)['code'])).toContain(code);
  });

  test.each(Object.entries(ENDINGS))('where a connection ends: %s', (code, provoke) => {
    const house = new TestHouse();
    const [alice, bob] = [house.login('alice'), house.arrive()];
    bob.say('/format json', 'bob');
    pass(1);
    provoke(bob);
    alice.say('bob: hello');
    pass(2 * SMALL.writeTimeout);
    const lines = bob.heard.split(/(?<=\n)/).map(parsed);
    expect([lines.at(0)?.['type'], lines.at(-1)?.['code']]).toEqual(['format', code]);
  });

  test('where the server is full, although whoever is told so cannot have asked for JSON yet', () => {
    expect(parsed(json.encode({ type: 'problem', code: 'full' }))['code']).toBe('full');
  });

  test('and the schema has no type and no code that is not among these', () => {
    expect([...types].sort()).toEqual([...Object.keys(TYPES), 'error'].sort());
    expect([...codes].sort()).toEqual([...Object.keys(CODES), ...OUTSIDE].sort());
  });

  test.each<[string, Step[]]>([
    ['type id time from text', ['a bob: hello']],
    ['type id time from room text', [...OPS, 'a #ops: hello']],
    ['type id time from text about', ['b /away', 'a bob: hello']],
    ['type id time from room text about', [...OPS, 'a /kick bob #ops why']],
    ['type room names more', OPS],
    ['type names more', ['a /who']],
    ['type room names more', [...OPS, 'a /who #ops']],
    ['type code text names', ['a dave: hello']],
    ['type code text names', ['a /to ??']],
    ['type code text names meant', [...OPS, 'a bpb: hello']],
    ['type code text names number missed', ['a /receipts on', 'a dave: hello']],
    ['type code text room', ['a /leave #ops']],
    ['type code text room name', ['a /join #ops', 'a /kick bob #ops']],
    ['type code text word', ['a /xyzzy']],
    ['type code text word meant', ['a /jion']],
    ['type code text word example', ['a /join']],
    ['type code text word example number missed', ['a /receipts on', 'a /msg']],
  ])('and has a field only where there is something for it: %s', (fields, steps) => {
    const last = parsed(heard(steps).at(-1) ?? '');
    expect(Object.keys(last).sort()).toEqual(fields.split(' ').sort());
    expect(Object.values(last)).not.toContain(null);
  });
});

describe('the schema', () => {
  const ROOM = { room: '#ops', people: 1, mine: true, private: false };

  test.each<[string, object]>([
    ['a type that it does not have', { type: 'gong' }],
    ['a code that it does not have', { type: 'error', code: 'oops', text: 'oops' }],
    ['what has not all of its fields', { type: 'joined', room: '#ops' }],
    ['a field that holds nothing', { type: 'people', room: null, names: [], more: 0 }],
    ['what has not all that belongs to its code', { type: 'error', code: 'usage', text: 'no', word: 'join' }],
    ['a number without whom it missed', { type: 'error', code: 'not-utf8', text: 'no', number: 1 }],
    ['whom a line missed that has no number', { type: 'error', code: 'not-utf8', text: 'no', missed: [] }],
  ])('refuses %s', (_, object) => {
    expect([published(object), strict(object)]).toEqual([false, false]);
  });

  test.each<[string, object]>([
    ['a type', { type: 'pong', since: 1 }],
    ['a code', { type: 'error', code: 'full', text: 'full', name: 'bob' }],
    ['an entry of a list', { type: 'rooms', rooms: [{ ...ROOM, id: 1 }], more: 0 }],
  ])('leaves room for more fields of %s, but these tests do not', (_, object) => {
    expect([published(object), strict(object)]).toEqual([true, false]);
  });
});

/** What comes of what alice says, when bob is in #ops and away. */
function hearing(raw: boolean, said: readonly string[], name = 'alice'): Event[] {
  const chat = new Chat(LIMITS);
  const decoder = new Decoder({ maxRecipients: LIMITS.maxRecipients, raw });
  const bob = ['bob', '/join #ops', '/away'].map((one) => line('b', one));
  const alice = [name, '/join #ops', ...said].map((one) => asked('a', readOne(decoder, one)));
  return chat
    .handle(turn([arrived('b'), ...bob, arrived('a'), ...alice]))
    .deliveries.map(({ event }) => event);
}

describe('no line breaks', () => {
  const heads =
    'bob:|#ops:|bob, #ops:|/msg bob:|/me|/away|/back|/kick bob #ops|/help|/who|/name|/to|/join|/leave|/invite|/';
  const piece = fc.constantFrom(...'"|\\|\r|\0|\x1b|\x7f|\x85|\u2028|\u2029|{}|,|:'.split('|'));
  const typed = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary' })))
    .map((pieces) => pieces.join('').replaceAll('\n', ''));
  const lines = fc.array(
    fc.tuple(fc.constantFrom(...heads.split('|'), ''), typed).map(([head, rest]) => `${head} ${rest}`),
  );

  test('whatever is typed, also where text is raw; and its text comes back as it was', () => {
    fc.assert(
      fc.property(fc.boolean(), lines, (raw, said) => {
        for (const event of hearing(raw, said)) {
          const written = Buffer.from(json.encode(event))
            .toString('utf8')
            .split(/(?<=\n)/);
          const texts = written.map((one) => parsed(one)['text']);
          if (event.type === 'message') expect(texts).toEqual(event.texts);
          else expect(written).toHaveLength(1);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('whatever is said in raw text, and not a character of it is lost', () => {
    fc.assert(
      fc.property(typed, (one) => {
        const said = hearing(true, [`bob:${one}`]).filter(({ type }) => type === 'message');
        expect(said.map((event) => parsed(json.encode(event))['text'])).toEqual([one.trim(), '']);
      }),
    );
  });

  test('since whatever may end one is written as an escape, and nothing else past U+007E is', () => {
    const units = Array.from({ length: 0xd800 - 0x7f }, (_, index) => String.fromCharCode(0x7f + index));
    const escaped = units.filter((unit) => {
      const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
      return json.encode(message(unit)).includes(`"\\u${code}"`);
    });
    expect(escaped).toEqual(units.filter((unit) => !LINE.test(`${unit}\n`)));
  });

  test.each(['null', '0', 'constructor', 'e\u0301', 'straße', 'Ζωή', '山田ー', '𐐀𐐁', 'ᏣᎳᎩ', 'x'.repeat(32)])(
    'whoever is called %s, in NFC',
    (name) => {
      const [, , joined, , said] = hearing(false, ['#ops: hello'], name).map((event) =>
        parsed(json.encode(event)),
      );
      expect([joined?.['name'], said?.['from']]).toEqual([name.normalize('NFC'), name.normalize('NFC')]);
    },
  );
});

describe('an error', () => {
  test.each(['/?', '/help ?', '/who ?', '/to ?', '/ignore ?', '/invite ? #ops', '?: hello', '/msg ?: hello'])(
    'quotes no more than 64 characters of %s, and none that a terminal would obey',
    (typed) => {
      const said = typed.replace('?', `\x9b2J${'x'.repeat(300)}`);
      const { text, ...fields } = parsed(json.encode(hearing(true, ['/receipts on', said]).at(-1) as Event));
      expect(text).not.toContain('\x9b');
      for (const quoted of Object.values(fields).flat()) {
        expect(String(quoted)).not.toContain('\x9b');
        expect(Array.from(String(quoted)).length).toBeLessThanOrEqual(65);
      }
    },
  );

  test.each(['/jion', '/help jion', '/help /jion'])('about %s has the word without its slash', (said) => {
    const { word, text } = parsed(json.encode(hearing(false, [said]).at(-1) as Event));
    expect([word, text]).toEqual(['jion', 'there is no /jion; did you mean /join?']);
  });

  test('with a number has the first reason, all reasons in its text, and each whom it missed once', () => {
    const said = 'a #Nix, dave, #ops, #nix, DAVE, bob: hello';
    const steps = ['a /receipts on', 'a /join #ops', said, gone('b'), confirmed(1, 0, ['b'])];
    const { names, missed, ...fields } = parsed(heard(steps).at(-1) ?? '');
    expect([names, missed]).toEqual([['dave'], ['dave', '#Nix', '#ops', 'bob']]);
    const text =
      'dave is not here; nobody is in #Nix; nobody else is in #ops; bob left before it was delivered';
    expect(fields).toEqual({ type: 'error', code: 'absent', number: 1, text });
  });
});

describe('docs/events.md', () => {
  const examples = page.split('\n').filter((one) => one.startsWith('{"'));
  const sections = new Map(page.split('\n### `').map((part) => [part.split('`')[0], part.split('\n## ')[0]]));
  const rows = (part = ''): string[][] => {
    const table = part.split('\n').filter((one) => one.startsWith('| `'));
    return table.map((one) => one.split(/\s*\|\s*/).slice(1, -1));
  };
  const errors = rows(page.split('\n## Errors\n')[1]?.split('\n## ')[0]);
  /** Which fields there are, and whether they are always there. */
  const fieldsOf = ({ properties = {}, required = [] }: Schema): Record<string, boolean> => {
    const fields = Object.keys(properties).filter((field) => field !== 'type' && field !== 'code');
    return Object.fromEntries(fields.map((field) => [field, required.includes(field)]));
  };

  test('has examples of every type and of every error, and each of them is written so', () => {
    const written = new Set([
      ...Object.values(TYPES).flatMap((steps) => heard(steps)),
      ...told.flatMap(heardCode),
    ]);
    for (const code of OUTSIDE) written.add(json.encode({ type: 'problem', code }));
    const shown = examples.map((one) => parsed(`${one}\n`));
    // The list of commands is long, and shown as a part of it.
    const commands = COMMANDS.map(({ word, args, help, example }) => ({ word, args, help, example }));
    for (const [index, { type, commands: some }] of shown.entries())
      if (type === 'help') expect(commands).toEqual(expect.arrayContaining(some as object[]));
      else expect(written).toContain(`${examples[index] ?? ''}\n`);
    expect(new Set(shown.map(({ type }) => type))).toEqual(new Set(types));
    expect([...new Set(shown.flatMap(({ code }) => code ?? []))]).toEqual(codes);
  });

  test('has the codes of the schema, in its order, each with its fields', () => {
    expect(errors.map(([code]) => code?.replaceAll('`', ''))).toEqual(codes);
    for (const [code = '', , fields = ''] of errors) {
      const branch = schema.$defs.error.oneOf?.find(({ properties }) => {
        const { const: one, enum: some = [one] } = properties?.['code'] ?? {};
        return some.includes(code.replaceAll('`', ''));
      });
      const named = [...fields.matchAll(/`(\w+)`( \(optional\))?/g)];
      expect(Object.fromEntries(named.map(([, name, optional]) => [name, !optional])), code).toEqual(
        fieldsOf(branch ?? {}),
      );
    }
  });

  test.each(types.filter((type) => type !== 'error'))('has the fields of the type %s', (type) => {
    const named = rows(sections.get(type)).map(([name = '', of = '']) => [
      name.replaceAll('`', ''),
      !of.endsWith('optional'),
    ]);
    expect(Object.fromEntries(named)).toEqual(fieldsOf(schema.$defs[type]));
  });
});
