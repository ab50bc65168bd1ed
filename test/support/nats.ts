/** Real servers of NATS, each with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';
import { installed } from './needs.ts';

/** Fails, and says what to do, where it is missing: what a cluster does cannot be tested by anything else. */
export function needsNats(): void {
  if (!installed('nats-server'))
    throw new Error('there is no nats-server; "apt-get install nats-server" has it');
}

/** Port that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'rxchat-nats-'));
  readonly port: number;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  /** Runs with JetStream until the test is over, or whoever calls it ends it. */
  static async start(...args: string[]): Promise<NatsServer> {
    needsNats();
    const server = new NatsServer(await freePort(), args);
    await server.run();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${String(this.port)}`;
  }

  /** Starts it, again where it was ended, with what it had kept. */
  async run(): Promise<void> {
    const log = join(this.folder, 'log');
    const at = ['-a', '127.0.0.1', '-p', String(this.port), '-js', '-sd', this.folder, '-l', log];
    const child = spawn('nats-server', [...at, ...this.#args], { stdio: 'ignore' });
    this.#child = child;
    await until(() => {
      if (child.exitCode !== null) throw new Error(`nats-server has ended: ${readFileSync(log, 'utf8')}`);
      return isReady(log);
    }, 'NATS runs');
  }

  /** As a power failure of its process would. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
    rmSync(join(this.folder, 'log'), { force: true });
  }

  /** Begins anew, and knows nothing of what it had kept. */
  async forget(): Promise<void> {
    await this.kill();
    rmSync(join(this.folder, 'jetstream'), { recursive: true });
    await this.run();
  }

  /** Stops or goes on, without an end. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The same, as that text says, in the language of its configuration; until the test is over. */
export async function natsAs(configuration: string): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rxchat-nats-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'nats.conf');
  writeFileSync(file, configuration);
  return natsServer('-c', file);
}

/** The same, until the test is over. */
export async function natsServer(...args: string[]): Promise<NatsServer> {
  const server = await NatsServer.start(...args);
  onTestFinished(() => server.end());
  return server;
}

function isReady(log: string): boolean {
  try {
    return readFileSync(log, 'utf8').includes('Server is ready');
  } catch {
    return false;
  }
}
