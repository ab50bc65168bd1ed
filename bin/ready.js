// Makes a checkout ready to run: installs when the lock file is newer than node_modules, builds when a source
// is newer than dist. Says nothing and costs a few milliseconds when both are current.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const age = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, age(join(entry.parentPath ?? entry.path, entry.name))), 0);

function run(saying, command, args) {
  console.error(`rxchat: ${saying}`);
  // What a build prints goes to stderr: stdout belongs to the program that is being started.
  execFileSync(command, args, { stdio: ['ignore', 2, 2] });
}

try {
  const lock = Math.max(age('package-lock.json'), age('package.json'));
  if (age('node_modules/.package-lock.json') < lock) {
    run(
      'installing what it needs (once; where SQLite has to be compiled that takes a minute or two)',
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
    );
    utimesSync('node_modules/.package-lock.json', new Date(), new Date());
  }
  const sources = Math.max(newest('src'), age('tsconfig.json'), age('tsconfig.build.json'), lock);
  if (age('dist/index.js') < sources) {
    rmSync('dist', { recursive: true, force: true });
    run('building (once)', process.execPath, [
      'node_modules/typescript/bin/tsc',
      '-p',
      'tsconfig.build.json',
    ]);
  }
} catch (error) {
  console.error(`rxchat: it could not be made ready (${error.message})`);
  console.error('rxchat: that needs npm, a network for the first time, and a folder that you may write to');
  process.exit(1);
}
