/** A certificate and its key, in files of a folder that is gone after the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxchat-tls-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

export class Pair {
  readonly cert: string;
  readonly key: string;
  #number = 0;

  constructor(at: string) {
    this.cert = join(at, 'cert.pem');
    this.key = join(at, 'key.pem');
  }

  static async made(address?: string): Promise<Pair> {
    const pair = new Pair(folder());
    await pair.renew(address);
    return pair;
  }

  /** Another one in the same files; of a server at that address, if there is one. */
  async renew(address?: string): Promise<void> {
    const { cert, private: key } = await generate(
      [{ name: 'commonName', value: `chat-${String(++this.#number)}.example` }],
      {
        ...{ keyType: 'ec', algorithm: 'sha256' },
        ...(address !== undefined && {
          extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: address }] }],
        }),
      },
    );
    writeFileSync(this.cert, cert);
    writeFileSync(this.key, key);
  }

  /** What the server is told. */
  get options(): { tlsCert: string; tlsKey: string } {
    return { tlsCert: this.cert, tlsKey: this.key };
  }
}
