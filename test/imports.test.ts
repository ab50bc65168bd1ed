import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Where a stream begins or ends, and the operators that have to be written by hand. */
const MAY_SUBSCRIBE = ['all.ts', 'cli.ts', 'door/doorstep.ts', 'followed-by.ts', 'lines.ts', 'listeners.ts'];

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const files = readdirSync(new URL('../src/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** The files of src in the order of the table "The house" in docs/architecture.md. */
const [, afterHeading = ''] = read('docs/architecture.md').split('\n## The house\n');
const [section = ''] = afterHeading.split('\n## ');
const house = [...section.matchAll(/^\| *(`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
);

test('every file of src stands in docs/architecture.md, "The house", once', () => {
  expect(house.toSorted()).toEqual(files);
});

test('a file imports only files that stand above it there', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const above = house.slice(0, house.indexOf(file));
    for (const [, path = ''] of read(`src/${file}`).matchAll(/(?:from|import)\s*\(?\s*'(\.+\/[^']+)'/g)) {
      const imported = join(dirname(file), path);
      if (!above.includes(imported))
        wrong.push(`src/${file} imports ${imported}, which does not stand above it`);
    }
  }
  expect(wrong).toEqual([]);
});

test('nobody subscribes but the command, the edges and the operators written by hand', () => {
  expect(files.filter((file) => /\.\s*subscribe\(/.test(read(`src/${file}`)))).toEqual(MAY_SUBSCRIBE);
});
