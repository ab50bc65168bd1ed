/** What a command is. */
import type { Answer, CommandHelp, Trouble } from '../event.ts';
import type { Hall } from '../hall.ts';
import type { Input, Name } from '../message.ts';
import type { Client } from '../client.ts';

/** Names and rooms in a list, as an answer; the others are counted. */
export const LISTED = 100;
/** Bytes of a piece of news, roughly. */
export const NEWS = 64;

/**
 * How what stands behind the word is read: so many names or rooms first and then a text, or, as `line`, recipients up to
 * the first colon and then a text.
 */
export type Reads = number | 'line';

/** What stood behind the word; `input` is the line itself, in case its sender has to wait with it. */
export interface Arguments {
  readonly to: readonly Name[];
  readonly text: string;
  readonly input: Input;
}

/** Why it is not done; `usage` where it cannot be told what was meant. */
export type Refusal = Trouble | 'usage';

export interface CommandEntry extends CommandHelp {
  readonly reads: Reads;
  /** What it is called elsewhere: who types that is told. */
  readonly elsewhere?: readonly string[];
  /** About how many bytes it makes its sender hear, where they are many: the gate counts them like bytes said. */
  readonly cost?: number;
  /** It is a line like those that are no command: it is numbered where they are, and its problems with it. */
  readonly says?: true;
  /** Others would hear or see something of it that its sender has written: who may not speak may not do it. */
  readonly tells?: (hall: Hall, said: Arguments) => boolean;
  /** It may be used before a name is chosen, too. */
  readonly nameless?: true;
  /** A password stands behind it: what it says is checked where it came in, and goes no further. */
  readonly secret?: true;
  /** Only for those who keep order; the others are not told of it. */
  readonly operator?: true;
  /** Does it; gives what is answered to who asked, or why it is not done. */
  readonly run: (hall: Hall, client: Client, said: Arguments) => Answer | Refusal | undefined;
}
