/** Clients who flood a room with receipts on, and what is kept of what they said. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Client, until } from './chat.ts';
import type { Command } from './command.ts';
import { ROOT } from './needs.ts';

const NAMES = ['alice', 'carol', 'dave'];
/** Lines of each that have no receipt yet. */
const WINDOW = 64;
/** Every so many lines one is for bob, too: his name is his own, and he is not here. */
export const MAIL = 8;
/** A line of the server, or of an export. */
export interface Told {
  readonly type: string;
  readonly code?: string;
  readonly number?: number;
  readonly kept?: boolean;
  readonly mailed?: readonly string[];
  readonly missed?: readonly string[];
  readonly from?: string;
  readonly sender?: string;
  readonly room?: string;
  readonly text?: string;
  readonly more?: boolean;
}

export const toldIn = (lines: readonly string[]): Told[] => lines.map((line) => JSON.parse(line) as Told);

/** Somebody who floods a room, as fast as receipts come. Its lines are numbered from 1, behind the name of the room. */
export class Sender {
  readonly name: string;
  readonly room: string;
  /** All up to this one are promised to be kept. */
  promised = 0;
  sent = 0;
  /** A receipt that promises something else, or comes out of order. */
  wrong: Told | undefined;
  /** The last line that it was told. */
  last: Told | undefined;
  readonly #client: Client;

  constructor(client: Client, name: string, room: string) {
    [this.#client, this.name, this.room] = [client, name, room];
    client.say('/receipts on');
    client.socket.on('data', () => {
      this.#hear();
      this.#go();
    });
    this.#go();
  }

  /** Nothing more is heard. */
  get isOver(): boolean {
    return this.#client.ended || this.#client.closed;
  }

  #hear(): void {
    const { lines } = this.#client;
    // What is torn may go on.
    this.#client.text = this.#client.text.slice(this.#client.text.lastIndexOf('\n') + 1);
    const last = lines.at(-1);
    if (last !== undefined) this.last = JSON.parse(last) as Told;
    for (const receipt of toldIn(lines.filter((line) => line.startsWith('{"type":"receipt"')))) {
      const { number, kept, missed = [], mailed = [] } = receipt;
      const isKept = kept === true && missed.length === 0 && mailed.length === Number(isMail(number ?? 0));
      if (number === this.promised + 1 && isKept) this.promised = number;
      else this.wrong ??= receipt;
    }
  }

  #go(): void {
    const lines: string[] = [];
    while (this.sent < this.promised + WINDOW) {
      const to = isMail(++this.sent) ? `bob, ${this.room}` : this.room;
      lines.push(`${to}: ${this.room} ${String(this.sent)}`);
    }
    if (lines.length > 0) this.#client.say(...lines);
  }
}

const isMail = (number: number): boolean => number % MAIL === 0;

export async function sendersIn(room: string, server: Command): Promise<Sender[]> {
  const clients = await Promise.all(NAMES.map((name) => server.login(name)));
  for (const client of clients) {
    client.say('/format json', `/join ${room}`);
    await until(() => toldIn(client.lines).some(({ type }) => type === 'entered'), 'it is in the room');
  }
  for (const client of clients) client.forget();
  return clients.map((client, at) => new Sender(client, NAMES[at] as string, room));
}

/** Which of its lines are there, by their numbers, in the order in which they are there. */
export const numbersOf = ({ name, room }: Sender, lines: readonly Told[]): number[] =>
  lines
    .filter(({ from, sender, text }) => (from ?? sender) === name && text?.startsWith(`${room} `))
    .map(({ text }) => Number(text?.split(' ')[1]));

/** Each `step`th number, up to `last`. */
export const upTo = (last: number, step = 1): number[] =>
  Array.from({ length: Math.floor(last / step) }, (_, nth) => (nth + 1) * step);

/** All that is kept in a folder, by `rxchat admin export`. */
export function exportOf(at: string): Told[] {
  const argv = [join(ROOT, 'bin/rxchat.js'), 'admin', 'export', '--data-dir', at];
  const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  expect(status).toBe(0);
  return toldIn(stdout.trimEnd().split('\n'));
}
