/** The command: flags, signals, exit codes, and the one `subscribe` of the program. */
import { readFileSync } from 'node:fs';
import { fromEvent, merge } from 'rxjs';
import yargs, { type Options as Flag } from 'yargs';
import {
  type Config,
  CONFIG_VARIABLE,
  ConfigError,
  configure,
  flagOf,
  type Option,
  OPTIONS,
  shown,
} from './config.ts';
import type { Listening } from './notice.ts';
import { createReport } from './report.ts';
import { serve } from './server.ts';

export function main(args: readonly string[], version: string): void {
  const config = decide(args, version);
  if (!config) return;
  const report = createReport(process.stderr.isTTY);
  // Whoever starts a server may close its stdout and its terminal.
  process.stdout.on('error', () => undefined);
  process.on('SIGHUP', () => undefined);
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
      if (++signals > 1) leave(1);
    });
  const stop = merge(fromEvent(process, 'SIGTERM'), fromEvent(process, 'SIGINT'));
  serve({ ...config, stop }).subscribe({
    next: (notice) => {
      if (notice.type === 'listening') process.stdout.write(greeting(notice));
      report.log(notice);
    },
    error: (error: unknown) => {
      if (!isListenError(error)) throw error;
      complain(listenProblem(error, config));
      leave(1);
    },
    complete: () => {
      report.close(() => {
        leave(0);
      });
    },
  });

  function leave(code: number): never {
    report.abandon();
    process.exit(code);
  }
}

/** Undefined where there is nothing to run: the exit code and what stands on stderr say why. */
function decide(args: readonly string[], version: string): Config | undefined {
  try {
    const flags = parse(args, version);
    return configure(flags, process.env, readConfigFile(flags['config'] ?? process.env[CONFIG_VARIABLE]));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(`${error.message}; see --help`);
    process.exitCode = 2;
    return undefined;
  }
}

function complain(problem: string): void {
  process.stderr.write(`rxchat: ${problem}\n`);
}

function parse(args: readonly string[], version: string): Record<string, unknown> {
  let parser = yargs([...args])
    .scriptName('rxchat')
    .usage('$0 [options]\n\nA chat server that needs nothing but netcat.')
    .parserConfiguration({ 'parse-numbers': false, 'duplicate-arguments-array': false })
    .strict()
    .option('config', {
      requiresArg: true,
      describe: 'JSON file with options by their names here',
    })
    .version(version)
    .wrap(100)
    .epilogue(
      'Each can also stand in the environment (RXCHAT_MAX_LINE=4KiB) or in the file ("max-line": "4KiB"); ' +
        'flags win over the environment, and that over the file.',
    )
    .fail((message, error) => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- yargs passes none where its own check fails
      throw new ConfigError(inOurWords(message ?? error.message));
    });
  for (const [name, option] of Object.entries<Option>(OPTIONS))
    parser = parser.option(flagOf(name), flag(option));
  return parser.group(['config', 'help', 'version'], 'Other:').parseSync();
}

function inOurWords(message: string): string {
  return message
    .replace(/^Unknown arguments?: /, 'there is no option ')
    .replace(/^Not enough arguments following: (.*)$/, '--$1 needs a value');
}

function flag(option: Option): Flag {
  return {
    ...(option.kind === 'switch' ? { type: 'boolean' } : { requiresArg: true }),
    group: `${option.group}:`,
    describe: option.help,
    defaultDescription: shown(option),
  };
}

function readConfigFile(path: unknown): Record<string, unknown> {
  if (typeof path !== 'string') return {};
  const unusable = (why: string): never => {
    throw new ConfigError(`--config ${path} ${why}`);
  };
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    unusable(`cannot be read (${String((error as NodeJS.ErrnoException).code)})`);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // The same answer as for JSON that is something else.
  }
  return unusable('is not one JSON object, like {"port": 8080}');
}

function greeting({ host, port, maxClients, descriptors }: Listening): string {
  const at = host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
  const local = host === '127.0.0.1' || host === '::1';
  const limit =
    descriptors === undefined
      ? ''
      : `It takes ${String(maxClients)} clients at most, since the descriptor limit (ulimit -n) is ${String(descriptors)}.\n`;
  return `rxchat listens on ${at}${local ? ', for this machine only; --host :: opens it to others' : ''}\n${limit}`;
}

const isListenError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'syscall' in error &&
  ['listen', 'bind', 'getaddrinfo'].includes(String(error.syscall));

function listenProblem(error: NodeJS.ErrnoException, { host, port }: Config): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `--port ${String(port)} is in use on ${host}; stop what uses it, or take another (0 takes a free one)`;
    case 'EACCES':
      return `--port ${String(port)} needs rights that you do not have; take one from 1024 up`;
    default:
      return `--host ${host} cannot be listened on (${error.code ?? error.message}); 127.0.0.1 is this machine only, :: everyone`;
  }
}
