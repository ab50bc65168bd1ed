/** Who is here, some in each turn of the event loop: ten thousand at once are ten milliseconds (measured). */
import type { Backlog } from '../backlog.ts';
import type { Carrier, Connection } from '../connection.ts';
import type { Rota } from '../rota.ts';
import type { Gate, Reason } from '../gate.ts';

/** Looked at in one go: half a millisecond. */
const AT_ONCE = 500;

/** What the office sees of a client. */
export interface Resident {
  readonly name: string | undefined;
  readonly lines: number;
  readonly backlog: Pick<Backlog, 'bytes' | 'level'>;
  readonly connection: Pick<Connection, 'id' | 'address' | 'carrier' | 'since' | 'bytesIn' | 'bytesOut'> & {
    readonly gate: Pick<Gate, 'reasons'>;
  };
}

/** All of them, so many at once, part by part; `rota` says when it is whose turn. Who leaves meanwhile may be missing. */
export async function* inParts<T>(all: Iterable<T>, rota: Rota, atOnce = AT_ONCE): AsyncGenerator<T[], void> {
  const turn = (): Promise<void> => new Promise((resolve) => rota.schedule(resolve));
  await turn();
  let part: T[] = [];
  for (const one of all) {
    if (part.push(one) < atOnce) continue;
    yield part;
    part = [];
    await turn();
  }
  yield part;
}

export class Census {
  readonly carriers: Record<Carrier, number> = { tcp: 0, tls: 0, websocket: 0 };
  /** How many are not read, and why; one may have several reasons. */
  readonly held: Record<Reason, number> = { 'recipient behind': 0, 'outbox behind': 0, rate: 0, password: 0 };
  lines = 0;
  bytesIn = 0;
  bytesOut = 0;

  static async of(residents: Iterable<Resident>, rota: Rota): Promise<Census> {
    const census = new Census();
    for await (const part of inParts(residents, rota)) for (const resident of part) census.#add(resident);
    return census;
  }

  #add({ lines, connection }: Resident): void {
    const { carrier, gate, bytesIn, bytesOut } = connection;
    this.carriers[carrier]++;
    for (const reason of gate.reasons) this.held[reason]++;
    this.lines += lines;
    this.bytesIn += bytesIn;
    this.bytesOut += bytesOut;
  }
}
