import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/commands/table.ts';
import { flagOf, type Option, OPTIONS, shown } from '../src/options.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = (under: string): string[][] => {
  const section = readme.split(`\n## ${under}\n`)[1]?.split('\n## ')[0] ?? '';
  const table = section.split('\n').filter((line) => line.startsWith('| `'));
  return table.map((line) => line.split(/\s*(?<!\\)\|\s*/).slice(1, -1));
};

test('the README has every option with its default and its reason, in the order of --help', () => {
  expect(rows('Options')).toEqual(
    Object.entries<Option>(OPTIONS).map(([name, option]) => [
      `\`--${flagOf(name)}\``,
      shown(option.kind, option.default),
      option.help,
      option.why,
    ]),
  );
});

test.each<[string, boolean]>([
  ['Commands', false],
  ['To keep order', true],
])('the README has every command as /help has it, in its order: %s', (section, isTheirs) => {
  const written = rows(section).map(([command = '', help, example]) => [
    command.replaceAll('\\|', '|').replaceAll('`', ''),
    help,
    example?.replaceAll('`', ''),
  ]);
  expect(written).toEqual(
    COMMANDS.filter(({ operator = false }) => operator === isTheirs).map(({ word, args, help, example }) => [
      `/${word} ${args}`.trimEnd(),
      help,
      example,
    ]),
  );
});

test('every file that the README names exists', () => {
  const named = [...readme.matchAll(/\]\(([\w./-]+)\)/g)].map(([, path]) => path ?? '');
  expect(named.length).toBeGreaterThan(5);
  for (const path of named)
    expect(() => readFileSync(new URL(`../${path}`, import.meta.url)), path).not.toThrow();
});

test('the README says what each dependency for development is for', () => {
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { devDependencies: Record<string, string> };
  for (const name of Object.keys(devDependencies)) expect(readme).toContain(`\`${name}\``);
});

test('every dependency at run time has its line in the README, and nothing else has', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(rows('What it stands on').map(([name]) => name?.replaceAll('`', ''))).toEqual(
    Object.keys(dependencies).sort(),
  );
});
