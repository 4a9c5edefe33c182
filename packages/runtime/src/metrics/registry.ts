/** Holds what services count, until `render.ts` is asked for it. */
import type {
  HistogramSample,
  LabelValues,
  MetricDeclaration,
  Metrics,
  Sample,
} from './declaration.ts';

export type RegisteredMetric =
  | { readonly declaration: MetricDeclaration; readonly samples: () => readonly Sample[] }
  | {
      readonly declaration: MetricDeclaration;
      readonly histograms: () => readonly HistogramSample[];
    };

export type MetricsRegistry = Metrics & { readonly registered: readonly RegisteredMetric[] };

export function metricsRegistry(): MetricsRegistry {
  const registered: RegisteredMetric[] = [];
  const names = new Set<string>();
  const register = (metric: RegisteredMetric): void => {
    const { name } = metric.declaration;
    if (names.has(name)) throw new TypeError(`metric ${name} is registered twice`);
    names.add(name);
    registered.push(metric);
  };
  return {
    registered,
    counter(declaration) {
      const values = new SampleMap();
      register({ declaration, samples: () => values.samples() });
      return {
        add(amount = 1, labels = {}) {
          values.add(labels, amount);
        },
      };
    },
    gauge(declaration) {
      const values = new SampleMap();
      register({ declaration, samples: () => values.samples() });
      return {
        set(value, labels = {}) {
          values.set(labels, value);
        },
      };
    },
    histogram(declaration) {
      const bounds = declaration.buckets ?? [];
      const values = new Map<string, { labels: LabelValues; counts: number[]; sum: number }>();
      register({ declaration, histograms: () => [...values.values()] });
      return {
        observe(value, labels = {}) {
          const key = labelKey(labels);
          let entry = values.get(key);
          if (entry === undefined) {
            entry = { labels, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
            values.set(key, entry);
          }
          const bucket = bounds.findIndex((bound) => value <= bound);
          const index = bucket < 0 ? bounds.length : bucket;
          entry.counts[index] = (entry.counts[index] ?? 0) + 1;
          entry.sum += value;
        },
      };
    },
    collect(declaration, read) {
      register({ declaration, samples: read });
    },
    collectHistogram(declaration, read) {
      register({ declaration, histograms: read });
    },
  };
}

class SampleMap {
  readonly #values = new Map<string, { labels: LabelValues; value: number }>();

  add(labels: LabelValues, amount: number): void {
    const key = labelKey(labels);
    const there = this.#values.get(key);
    if (there === undefined) this.#values.set(key, { labels, value: amount });
    else there.value += amount;
  }

  set(labels: LabelValues, value: number): void {
    this.#values.set(labelKey(labels), { labels, value });
  }

  samples(): readonly Sample[] {
    return [...this.#values.values()];
  }
}

/** Each with its length, so that no two are called alike. */
function labelKey(labels: LabelValues): string {
  let key = '';
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name]!;
    key += `${name.length} ${name} ${value.length} ${value} `;
  }
  return key;
}
