import { beforeAll, expect, test } from 'vitest';
import { until } from '../support/chat.ts';
import { ClusterLoad } from '../support/cluster-load.ts';
import { Command } from '../support/command.ts';
import { needsBuild } from '../support/needs.ts';
import { type NatsServer, natsServer } from '../support/nats.ts';
import { Proxy } from '../support/proxy.ts';
import { randomFrom } from '../support/random.ts';

beforeAll(needsBuild);

/** Milliseconds for all that happens, and for all of the test. */
const TIME = 25_000;
const SLOW = 180_000;

/** Three processes, each behind a network of its own, and what can happen to them. */
class Scene {
  readonly random: () => number;
  readonly #nats: NatsServer;
  readonly #networks: readonly Proxy[];
  readonly #nodes: Command[];
  readonly #load: ClusterLoad;

  private constructor(
    seed: number,
    nats: NatsServer,
    networks: readonly Proxy[],
    nodes: Command[],
    load: ClusterLoad,
  ) {
    this.random = randomFrom(seed);
    [this.#nats, this.#networks, this.#nodes, this.#load] = [nats, networks, nodes, load];
  }

  static async set(seed: number): Promise<[Scene, ClusterLoad]> {
    const nats = await natsServer();
    const networks: Proxy[] = [];
    for (let nth = 0; nth < 3; nth++) networks.push(await Proxy.before(nats.port));
    const nodes = await Promise.all(networks.map((network) => Command.start(argsOf(network))));
    const load = await ClusterLoad.on(nodes);
    return [new Scene(seed, nats, networks, nodes, load), load];
  }

  /** By their names. Each resolves when all is there again. */
  readonly acts: Readonly<Record<string, (nth: number) => Promise<void>>> = {
    'NATS is killed': async () => {
      await this.#nats.kill();
      await this.#wait(1500);
      await this.#nats.run();
    },
    'its connection breaks': (nth) => {
      this.#networks[nth]?.cut();
      return Promise.resolve();
    },
    'it is cut off': async (nth) => {
      this.#networks[nth]?.hold();
      await this.#wait(4000);
      if (this.random() < 0.5) this.#networks[nth]?.cut();
      this.#networks[nth]?.release();
    },
    'it stands still': async (nth) => {
      this.#nodes[nth]?.child.kill('SIGSTOP');
      await this.#wait(3000);
      this.#nodes[nth]?.child.kill('SIGCONT');
    },
    'it is restarted': async (nth) => {
      this.#nodes[nth]?.child.kill('SIGTERM');
      await this.#nodes[nth]?.exits();
      await this.#again(nth);
    },
    'it is restarted while NATS is away': async (nth) => {
      await this.#nats.kill();
      this.#nodes[nth]?.child.kill('SIGTERM');
      await this.#wait(8000);
      await this.#nats.run();
      await this.#nodes[nth]?.exits();
      await this.#again(nth);
    },
    'it is killed': async (nth) => {
      await this.#nodes[nth]?.kill();
      await this.#again(nth);
    },
    'both are killed': async (nth) => {
      await this.#nats.kill();
      await this.#nodes[nth]?.kill();
      await this.#nats.run();
      await this.#again(nth);
    },
  };

  /** Another one in its place. */
  async #again(nth: number): Promise<void> {
    const { port } = this.#nodes[nth] as Command;
    const again = new Command(['--port', String(port), ...argsOf(this.#networks[nth] as Proxy)]);
    await again.listens();
    this.#nodes[nth] = again;
    this.#load.doors[nth] = again;
    await this.#load.witness(again);
  }

  /** So many milliseconds at the most. */
  async #wait(most: number): Promise<void> {
    const end = performance.now() + this.random() * most;
    await until(() => performance.now() > end, 'that was long enough');
  }
}

const argsOf = ({ port }: Proxy): string[] => ['--cluster', `nats://127.0.0.1:${String(port)}`];

test(
  'whatever happens to nodes, to NATS and between them, everybody hears whole lines, once and in one order, and what is missing is announced',
  async () => {
    const seed = Date.now() % 2 ** 31;
    const [scene, load] = await Scene.set(seed);
    const names = Object.keys(scene.acts);
    const happened: string[] = [];
    for (const end = performance.now() + TIME; performance.now() < end;) {
      const name = names[Math.floor(scene.random() * names.length)] as string;
      const nth = Math.floor(scene.random() * 3);
      happened.push(`${String(nth)}: ${name}`);
      await scene.acts[name]?.(nth);
    }
    const faults = (await load.over()).slice(0, 10);
    expect({ seed, happened, faults }).toEqual({ seed, happened, faults: [] });
  },
  SLOW,
);
