/** Somebody who comes to one of several nodes, talks, and comes to another one if the connection ends. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Checker, Stay } from './checker.ts';
import type { Door, End } from './cluster-load.ts';
import { Cutter } from './streams.ts';

/** Lines that may be on their way. */
const WINDOW = 16;
/** Milliseconds until somebody tries again who was not let in. */
const AGAIN = 50;
/** What is in a last word. */
export const LAST = 'that was all';

const STOPPING = '! the server is stopping';
const CUT_OFF =
  /^! this server (?:was cut off from|is stopping and could not reach) the others, and (.*); closing$/;
const UNSENT = /^your last (?:line|(\d+) lines), from "(.*)" on, may not have been sent$/;

export interface Host {
  readonly doors: readonly Door[];
  readonly checker: Checker;
  ended(end: End, ...faults: string[]): void;
}

export class Guest {
  readonly name: string;
  /** Where it is. */
  door: Door | undefined;
  isHere = false;
  isGone = false;
  /** Lines of others and its own; its own; and last words. */
  heard = 0;
  ownHeard = 0;
  lasts = 0;
  /** What it was told with a `*`. */
  readonly news: string[] = [];
  readonly #host: Host;
  #tries: number;
  #socket: Socket | undefined;
  #stay: Stay | undefined;
  /** Numbers of what it has said last, and of what has come back. */
  #said = 0;
  #back = 0;
  #unsent: string[] = [];
  #isLeaving = false;

  /** It comes to that node first. */
  constructor(name: string, home: number, host: Host) {
    this.name = name;
    this.#tries = home;
    this.#host = host;
    onTestFinished(() => {
      this.#isLeaving = true;
      this.#socket?.destroy();
    });
  }

  /** Its lines that have not come back. */
  get waits(): number {
    return this.#unsent.length;
  }

  get mayTalk(): boolean {
    return this.isHere && this.waits < WINDOW;
  }

  /** To itself, too, so that it knows when that is in the log. */
  say(to: readonly string[], filler: string): void {
    const line = (this.#stay as Stay).says(to, filler);
    this.#said = Number(tagIn(line)?.split('#')[1]);
    this.#unsent.push(line);
    this.#socket?.write(`${line}\n`);
  }

  leave(): void {
    this.#isLeaving = true;
    this.#socket?.end();
  }

  /** Again and again, until it is let in. */
  come(): void {
    const { doors } = this.#host;
    const door = doors[this.#tries++ % doors.length] as Door;
    let isRefused = false;
    let word: string | undefined;
    const socket = connect({ port: door.port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket = socket;
    const cutter = new Cutter((line) => {
      // Behind a refusal the answer to its ping may come, too.
      if (isRefused) return;
      if (line.startsWith(`! the name ${this.name} is taken`)) {
        isRefused = true;
        socket.destroy();
      } else if (line === '* pong') this.#enter(door);
      else if (line === STOPPING || CUT_OFF.test(line)) word = line;
      else this.#hear(line);
    });
    socket.on('data', (bytes: Buffer) => {
      cutter.push(bytes);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.isHere) this.#end(door, word);
      // Perhaps it had the name for a moment.
      else if (!isRefused && socket.bytesWritten > 0) this.#host.checker.arrives(this.name).deaf = true;
      if (this.#isLeaving) this.isGone = true;
      else
        setTimeout(() => {
          if (!this.#isLeaving) this.come();
        }, AGAIN);
    });
    socket.write(`${this.name}\n/ping\n`);
  }

  #enter(door: Door): void {
    this.#stay = this.#host.checker.arrives(this.name);
    this.#back = this.#said;
    this.#unsent = [];
    this.door = door;
    this.isHere = true;
  }

  #hear(line: string): void {
    if (line.startsWith('* ')) {
      this.news.push(line);
      return;
    }
    this.heard++;
    if (line.includes(` ${LAST} `)) this.lasts++;
    const tag = tagIn(line);
    if (tag?.startsWith(`${this.name}#`)) {
      this.ownHeard++;
      this.#back = Number(tag.split('#')[1]);
      this.#unsent.shift();
    }
    (this.#stay as Stay).hears(line);
  }

  #end(door: Door, word: string | undefined): void {
    const stay = this.#stay as Stay;
    this.isHere = false;
    this.door = undefined;
    if (this.#isLeaving && word === undefined) return;
    // All that has come back is in the log.
    stay.mayLose = this.#back + 1;
    if (word !== STOPPING) stay.deaf = true;
    this.#host.ended({ name: this.name, door, word }, ...this.#untrueIn(word));
  }

  /** What of a word about lines that may not have been sent is not so. */
  #untrueIn(word: string | undefined): string[] {
    const [, what = ''] = CUT_OFF.exec(word ?? '') ?? [];
    const [is, count = '1', first = ''] = UNSENT.exec(what) ?? [];
    if (is === undefined) return [];
    const isFirst = tagIn(first) === `${this.name}#${String(this.#back + 1)}`;
    return isFirst && Number(count) <= this.waits
      ? []
      : [
          `untrue: ${this.name} has not heard ${String(this.waits)} of its lines, and was told: ${word as string}`,
        ];
  }
}

/** The tag of the checker in a line. */
const tagIn = (line: string): string | undefined => /\S+#\d+/.exec(line)?.[0];
