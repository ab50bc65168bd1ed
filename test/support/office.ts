/** Whoever asks at the admin port of a server. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Options } from '../../src/index.ts';
import type { Resident } from '../../src/office/census.ts';
import { TestServer } from './chat.ts';

export interface Asked {
  readonly method?: string;
  /** What the request names as its host; undefined for none. */
  readonly host?: string;
}

export interface Answered {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

export class Operator {
  readonly port: number;
  readonly #host: string;

  constructor(port: number, host = '127.0.0.1') {
    this.port = port;
    this.#host = host;
  }

  /** A server that has an admin port, and who asks there. */
  static async start(options: Options = {}): Promise<{ server: TestServer; operator: Operator }> {
    const server = await TestServer.start({ adminPort: 0, ...options });
    return { server, operator: Operator.of(server) };
  }

  static of({ notices: [first] }: Pick<TestServer, 'notices'>): Operator {
    if (first?.type !== 'listening' || !first.admin) throw new Error('there is no admin port');
    return new Operator(first.admin.port, first.admin.host);
  }

  ask(path: string, { method = 'GET', host }: Asked = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const headers = host === undefined ? {} : { Host: host };
      request({ host: this.#host, port: this.port, path, method, headers, agent: false }, (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode, headers: response.headers, text: body });
        }, reject);
      })
        .on('error', reject)
        .end();
    });
  }

  /** The values of `/metrics`, by names with their labels. */
  async metrics(): Promise<Map<string, number>> {
    const { text: page } = await this.ask('/metrics');
    const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' '))),
      ]),
    );
  }

  async list<T = Record<string, unknown>>(path: '/clients' | '/closed' | '/nodes'): Promise<T[]> {
    const lists = JSON.parse((await this.ask(path)).text) as Record<string, T[]>;
    return lists[path.slice(1)] ?? [];
  }
}

/** Somebody who is here, as the office sees them. */
export function resident(id: string): Resident {
  return {
    name: id,
    lines: 1,
    backlog: { bytes: 2, level: 'caught-up' },
    connection: {
      ...{ id, address: '192.0.2.7', carrier: 'tcp', since: 0 },
      ...{ gate: { reasons: [] }, bytesIn: 3, bytesOut: 4 },
    },
  };
}
