/** One node's end of the log, without a chat. */
import { firstValueFrom, ReplaySubject, Subject, Subscription } from 'rxjs';
import { onTestFinished } from 'vitest';
import { EMPTY_LOG } from '../../src/cluster/chronicle.ts';
import { type Link, link, type LinkOptions } from '../../src/cluster/link.ts';
import { JetStreamLog, type JetStreamLogOptions } from '../../src/cluster/log-jetstream.ts';
import { streamOf } from '../../src/cluster/stream.ts';
import type { Input, Turn } from '../../src/message.ts';
import { until } from './chat.ts';

export const linkTo = (servers: string): LinkOptions => ({
  ...{ servers, creds: '', ca: '', cert: '', key: '' },
});

/** What a stream is where nobody says anything else. */
export const AS_USUAL = { age: undefined, bytes: undefined, replicas: undefined };

/** A connection to NATS, and how to end it. */
export async function connected(servers: string): Promise<{ link: Link; close: () => void }> {
  const links = new ReplaySubject<Link>(1);
  const open = link(linkTo(servers)).subscribe(links);
  const close = (): void => {
    open.unsubscribe();
  };
  return { link: await firstValueFrom(links), close };
}

export class ClusterNode {
  readonly turns: Turn[] = [];
  readonly name: string;
  readonly log: JetStreamLog;
  /** Whether it was pressed, each time that this changed. */
  readonly pressed: boolean[] = [];
  hasEntered = false;
  completed = false;
  error: unknown;
  readonly #inputs = new Subject<readonly Input[]>();
  #said = 0;

  private constructor(link: Link, name: string, options: Partial<JetStreamLogOptions>) {
    this.name = name;
    this.log = new JetStreamLog({
      ...{ link, stream: 'rxchat', node: name, rules: 1, greeting: [], from: EMPTY_LOG },
      pressed: (is) => this.pressed.push(is),
      entered: () => {
        this.hasEntered = true;
      },
      ...options,
    });
  }

  /** Runs until the test is over. */
  static async start(
    servers: string,
    name: string,
    options: Partial<JetStreamLogOptions> = {},
  ): Promise<ClusterNode> {
    const { link, close } = await connected(servers);
    await streamOf(link.manager, 'rxchat', AS_USUAL);
    const node = new ClusterNode(link, name, options);
    const running = new Subscription(close);
    running.add(
      node.#inputs.pipe(node.log.log).subscribe({
        next: (turn) => node.turns.push(turn),
        error: (error: unknown) => {
          node.error = error;
        },
        complete: () => {
          node.completed = true;
        },
      }),
    );
    onTestFinished(() => {
      running.unsubscribe();
    });
    return node;
  }

  /** The same, once it is heard. */
  static async entered(...args: Parameters<typeof ClusterNode.start>): Promise<ClusterNode> {
    const node = await ClusterNode.start(...args);
    await until(() => node.hasEntered, `${node.name} is heard`);
    return node;
  }

  /** Says so many lines, each of them in a turn; what they are begins with its name, and they are numbered. */
  say(lines: number, length = 0): void {
    for (let left = lines; left > 0; left--)
      this.#inputs.next([saying(`${this.name} ${String(++this.#said)} ${'x'.repeat(length)}`.trim())]);
  }

  /** Nothing follows. */
  end(): void {
    this.#inputs.complete();
  }

  /** How many lines it has said. */
  get said(): number {
    return this.#said;
  }

  /** All that was said, as this node has heard it. */
  get heard(): string[] {
    return this.turns.flatMap(({ inputs }) => inputs.flatMap(saidIn));
  }

  /** Nodes that are gone, as it has heard. */
  get lost(): string[] {
    return this.turns.flatMap(({ inputs }) =>
      inputs.flatMap((input) => (input.type === 'node-lost' ? [input.node] : [])),
    );
  }
}

/** What `node` alone has said, in its order, in full. */
export const saidBy = ({ name, said }: ClusterNode): string[] =>
  Array.from({ length: said }, (_, index) => `${name} ${String(index + 1)}`);

const saying = (text: string): Input => ({
  ...{ type: 'line', client: 'x-1', command: { kind: 'bare', name: undefined, text } },
});

const saidIn = (input: Input): string[] =>
  input.type === 'line' && input.command.kind === 'bare' ? [input.command.text] : [];

/** Those of them that begin with the name of `node`, without what makes them long. */
export const of = ({ name }: ClusterNode, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.replace(/ x+$/, ''));
