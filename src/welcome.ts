/** What everybody is told after the login, if anything. */
import { ConfigError } from './config.ts';
import { safe } from './safe.ts';
import { readTextFile } from './text-file.ts';

/** Lines and characters of all of them together: it is for a screen, and everybody gets it. */
const LINES = 24;
const LENGTH = 4096;

/** Throws a ConfigError where the file cannot be read, or there is too much in it. */
export function welcomeOf({
  welcome,
  welcomeFile,
}: {
  welcome: string;
  welcomeFile: string;
}): readonly string[] {
  if (welcomeFile === '') return linesOf(welcome, 'welcome');
  if (welcome !== '')
    throw new ConfigError('there is both a welcome and a welcome-file; only one can be told');
  return linesOf(readTextFile(welcomeFile, 'welcome file'), `the welcome file ${welcomeFile}`);
}

function linesOf(text: string, what: string): readonly string[] {
  const lines = text.trimEnd().split(/\r?\n/).map(safe);
  if (text.trim() === '') return [];
  if (lines.length <= LINES && text.length <= LENGTH) return lines;
  throw new ConfigError(`${what} must be at most ${String(LINES)} lines and ${String(LENGTH)} characters`);
}
