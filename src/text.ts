/** The codec for people: what a line asks for, and how an event reads. The forms are in docs/protocol.md. */
import { COMMANDS } from './commands.ts';
import type { Line } from './cutter.ts';
import type { Command, Event, Name, Problem } from './message.ts';
import { parseName } from './name.ts';

export interface Reading {
  /** The most recipients that a line may name. */
  readonly maxRecipients: number;
  /** Pass text on as it is, control characters and all. */
  readonly raw: boolean;
}

/** What could drive a reader's terminal: C0 but for tab, DEL, C1, bidirectional controls, U+2028 and U+2029. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
const TAB = 9;
const HTTP = / HTTP\/1\.\d$/;
const QUOTED = 64;

/** Characters up to which the recipients of a line are remembered: this, and names for it, is memory for each client. */
const REMEMBERED = 1024;

/** What stands before a text: `text` with its colon, and who is meant; `to` is undefined where they are too many. */
interface Head {
  readonly text: string;
  readonly to: readonly Name[] | undefined;
}

/** Of a line that begins with its colon. */
const NOBODY: Head = { text: ':', to: [] };

/** What it costs to read a name, in bytes: more than its letters. */
const NAME = 64;

/**
 * Reads one client's lines. Knows nothing of who said them: the chat decides what they mean in their state. It only
 * knows the first one, and remembers whom the last ones were for, since people go on writing to whom they wrote before.
 */
export class Decoder {
  readonly #reading: Reading;
  /** Of the last line for one, and of the last line for several: to read many names anew is what costs. */
  #one = NOBODY;
  #several = NOBODY;
  /** What the next line for several begins with if it is for the same. */
  #known = '';
  #first = true;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** What the line costs beyond its bytes, in bytes: the names that will have to be read anew. */
  weigh(line: Line): number {
    if (typeof line !== 'string' || line.startsWith('/')) return 0;
    if (this.#known !== '' && begins(line, this.#known)) return 0;
    return NAME * commasOf(line);
  }

  /** A line that weighs something is going to be decoded, behind those that passed before. */
  passed(line: Line): void {
    if (typeof line !== 'string') return;
    const length = line.indexOf(':') + 1;
    if (length > REMEMBERED) return;
    // They may be too many to be remembered, or only gaps between commas: then nothing is known.
    this.#known = commasOf(line) < this.#reading.maxRecipients ? detach(line.slice(0, length)) : '';
  }

  decode(line: Line): Command {
    const first = this.#first;
    this.#first = false;
    if (typeof line !== 'string') return { kind: 'fault', fault: line.fault };
    if (first && HTTP.test(line)) return { kind: 'http' };
    if (line.startsWith('/')) return word(line);
    const head = this.#remembered(line) ?? headOf(line, this.#reading.maxRecipients);
    if (!head) return bare(line);
    if (!head.to) return { kind: 'fault', fault: 'too-many-recipients' };
    if (head.text.length <= REMEMBERED) this.#remember(head);
    const text = line.slice(head.text.length).trim();
    return { kind: 'say', to: head.to, text: this.#reading.raw ? text : safe(text) };
  }

  #remember(head: Head): void {
    if (head.text.includes(',')) this.#several = head;
    else this.#one = head;
  }

  #remembered(line: string): Head | undefined {
    if (begins(line, this.#one.text)) return this.#one;
    return begins(line, this.#several.text) ? this.#several : undefined;
  }
}

/** The commas of the recipients. */
function commasOf(line: string): number {
  const colon = line.indexOf(':');
  let commas = 0;
  for (let comma = line.indexOf(','); comma >= 0 && comma < colon; comma = line.indexOf(',', comma + 1))
    commas++;
  return commas;
}

/** `startsWith`, which takes eight times as long where a hundred names are to be compared. */
// eslint-disable-next-line @typescript-eslint/prefer-string-starts-ends-with -- measured
const begins = (line: string, head: string): boolean => line.slice(0, head.length) === head;

function word(line: string): Command {
  const space = line.search(/\s/);
  if (space < 0) return { kind: 'word', word: line.slice(1), rest: '' };
  return { kind: 'word', word: line.slice(1, space), rest: line.slice(space).trim() };
}

function bare(line: string): Command {
  const text = detach(line.trim());
  if (text === '') return { kind: 'blank' };
  return { kind: 'bare', name: parseName(text) };
}

function headOf(line: string, maxRecipients: number): Head | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return undefined;
  const text = detach(line.slice(0, colon + 1));
  return { text, to: recipients(text.slice(0, -1), maxRecipients) };
}

/**
 * The same text in memory of its own. A piece of a line keeps all that was decoded with it alive (V8 cuts strings
 * of 13 characters and more by reference), so what is to stay is copied.
 */
function detach(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function recipients(list: string, most: number): Name[] | undefined {
  const names: Name[] = [];
  for (let from = 0; from <= list.length;) {
    const comma = list.indexOf(',', from);
    const end = comma < 0 ? list.length : comma;
    const part = list.slice(from, end).trim();
    from = end + 1;
    if (part === '') continue;
    if (names.length === most) return undefined;
    names.push(recipient(part));
  }
  return names;
}

function recipient(text: string): Name {
  return parseName(text) ?? { shown: quote(text), key: '' };
}

/** Somebody's input in an answer: short, and nothing that a terminal would obey. */
function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * QUOTED + 1));
  return safe(characters.length > QUOTED ? `${characters.slice(0, QUOTED).join('')}…` : text);
}

/** The same text without what could drive the terminal of who reads it. */
export function safe(text: string): string {
  if (!UNSAFE.test(text)) return text;
  // A 16 KiB line of nothing else takes 50 µs so, and 1 ms with `replace`.
  const units = new Uint16Array(text.length);
  for (let at = 0; at < units.length; at++) {
    const unit = text.charCodeAt(at);
    units[at] = isUnsafe(unit) ? 0xfffd : unit;
  }
  return Buffer.from(units.buffer).toString('utf16le');
}

const isUnsafe = (unit: number): boolean =>
  unit < 0x20
    ? unit !== TAB
    : (unit >= 0x7f && unit < 0xa0) || (unit >= 0x2028 && UNSAFE.test(String.fromCharCode(unit)));

/** One event as whole lines, each with its end. */
export function encode(event: Event): string {
  switch (event.type) {
    case 'message':
      return `from ${event.from}: ${event.text}\n`;
    case 'help':
      return HELP;
    case 'problem':
      return `! ${explain(event)}\n`;
  }
}

const HELP = [
  '"bob: hello" says hello to bob; "bob, carol: hello" to both',
  ...COMMANDS.map(({ word, help }) => `/${word.padEnd(6)} ${help}`),
]
  .map((line) => `* ${line}\n`)
  .join('');

function explain(problem: Problem): string {
  switch (problem.code) {
    case 'name-taken':
      return `the name ${problem.name} is taken; type another`;
    case 'not-a-name':
      return 'a name is 1 to 32 letters, digits, "_", "-" or "."; type another';
    case 'no-name':
      return 'you have no name, so nothing was sent; closing';
    case 'not-a-chat-client':
      return 'this is a chat; a line is a name first';
    case 'absent':
      return `${problem.names.join(', ')} ${problem.names.length === 1 ? 'is' : 'are'} not here`;
    case 'no-recipient':
      return 'say who it is for, like "bob: hello"; /help tells more';
    case 'unknown-command':
      return `there is no /${quote(problem.word)}; /help lists what there is`;
    case 'line-too-long':
      return `that line is longer than ${String(problem.limit)} bytes; it was not sent`;
    case 'not-utf8':
      return 'that line is not UTF-8; it was not sent';
    case 'too-many-recipients':
      return `that is more than ${String(problem.limit)} recipients; it was not sent`;
    case 'full':
      return 'the server is full; try again later';
    case 'login-timeout':
      return `no name within ${String(problem.limit)} s; closing`;
    case 'too-slow':
      return 'you read too slowly; closing';
    case 'stopping':
      return 'the server is stopping';
    case 'fault':
      return 'something went wrong here, and your last line may not have been sent; closing';
  }
}
