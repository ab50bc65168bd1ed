/** The command: flags, signals, exit codes, and the one `subscribe` of the program. */
import { readFileSync } from 'node:fs';
import { fromEvent, merge } from 'rxjs';
import yargs, { type Options as Flag } from 'yargs';
import { ConfigError, configure, flagOf, OPTIONS, type Config, type Option } from './config.ts';
import type { Listening } from './notice.ts';
import { createReport } from './report.ts';
import { serve } from './server.ts';

export function main(args: readonly string[], version: string): void {
  let config: Config;
  try {
    const flags = parse(args, version);
    config = configure(flags, process.env, readConfigFile(flags['config'] ?? process.env['RXCHAT_CONFIG']));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`rxchat: ${error.message}; see --help\n`);
    process.exitCode = 2;
    return;
  }
  const report = createReport();
  const stop = merge(fromEvent(process, 'SIGTERM'), fromEvent(process, 'SIGINT'));
  process.on('SIGHUP', () => undefined);
  process.stdout.on('error', () => undefined);
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (++signals > 1) process.exit(1);
    });
  }
  serve({ ...config, stop }).subscribe({
    next: (notice) => {
      if (notice.type === 'listening') process.stdout.write(greeting(notice));
      report.log(notice);
    },
    error: (error: unknown) => {
      if (!isListenError(error)) throw error;
      process.stderr.write(`rxchat: ${listenProblem(error, config)}\n`);
      process.exit(1);
    },
    complete: () => {
      process.exit(0);
    },
  });
}

function parse(args: readonly string[], version: string): Record<string, unknown> {
  let parser = yargs([...args])
    .scriptName('rxchat')
    .usage('$0 [options]\\n\\nA chat server that needs nothing but netcat.')
    .strict()
    .version(version)
    .wrap(100)
    .option('config', {
      type: 'string',
      requiresArg: true,
      group: 'Listening:',
      describe: 'JSON file with options by their names here',
    })
    .fail((message, error) => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- yargs passes none where its own check fails
      throw error ?? new ConfigError(message);
    });
  for (const [name, option] of Object.entries<Option>(OPTIONS))
    parser = parser.option(flagOf(name), flag(option));
  return parser.parseSync();
}

function flag(option: Option): Flag {
  return {
    type: option.kind === 'switch' ? 'boolean' : 'string',
    requiresArg: option.kind !== 'switch',
    group: `${option.group}:`,
    describe: option.help,
    defaultDescription: String(option.default),
  };
}

function readConfigFile(path: unknown): Record<string, unknown> {
  if (typeof path !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
    throw new Error('it is not one JSON object');
  } catch (error) {
    throw new ConfigError(`--config: ${path} cannot be used: ${(error as Error).message}`);
  }
}

function greeting({ host, port }: Listening): string {
  const at = host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
  const local = host === '127.0.0.1' || host === '::1';
  return `rxchat listens on ${at}${local ? ', for this machine only; --host :: opens it to others' : ''}\n`;
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
