/** What the admin port says. */
import type { Rota } from '../door/rota.ts';
import { type Departure } from './departures.ts';
import { inParts, type Resident } from './census.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** In pieces where it may be long; the next one is asked for once the reader has taken those before. */
  readonly body: string | AsyncIterable<string>;
}

export const text = (status: number, line: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${line}\n`,
});

/** Everybody who has said something: one in each line. A field for which there is nothing is not there. */
export function clientsPage(residents: Iterable<Resident>, rota: Rota): Answer {
  const now = Date.now() - performance.now();
  return list('clients', residents, rota, ({ name, lines, backlog, connection }) => {
    const { id, address, carrier, since, gate, bytesIn, bytesOut } = connection;
    return {
      ...{ id, name, address, carrier, since: new Date(now + since) },
      ...{ queue: backlog.bytes, level: backlog.level, held: gate.reasons, lines, bytesIn, bytesOut },
    };
  });
}

export function closedPage(departures: Iterable<Departure>, rota: Rota): Answer {
  return list('closed', departures, rota, ({ at, ended: { error, ...ended } }) => ({
    time: new Date(at),
    ...ended,
    type: undefined,
    error: error instanceof Error ? error.message : undefined, // the log has where
  }));
}

function list<T>(name: string, all: Iterable<T>, rota: Rota, row: (one: T) => object): Answer {
  return { status: 200, type: 'application/json', body: pieces() };

  async function* pieces(): AsyncGenerator<string> {
    let before = `{"${name}":[\n`;
    for await (const part of inParts(all, rota)) {
      if (part.length === 0) continue;
      yield before + part.map((one) => JSON.stringify(row(one))).join(',\n');
      before = ',\n';
    }
    yield before === ',\n' ? '\n]}\n' : `{"${name}":[]}\n`;
  }
}
