import { beforeAll, expect, test } from 'vitest';
import { until } from './support/chat.ts';
import { Command } from './support/command.ts';
import { folder } from './support/kept.ts';
import { needsBuild } from './support/needs.ts';
import {
  exportOf,
  MAIL,
  numbersOf,
  type Sender,
  sendersIn,
  type Told,
  toldIn,
  upTo,
} from './support/sender.ts';

beforeAll(needsBuild);

const TIMES = 50;
/** Servers that this is done to at the same time, each in a folder of its own. */
const SERVERS = 2;
/** Lines that somebody may ask for. */
const MOST = 1000;

/** All of it, up to so many lines. */
async function historyOf(room: string, server: Command): Promise<Told[]> {
  const reader = await server.login('reader');
  reader.say('/format json');
  for (;;) {
    reader.forget();
    reader.say(`/history ${room} ${String(MOST)}`);
    const end = (): Told | undefined => toldIn(reader.lines).find(({ type }) => type === 'past');
    await until(() => end() !== undefined, 'the history is told');
    const lines = toldIn(reader.lines).filter(({ type }) => type === 'message');
    // Whoever looks for it has only so much time, which a busy machine may have for others.
    if (end()?.more !== true || lines.length === MOST) return lines;
  }
}

/** Kills a server so many times in the middle of a flood, and looks behind each what it has; and at all of it in the end. */
async function killAgain(times: number): Promise<void> {
  const at = folder();
  const start = (): Promise<Command> => Command.start(['--data-dir', at, '--mail-max', '100000']);
  let server = await start();
  const bob = await server.login('bob');
  bob.say('/reserve correct horse');
  await bob.sees(/^\* bob is yours/);
  bob.socket.end('/quit\n');
  await bob.end();

  const all: Sender[] = [];
  for (let time = 1; time <= times; time++) {
    const room = `#flood${String(time)}`;
    const senders = await sendersIn(room, server);
    const enough = 1 + ((time * 37) % 250);
    await until(() => senders.some(({ promised }) => promised >= enough), 'some of it is kept');
    await server.kill();
    await until(() => senders.every(({ isOver }) => isOver), 'all that it has said is heard');
    server = await start();
    const history = await historyOf(room, server);
    for (const sender of senders) {
      expect(sender.wrong).toBeUndefined();
      const there = numbersOf(sender, history);
      const last = there.at(-1) ?? 0;
      expect(last).toBeGreaterThanOrEqual(sender.promised);
      expect(there).toEqual(history.length < MOST ? upTo(last) : upTo(last).slice(-there.length));
    }
    all.push(...senders);
  }
  await server.kill();

  const kept = exportOf(at);
  const [lines, mail] = ['said', 'mail'].map((what) => kept.filter(({ type }) => type === what));
  for (const sender of all) {
    const there = numbersOf(
      sender,
      (lines ?? []).filter(({ room }) => room === sender.room),
    );
    expect(there).toEqual(upTo(there.length));
    expect(there.length).toBeGreaterThanOrEqual(sender.promised);
    expect(there.length).toBeLessThanOrEqual(sender.sent);
    expect(numbersOf(sender, mail ?? [])).toEqual(upTo(there.length, MAIL));
  }
}

test(`a server that is killed in mid-flood, ${String(TIMES)} times, has all that its receipts promised, each once and in order`, async () => {
  await Promise.all(Array.from({ length: SERVERS }, () => killAgain(TIMES / SERVERS)));
}, 180_000);
