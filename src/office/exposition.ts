/** What Prometheus reads, of things that are counted elsewhere: nothing here runs but when somebody asks. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Buckets } from './buckets.ts';

/** A value, or one for each value of a label. */
type Reading = number | Readonly<Record<string, number>>;

/** A registry of its own, since several servers may run in one process. */
export class Exposition {
  readonly #registry = new Registry();

  /** Its type of content, with the version of the format. */
  get type(): string {
    return this.#registry.contentType;
  }

  /** All of it, in the text format of Prometheus. */
  page(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Something that only rises. */
  counter(name: string, help: string, read: () => Reading, label = ''): this {
    const metric: Counter = new Counter({
      ...this.#config(name, help, label),
      collect: () => {
        metric.reset();
        for (const [labels, value] of values(read(), label)) metric.inc(labels, value);
      },
    });
    return this;
  }

  /** Something that rises and falls. */
  gauge(name: string, help: string, read: () => Reading | Promise<Reading>, label = ''): this {
    const metric: Gauge = new Gauge({
      ...this.#config(name, help, label),
      collect: async () => {
        const reading = await read();
        metric.reset();
        for (const [labels, value] of values(reading, label)) metric.set(labels, value);
      },
    });
    return this;
  }

  histogram(name: string, help: string, buckets: Buckets): this {
    new Counted({ ...this.#config(name, help, ''), buckets });
    return this;
  }

  #config(name: string, help: string, label: string) {
    return { name, help, labelNames: label === '' ? [] : [label], registers: [this.#registry] };
  }
}

const values = (reading: Reading, label: string): [Record<string, string>, number][] =>
  typeof reading === 'number'
    ? [[{}, reading]]
    : Object.entries(reading).map(([key, value]) => [{ [label]: key }, value]);

/** A histogram that was counted elsewhere, which prom-client has no class for. */
class Counted extends Gauge {
  readonly #buckets: Buckets;

  constructor({
    buckets,
    ...config
  }: ConstructorParameters<typeof Gauge>[0] & { readonly buckets: Buckets }) {
    super(config);
    this.#buckets = buckets;
  }

  override async get(): ReturnType<Gauge['get']> {
    const { bounds, counts, sum } = this.#buckets;
    const { name, ...rest } = await super.get();
    let total = 0;
    const below = counts.map((count, index) => ({
      metricName: `${name}_bucket`,
      labels: { le: bounds[index] ?? '+Inf' },
      value: (total += count),
    }));
    const whole = [
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: total },
    ];
    // Its types have numbers where the names of types are expected.
    return { ...rest, name, type: 'histogram' as never, values: [...below, ...whole] };
  }
}
