/** Three servers of NATS that keep everything three times. */
import { onTestFinished } from 'vitest';
import { until } from './chat.ts';
import { connected } from './cluster-node.ts';
import { freePort, NatsServer } from './nats.ts';

const COUNT = 3;

export class NatsCluster {
  readonly servers: readonly NatsServer[];

  private constructor(servers: readonly NatsServer[]) {
    this.servers = servers;
  }

  /** Runs until the test is over; once it is there it keeps streams. */
  static async start(): Promise<NatsCluster> {
    const ports = await Promise.all(Array.from({ length: COUNT }, freePort));
    const routes = ports.map((port) => `nats://127.0.0.1:${String(port)}`);
    const started = routes.map((route, nth) =>
      NatsServer.start(
        ...['--server_name', nameOf(nth), '--cluster_name', 'test'],
        ...['--cluster', route, '--routes', routes.join(',')],
      ),
    );
    const cluster = new NatsCluster(await Promise.all(started));
    onTestFinished(async () => {
      await Promise.all(cluster.servers.map((server) => server.end()));
    });
    await cluster.agrees();
    return cluster;
  }

  /** All of them. */
  get url(): string {
    return this.servers.map(({ url }) => url).join(',');
  }

  /** All of them at once. */
  async kill(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  /** All of them again, with what they had kept. */
  async run(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.run()));
    await this.agrees();
  }

  /** They have a leader, and so answer. */
  async agrees(): Promise<void> {
    await this.#ask(async ({ manager }) => {
      await manager.getAccountInfo();
      return true;
    }, 'the servers of NATS agree');
  }

  /** Which of them leads that stream. */
  async leaderOf(stream: string): Promise<NatsServer> {
    const leader = await this.#ask(async ({ manager }) => {
      const { leader = '' } = (await manager.streams.info(stream)).cluster ?? {};
      return leader === '' ? undefined : leader;
    }, `${stream} has a leader`);
    return this.servers[this.servers.findIndex((_, nth) => nameOf(nth) === leader)] as NatsServer;
  }

  /** All of them have all of that stream. */
  async isWhole(stream: string): Promise<void> {
    await this.#ask(async ({ manager }) => {
      const { replicas = [] } = (await manager.streams.info(stream)).cluster ?? {};
      return replicas.length === COUNT - 1 && replicas.every(({ current }) => current) ? true : undefined;
    }, `${stream} is whole`);
  }

  /** The first answer that is one; they have none while they look for a leader. */
  async #ask<T>(question: (link: Link) => Promise<T | undefined>, what: string): Promise<T> {
    let answer: T | undefined;
    let asking = false;
    const ask = async (): Promise<void> => {
      asking = true;
      const { link, close } = await connected(this.url);
      answer = await question(link).finally(close);
    };
    await until(() => {
      if (answer === undefined && !asking)
        void ask()
          .catch(() => undefined)
          .finally(() => (asking = false));
      return answer !== undefined;
    }, what);
    return answer as T;
  }
}

type Link = Awaited<ReturnType<typeof connected>>['link'];

const nameOf = (nth: number): string => `n${String(nth + 1)}`;
