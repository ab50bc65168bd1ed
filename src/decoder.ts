/** What a line asks for. The forms are in docs/protocol.md. */
import { commandOf } from './commands/table.ts';
import type { Passage } from './lines.ts';
import type { Command, Name } from './message.ts';
import { parseName, parseRoom } from './name.ts';
import { isInk } from './plain.ts';
import { detach, quote, safe } from './safe.ts';

export interface Reading {
  /** The most recipients that a line may name. */
  readonly maxRecipients: number;
  /** Pass text on as it is, control characters and all. */
  readonly raw: boolean;
}

/** Characters up to which the recipients of a line are remembered: this, and names for it, is memory for each client. */
const REMEMBERED = 1024;

/** What stands before a text: `text` with its colon and the blank behind that, and who is meant; `to` is undefined where they are too many. */
interface Head {
  readonly text: string;
  /** The same as it may be passed on. */
  readonly shown: string;
  readonly to: readonly Name[] | undefined;
}

/** Of a line that begins with its colon. */
const NOBODY: Head = { text: ':', shown: ':', to: [] };

/** What it costs to read a name, in bytes: more than its letters. */
const NAME = 64;
/** What it costs to answer a command, in bytes, where the table does not say more. */
const ANSWER = 192;
/** The longest word behind a "/" that is looked up. */
const WORD = 16;
const SLASH = '/';
const SLASH_CODE = 0x2f;
/** What stands between names behind a command. */
const GAPS = /[\s,]+/g;
const LEADING_GAPS = /^[\s,]+/;
const LEADING_GAP = /^,?\s*/;

/**
 * Reads one client's lines. Knows nothing of who said them: the chat decides what they mean in their state. It only
 * remembers whom the last ones were for, since people go on writing to whom they wrote before.
 */
export class Decoder {
  readonly #reading: Reading;
  /** Of the last line for one, and of the last line for several: to read many names anew is what costs. */
  #one = NOBODY;
  #several = NOBODY;
  /** What the next line for several begins with if it is for the same. */
  #known = '';

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Before which character of `text` no line names several or is a command. */
  weightless(text: string): number {
    if (text.startsWith(SLASH)) return 0;
    const comma = text.indexOf(',');
    const slash = text.indexOf('\n/');
    const end = slash < 0 ? text.length : slash + 1;
    return comma < 0 ? end : Math.min(comma, end);
  }

  /** What the line costs beyond its bytes, in bytes: the names that will have to be read anew, or the answer. */
  weigh(line: string): number {
    if (line.startsWith(SLASH)) return costOf(line);
    if (this.#known !== '' && begins(line, 0, this.#known)) return 0;
    return NAME * commasOf(line);
  }

  /** A line that weighs something is going to be decoded, behind those that passed before. */
  passed(line: string): void {
    if (line.startsWith(SLASH)) return;
    const length = headLength(line);
    if (length > REMEMBERED) return;
    // They may be too many to be remembered, or only gaps between commas: then nothing is known.
    this.#known = commasOf(line) < this.#reading.maxRecipients ? detach(line.slice(0, length)) : '';
  }

  /** What the lines ask for; those that follow each other and are for the same ask together. */
  read(passages: readonly Passage[]): Command[] {
    const commands: Command[] = [];
    let last: Head | undefined;
    let rests: string[] = [];
    for (const passage of passages) {
      if ('fault' in passage) {
        commands.push({ kind: 'fault', fault: passage.fault });
        last = undefined;
        continue;
      }
      const { text, plain } = passage;
      for (let at = 0; at < text.length;) {
        const end = text.indexOf('\n', at);
        const head = this.#headOf(text, at, end);
        if (!head) commands.push(this.#without(text.slice(at, end)));
        else {
          if (head !== last)
            commands.push({ kind: 'say', head: head.shown, to: head.to, rests: (rests = []) });
          const rest = withoutEnd(text.slice(at + head.text.length, end));
          rests.push(plain ? rest : this.#safe(rest));
        }
        last = head;
        at = end + 1;
      }
    }
    return commands;
  }

  /** A line that names nobody. */
  #without(line: string): Command {
    return line.startsWith(SLASH) ? this.#word(line) : this.#bare(line);
  }

  /** Two slashes are a text that begins with one. */
  #word(line: string): Command {
    const text = detach(this.#safe(line.slice(1).trimEnd()));
    if (text.startsWith(SLASH)) return { kind: 'bare', name: undefined, text };
    const space = text.search(/\s/);
    const end = space < 0 ? text.length : space;
    const word = text.slice(0, end).toLowerCase();
    const rest = text.slice(end).trimStart();
    const most = this.#reading.maxRecipients;
    const reads = commandOf(word)?.reads ?? 0;
    if (reads === 0) return { kind: 'word', word, to: [], text: rest };
    if (reads !== 'line') return { kind: 'word', word, ...namesOf(rest, reads, most) };
    const colon = rest.indexOf(':');
    const to = recipients(rest.slice(0, Math.max(0, colon)), most);
    return { kind: 'word', word, to, text: rest.slice(colon + 1).trim() };
  }

  #bare(line: string): Command {
    const text = this.#safe(line.trim());
    if (text === '') return { kind: 'blank' };
    // Longer than any name; and a name is kept, the text is not.
    const name = text.length > REMEMBERED ? undefined : parseName(detach(text));
    return { kind: 'bare', name, text };
  }

  /** Of the line from `at` to `end`. */
  #headOf(text: string, at: number, end: number): Head | undefined {
    if (begins(text, at, this.#one.text)) return this.#one;
    if (text.charCodeAt(at) === SLASH_CODE) return undefined;
    if (begins(text, at, this.#several.text)) return this.#several;
    const line = text.slice(at, end);
    const colon = line.indexOf(':');
    if (colon < 0) return undefined;
    const named = detach(line.slice(0, headLength(line)));
    const to = recipients(named.slice(0, colon), this.#reading.maxRecipients);
    const head = { text: named, shown: this.#safe(named), to };
    if (to && named.length <= REMEMBERED) this.#remember(head);
    return head;
  }

  #safe(text: string): string {
    return this.#reading.raw ? text : safe(text);
  }

  #remember(head: Head): void {
    if (head.text.includes(',')) this.#several = head;
    else this.#one = head;
  }
}

/** Up to the text: the colon, and the blank that is nearly always behind it. */
function headLength(line: string): number {
  const text = line.indexOf(':') + 1;
  return text > 0 && line.startsWith(' ', text) ? text + 1 : text;
}

/** `trimEnd`, which has nothing to do for nearly any. */
const withoutEnd = (rest: string): string =>
  isInk(rest.charCodeAt(rest.length - 1)) ? rest : rest.trimEnd();

/** The commas of the recipients. */
function commasOf(line: string): number {
  const colon = line.indexOf(':');
  let commas = 0;
  for (let comma = line.indexOf(','); comma >= 0 && comma < colon; comma = line.indexOf(',', comma + 1))
    commas++;
  return commas;
}

/** `startsWith`, which takes eight times as long where a hundred names are to be compared. */
const begins = (text: string, at: number, head: string): boolean => text.slice(at, at + head.length) === head;

/** What a command costs, in bytes: its answer, and the names that have to be read. */
function costOf(line: string): number {
  const end = line.slice(1, WORD).search(/\s/);
  const word = end < 0 ? line.slice(1, WORD) : line.slice(1, 1 + end);
  const { cost = ANSWER, reads = 0 } = commandOf(word.toLowerCase()) ?? {};
  if (reads === 'line') return cost + NAME * commasOf(line);
  return reads > 1 ? cost * (line.match(GAPS)?.length ?? 1) : cost;
}

/** Up to `count` names and rooms, and the text behind them; `to` is undefined where there are more than `most`. */
function namesOf(rest: string, count: number, most: number): { to: Name[] | undefined; text: string } {
  const to: Name[] = [];
  let text = rest;
  while (text !== '' && to.length < count) {
    if (to.length === most) return { to: undefined, text: '' };
    const gap = text.search(GAPS);
    const end = gap < 0 ? text.length : gap;
    if (end > 0) to.push(recipient(detach(text.slice(0, end))));
    // What follows the last one may be a password, and begin as it likes.
    text = text.slice(end).replace(to.length < count ? LEADING_GAPS : LEADING_GAP, '');
  }
  return { to, text };
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
  return parseName(text) ?? parseRoom(text) ?? { shown: quote(text), key: '' };
}
