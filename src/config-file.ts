/** The file that --config names. */
import { ConfigError } from './config.ts';
import { readTextFile } from './text-file.ts';

/** What is in it, by flag names. Throws a ConfigError where it cannot be read, or is not one JSON object. */
export function readConfigFile(path: string): Record<string, unknown> {
  const unusable = (why: string): never => {
    throw new ConfigError(`the config file ${path} ${why}`);
  };
  const text = readTextFile(path, 'config file');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    unusable(`is not JSON: ${(error as SyntaxError).message.replaceAll(/\s+/g, ' ')}`);
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  return unusable('is not one JSON object, like {"port": 8080}');
}
