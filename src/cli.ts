/** The command: flags, signals, exit codes, and the one `subscribe` of the program. */
import { isatty } from 'node:tty';
import { fromEvent, merge, partition, Subscription } from 'rxjs';
import yargs, { type Options as Flag } from 'yargs';
import { passedOn } from './activation.ts';
import { CONFIG_VARIABLE, ConfigError, configure, fromEnvironment, fromFile, fromFlags } from './config.ts';
import { readConfigFile } from './config-file.ts';
import { nearly } from './nearly.ts';
import { type Config, flagOf, NAMES, type Option, OPTIONS, shown } from './options.ts';
import { createReport } from './report.ts';
import { serve } from './serve.ts';
import { ClusterUnusable } from './cluster/unusable.ts';
import { safe } from './safe.ts';
import { allEnded } from './store/opening.ts';
import { StoreUnusable } from './store/unusable.ts';
import { greeting, isListenError, listenProblem } from './start.ts';

const FLAGS: readonly string[] = [...NAMES.map(flagOf), 'config', 'help', 'version'];

/** Milliseconds in which a second signal is an echo: npm passes on a ctrl-c that the terminal has sent to us, too. */
const ECHO = ['start', 'npx'].includes(process.env['npm_lifecycle_event'] ?? '') ? 200 : 0;

/** Milliseconds at the end for the thread that writes; what there was to write it has written by then, or never will. */
const PATIENCE = 3000;

export function main(args: readonly string[], version: string): void {
  if (args[0] === 'admin') {
    // A server has no use for it.
    void import('./admin/admin.ts').then(({ administer }) => administer(args.slice(1)));
    return;
  }
  const decided = decide(args, version);
  if (!decided) return;
  const { config, sockets } = decided;
  const report = createReport(process.stderr.isTTY);
  // Whoever starts a server may close its stdout and its terminal.
  process.stdout.on('error', () => undefined);
  let signalled = -Infinity;
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
      if (signalled === -Infinity) signalled = performance.now();
      else if (performance.now() - signalled >= ECHO) leave(1);
    });
  // It is also what a terminal that is closed sends: whoever started a server in one is gone, and cannot stop it any more.
  const [hangUp, reload] = partition(
    fromEvent(process, 'SIGHUP'),
    () => process.stderr.isTTY && !isatty(process.stderr.fd),
  );
  const stop = merge(fromEvent(process, 'SIGTERM'), fromEvent(process, 'SIGINT'), hangUp);
  // Also where nothing is read anew: it would end us.
  process.on('SIGHUP', () => undefined);
  const running = new Subscription();
  const server = serve({ ...config, sockets, stop, reload }).subscribe({
    next: (notice) => {
      if (notice.type === 'listening') process.stdout.write(greeting(notice, sockets.length > 0));
      report.log(notice);
    },
    error: (error: unknown) => {
      if (isForPeople(error)) complain(error.message);
      else if (isListenError(error)) complain(listenProblem(error, config, sockets.length > 0));
      else throw error;
      leave(error instanceof ConfigError ? 2 : 1);
    },
    complete: () => {
      report.close(() => {
        leave(0);
      });
    },
  });
  running.add(server);

  function leave(code: number): void {
    report.abandon();
    running.unsubscribe();
    // Node's exit waits for threads. One that hangs in a call of the kernel ends with its process only, and that by a signal.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE);
    void allEnded().then(() => process.exit(code));
  }
}

/** What is wrong is not for a programmer, and stands in one line. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof StoreUnusable || error instanceof ClusterUnusable;

/** Undefined where there is nothing to run: the exit code and what stands on stderr say why. */
function decide(
  args: readonly string[],
  version: string,
): { config: Config; sockets: readonly number[] } | undefined {
  try {
    const sockets = passedOn(process.env);
    const flags = parse(args, version);
    const path = flags['config'] ?? process.env[CONFIG_VARIABLE];
    const file = typeof path === 'string' ? readConfigFile(path) : {};
    return { config: configure(fromFlags(flags), fromEnvironment(process.env), fromFile(file)), sockets };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(`${error.message}; see --help`);
    process.exitCode = 2;
    return undefined;
  }
}

function complain(problem: string): void {
  // It quotes what stood on the command line or in a file.
  process.stderr.write(`rxchat: ${safe(problem)}\n`);
}

function parse(args: readonly string[], version: string): Record<string, unknown> {
  let parser = yargs([...args])
    .scriptName('rxchat')
    .usage('$0 [options]\n\nA chat server that needs nothing but netcat.')
    .parserConfiguration({
      'parse-numbers': false,
      'duplicate-arguments-array': false,
      'camel-case-expansion': false,
      'dot-notation': false,
    })
    .strict()
    .locale('en')
    .option('config', {
      requiresArg: true,
      describe: 'JSON file with options by their names here',
    })
    .alias({ help: 'h', version: 'v' })
    .version(version)
    .wrap(100)
    .epilogue(
      'Bytes are written like 4096, 16KiB or 4MiB, times like 30s or 0.5s. Each option can also stand in the ' +
        'environment (RXCHAT_MAX_LINE=4KiB) or in the file ("max-line": "4KiB"); flags win over the environment, ' +
        'and that over the file. "rxchat admin --help" is for names, bans, backups and whatever else is kept.',
    )
    .fail((message, error) => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- yargs passes none where its own check fails
      throw new ConfigError(inOurWords(message ?? error.message, args));
    });
  for (const [name, option] of Object.entries<Option>(OPTIONS))
    parser = parser.option(flagOf(name), flag(option));
  const { _: words, ...flags } = parser.group(['config', 'help', 'version'], 'Other:').parseSync();
  // Also behind a "--", where yargs does not complain.
  if (words.length > 0) throw new ConfigError(noOption(String(words[0]), args));
  return flags;
}

function inOurWords(message: string, args: readonly string[]): string {
  const [, unknown] = /^Unknown arguments?: ([^,]*)/.exec(message) ?? [];
  if (unknown !== undefined) return noOption(unknown, args);
  return message.replace(/^Not enough arguments following: (.*)$/, '--$1 needs a value');
}

function noOption(what: string, args: readonly string[]): string {
  if (!args.includes(what)) {
    const meant = nearly(what, FLAGS);
    return `there is no option ${what.length > 1 ? '--' : '-'}${what}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
  }
  return `"${what}" is no option; with npm, options stand behind a "--", like npm start -- --port 8080`;
}

function flag(option: Option): Flag {
  return {
    // Not yargs' own boolean, for which everything but "true" is false.
    ...(option.kind !== 'switch' && { requiresArg: true }),
    group: `${option.group}:`,
    describe: option.help,
    defaultDescription: shown(option.kind, option.default),
  };
}
