import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/table.ts';
import { arrived, decode, Scene } from '../support/turn.ts';

const scene = (): Scene => new Scene({ a: 'alice', b: 'bob', c: 'carol' }, { '#ops': 'a b', '#dev': 'c' });

/** What of these answers is for a, as if it were for `client`. */
const toWhoAsked = (client: string, answers: readonly string[]): string[] =>
  answers.filter((one) => /^a[ :]/.test(one)).map((one) => one.replace('a', client));

const NAMELESS = ['ping', 'help', 'quit', 'format', 'time'];

const everybodys = COMMANDS.filter(({ operator }) => operator !== true);

describe('/help', () => {
  const screen = scene()
    .play('a: /help')
    .map((line) => line.replace(/^a < /, ''));

  test('fits a screen of 24 lines of 80 characters', () => {
    expect(screen.length).toBeLessThanOrEqual(23);
    for (const line of screen) expect(line.length, line).toBeLessThanOrEqual(79);
  });

  test('tells first how to say something', () => {
    for (const how of ['"bob: hello"', '"#ops: hello"', '/help WORD']) expect(screen[0]).toContain(how);
  });

  test('names each command once, with what it is for', () => {
    const words = screen.slice(1, -1).map((line) => /^\* \/(\w+) +\S/.exec(line)?.[1]);
    expect(words).toEqual(everybodys.filter(({ minor }) => !minor).map(({ word }) => word));
    expect(screen.at(-1)?.match(/\w+(?=,|$)/g)).toEqual(
      everybodys.filter(({ minor }) => minor).map(({ word }) => word),
    );
  });

  test('names what is for operators to them only', () => {
    const chat = scene();
    chat.each('a: /name olga', { type: 'reserve', client: 'a', version: 'o' });
    const theirs = COMMANDS.filter(({ operator }) => operator).map(({ word }) => word);
    expect(theirs.length).toBeGreaterThan(0);
    for (const word of theirs) {
      expect(screen.join('\n')).not.toContain(`/${word} `);
      expect(chat.play('a: /help').join('\n')).toContain(`/${word} `);
    }
  });

  test('about what is no command says so, and what may be meant', () => {
    expect(scene().each('a: /help jion', 'a: /help /who is bob', 'a: /help \x1b[2J')).toEqual([
      'a < ! there is no /jion; did you mean /join?',
      'a < ! there is no /who is bob; /help lists what there is',
      'a < ! there is no /\ufffd[2J; /help lists what there is',
    ]);
  });
});

describe.each(COMMANDS.map((command) => [command.word, command] as const))('/%s', (word, command) => {
  const { args, help, example, nameless } = command;

  test.each([word, `/${word}`, word.toUpperCase()])(`is explained by /help %s`, (asked) => {
    expect(scene().play(`a: /help ${asked}`)).toEqual([
      `a < * ${`/${word} ${args}`.trim()}`,
      `a < * ${help}`,
      `a < * for example: ${example}`,
    ]);
  });

  test('is explained in lines of less than 80 characters', () => {
    for (const line of scene().play(`a: /help ${word}`))
      expect(line.replace('a < ', '').length, line).toBeLessThanOrEqual(79);
  });

  // A password is looked at where it came in.
  test.runIf(word !== 'reserve')('has an example that is this command, and is done', () => {
    expect(decode(example)).toMatchObject({ kind: 'word', word });
    const [, ...answers] = scene().each('a: /to #ops', `a: ${example}`);
    expect(answers).not.toEqual([]);
    for (const answer of answers)
      expect(answer).not.toMatch(/^a < ! (write it like|there is no|say who|that is more)/);
  });

  test('may be written in capitals', () => {
    const [, typed = ''] = /^\/(\S+)/.exec(example) ?? [];
    const capitals = `/${typed.toUpperCase()}${example.slice(1 + typed.length)}`;
    expect(scene().play(`a: ${capitals}`)).toEqual(scene().play(`a: ${example}`));
  });

  test(`may ${nameless === true ? '' : 'not '}be used before there is a name`, () => {
    expect(nameless === true).toBe(NAMELESS.includes(word));
    const chat = scene();
    chat.play(arrived('x'));
    const answers = chat.play(`x: ${example}`);
    if (nameless === true) expect(answers).toEqual(toWhoAsked('x', scene().play(`a: ${example}`)));
    else expect(answers).toEqual(['x < ! a name is 1 to 32 letters, digits, "_", "-" or "."; type another']);
  });
});

const wordOf = (typed: string): string => typed.replace(/ .*/, '').toLowerCase();

describe('an unknown command', () => {
  test.each([
    ['/jion', 'join'],
    ['/JION', 'join'],
    ['/jon', 'join'],
    ['/joinn #ops', 'join'],
    ['/whos', 'who'],
    ['/wh', 'who'],
    ['/recipts on', 'receipts'],
    ['/unignroe bob', 'unignore'],
    ['/e', 'me'],
  ])('that is nearly one, %s, is answered with that, %s', (typed, meant) => {
    expect(scene().play(`a: ${typed}`)).toEqual([
      `a < ! there is no ${wordOf(typed)}; did you mean /${meant}?`,
    ]);
  });

  test.each(['/', '/a', '/xy', '/foo', '/invitation', '/constructor', '/__proto__ x'])(
    'such as %s is answered with where to look',
    (typed) => {
      const answer = `a < ! there is no ${wordOf(typed)}; /help lists what there is`;
      expect(scene().play(`a: ${typed}`)).toEqual([answer]);
    },
  );

  test('is quoted safely, and 64 characters of it at most', () => {
    expect(scene().play('a: /\x1b[2J\x07', `a: /${'f'.repeat(1000)}`)).toEqual([
      'a < ! there is no /\ufffd[2j\ufffd; /help lists what there is',
      `a < ! there is no /${'f'.repeat(64)}…; /help lists what there is`,
    ]);
  });

  test('reaches nobody, wherever lines go', () => {
    expect(scene().each('a: /to bob', 'a: /passwd secret')).toEqual([
      'a < * your lines go to bob',
      'a < ! there is no /passwd; did you mean /reserve?',
    ]);
  });
});

test('/ping and /quit take what stands behind them for nothing', () => {
  expect(scene().play('a: /ping 1 2', 'a: /quit now')).toEqual([
    'a < * pong',
    'b < * alice left #ops',
    'a: end, quit',
  ]);
});

test.each([
  ['nick', 'name'],
  ['login', 'name'],
  ['passwd', 'reserve'],
  ['inbox', 'catchup'],
  ['part', 'leave'],
  ['list', 'rooms'],
  ['exit', 'quit'],
])('who types /%s, as elsewhere, is told of /%s', (typed, meant) => {
  expect(scene().each(`a: /${typed}`)).toEqual([`a < ! there is no /${typed}; did you mean /${meant}?`]);
});
