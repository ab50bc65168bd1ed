/** `rxchat admin`: what is kept, seen and changed from the command line, while a server runs or not. */
import { existsSync } from 'node:fs';
import Database from '../store/sqlite.ts';
import yargs from 'yargs';
import { CONFIG_VARIABLE, ConfigError, configure, fromEnvironment, fromFile, fromFlags } from '../config.ts';
import { readConfigFile } from '../config-file.ts';
import type { Config } from '../options.ts';
import { nearly } from '../nearly.ts';
import { quote, safe } from '../safe.ts';
import { fileIn } from '../store/schema.ts';
import { Store } from '../store/store.ts';
import { StoreUnusable } from '../store/unusable.ts';
import { audit, ban, bans, unban } from './bans.ts';
import { exporting } from './export.ts';
import { list, release, reserve } from './names.ts';
import { type AdminTask, Misuse, Refusal, type Words } from './task.ts';
import { backup, check, vacuum } from './upkeep.ts';

const TASKS: readonly AdminTask[] = [
  ...[list, reserve, release, ban, unban, bans, audit, exporting, vacuum, check, backup],
];

/** Milliseconds that it waits for a server to finish what it writes. */
const PATIENCE = 10_000;

/** Does what the arguments ask for. The exit status is 2 where they are wrong, 1 where it cannot be done. */
export async function administer(args: readonly string[]): Promise<void> {
  // Who reads of us what an export writes may have read enough.
  process.stdout.on('error', () => process.exit(0));
  try {
    const asked = parse(args);
    if (!asked) return;
    const config = decide(asked.words);
    const store = open(config.dataDir);
    try {
      const { stdin, stdout, stderr } = process;
      await asked.task.run({ store, config, stdin, stdout, stderr }, asked.words);
    } finally {
      store.close();
    }
  } catch (error) {
    process.exitCode = fail(error);
  }
  // A terminal would be read on.
  process.stdin.destroy();
}

function open(folder: string): Store {
  if (folder === '') throw new ConfigError('say with --data-dir which folder it is about');
  if (!existsSync(fileIn(folder)))
    throw new Refusal(`there is no ${fileIn(folder)}; a server with --data-dir ${folder} makes it`);
  const store = new Store(folder);
  store.database.pragma(`busy_timeout = ${String(PATIENCE)}`);
  return store;
}

function fail(error: unknown): number {
  const isUsage = error instanceof ConfigError || error instanceof Misuse;
  const isRefused = error instanceof Refusal || error instanceof StoreUnusable;
  const isExpected = isUsage || isRefused || error instanceof Database.SqliteError;
  if (!isExpected && !(error instanceof Error && 'syscall' in error)) throw error;
  process.stderr.write(`rxchat: ${safe((error as Error).message)}\n`);
  return isUsage ? 2 : 1;
}

function decide(flags: Words): Config {
  const path = flags['config'] ?? process.env[CONFIG_VARIABLE];
  const file = typeof path === 'string' ? readConfigFile(path) : {};
  return configure(fromFlags(flags), fromEnvironment(process.env), fromFile(file));
}

const wordOf = ({ usage }: AdminTask): string => usage.split(' ')[0] ?? '';

const likeOf = ({ example }: AdminTask): string => `rxchat admin ${example} --data-dir DIR`;

/** What is wrong with the arguments, and what would be right. */
function usageProblem(args: readonly string[], message: string): string {
  const [first = ''] = args;
  const task = TASKS.find((each) => wordOf(each) === first);
  if (task) {
    const what = message.startsWith('Not enough non-option') ? 'something is missing' : message;
    return `${what}; write it like ${likeOf(task)}`;
  }
  if (first === '' || first.startsWith('-')) return `${message}; see rxchat admin --help`;
  const meant = nearly(first, TASKS.map(wordOf));
  return `there is no "${quote(first)}"${meant === undefined ? '' : `; did you mean ${meant}?`}; see rxchat admin --help`;
}

/** Undefined where what was asked for is told already. */
function parse(args: readonly string[]): { task: AdminTask; words: Words } | undefined {
  let task: AdminTask | undefined;
  let parser = yargs([...args])
    .scriptName('rxchat admin')
    .usage('$0 <what> --data-dir DIR\n\nWhat is kept, seen and changed while a server runs or not.')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'duplicate-arguments-array': false,
      'camel-case-expansion': false,
      'dot-notation': false,
    })
    .strict()
    .locale('en')
    .option('data-dir', { requiresArg: true, string: true, describe: 'folder in which rxchat.db is' })
    .option('config', {
      requiresArg: true,
      string: true,
      describe: 'the file that the server has its options from',
    })
    .demandCommand(1, 'say what is to be done')
    .version(false)
    .wrap(100)
    .fail((message, error) => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- yargs passes none where its own check fails
      throw new ConfigError(usageProblem(args, message ?? error.message));
    });
  for (const each of TASKS)
    parser = parser.command(
      each.usage,
      each.help,
      (command) => {
        command.usage(`$0 ${each.usage} --data-dir DIR\n\n${each.help}`).example(likeOf(each), '');
        for (const [name, { describe, boolean }] of Object.entries(each.flags ?? {}))
          command.option(
            name,
            boolean ? { boolean, describe } : { requiresArg: true, string: true, describe },
          );
        return command;
      },
      () => {
        task = each;
      },
    );
  const words = parser.parseSync() as unknown as Words;
  return task && { task, words };
}
