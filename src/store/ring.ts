/** The last lines of each room, in memory: what nearly everybody asks for. */
import type { Found, Past, Place, Query } from '../past.ts';
import { Findings } from './findings.ts';
import { lastOf, type Run } from './deed.ts';

/** Bytes of anything but the text. */
const ENTRY = 200;

interface Entry {
  readonly run: Run;
  readonly shown: string;
}

/** Of one room. */
interface Last {
  readonly entries: Entry[];
  lines: number;
}

type OfRoom = Extract<Query, { of: 'room' }>;

const isBefore = (one: Past, other: Past): boolean =>
  one.sequence < other.sequence || (one.sequence === other.sequence && one.index < other.index);
const keyOf = ({ key, private: which }: Place): string => (which === undefined ? key : `${key}\n${which}`);
const sizeOf = ({ run }: Entry): number => run.bytes + ENTRY;

export class Ring {
  readonly #most: number;
  readonly #limit: number;
  /** The one where nothing was said for the longest time is the first. */
  readonly #rooms = new Map<string, Last>();
  #bytes = 0;

  /** `lines` for each room, `bytes` in all: past them the oldest go. */
  constructor(lines: number, bytes: number) {
    // One more tells whether there are more than somebody asks for.
    this.#most = lines + 1;
    this.#limit = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#rooms.clear();
    this.#bytes = 0;
  }

  add(room: Place, whole: Run): void {
    const key = keyOf(room);
    const last = this.#rooms.get(key) ?? { entries: [], lines: 0 };
    this.#rooms.delete(key);
    this.#rooms.set(key, last);
    // To cut costs more than to have some more in memory for a while.
    const run = whole.count > 4 * this.#most ? lastOf(whole, this.#most) : whole;
    const entry = { run, shown: room.shown };
    last.entries.push(entry);
    last.lines += entry.run.count;
    this.#bytes += sizeOf(entry);
    while (last.lines - (last.entries[0] as Entry).run.count >= this.#most) this.#drop(last);
    for (const [silent, { entries }] of this.#rooms) {
      while (this.#bytes > this.#limit && entries.length > 0) this.#drop(this.#rooms.get(silent) as Last);
      if (entries.length === 0) this.#rooms.delete(silent);
      if (this.#bytes <= this.#limit) break;
    }
  }

  /** The answer, if all of it is here. */
  find(query: OfRoom): Found | undefined {
    const { answer, isAll } = this.#look(query);
    return isAll ? answer.oldestFirst : undefined;
  }

  /** What is in the `file`, if anything can be read there, and behind it what is here and not there yet; undefined where that is nothing. */
  complete(query: OfRoom, file: Found = { lines: [], more: true }): Found | undefined {
    const here = this.#look(query).answer.oldestFirst.lines;
    const [first] = here;
    const older = first ? file.lines.filter((line) => isBefore(line, first)) : file.lines;
    const answer = new Findings(query.count);
    for (const { texts, ...heading } of [...older, ...here].reverse())
      if (!answer.isFull) answer.addRun(heading, texts.join('\n'));
    if (file.more) answer.giveUp();
    const found = answer.oldestFirst;
    return found.lines.length > 0 ? found : undefined;
  }

  /** What is here of it, and whether that is all. */
  #look({ room, after, owner, count }: OfRoom): { answer: Findings; isAll: boolean } {
    const { entries } = this.#rooms.get(keyOf(room)) ?? { entries: [] };
    const answer = new Findings(count);
    for (const { run, shown } of entries.toReversed()) {
      if (room.private !== undefined && run.sequence <= after) {
        // What is older is for nobody but who was here then.
        if (owner === undefined) return { answer, isAll: true };
        break;
      }
      const { sequence, index, time, from, text } = run;
      answer.addRun({ sequence, index, time, from, room: shown, to: undefined }, text);
      if (answer.isFull) return { answer, isAll: true };
    }
    return { answer, isAll: false };
  }

  #drop(last: Last): void {
    const entry = last.entries.shift() as Entry;
    last.lines -= entry.run.count;
    this.#bytes -= sizeOf(entry);
  }
}
