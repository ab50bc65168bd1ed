/** The one table of commands: what dispatches them and what `/help` says of them. */

export interface CommandLine {
  readonly word: string;
  readonly help: string;
}

export const COMMANDS = [
  { word: 'help', help: 'this list' },
  { word: 'quit', help: 'leave; ctrl-c does it, too' },
] as const satisfies readonly CommandLine[];

export type Word = (typeof COMMANDS)[number]['word'];
