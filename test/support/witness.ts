/** Somebody in a room who only listens: all of them hear the same, wherever they are. */
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Door } from './cluster-load.ts';
import { Cutter } from './streams.ts';

export const HALL = '#hall';

export class Witness {
  readonly name: string;
  readonly door: Door;
  /** What it has heard in the room, news of it included. */
  readonly lines: string[] = [];
  /** When it heard of somebody who came or left, by the clock of `performance`. */
  readonly news = new Map<string, number>();
  isHere = false;
  isOver = false;

  /** Comes to that node until the test is over, or it is let go. */
  constructor(name: string, door: Door) {
    this.name = name;
    this.door = door;
    const cutter = new Cutter((line) => {
      if (this.isHere) {
        this.lines.push(line);
        if (line.startsWith('* ')) this.news.set(line, performance.now());
      } else if (line.endsWith(HALL) || line.startsWith(`* in ${HALL}:`)) this.isHere = true;
    });
    const socket = connect({ port: door.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (bytes: Buffer) => {
      cutter.push(bytes);
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      this.isOver = true;
    });
    onTestFinished(() => {
      socket.destroy();
    });
    socket.write(`${name}\n/join ${HALL}\n`);
  }
}

/** Where what they have heard while both were there was not the same. In the order in which they came. */
export function agreement(witnesses: readonly Witness[]): string[] {
  return witnesses.flatMap((one, nth) =>
    witnesses.slice(nth + 1).flatMap((later) => between(one, later) ?? []),
  );
}

function between(one: Witness, later: Witness): string | undefined {
  const [before, lines] = [heardBy(one, later), heardBy(later, one)];
  const from = before.indexOf(lines[0] as string);
  const both = before.slice(from);
  if (from < 0) {
    // One of them was gone before the other had heard anything.
    if (one.isOver || (later.isOver && lines.length === 0)) return undefined;
    return `apart: ${one.name} has not heard what ${later.name} heard first, ${show(lines[0])}`;
  }
  const least = Math.min(both.length, lines.length);
  for (let at = 0; at < least; at++)
    if (both[at] !== lines[at])
      return `apart: where ${one.name} heard ${show(both[at])}, ${later.name} heard ${show(lines[at])}`;
  if (!one.isOver && !later.isOver && both.length !== lines.length)
    return `apart: ${one.name} and ${later.name} are both there, and one has heard more`;
  return undefined;
}

/** What is of the room, without the coming and going of the two: who comes does not hear that. */
function heardBy({ name, lines }: Witness, { name: other }: Witness): string[] {
  const ofThem = new RegExp(`^\\* (.*, )?(${name}|${other})\\b.* (joined|left) `);
  return lines.filter((line) => OF_ROOM.test(line) && !ofThem.test(line));
}

const OF_ROOM = /^(from \S+ in #hall: |\* .* (joined|left) #hall$)/;

const show = (line: string | undefined): string => JSON.stringify(line?.slice(0, 60));
